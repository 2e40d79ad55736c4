package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.AggregateOp;
import dev.firn.query.promql.lang.Span;
import dev.firn.query.promql.value.IncompatibleBucketsException;
import dev.firn.query.promql.value.KahanSum;
import dev.firn.query.promql.value.NativeHistogram;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The aggregations that yield one series a group.
final class Accumulators {
    private Accumulators() {}

    /// `quantile` at each step is read by that aggregation alone.
    static Accumulator of(
            AggregateOp op, int steps, Annotations annotations, Span span, double[] quantile) {
        return switch (op) {
            case SUM -> new Sum(steps, false, annotations, span);
            case AVG -> new Sum(steps, true, annotations, span);
            case COUNT -> new Count(steps, false, annotations, span);
            case GROUP -> new Count(steps, true, annotations, span);
            case MIN -> new Extreme(steps, -1, annotations, span);
            case MAX -> new Extreme(steps, 1, annotations, span);
            case STDVAR -> new Variance(steps, false, annotations, span);
            case STDDEV -> new Variance(steps, true, annotations, span);
            case QUANTILE -> new Quantile(steps, quantile, annotations, span);
            case TOPK, BOTTOMK, LIMITK, LIMIT_RATIO, COUNT_VALUES ->
                    throw new IllegalStateException("not one series a group: " + op);
        };
    }

    private static final class Count extends Accumulator {
        private final double[] count;
        private final boolean group;

        Count(int steps, boolean group, Annotations annotations, Span span) {
            super(annotations, span);
            this.count = new double[steps];
            this.group = group;
        }

        @Override
        void add(int i, double value) {
            count[i]++;
        }

        @Override
        void add(int i, NativeHistogram histogram, Column from) {
            count[i]++;
        }

        @Override
        void finish(Column out) {
            for (int i = 0; i < count.length; i++) {
                if (count[i] > 0) {
                    out.set(i, group ? 1 : count[i]);
                }
            }
        }
    }

    private static final class Extreme extends Accumulator {
        private final double[] best;
        private final boolean[] seen;
        private final int sign;

        Extreme(int steps, int sign, Annotations annotations, Span span) {
            super(annotations, span);
            this.best = new double[steps];
            this.seen = new boolean[steps];
            this.sign = sign;
        }

        @Override
        void add(int i, double value) {
            if (!seen[i] || sign * value > sign * best[i] || Double.isNaN(best[i])) {
                best[i] = value;
                seen[i] = true;
            }
        }

        @Override
        void add(int i, NativeHistogram histogram, Column from) {
            annotations().histogramIgnoredIn(sign > 0 ? "max" : "min", span());
        }

        @Override
        void finish(Column out) {
            for (int i = 0; i < best.length; i++) {
                if (seen[i]) {
                    out.set(i, best[i]);
                }
            }
        }
    }

    private static final class Variance extends Accumulator {
        private final double[] count;
        private final double[] mean;
        private final double[] squares;
        private final boolean deviation;

        Variance(int steps, boolean deviation, Annotations annotations, Span span) {
            super(annotations, span);
            this.count = new double[steps];
            this.mean = new double[steps];
            this.squares = new double[steps];
            this.deviation = deviation;
        }

        @Override
        void add(int i, double value) {
            count[i]++;
            if (count[i] == 1) {
                mean[i] = value;
                squares[i] = Double.isNaN(value) || Double.isInfinite(value) ? Double.NaN : 0;
                return;
            }
            double delta = value - mean[i];
            mean[i] += delta / count[i];
            squares[i] += delta * (value - mean[i]);
        }

        @Override
        void add(int i, NativeHistogram histogram, Column from) {
            annotations().histogramIgnoredIn(deviation ? "stddev" : "stdvar", span());
        }

        @Override
        void finish(Column out) {
            for (int i = 0; i < count.length; i++) {
                if (count[i] > 0) {
                    double variance = squares[i] / count[i];
                    out.set(i, deviation ? Math.sqrt(variance) : variance);
                }
            }
        }
    }

    private static final class Quantile extends Accumulator {
        private final double[][] values;
        private final int[] count;
        private final double[] quantile;

        Quantile(int steps, double[] quantile, Annotations annotations, Span span) {
            super(annotations, span);
            this.values = new double[steps][4];
            this.count = new int[steps];
            this.quantile = quantile;
        }

        @Override
        void add(int i, double value) {
            if (count[i] == values[i].length) {
                values[i] = Arrays.copyOf(values[i], 2 * count[i]);
            }
            values[i][count[i]++] = value;
        }

        @Override
        void add(int i, NativeHistogram histogram, Column from) {
            annotations().histogramIgnoredIn("quantile", span());
        }

        @Override
        void finish(Column out) {
            for (int i = 0; i < count.length; i++) {
                if (count[i] > 0) {
                    double[] all = Arrays.copyOf(values[i], count[i]);
                    out.set(i, Quantiles.of(quantile[i], all));
                }
            }
        }
    }

    /// Sum and mean, of numbers or of histograms, never of both at a step.
    private static final class Sum extends Accumulator {
        private final boolean average;
        private final double[] total;
        private final double[] lost;
        private final double[] count;
        private final boolean[] incremental;
        private final boolean[] broken;
        private @Nullable HistogramMean @Nullable [] histograms;

        Sum(int steps, boolean average, Annotations annotations, Span span) {
            super(annotations, span);
            this.average = average;
            this.total = new double[steps];
            this.lost = new double[steps];
            this.count = new double[steps];
            this.incremental = new boolean[steps];
            this.broken = new boolean[steps];
        }

        @Override
        void add(int i, double value) {
            double n = ++count[i];
            if (n == 1) {
                total[i] = value;
                return;
            }
            if (!incremental[i]) {
                double sum = total[i] + value;
                if (!average || !Double.isInfinite(sum)) {
                    lost[i] = KahanSum.lost(value, total[i], lost[i]);
                    total[i] = sum;
                    return;
                }
                incremental[i] = true;
                total[i] /= n - 1;
                lost[i] /= n - 1;
            }
            double share = (n - 1) / n;
            lost[i] = KahanSum.lost(value / n, share * total[i], share * lost[i]);
            total[i] = share * total[i] + value / n;
        }

        @Override
        void add(int i, NativeHistogram histogram, Column from) {
            if (histograms == null) {
                histograms = new HistogramMean[total.length];
            }
            HistogramMean mean = histograms[i];
            if (mean == null) {
                mean = new HistogramMean(average);
                histograms[i] = mean;
            }
            if (!broken[i]) {
                try {
                    mean.add(histogram);
                } catch (IncompatibleBucketsException e) {
                    annotations().mixedBuckets(from.labels().name(), span());
                    broken[i] = true;
                }
            }
        }

        @Override
        void finish(Column out) {
            for (int i = 0; i < total.length; i++) {
                HistogramMean mean = histograms == null ? null : histograms[i];
                if (mean == null && count[i] > 0) {
                    out.set(i, number(i));
                } else if (mean != null && count[i] > 0) {
                    annotations().mixedInAggregation(span());
                } else if (mean != null) {
                    mean.tell(annotations(), span());
                    if (!broken[i]) {
                        out.set(i, mean.result().compact());
                    }
                }
            }
        }

        private double number(int i) {
            if (average && !incremental[i]) {
                return total[i] / count[i] + lost[i] / count[i];
            }
            return total[i] + lost[i];
        }
    }
}
