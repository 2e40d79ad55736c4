package dev.firn.process;

import dev.firn.model.Batch;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.process.identity.Identity;
import dev.firn.process.identity.Parts;
import dev.firn.process.ottl.PointView;
import dev.firn.process.ottl.Subject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/// Steps that look at points, run on each. The texts of an identity are still parsed only once for
/// each series.
final class PointStage implements Processor {
    private static final int WORKS_MAX = 16;

    private final Workshop workshop;
    private final @Nullable Aggregator aggregator;
    private final List<Step> steps;
    private final SeriesTable<Known> known;
    private final ArrayBlockingQueue<Work> works = new ArrayBlockingQueue<>(WORKS_MAX);

    /// @param aggregator takes the points of series that have become equal; null to let them pass
    PointStage(Workshop workshop, @Nullable Aggregator aggregator, List<Step> steps) {
        this.workshop = workshop;
        this.aggregator = steps.stream().anyMatch(Step::renames) ? aggregator : null;
        this.steps = List.copyOf(steps);
        this.known = new SeriesTable<>(workshop.registry.seriesMax());
    }

    /// What is known of a series.
    private static final class Known {
        private final Parts parts;
        private volatile Became became = Became.NOTHING;

        private Known(Parts parts) {
            this.parts = parts;
        }
    }

    /// What the series' last point has become.
    private record Became(@Nullable Series to, Aggregator.Claim claim) {
        private static final Became NOTHING = new Became(null, Aggregator.Claim.FREE);
    }

    @Override
    public Batch process(Batch in, Batch out) {
        if (in.size() == 0) {
            return in;
        }
        Work work = works.poll();
        if (work == null) {
            work = new Work();
        }
        try {
            return work.process(in, out);
        } finally {
            work.clear();
            boolean _ = works.offer(work);
        }
    }

    /// One request's decisions. Rows are numbered by kind.
    private final class Work {
        private @Nullable Subject subject;
        private final @Nullable Series[][] becomes = new Series[Points.Kind.values().length + 1][];
        private final Aggregator.Claim[][] claims =
                new Aggregator.Claim[Points.Kind.values().length + 1][];
        private final List<PointView> views = new ArrayList<>();
        private final Batch middle = new Batch();
        private int written;
        private boolean renamed;

        private Work() {
            Arrays.fill(becomes, new Series[0]);
            Arrays.fill(claims, new Aggregator.Claim[0]);
        }

        private void clear() {
            for (@Nullable Series[] rows : becomes) {
                Arrays.fill(rows, null); // a pooled work must not keep evicted series alive
            }
            for (Aggregator.Claim[] rows : claims) {
                Arrays.fill(rows, Aggregator.Claim.FREE);
            }
            middle.clear();
            written = 0;
            renamed = false;
        }

        private Batch process(Batch in, Batch out) {
            if (aggregator != null) {
                aggregator.hold();
            }
            long now = workshop.nowSeconds();
            for (Points.Kind kind : Points.Kind.values()) {
                Points points = in.points(kind);
                room(kind.code(), points.size());
                for (int row = 0; row < points.size(); row++) {
                    decide(points, row, now);
                }
            }
            if (!renamed) {
                return observed(written == 0 ? in : copyWritten(in, out));
            }
            Batch from = written == 0 ? in : copyWritten(in, middle);
            Aggregator.Pass pass = aggregator == null ? null : aggregator.begin(from, out);
            out.append(from, (points, row) -> naming(points, row, pass));
            if (pass != null) {
                pass.end();
            }
            return out;
        }

        private Batch observed(Batch from) {
            if (aggregator != null) {
                for (Points.Kind kind : Points.Kind.values()) {
                    Points points = from.points(kind);
                    for (int row = 0; row < points.size(); row++) {
                        claims[kind.code()][row].observe(points, row);
                    }
                }
            }
            return from;
        }

        private void room(int kind, int rows) {
            if (becomes[kind].length < rows) {
                becomes[kind] = new Series[rows + rows / 2];
                claims[kind] = new Aggregator.Claim[rows + rows / 2];
                Arrays.fill(claims[kind], Aggregator.Claim.FREE);
            }
        }

        private void decide(Points points, int row, long now) {
            Series series = points.series[row];
            Workshop.touch(series, now);
            Known of = known(series);
            Subject at = look(of.parts);
            Identity identity = at.identity;
            PointView view = view();
            view.look(points, row);
            at.point = view;
            Series to = applied(at) ? identity.series(workshop.interner) : null;
            int kind = points.kind().code();
            becomes[kind][row] = to;
            renamed |= to != series;
            if (to == null) {
                return;
            }
            Workshop.touch(to, now);
            if (aggregator != null) {
                Aggregator.Claim claim = claim(aggregator, of, series, to, identity);
                claims[kind][row] = claim;
                renamed |= claim.isGathered();
            }
            if (view.written()) {
                written++;
            }
        }

        private static Aggregator.Claim claim(
                Aggregator from, Known of, Series series, Series to, Identity identity) {
            Became became = of.became;
            if (became.to != to || became.claim.isOver()) {
                boolean lossy = to != series && identity.lossy();
                became = new Became(to, from.claim(series, to, lossy));
                of.became = became;
            }
            return became.claim;
        }

        /// The view behind the last one that holds something written.
        private PointView view() {
            if (written == views.size()) {
                views.add(new PointView());
            }
            return views.get(written);
        }

        private Known known(Series series) {
            Known found = known.find(series);
            if (found == null) {
                found = new Known(Parts.of(series));
                known.put(series, found);
            }
            return found;
        }

        private Subject look(Parts parts) {
            Subject at = subject;
            if (at == null) {
                at = new Subject(new Identity(parts));
                subject = at;
            } else {
                at.identity.reset(parts);
            }
            return at;
        }

        private boolean applied(Subject at) {
            try {
                for (Step step : steps) {
                    if (!step.apply(at)) {
                        step.dropped(1);
                        return false;
                    }
                }
                return true;
            } catch (Step.Failure failure) {
                throw Workshop.refusal(failure.text());
            }
        }

        private Batch copyWritten(Batch in, Batch to) {
            to.append(in, (points, row) -> points.series[row]);
            for (int i = 0; i < written; i++) {
                views.get(i).store(to);
            }
            return to;
        }

        private @Nullable Series naming(Points points, int row, Aggregator.@Nullable Pass pass) {
            int kind = points.kind().code();
            Series to = becomes[kind][row];
            if (to == null || pass == null) {
                return to;
            }
            if (claims[kind][row].isGathered()) {
                pass.add(points, row, to);
                return null;
            }
            claims[kind][row].observe(points, row);
            return to;
        }
    }
}
