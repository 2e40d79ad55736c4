package dev.firn.wal;

import dev.firn.base.WorldException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What lies where: segments, finished and durable cuts, and what the sinks have released.
/// Thread-safe; segments and cuts are added and removed by the writer thread only.
final class LogIndex {
    private final ConcurrentSkipListMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
    private final ConcurrentSkipListMap<Long, CutEntry> cuts = new ConcurrentSkipListMap<>();
    private final Map<String, Long> released = new HashMap<>();
    private final Map<String, Long> bytesMax = new HashMap<>(); // guarded by released
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition published = lock.newCondition();
    private volatile long newest;
    private volatile long spareBytes;
    private volatile Tail tail = new Tail(1, 0);

    private record Tail(long nextRecord, long openPoints) {}

    LogIndex(List<String> sinks) {
        for (String sink : sinks) {
            released.put(sink, 0L);
        }
    }

    void add(Segment segment) {
        segments.put(segment.number(), segment);
    }

    void remove(Segment segment) {
        segments.remove(segment.number());
    }

    Collection<Segment> segments() {
        return segments.values();
    }

    @Nullable Segment segment(long number) {
        return segments.get(number);
    }

    /// The segment that holds `record`, which comes after those of segment `number`.
    @Nullable Segment following(long number, long record) {
        for (Segment one : segments.tailMap(number, false).values()) {
            if (one.header.firstRecord() <= record && record < one.endRecord) {
                return one;
            }
        }
        return null;
    }

    void spareBytes(long bytes) {
        spareBytes = bytes;
    }

    /// Bytes of all segments on disk.
    long bytes() {
        long sum = spareBytes;
        for (Segment one : segments.values()) {
            sum += one.fileBytes;
        }
        return sum;
    }

    /// Bytes of records that some sink still needs, about.
    long heldBytes() {
        long sum = 0;
        for (CutEntry one : cuts.tailMap(releasedByAll(), false).values()) {
            sum += one.bytes();
        }
        return sum;
    }

    /// The newest cut's number is known before any cut can be read.
    void startAt(long sequence) {
        newest = sequence;
    }

    /// How far the durable log goes.
    void durable(LogState state) {
        tail = new Tail(state.nextRecord, state.cutPoints);
    }

    /// The number that the next record gets.
    long nextRecord() {
        return tail.nextRecord();
    }

    /// Durable points that no cut has yet.
    long openPoints() {
        return tail.openPoints();
    }

    /// Makes a durable cut visible to sinks.
    void publish(CutEntry cut) {
        lock.lock();
        try {
            cuts.put(cut.sequence(), cut);
            newest = cut.sequence();
            published.signalAll();
        } finally {
            lock.unlock();
        }
    }

    long newest() {
        return newest;
    }

    /// The first cut whose records are all here; one past the newest where there is none.
    long oldest() {
        for (CutEntry one : cuts.values()) {
            if (segments.containsKey(one.segment())) {
                return one.sequence();
            }
        }
        return newest + 1;
    }

    Collection<CutEntry> cuts() {
        return cuts.values();
    }

    /// The cut after `sequence`, or null after `timeoutMillis`.
    @Nullable CutEntry await(long sequence, long timeoutMillis) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
            while (newest <= sequence) {
                if (left <= 0) {
                    return null;
                }
                left = published.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
        CutEntry found = cuts.get(sequence + 1);
        if (found == null) {
            throw new WorldException(
                    "cannot read cut "
                            + (sequence + 1)
                            + " from the wal: it holds "
                            + held()
                            + "; the sink that asks must catch up from the lake");
        }
        return found;
    }

    private String held() {
        return cuts.isEmpty()
                ? "no cut any more; the newest was " + newest
                : "cuts " + cuts.firstKey() + " to " + cuts.lastKey();
    }

    void release(String sink, long sequence) {
        synchronized (released) {
            Long before = released.get(sink);
            if (before == null) {
                throw new IllegalArgumentException(
                        "sink \"" + sink + "\" is not one of " + released.keySet());
            }
            if (sequence > newest) {
                throw new IllegalArgumentException(
                        "sink \""
                                + sink
                                + "\" cannot release cut "
                                + sequence
                                + "; the newest is "
                                + newest);
            }
            released.put(sink, Math.max(before, sequence));
        }
    }

    /// From here on a sink holds no more than so many bytes of cuts: it has another source for what
    /// is older.
    void limit(String sink, long bytes) {
        synchronized (released) {
            bytesMax.put(sink, bytes);
        }
    }

    /// What a sink has released, or what its limit releases for it.
    private long released(String sink, long itself) {
        Long limit = bytesMax.get(sink);
        if (limit == null) {
            return itself;
        }
        long held = 0;
        for (CutEntry one : cuts.tailMap(itself, false).descendingMap().values()) {
            held += one.bytes();
            if (held > limit) {
                return one.sequence();
            }
        }
        return itself;
    }

    /// The cut up to and with which nobody needs anything; without sinks, the newest.
    long releasedByAll() {
        synchronized (released) {
            return released.entrySet().stream()
                    .mapToLong(sink -> released(sink.getKey(), sink.getValue()))
                    .min()
                    .orElse(newest);
        }
    }

    /// Who has not released this cut, by name.
    List<String> holders(long sequence) {
        synchronized (released) {
            return released.entrySet().stream()
                    .filter(sink -> released(sink.getKey(), sink.getValue()) < sequence)
                    .map(Map.Entry::getKey)
                    .sorted()
                    .toList();
        }
    }

    /// The last record of a released cut; 0 if it is not known (then nothing can go).
    long lastRecordOf(long sequence) {
        CutEntry cut = cuts.get(sequence);
        return cut == null ? 0 : cut.lastRecord();
    }

    /// Forgets cuts before `sequence`.
    void forgetBefore(long sequence) {
        cuts.headMap(sequence, false).clear();
    }
}
