package dev.firn.query.promql.store;

import dev.firn.query.promql.eval.SeriesSource;
import dev.firn.query.promql.lang.Matcher;
import dev.firn.query.promql.store.Batches.Entry;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Series of the engine, for one query. Its selectors may be read by one thread at a time.
public final class EngineSource implements SeriesSource {
    private final Resolver resolver;
    private final TargetInfo targets;
    private final Reads reads;
    private final double zeroThreshold;
    private final long rowsMax;

    EngineSource(
            Resolver resolver,
            TargetInfo targets,
            Reads reads,
            double zeroThreshold,
            long rowsMax) {
        this.resolver = resolver;
        this.targets = targets;
        this.reads = reads;
        this.zeroThreshold = zeroThreshold;
        this.rowsMax = rowsMax;
    }

    /// Points that were read so far.
    public long samplesRead() {
        return reads.samples();
    }

    @Override
    public void uses(Set<String> labels) {
        reads.uses(labels);
    }

    @Override
    public Cursor select(Selection selection) {
        List<Matcher> matchers = selection.matchers();
        long from = selection.fromMillis();
        long to = selection.toMillis();
        List<Group> groups = resolver.groups(matchers, from, to, reads);
        reads.of(groups);
        List<Entry> infos = targets.series(matchers, from, to, reads);
        var reader =
                new PointsReader(reads, from, to, selection.function(), zeroThreshold, rowsMax);
        return new Streamed(
                new Batches(reader, groups, matchers, Math.max(0, to - from)),
                new ArrayList<>(infos));
    }

    private static final class Streamed implements Cursor {
        private final Batches batches;
        private List<Entry> current;
        private int at = -1;

        private Streamed(Batches batches, List<Entry> first) {
            this.batches = batches;
            this.current = first;
        }

        @Override
        public boolean next() {
            if (at >= 0 && at < current.size()) {
                current.set(at, NOTHING); // its samples may go
            }
            at++;
            if (at >= current.size()) {
                current = new ArrayList<>(batches.take());
                at = 0;
            }
            return !current.isEmpty();
        }

        private static final Entry NOTHING = new Entry(Labels.EMPTY, Samples.NONE);

        @Override
        public Labels labels() {
            return current.get(at).labels();
        }

        @Override
        public Samples samples() {
            return current.get(at).samples();
        }

        @Override
        public void close() {
            batches.close();
        }
    }
}
