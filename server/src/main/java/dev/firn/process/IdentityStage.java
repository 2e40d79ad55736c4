package dev.firn.process;

import dev.firn.model.Batch;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.process.identity.Identity;
import dev.firn.process.identity.Parts;
import dev.firn.process.ottl.Subject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Steps that look at identity only, one after the other, as one function from series to series:
/// evaluated once for each series, then a look-up a point.
final class IdentityStage implements Processor {
    private final Workshop workshop;
    private final @Nullable Aggregator aggregator;
    private final List<Step> steps;
    private final SeriesTable<Mapping> mappings;

    /// @param aggregator takes lossy points; null to let them pass like the others
    IdentityStage(Workshop workshop, @Nullable Aggregator aggregator, List<Step> steps) {
        this.workshop = workshop;
        this.aggregator = aggregator;
        this.steps = List.copyOf(steps);
        this.mappings = new SeriesTable<>(workshop.registry.seriesMax());
    }

    /// Series whose result is remembered.
    int remembered() {
        return mappings.size();
    }

    @Override
    public Batch process(Batch in, Batch out) {
        long now = workshop.nowSeconds();
        if (allPass(in, now)) {
            return in;
        }
        if (aggregator != null) {
            evaluateAll(in, now);
        }
        Aggregator.Pass pass = aggregator == null ? null : aggregator.begin(in, out);
        out.append(in, (points, row) -> naming(points, row, now, pass));
        if (pass != null) {
            pass.end();
        }
        return out;
    }

    private boolean allPass(Batch in, long now) {
        for (Points.Kind kind : Points.Kind.values()) {
            Points points = in.points(kind);
            for (int row = 0; row < points.size(); row++) {
                Series series = points.series[row];
                if (mapping(series, now).to() != series || gathers(series)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean gathers(Series to) {
        return aggregator != null && aggregator.gathers(to);
    }

    /// So that it is known what series become one before the first of them passes.
    private void evaluateAll(Batch in, long now) {
        for (Points.Kind kind : Points.Kind.values()) {
            Points points = in.points(kind);
            for (int row = 0; row < points.size(); row++) {
                Mapping _ = mapping(points.series[row], now);
            }
        }
    }

    private @Nullable Series naming(
            Points points, int row, long now, Aggregator.@Nullable Pass pass) {
        Mapping mapping = mapping(points.series[row], now);
        Series to = mapping.to();
        if (to == null) {
            Step by = mapping.droppedBy();
            if (by != null) {
                by.dropped(1);
            }
            return null;
        }
        if (pass != null && (mapping.lossy() || gathers(to))) {
            pass.add(points, row, to);
            return null;
        }
        return to;
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
        boolean lossy = identity.lossy();
        if (lossy && aggregator != null) {
            aggregator.gather(to);
        }
        return Mapping.to(to, lossy);
    }
}
