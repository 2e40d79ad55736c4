package dev.firn.process.state;

import dev.firn.model.Batch;
import dev.firn.model.HistogramValue;
import dev.firn.model.Histograms;
import dev.firn.model.MetricType;
import dev.firn.model.PointValue;
import dev.firn.model.Series;
import dev.firn.model.Temporality;
import java.util.Arrays;
import java.util.Objects;
import java.util.random.RandomGenerator;

/// Histograms with few buckets.
final class RandomValues {
    private static final double[][] BOUNDS = {{1, 5, 10}, {1, 5, 10}, {1, 5, 10}, {5, 20}, {}};

    /// Whose the points are does not matter until they are in a batch.
    static final Series SERIES = new Bench().series(MetricType.SUM, Temporality.DELTA, true, "{}");

    private RandomValues() {}

    static PointValue of(RandomGenerator random, MetricType type) {
        return type == MetricType.HISTOGRAM ? histogram(random) : exponential(random);
    }

    static HistogramValue histogram(RandomGenerator random) {
        double[] bounds = BOUNDS[random.nextInt(BOUNDS.length)];
        long[] counts = random.longs(bounds.length + 1, 0, 20).toArray();
        return new HistogramValue(
                Arrays.stream(counts).sum(),
                (byte) (random.nextInt(5) == 0 ? 0 : Histograms.HAS_SUM),
                random.nextInt(500),
                0,
                0,
                Arrays.stream(bounds).mapToLong(Double::doubleToRawLongBits).toArray(),
                counts);
    }

    static PointValue exponential(RandomGenerator random) {
        var batch = new Batch();
        var to = batch.exponential;
        long count = 0;
        for (int i = random.nextInt(5); i >= 0; i--) {
            long one = random.nextInt(9);
            count += one;
            to.positive.push(one);
        }
        int row = to.add(SERIES, 0, 0, 0);
        to.zeroCount[row] = random.nextInt(4);
        to.count[row] = count + to.zeroCount[row];
        to.has[row] = Histograms.HAS_SUM;
        to.sum[row] = random.nextInt(500);
        to.scale[row] = random.nextInt(2);
        to.positiveOffset[row] = random.nextInt(3);
        return Objects.requireNonNull(PointValue.of(to, row));
    }
}
