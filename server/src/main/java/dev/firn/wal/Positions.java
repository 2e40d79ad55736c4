package dev.firn.wal;

import dev.firn.model.Intake.Answer;
import dev.firn.model.Intake.RequestKey;
import dev.firn.wal.RetryMemory.Known;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The newest position of each source that is read in order. It has no age: before its segment is
/// deleted it is written again, so that a position is in the log for as long as its points were
/// acknowledged, and a source never needs a second durable place that could contradict the log. Not
/// thread-safe: [RetryMemory] is.
final class Positions {
    /// Sources beyond this many: those longest without a new position are forgotten. Whoever reads
    /// sources keeps positions of its own, which only have to be newer than that.
    private static final int SOURCES_MAX = 4_096;

    private record Entry(long end, Known known) {}

    /// By [RequestKey#high], the longest untouched first.
    private final LinkedHashMap<Long, Entry> newest = new LinkedHashMap<>();

    /// The answer to what ended at the newest position, OK for what ended before it.
    @Nullable Answer find(RequestKey key) {
        Entry found = newest.get(key.high());
        if (found == null || key.low() > found.end) {
            return null;
        }
        return key.low() == found.end ? found.known.answer() : Answer.OK;
    }

    long end(int source) {
        Entry found = newest.get(RequestKey.position(source, 0).high());
        return found == null ? 0 : found.end;
    }

    void put(RequestKey key, Known known) {
        Entry before = newest.get(key.high());
        if (before != null && before.end > key.low()) {
            return;
        }
        newest.remove(key.high()); // so that the order stays that of use
        newest.put(key.high(), new Entry(key.low(), known));
        if (newest.size() > SOURCES_MAX) {
            Iterator<Entry> oldest = newest.values().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    @Nullable Known entry(RequestKey key) {
        Entry found = newest.get(key.high());
        return found != null && found.end == key.low() ? found.known : null;
    }

    /// Positions that stand only in segments below `segment`.
    List<RequestKey> below(long segment) {
        var keys = new ArrayList<RequestKey>();
        newest.forEach((high, entry) -> {
            if (entry.known.segment() < segment) {
                keys.add(new RequestKey(high, entry.end));
            }
        });
        return keys;
    }

    void carried(RequestKey key, long segment) {
        newest.computeIfPresent(
                key.high(),
                (high, entry) ->
                        entry.end == key.low()
                                ? new Entry(
                                        entry.end,
                                        new Known(
                                                entry.known.answer(),
                                                entry.known.millis(),
                                                segment))
                                : entry);
    }
}
