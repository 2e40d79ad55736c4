package dev.firn.export.send;

import dev.firn.base.Clock;
import dev.firn.base.Throttle;
import dev.firn.base.WorldException;
import dev.firn.model.CheckpointStore;
import dev.firn.model.CheckpointStore.Checkpoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What of the log was sent: all cuts up to one, and single requests behind it, because several are
/// under way at once. Written after every request; after the process died only requests whose
/// answer had not come are sent again. Thread-safe.
final class Progress {
    private static final Logger LOG = LoggerFactory.getLogger(Progress.class);

    /// Prefix of the checkpoint's fields: a cut's number behind it, its sent parts as the value.
    private static final String DONE = "done.";

    /// A cut of which requests are made.
    private static final class Open {
        final Set<String> sent = new LinkedHashSet<>();
        final Set<String> underWay = new HashSet<>();
        boolean whole;
        long size;
    }

    /// Called when a cut was sent, before it is released.
    interface Released {
        void released(long sequence, long size);
    }

    private final String exporter;
    private final CheckpointStore store;
    private final Released released;
    private final Throttle throttle;
    private final TreeMap<Long, Open> open = new TreeMap<>();
    private final Map<Long, List<String>> sentBefore = new HashMap<>();
    private final List<Map.Entry<Long, Open>> finished = new ArrayList<>();
    private long sequence;

    Progress(String exporter, CheckpointStore store, Released released, Clock clock) {
        this.exporter = exporter;
        this.store = store;
        this.released = released;
        this.throttle = new Throttle(clock, 30);
        Checkpoint checkpoint = store.read(QueueLog.SINK);
        if (checkpoint != null) {
            sequence = checkpoint.sequence();
            checkpoint
                    .fields()
                    .forEach((key, value) -> {
                        if (key.startsWith(DONE)) {
                            sentBefore.put(
                                    Long.parseLong(key.substring(DONE.length())),
                                    List.of(value.split(" ", -1)));
                        }
                    });
        }
    }

    /// All of it was sent up to and with this cut.
    synchronized long sequence() {
        return sequence;
    }

    /// Requests of this cut follow; again, if reading it failed half-way.
    synchronized void begin(long cut) {
        Open one = open.computeIfAbsent(cut, number -> new Open());
        List<String> before = sentBefore.remove(cut);
        if (before != null) {
            one.sent.addAll(before);
        }
    }

    /// False for a request that was sent or is under way.
    synchronized boolean start(long cut, String part) {
        Open one = of(cut);
        return !one.sent.contains(part) && one.underWay.add(part);
    }

    /// It was sent, or dropped for good.
    synchronized void done(long cut, String part) {
        Open one = of(cut);
        one.underWay.remove(part);
        one.sent.add(part);
        advance();
        write();
    }

    /// All requests of the cut were made.
    synchronized void whole(long cut, long size) {
        Open one = of(cut);
        one.whole = true;
        one.size = size;
        if (advance()) {
            write();
        }
    }

    private Open of(long cut) {
        Open one = open.get(cut);
        if (one == null) {
            throw new IllegalStateException("cut " + cut + " is not open");
        }
        return one;
    }

    private boolean advance() {
        boolean moved = false;
        for (Map.@Nullable Entry<Long, Open> at = open.firstEntry();
                at != null && at.getValue().whole && at.getValue().underWay.isEmpty();
                at = open.firstEntry()) {
            open.remove(at.getKey());
            sequence = at.getKey();
            moved = true;
            finished.add(at);
        }
        return moved;
    }

    private void write() {
        var fields = new HashMap<String, String>();
        open.forEach((cut, one) -> note(fields, cut, one.sent));
        sentBefore.forEach((cut, parts) -> note(fields, cut, parts)); // not read again so far
        try {
            store.write(new Checkpoint(QueueLog.SINK, sequence, fields));
        } catch (WorldException e) {
            long silent = throttle.permit();
            if (silent >= 0) {
                LOG.error(
                        "exporter {} cannot note what it sent, and would send it again after a"
                                + " restart: {} ({} such messages were not logged)",
                        exporter,
                        e.getMessage(),
                        silent);
            }
        }
        // only now: the log must not forget what the checkpoint does not know
        for (Map.Entry<Long, Open> one : finished) {
            released.released(one.getKey(), one.getValue().size);
        }
        finished.clear();
    }

    private static void note(Map<String, String> fields, long cut, Collection<String> parts) {
        if (!parts.isEmpty()) {
            fields.put(DONE + cut, String.join(" ", parts));
        }
    }
}
