package dev.firn.analyse.slo;

import dev.firn.base.Clock;
import dev.firn.model.Batch;
import dev.firn.model.HistogramValue;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.PointValue;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.util.Arrays;
import java.util.Objects;
import java.util.TreeMap;

/// Histograms of measurements, made bucket by bucket.
final class Values {
    /// Whose the points are does not matter here.
    private static final Series SERIES =
            new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 1)
                    .intern(
                            new Metric(
                                    new Resource("{}", "", 0, ""),
                                    new Scope("", "", "{}", "", 0),
                                    "m",
                                    "",
                                    MetricType.EXPONENTIAL_HISTOGRAM,
                                    Temporality.CUMULATIVE,
                                    true,
                                    "",
                                    "{}"),
                            "{}");

    private Values() {}

    static HistogramValue histogram(double[] bounds, double... measurements) {
        long[] counts = new long[bounds.length + 1];
        for (double one : measurements) {
            int bucket = 0;
            while (bucket < bounds.length && one > bounds[bucket]) {
                bucket++;
            }
            counts[bucket]++;
        }
        long[] bits = Arrays.stream(bounds).mapToLong(Double::doubleToRawLongBits).toArray();
        return new HistogramValue(measurements.length, (byte) 0, 0, 0, 0, bits, counts);
    }

    static PointValue exponential(int scale, double... measurements) {
        var buckets = new TreeMap<Integer, Long>();
        for (double one : measurements) {
            int index = (int) Math.floor(Math.log(one) / Math.log(2) * (1 << scale)) - 2;
            while (one > Math.pow(2, (index + 1) / (double) (1 << scale))) {
                index++;
            }
            buckets.merge(index, 1L, Long::sum);
        }
        var batch = new Batch();
        var to = batch.exponential;
        int offset = buckets.isEmpty() ? 0 : buckets.firstKey();
        int end = buckets.isEmpty() ? 0 : buckets.lastKey() + 1;
        for (int index = offset; index < end; index++) {
            to.positive.push(buckets.getOrDefault(index, 0L));
        }
        int row = to.add(SERIES, 1, 1, 0);
        to.count[row] = measurements.length;
        to.has[row] = 0;
        to.scale[row] = scale;
        to.positiveOffset[row] = offset;
        return Objects.requireNonNull(PointValue.of(to, row));
    }
}
