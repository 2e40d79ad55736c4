package dev.firn.lake;

import dev.firn.base.Clock;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Cut;
import dev.firn.model.CutLog;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A log in memory. Its [State] is what a disk would keep; a restart is a new log over the same
/// state, with another epoch.
final class MemoryLog implements CutLog {
    /// A value that [TestRun] refuses to write.
    static final long POISON = -13;

    /// A value that [TestRun] refuses to take in.
    static final long POISON_AT_ONCE = -14;

    static final class State {
        final String writer;
        final List<long[]> cuts = new ArrayList<>();
        final Map<Long, String> quarantined = new TreeMap<>();
        long released;
        long oldest = 1;
        long epochs;

        State(String writer) {
            this.writer = writer;
        }

        State copy() {
            var copy = new State(writer);
            copy.cuts.addAll(cuts);
            copy.quarantined.putAll(quarantined);
            copy.released = released;
            copy.epochs = epochs + 1_000;
            return copy;
        }

        /// Appends a cut with these points.
        void append(long... ids) {
            cuts.add(ids);
        }
    }

    private static final Series SERIES =
            series(new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 10));

    final State state;
    private final long epoch;
    volatile @Nullable String stopped;

    MemoryLog(State state) {
        this.state = state;
        this.epoch = ++state.epochs;
    }

    /// The series of all points.
    static Series series(SeriesRegistry registry) {
        return registry.intern(
                new Metric(
                        new Resource("{}", "", 0, ""),
                        new Scope("", "", "{}", "", 0),
                        "requests",
                        "1",
                        MetricType.GAUGE,
                        Temporality.UNSPECIFIED,
                        false,
                        "",
                        "{}"),
                Attributes.EMPTY);
    }

    private record MemoryCut(long sequence, long digest, long[] ids) implements Cut {
        @Override
        public long points() {
            return ids.length;
        }

        @Override
        public long bytes() {
            return 100L * ids.length;
        }

        @Override
        public void read(Consumer<Batch> each) {
            var batch = new Batch();
            for (long id : ids) {
                batch.numbers.add(SERIES, 1 + Math.abs(id), 0, 0, Numbers.INT, id);
            }
            each.accept(batch);
        }
    }

    @Override
    public String writer() {
        return state.writer;
    }

    @Override
    public long epoch() {
        return epoch;
    }

    @Override
    public @Nullable Cut next(long afterSequence, long timeoutMillis) {
        synchronized (state) {
            if (afterSequence >= state.cuts.size()) {
                return null;
            }
            if (afterSequence < state.released) {
                throw new IllegalStateException("cut " + (afterSequence + 1) + " was released");
            }
            long digest = 17;
            for (int i = 0; i <= afterSequence; i++) {
                digest = digest * 31 + java.util.Arrays.hashCode(state.cuts.get(i));
            }
            return new MemoryCut(afterSequence + 1, digest, state.cuts.get((int) afterSequence));
        }
    }

    @Override
    public long oldest() {
        return state.oldest;
    }

    @Override
    public long newest() {
        synchronized (state) {
            return state.cuts.size();
        }
    }

    @Override
    public long cutNow() {
        return newest();
    }

    @Override
    public void release(String sink, long sequence) {
        synchronized (state) {
            state.released = Math.max(state.released, sequence);
        }
    }

    @Override
    public void quarantine(String sink, Cut cut, String reason) {
        state.quarantined.put(cut.sequence(), reason);
    }

    @Override
    public void stop(String reason) {
        stopped = reason;
    }
}
