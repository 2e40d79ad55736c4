package dev.firn.query.promql.eval;

import dev.firn.query.promql.value.KahanSum;

/// Sum or mean of numbers. The mean is the sum by the count until the sum overflows; from then on
/// it is kept as such.
final class NumberMean {
    private final boolean average;
    private KahanSum sum = new KahanSum();
    private boolean incremental;
    private double count;

    NumberMean(boolean average) {
        this.average = average;
    }

    void add(double value) {
        count++;
        if (!average || count == 1) {
            sum = count == 1 ? new KahanSum(value, 0) : sum;
            if (count > 1) {
                sum.add(value);
            }
            return;
        }
        if (!incremental) {
            var next = new KahanSum(sum.total(), sum.lost());
            next.add(value);
            if (!Double.isInfinite(next.total())) {
                sum = next;
                return;
            }
            incremental = true;
            sum = new KahanSum(sum.total() / (count - 1), sum.lost() / (count - 1));
        }
        double share = (count - 1) / count;
        sum = new KahanSum(share * sum.total(), share * sum.lost());
        sum.add(value / count);
    }

    double result() {
        if (average && !incremental) {
            return sum.total() / count + sum.lost() / count;
        }
        return Double.isInfinite(sum.total()) ? sum.total() : sum.sum();
    }
}
