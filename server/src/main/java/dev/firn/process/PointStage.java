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
    private final SeriesTable<Parts> known;
    private final ArrayBlockingQueue<Work> works = new ArrayBlockingQueue<>(WORKS_MAX);

    /// @param aggregator takes lossy points; null to let them pass like the others
    PointStage(Workshop workshop, @Nullable Aggregator aggregator, List<Step> steps) {
        this.workshop = workshop;
        this.aggregator = aggregator;
        this.steps = List.copyOf(steps);
        this.known = new SeriesTable<>(workshop.registry.seriesMax());
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
        private final boolean[][] lossy = new boolean[Points.Kind.values().length + 1][];
        private final List<PointView> views = new ArrayList<>();
        private final Batch middle = new Batch();
        private int written;
        private boolean renamed;

        private Work() {
            Arrays.fill(becomes, new Series[0]);
            Arrays.fill(lossy, new boolean[0]);
        }

        private void clear() {
            for (@Nullable Series[] rows : becomes) {
                Arrays.fill(rows, null); // a pooled work must not keep evicted series alive
            }
            middle.clear();
            written = 0;
            renamed = false;
        }

        private Batch process(Batch in, Batch out) {
            long now = workshop.nowSeconds();
            for (Points.Kind kind : Points.Kind.values()) {
                Points points = in.points(kind);
                room(kind.code(), points.size());
                for (int row = 0; row < points.size(); row++) {
                    decide(points, row, now);
                }
            }
            if (written == 0 && !renamed) {
                return in;
            }
            if (!renamed) {
                return copyWritten(in, out);
            }
            Batch from = written == 0 ? in : copyWritten(in, middle);
            Aggregator.Pass pass = aggregator == null ? null : aggregator.begin(from, out);
            out.append(from, (points, row) -> naming(points, row, pass));
            if (pass != null) {
                pass.end();
            }
            return out;
        }

        private void room(int kind, int rows) {
            if (becomes[kind].length < rows) {
                becomes[kind] = new Series[rows + rows / 2];
                lossy[kind] = new boolean[rows + rows / 2];
            }
        }

        private void decide(Points points, int row, long now) {
            Series series = points.series[row];
            Workshop.touch(series, now);
            Subject at = look(series);
            Identity identity = at.identity;
            PointView view = view();
            view.look(points, row);
            at.point = view;
            Series to = applied(at) ? identity.series(workshop.interner) : null;
            int kind = points.kind().code();
            becomes[kind][row] = to;
            lossy[kind][row] = false;
            if (to != series) {
                renamed = true;
                if (to != null) {
                    Workshop.touch(to, now);
                    lossy[kind][row] = identity.lossy();
                }
            }
            gather(to, kind, row);
            if (to != null && view.written()) {
                written++;
            }
        }

        /// Series that lost something take along the one that they become.
        private void gather(@Nullable Series to, int kind, int row) {
            if (aggregator != null && to != null) {
                if (lossy[kind][row]) {
                    aggregator.gather(to);
                } else if (aggregator.gathers(to)) {
                    lossy[kind][row] = true;
                    renamed = true;
                }
            }
        }

        /// The view behind the last one that holds something written.
        private PointView view() {
            if (written == views.size()) {
                views.add(new PointView());
            }
            return views.get(written);
        }

        private Subject look(Series series) {
            Parts parts = known.find(series);
            if (parts == null) {
                parts = Parts.of(series);
                known.put(series, parts);
            }
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
            if (to != null && pass != null && lossy[kind][row]) {
                pass.add(points, row, to);
                return null;
            }
            return to;
        }
    }
}
