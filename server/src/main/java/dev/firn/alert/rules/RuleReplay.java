package dev.firn.alert.rules;

import dev.firn.query.promql.eval.QueryException;
import dev.firn.query.promql.eval.QueryValue;
import dev.firn.query.promql.lang.Quoting;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.Samples;
import dev.firn.query.promql.value.StaleNan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Records what a recording rule would have recorded, had it been there. What is recorded already
/// stays as it is, so that a second replay stores nothing twice.
final class RuleReplay {
    private static final Set<String> NAME = Set.of(Labels.NAME);

    /// Evaluations of one query.
    private static final int STEPS_MAX = 500;

    private final RuleStore store;
    private long samples;

    RuleReplay(RuleStore store) {
        this.store = store;
    }

    /// Samples that were recorded so far, without markers of ends.
    long samples() {
        return samples;
    }

    /// @param fromMillis first time of an evaluation, a multiple of `stepMillis`
    void run(
            Rule.Recording rule, RuleGroup group, long stepMillis, long fromMillis, long toMillis) {
        long offset = group.queryOffsetMillis().orElse(0);
        for (long from = fromMillis; from <= toMillis; from += STEPS_MAX * stepMillis) {
            long to = Math.min(toMillis, from + (STEPS_MAX - 1) * stepMillis);
            QueryValue value =
                    store.range(rule.expr(), from - offset, to - offset, stepMillis).value();
            if (value instanceof QueryValue.Matrix matrix) {
                Map<Labels, Set<Long>> known =
                        known(rule.name(), from - offset, to - offset, stepMillis);
                var seen = new HashSet<Labels>();
                for (QueryValue.Series series : matrix.series()) {
                    Labels labels = RuleRun.recorded(rule, series.labels());
                    if (!seen.add(labels)) {
                        throw new QueryException(
                                QueryException.Kind.EXECUTION,
                                "vector contains metrics with the same labelset after applying"
                                        + " rule labels");
                    }
                    store.record(
                            outcomes(
                                    labels,
                                    series.samples(),
                                    known.getOrDefault(labels.drop(NAME), Set.of()),
                                    stepMillis,
                                    to - offset));
                }
            }
        }
    }

    /// Times of evaluations for which there is a sample, by labels without the name.
    private Map<Labels, Set<Long>> known(String name, long from, long to, long step) {
        String expr = "timestamp({__name__=" + Quoting.quote(name) + "})";
        var known = new HashMap<Labels, Set<Long>>();
        if (store.range(expr, from, to, step).value() instanceof QueryValue.Matrix matrix) {
            for (QueryValue.Series series : matrix.series()) {
                Samples of = series.samples();
                var times = new HashSet<Long>();
                for (int i = 0; i < of.times().length; i++) {
                    if (Math.round(of.values()[i] * 1_000) == of.times()[i]) {
                        times.add(of.times()[i]);
                    }
                }
                known.put(series.labels().drop(NAME), times);
            }
        }
        return known;
    }

    /// In order of time, with a marker behind each run of evaluations.
    private List<Outcome> outcomes(
            Labels labels, Samples of, Set<Long> known, long step, long last) {
        var byTime = new TreeMap<Long, Outcome>();
        for (int i = 0; i < of.times().length; i++) {
            long time = of.times()[i];
            byTime.put(time, new Outcome(labels, time, of.values()[i], null));
        }
        for (int i = 0; i < of.histogramTimes().length; i++) {
            long time = of.histogramTimes()[i];
            NativeHistogram histogram = of.histograms()[i];
            byTime.put(time, new Outcome(labels, time, 0, histogram));
        }
        var all = new ArrayList<Outcome>();
        byTime.forEach((time, outcome) -> {
            if (known.contains(time)) {
                return;
            }
            samples++;
            all.add(outcome);
            long next = time + step;
            if (next <= last && !byTime.containsKey(next) && !known.contains(next)) {
                all.add(new Outcome(labels, next, StaleNan.VALUE, null));
            }
        });
        return all;
    }
}
