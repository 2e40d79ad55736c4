package dev.firn.engine;

import dev.firn.model.Batch;
import dev.firn.model.Cut;
import dev.firn.model.CutLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A log in memory: cuts are batches; what sinks say is noted.
final class MemoryCutLog implements CutLog {
    /// A cut of some batches.
    record MemoryCut(long sequence, List<Batch> batches) implements Cut {
        @Override
        public long digest() {
            return sequence;
        }

        @Override
        public long points() {
            return batches.stream().mapToLong(Batch::size).sum();
        }

        @Override
        public long bytes() {
            return 100 * points();
        }

        @Override
        public void read(Consumer<Batch> each) {
            batches.forEach(each);
        }
    }

    final List<MemoryCut> cuts = new ArrayList<>();
    final Map<Long, String> quarantined = new TreeMap<>();
    long released;
    @Nullable String stopped;

    /// First cut that is still held.
    long oldest = 1;

    /// The same cuts as somebody sees them who has released none.
    synchronized MemoryCutLog unreleased() {
        var same = new MemoryCutLog();
        same.cuts.addAll(cuts);
        return same;
    }

    synchronized void add(Batch... batches) {
        cuts.add(new MemoryCut(cuts.size() + 1L, List.of(batches)));
        notifyAll();
    }

    @Override
    public String writer() {
        return "writer'1";
    }

    @Override
    public long epoch() {
        return 7;
    }

    @Override
    public synchronized @Nullable Cut next(long afterSequence, long timeoutMillis)
            throws InterruptedException {
        if (afterSequence < released || afterSequence + 1 < oldest) {
            throw new IllegalArgumentException("cut " + afterSequence + " was released");
        }
        if (afterSequence >= cuts.size()) {
            wait(Math.max(1, timeoutMillis / 100)); // the test drives the rounds itself
        }
        return afterSequence < cuts.size() ? cuts.get((int) afterSequence) : null;
    }

    @Override
    public long oldest() {
        return oldest;
    }

    @Override
    public synchronized long newest() {
        return cuts.size();
    }

    @Override
    public long cutNow() {
        return newest();
    }

    @Override
    public synchronized void release(String sink, long sequence) {
        released = sequence;
    }

    @Override
    public void quarantine(String sink, Cut cut, String reason) {
        quarantined.put(cut.sequence(), reason);
    }

    @Override
    public void stop(String reason) {
        stopped = reason;
    }
}
