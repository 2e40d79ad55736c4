package dev.firn.process;

import dev.firn.model.Batch;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.process.identity.Identity;
import dev.firn.process.identity.Parts;
import dev.firn.process.ottl.Subject;
import dev.firn.process.state.StateRoom;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/// Steps that look at identity only, one after the other, as one function from series to series:
/// evaluated once for each series, then a look-up a point. Hot path: `PipelineBenchmark` in bench/.
final class IdentityStage implements Processor {
    private static final int WORKS_MAX = 16;

    private final Workshop workshop;
    private final @Nullable Aggregator aggregator;
    private final List<Step> steps;
    private final boolean renames;
    private final SeriesTable<Mapping> mappings;
    private final ArrayBlockingQueue<Work> works = new ArrayBlockingQueue<>(WORKS_MAX);

    /// @param aggregator takes the points of series that have become equal; null to let them pass
    IdentityStage(Workshop workshop, @Nullable Aggregator aggregator, List<Step> steps) {
        this.workshop = workshop;
        this.aggregator = aggregator;
        this.steps = List.copyOf(steps);
        this.renames = steps.stream().anyMatch(Step::renames);
        this.mappings = new SeriesTable<>(workshop.registry.seriesMax());
    }

    /// What the log is told of the points that leave it.
    String witness() {
        return aggregator == null ? StateRoom.NO_WITNESS : aggregator.name();
    }

    /// Series whose result is remembered.
    int remembered() {
        return mappings.size();
    }

    @Override
    public Batch process(Batch in, Batch out) {
        Work taken = works.poll();
        Work work = taken == null ? new Work() : taken;
        try {
            return work.process(in, out);
        } finally {
            work.clear();
            boolean _ = works.offer(work);
        }
    }

    /// One request. Rows are numbered by kind.
    private final class Work {
        private final @Nullable Mapping[][] rows = new Mapping[Points.Kind.values().length + 1][];
        private boolean changes;
        private boolean gathers;
        private boolean asked;

        private Work() {
            Arrays.fill(rows, new Mapping[0]);
        }

        private void clear() {
            for (@Nullable Mapping[] of : rows) {
                Arrays.fill(of, null); // a pooled work must not keep evicted series alive
            }
        }

        private Batch process(Batch in, Batch out) {
            long now = workshop.nowSeconds();
            if (aggregator != null && renames) {
                aggregator.hold();
            }
            look(in, now);
            asked = aggregator != null && aggregator.asks(in);
            Aggregator.Pass pass =
                    aggregator != null && (gathers || asked) ? aggregator.begin(in, out) : null;
            if (pass != null && gathers) {
                findPassages(in, now, pass);
            }
            if (!changes && !gathers) {
                keepAll(in, pass);
                return in;
            }
            out.append(in, (points, row) -> naming(points, row, now, pass));
            if (pass != null && gathers) {
                pass.end();
            }
            return out;
        }

        /// What becomes of each row, so that it is known what series become one before the first of
        /// them passes.
        private void look(Batch in, long now) {
            changes = false;
            for (Points.Kind kind : Points.Kind.values()) {
                Points points = in.points(kind);
                @Nullable Mapping[] to = room(kind.code(), points.size());
                for (int row = 0; row < points.size(); row++) {
                    Mapping mapping = mapping(points.series[row], now);
                    to[row] = mapping;
                    changes |= mapping.to() != points.series[row];
                }
            }
            gathers = aggregator != null && renames && anyGathers(in);
        }

        private boolean anyGathers(Batch in) {
            for (Points.Kind kind : Points.Kind.values()) {
                for (int row = 0; row < in.points(kind).size(); row++) {
                    if (of(kind, row).claim.isGathered()) {
                        return true;
                    }
                }
            }
            return false;
        }

        private @Nullable Mapping[] room(int kind, int size) {
            if (rows[kind].length < size) {
                rows[kind] = new Mapping[size + size / 2];
            }
            return rows[kind];
        }

        private Mapping of(Points.Kind kind, int row) {
            Mapping mapping = rows[kind.code()][row];
            if (mapping == null) {
                throw new IllegalStateException("row " + row + " was not looked at");
            }
            return mapping;
        }

        private void findPassages(Batch in, long now, Aggregator.Pass pass) {
            for (Points.Kind kind : Points.Kind.values()) {
                Points points = in.points(kind);
                for (int row = 0; row < points.size(); row++) {
                    Mapping mapping = of(kind, row);
                    Series to = mapping.to();
                    if (to == null || !mapping.claim.isGathered() || isOpen(mapping, now)) {
                        continue;
                    }
                    mapping.passage = pass.passage(points.series[row], to);
                    if (!isOpen(mapping, now)) {
                        pass.claim(to);
                    }
                }
            }
        }

        private void keepAll(Batch in, Aggregator.@Nullable Pass pass) {
            if (pass == null && (aggregator == null || !renames)) {
                return;
            }
            for (Points.Kind kind : Points.Kind.values()) {
                for (int row = 0; row < in.points(kind).size(); row++) {
                    keep(in.points(kind), row, of(kind, row), pass);
                }
            }
        }

        private void keep(Points points, int row, Mapping mapping, Aggregator.@Nullable Pass pass) {
            if (asked && pass != null && mapping.to() == points.series[row]) {
                pass.keep(points, row);
            }
            mapping.claim.observe(points, row);
        }

        private @Nullable Series naming(
                Points points, int row, long now, Aggregator.@Nullable Pass pass) {
            Mapping mapping = of(points.kind(), row);
            Series to = mapping.to();
            if (to == null) {
                Step by = mapping.droppedBy();
                if (by != null) {
                    by.dropped(1);
                }
                return null;
            }
            if (pass == null || !mapping.claim.isGathered()) {
                keep(points, row, mapping, pass);
                return to;
            }
            Aggregator.Passage passage = mapping.passage;
            if (passage != null && passage.isOpen(now)) {
                pass.pass(points, row, passage);
                return to;
            }
            pass.add(points, row, to);
            return null;
        }
    }

    private static boolean isOpen(Mapping mapping, long now) {
        Aggregator.Passage passage = mapping.passage;
        return passage != null && passage.isOpen(now);
    }

    private Mapping mapping(Series series, long now) {
        Mapping mapping = mappings.find(series);
        if (mapping == null || (mapping.to() != null && stale(series, mapping.to()))) {
            mapping = evaluate(series);
            mappings.put(series, mapping);
        }
        if (!mapping.failure().isEmpty()) {
            throw Workshop.refusal(mapping.failure());
        }
        Series to = mapping.to();
        if (to != null && mapping.claim.isOver()) {
            mapping.claim = claim(series, to, mapping.lossy());
        }
        mapping.touch(series, now);
        return mapping;
    }

    private static boolean stale(Series from, Series to) {
        return to.evicted && to != from;
    }

    private Mapping evaluate(Series series) {
        var identity = new Identity(Parts.of(series));
        var subject = new Subject(identity);
        try {
            for (Step step : steps) {
                if (!step.apply(subject)) {
                    return Mapping.dropped(step);
                }
            }
        } catch (Step.Failure failure) {
            return Mapping.failed(failure.text());
        }
        Series to = identity.series(workshop.interner);
        Mapping mapping = Mapping.to(to, identity.lossy());
        mapping.claim = claim(series, to, mapping.lossy());
        return mapping;
    }

    private Aggregator.Claim claim(Series from, Series to, boolean lossy) {
        return aggregator == null || !renames
                ? Aggregator.Claim.FREE
                : aggregator.claim(from, to, lossy);
    }
}
