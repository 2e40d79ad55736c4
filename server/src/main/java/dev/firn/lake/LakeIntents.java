package dev.firn.lake;

import dev.firn.base.InputException;
import dev.firn.model.CheckpointStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What the sink means to do, on disk before it does it: for each table the position that the lake
/// holds and the positions that commits on their way may bring, and the cuts that must never enter
/// because they were given to quarantine.
///
/// Fields of the checkpoint: `format`, `<table>.previous`, `<table>.next` (positions apart by a
/// space), `<table>.cuts` (for people), `quarantined` (cut numbers).
final class LakeIntents {
    /// Version of the fields.
    static final String FORMAT = "1";

    /// Name of the sink, in checkpoints, quarantine and releases.
    static final String SINK = "lake";

    /// Positions on their way that are remembered; more come only from as many crashes in a row
    /// between intent and commit.
    private static final int NEXT_MAX = 64;

    /// @param previous null: the table holds no position of this writer
    /// @param next each of them holds exactly the rows after `previous`
    record Intent(@Nullable String previous, List<String> next, String cuts) {
        Intent {
            next = List.copyOf(next);
        }

        /// An intent that adds a possible next position to this one.
        static Intent after(
                @Nullable Intent before, @Nullable String previous, String next, String cuts) {
            var all = new ArrayList<String>();
            if (before != null && Objects.equals(before.previous, previous)) {
                all.addAll(before.next);
            }
            all.remove(next);
            all.add(next);
            int drop = Math.max(0, all.size() - NEXT_MAX);
            return new Intent(previous, all.subList(drop, all.size()), cuts);
        }
    }

    private final CheckpointStore checkpoints;
    private final Map<String, Intent> intents = new LinkedHashMap<>();
    private final TreeSet<Long> quarantined = new TreeSet<>();
    private long passed;

    LakeIntents(CheckpointStore checkpoints) {
        this.checkpoints = checkpoints;
    }

    /// Reads what was written last.
    void read() {
        CheckpointStore.Checkpoint checkpoint = checkpoints.read(SINK);
        Map<String, String> state = checkpoint == null ? Map.of() : checkpoint.fields();
        passed = checkpoint == null ? 0 : checkpoint.sequence();
        String format = state.getOrDefault("format", FORMAT);
        if (!format.equals(FORMAT)) {
            throw new InputException(
                    "cannot read the lake sink's checkpoint: its format is \""
                            + format
                            + "\", this Firn knows "
                            + FORMAT
                            + "; start the newer Firn that wrote it");
        }
        intents.clear();
        quarantined.clear();
        for (String key : state.keySet()) {
            if (key.endsWith(".next")) {
                String table = key.substring(0, key.length() - ".next".length());
                intents.put(
                        table,
                        new Intent(
                                state.get(table + ".previous"),
                                words(state.getOrDefault(key, "")),
                                state.getOrDefault(table + ".cuts", "")));
            }
        }
        words(state.getOrDefault("quarantined", ""))
                .forEach(number -> quarantined.add(Long.valueOf(number)));
    }

    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" "));
    }

    /// The intent for a table; null if none was ever written.
    @Nullable Intent of(String table) {
        return intents.get(table);
    }

    /// True if the cut was given to quarantine and has no position behind it yet.
    boolean isQuarantined(long sequence) {
        return quarantined.contains(sequence);
    }

    /// Changes the intents of some tables, and forgets quarantined cuts that all positions have
    /// passed; durable when it returns.
    void write(Map<String, Intent> changed, long committed) {
        intents.putAll(changed);
        quarantined.headSet(committed, true).clear();
        passed = committed;
        write();
    }

    /// Remembers that a cut must not enter; durable when it returns.
    void quarantine(long sequence) {
        quarantined.add(sequence);
        write();
    }

    private void write() {
        var state = new LinkedHashMap<String, String>();
        state.put("format", FORMAT);
        intents.forEach((table, intent) -> {
            if (intent.previous != null) {
                state.put(table + ".previous", intent.previous);
            }
            state.put(table + ".next", String.join(" ", intent.next));
            state.put(table + ".cuts", intent.cuts);
        });
        if (!quarantined.isEmpty()) {
            state.put(
                    "quarantined",
                    String.join(" ", quarantined.stream().map(String::valueOf).toList()));
        }
        checkpoints.write(new CheckpointStore.Checkpoint(SINK, passed, state));
    }
}
