package dev.firn.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteWriter;
import dev.firn.base.Clock;
import dev.firn.base.Forall;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Merging against models that keep every measurement.
final class PointValueTest {
    private static final byte ALL = Histograms.HAS_SUM | Histograms.HAS_MIN | Histograms.HAS_MAX;
    private static final int NO_LIMIT = 1 << 20;

    /// Whose the points are does not matter here.
    private static final Series SERIES =
            new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 1)
                    .intern(
                            new Metric(
                                    new Resource("{}", "", 0, ""),
                                    new Scope("", "", "{}", "", 0),
                                    "m",
                                    "",
                                    MetricType.SUM,
                                    Temporality.DELTA,
                                    true,
                                    "",
                                    "{}"),
                            "{}");

    /// Measurements as multiples of 1/8, so that sums do not round.
    private static double[] measurements(Random random, boolean negative) {
        double[] result = new double[random.nextInt(12)];
        for (int i = 0; i < result.length; i++) {
            double value = Math.round(Math.exp(random.nextGaussian() * 3) * 8) / 8.0;
            result[i] = negative && random.nextInt(3) == 0 ? -value : value;
        }
        return result;
    }

    private static double[] joined(double[] a, double[] b) {
        double[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private static HistogramValue histogram(double[] values, double... bounds) {
        long[] counts = new long[bounds.length + 1];
        for (double value : values) {
            int bucket = 0;
            while (bucket < bounds.length && value > bounds[bucket]) {
                bucket++;
            }
            counts[bucket]++;
        }
        return new HistogramValue(
                values.length,
                values.length == 0 ? Histograms.HAS_SUM : ALL,
                Arrays.stream(values).sum(),
                Arrays.stream(values).min().orElse(0),
                Arrays.stream(values).max().orElse(0),
                Arrays.stream(bounds).mapToLong(Double::doubleToRawLongBits).toArray(),
                counts);
    }

    private static double[] bounds(Random random) {
        return random.doubles(random.nextInt(6), 0, 10)
                .map(Math::floor)
                .sorted()
                .distinct()
                .toArray();
    }

    private static double[] common(double[] a, double[] b) {
        return Arrays.stream(a).filter(one -> Arrays.binarySearch(b, one) >= 0).toArray();
    }

    @Test
    void histogramsMergeOnTheBoundsTheyShare() {
        Forall.of(
                2_000,
                1,
                random -> {
                    double[] one = measurements(random, true);
                    double[] two = measurements(random, true);
                    double[] a = bounds(random);
                    double[] b = random.nextBoolean() ? a : bounds(random);
                    HistogramValue merged = histogram(one, a).plus(histogram(two, b));
                    double[] expected =
                            one.length == 0 && two.length > 0
                                    ? b
                                    : two.length == 0 && one.length > 0 ? a : common(a, b);
                    assertThat(merged).isEqualTo(histogram(joined(one, two), expected));
                });
    }

    @Test
    void mergingHistogramsIsAssociativeAndCommutative() {
        Forall.of(
                2_000,
                2,
                random -> {
                    HistogramValue a = histogram(measurements(random, true), bounds(random));
                    HistogramValue b = histogram(measurements(random, true), bounds(random));
                    HistogramValue c = histogram(measurements(random, true), bounds(random));
                    assertThat(a.plus(b).plus(c)).isEqualTo(a.plus(b.plus(c)));
                    assertThat(a.plus(b)).isEqualTo(b.plus(a));
                });
    }

    @Test
    void thresholdsCountWithinTheirBounds() {
        Forall.of(
                2_000,
                17,
                random -> {
                    double[] values = measurements(random, true);
                    double threshold = new double[] {0.1, 0.5, 1, 3, 4}[random.nextInt(5)];
                    long truth = Arrays.stream(values).filter(one -> one <= threshold).count();
                    double[] bounds = bounds(random);
                    HistogramValue explicit = histogram(values, bounds);
                    holds(explicit.atMost(threshold), truth);
                    holds(explicit.withoutExtremes().atMost(threshold), truth);
                    if (Arrays.stream(bounds).anyMatch(one -> one == threshold)) {
                        assertThat(explicit.withoutExtremes().atMost(threshold))
                                .isEqualTo(EventBounds.exact(truth));
                    }
                    double zero = random.nextInt(3) / 2.0;
                    ExponentialValue other = exponential(values, random.nextInt(-2, 6), zero);
                    holds(other.atMost(threshold), truth);
                    holds(other.withoutExtremes().atMost(threshold), truth);
                    if (threshold == 4 && other.scale() >= -1) {
                        assertThat(other.withoutExtremes().atMost(threshold).lower())
                                .isEqualTo(truth);
                    }
                });
    }

    private static void holds(EventBounds bounds, long truth) {
        assertThat(truth).isBetween(bounds.lower(), bounds.upper());
        assertThat(bounds.estimate()).isBetween((double) bounds.lower(), (double) bounds.upper());
    }

    @Test
    void aHistogramWithoutBucketsLeavesCountAndSum() {
        var bare = new HistogramValue(3, Histograms.HAS_SUM, 6, 0, 0, new long[0], new long[0]);
        assertThat(bare.plus(histogram(new double[] {1, 2}, 1)))
                .isEqualTo(
                        new HistogramValue(
                                5, Histograms.HAS_SUM, 9, 0, 0, new long[0], new long[0]));
    }

    @Test
    void aHistogramMinusItsPastIsWhatCameSince() {
        Forall.of(
                1_000,
                3,
                random -> {
                    double[] before = measurements(random, true);
                    double[] since = measurements(random, true);
                    double[] bounds = bounds(random);
                    HistogramValue now = histogram(joined(before, since), bounds);
                    assertThat(now.minus(histogram(before, bounds)))
                            .isEqualTo(histogram(since, bounds).withoutExtremes());
                    if (before.length > 0 && since.length > 0) {
                        assertThat(histogram(before, bounds).minus(now)).isNull();
                    }
                });
    }

    /// An exponential histogram of measurements, by trying edges.
    private static ExponentialValue exponential(double[] values, int scale, double threshold) {
        var batch = new Batch();
        var positive = new TreeMap<Long, Long>();
        var negative = new TreeMap<Long, Long>();
        long zero = 0;
        for (double value : values) {
            if (Math.abs(value) <= threshold) {
                zero++;
            } else {
                long index = ExponentialValue.edgeIndex(Math.abs(value), scale) - 1;
                (value > 0 ? positive : negative).merge(index, 1L, Long::sum);
            }
        }
        int positiveOffset = push(positive, batch.exponential.positive);
        int negativeOffset = push(negative, batch.exponential.negative);
        int row = batch.exponential.add(SERIES, 0, 0, 0);
        ExponentialHistograms to = batch.exponential;
        to.count[row] = values.length;
        to.has[row] = values.length == 0 ? Histograms.HAS_SUM : ALL;
        to.sum[row] = Arrays.stream(values).sum();
        to.min[row] = Arrays.stream(values).min().orElse(0);
        to.max[row] = Arrays.stream(values).max().orElse(0);
        to.scale[row] = scale;
        to.zeroCount[row] = zero;
        to.zeroThreshold[row] = threshold;
        to.positiveOffset[row] = positiveOffset;
        to.negativeOffset[row] = negativeOffset;
        return (ExponentialValue) Objects.requireNonNull(PointValue.of(to, row));
    }

    private static int push(TreeMap<Long, Long> buckets, LongLists to) {
        if (buckets.isEmpty()) {
            return 0;
        }
        for (long i = buckets.firstKey(); i <= buckets.lastKey(); i++) {
            to.push(buckets.getOrDefault(i, 0L));
        }
        return Math.toIntExact(buckets.firstKey());
    }

    @Test
    void anEdgeIsTheFirstThatIsNotBelow() {
        Forall.of(
                5_000,
                4,
                random -> {
                    int scale = random.nextInt(-11, 21);
                    double value = Math.exp(random.nextGaussian() * 200);
                    if (value > Double.MIN_NORMAL && value < Double.MAX_VALUE) {
                        long index = ExponentialValue.edgeIndex(value, scale);
                        assertThat(ExponentialValue.edge(index, scale))
                                .isGreaterThanOrEqualTo(value);
                        assertThat(ExponentialValue.edge(index - 1, scale)).isLessThan(value);
                    }
                });
        assertThat(ExponentialValue.edgeIndex(1, 3)).isZero();
        assertThat(ExponentialValue.edgeIndex(2, 3)).isEqualTo(8);
        assertThat(ExponentialValue.edgeIndex(Double.MIN_VALUE, 20)).isEqualTo(-1022L << 20);
        assertThat(ExponentialValue.edgeIndex(4, 1_000)).isGreaterThan(1L << 40);
    }

    @Test
    void exponentialHistogramsMergeAtTheLowerScale() {
        Forall.of(
                2_000,
                5,
                random -> {
                    double[] one = joined(measurements(random, true), new double[] {1});
                    double[] two = joined(measurements(random, true), new double[] {2});
                    int a = random.nextInt(-4, 9);
                    int b = random.nextInt(-4, 9);
                    assertThat(exponential(one, a, 0).plus(exponential(two, b, 0), NO_LIMIT))
                            .isEqualTo(exponential(joined(one, two), Math.min(a, b), 0));
                });
    }

    @Test
    void theWiderZeroBucketTakesInWhatItCovers() {
        Forall.of(
                2_000,
                6,
                random -> {
                    double[] one = joined(measurements(random, true), new double[] {1});
                    double[] two = joined(measurements(random, true), new double[] {2});
                    int scale = random.nextInt(-2, 6);
                    double threshold = random.nextInt(1, 40) / 10.0;
                    double widened =
                            ExponentialValue.edge(
                                    ExponentialValue.edgeIndex(threshold, scale), scale);
                    assertThat(
                                    exponential(one, scale, threshold)
                                            .plus(exponential(two, scale, threshold / 3), NO_LIMIT))
                            .isEqualTo(exponential(joined(one, two), scale, widened));
                });
    }

    @Test
    void mergingExponentialHistogramsIsAssociativeAndCommutative() {
        double[] thresholds = {0, 0, 0, 0.3, 1, 2.5, 1e-300};
        Forall.of(
                5_000,
                7,
                random -> {
                    var three = new ExponentialValue[3];
                    for (int i = 0; i < 3; i++) {
                        three[i] =
                                exponential(
                                        measurements(random, true),
                                        random.nextInt(-3, 7),
                                        thresholds[random.nextInt(thresholds.length)]);
                    }
                    ExponentialValue a = three[0];
                    ExponentialValue b = three[1];
                    ExponentialValue c = three[2];
                    assertThat(a.plus(b, NO_LIMIT).plus(c, NO_LIMIT))
                            .isEqualTo(a.plus(b.plus(c, NO_LIMIT), NO_LIMIT));
                    assertThat(a.plus(b, NO_LIMIT)).isEqualTo(b.plus(a, NO_LIMIT));
                });
    }

    @Test
    void theScaleFallsUntilTheBucketsFit() {
        Forall.of(
                1_000,
                8,
                random -> {
                    var three = new ExponentialValue[3];
                    for (int i = 0; i < 3; i++) {
                        three[i] =
                                exponential(
                                        joined(measurements(random, true), new double[] {i + 1}),
                                        random.nextInt(-3, 7),
                                        0);
                    }
                    ExponentialValue merged = three[0].plus(three[1], 8).plus(three[2], 8);
                    assertThat(merged).isEqualTo(three[0].plus(three[1].plus(three[2], 8), 8));
                    ExponentialValue whole =
                            three[0].plus(three[1], NO_LIMIT).plus(three[2], NO_LIMIT);
                    assertThat(merged.scale()).isLessThanOrEqualTo(whole.scale());
                    assertThat(merged.count()).isEqualTo(whole.count());
                });
    }

    @Test
    void anExponentialHistogramMinusItsPastIsWhatCameSince() {
        Forall.of(
                2_000,
                9,
                random -> {
                    double[] before = measurements(random, true);
                    double[] since = joined(measurements(random, true), new double[] {3});
                    int finer = random.nextInt(-2, 7);
                    int scale = finer - random.nextInt(3);
                    ExponentialValue now = exponential(joined(before, since), scale, 0);
                    assertThat(now.minus(exponential(before, finer, 0)))
                            .isEqualTo(exponential(since, scale, 0).withoutExtremes());
                    if (before.length > 0) {
                        assertThat(exponential(before, finer, 0).minus(now)).isNull();
                    }
                });
    }

    @Test
    void integersStayIntegersUntilTheyOverflow() {
        assertThat(NumberValue.of(2).plus(NumberValue.of(3))).isEqualTo(NumberValue.of(5));
        assertThat(NumberValue.of(2).plus(NumberValue.of(0.5))).isEqualTo(NumberValue.of(2.5));
        assertThat(NumberValue.of(Long.MAX_VALUE).plus(NumberValue.of(1)))
                .isEqualTo(NumberValue.of(0x1p63));
        assertThat(NumberValue.of(5).minus(NumberValue.of(7))).isNull();
        assertThat(NumberValue.of(7).minus(NumberValue.of(5))).isEqualTo(NumberValue.of(2));
    }

    @Test
    void valuesComeBackFromBytesAndFromBatches() {
        Forall.of(
                500,
                10,
                random -> {
                    PointValue[] values = {
                        NumberValue.of(random.nextLong()),
                        NumberValue.of(Double.longBitsToDouble(random.nextLong())),
                        histogram(measurements(random, true), bounds(random)),
                        new HistogramValue(9, (byte) 0, 0, 0, 0, new long[0], new long[0]),
                        exponential(measurements(random, true), random.nextInt(-4, 20), 0.5)
                    };
                    var out = new ByteWriter(64);
                    for (PointValue value : values) {
                        value.write(out);
                    }
                    var in = new ByteReader(out.toBytes());
                    for (PointValue value : values) {
                        assertThat(PointValue.read(in)).isEqualTo(value);
                        var batch = new Batch();
                        int row = value.addTo(batch, SERIES, 5, 4, 3);
                        Points.Kind kind =
                                switch (value) {
                                    case NumberValue n -> Points.Kind.NUMBERS;
                                    case HistogramValue h -> Points.Kind.HISTOGRAMS;
                                    case ExponentialValue e -> Points.Kind.EXPONENTIAL_HISTOGRAMS;
                                };
                        assertThat(PointValue.of(batch.points(kind), row)).isEqualTo(value);
                    }
                    assertThat(in.remaining()).isZero();
                });
    }
}
