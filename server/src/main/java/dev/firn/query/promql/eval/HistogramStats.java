package dev.firn.query.promql.eval;

import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.ResetHint;
import dev.firn.query.promql.value.Samples;

/// Histograms reduced to count and sum, for queries that read no buckets; counter resets are found
/// before the buckets go.
final class HistogramStats {
    private HistogramStats() {}

    static Samples of(Samples samples) {
        NativeHistogram[] full = samples.histograms();
        NativeHistogram[] stats = new NativeHistogram[full.length];
        for (int i = 0; i < full.length; i++) {
            ResetHint hint = full[i].hint();
            if (hint == ResetHint.UNKNOWN
                    && i > 0
                    && !full[i].isStale()
                    && !full[i - 1].isStale()) {
                boolean reset = full[i].isResetAfter(full[i - 1]);
                hint = reset ? ResetHint.RESET : ResetHint.NOT_RESET;
            }
            stats[i] = full[i].stats(hint);
        }
        return samples.withHistograms(stats);
    }
}
