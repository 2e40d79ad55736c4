package dev.firn.engine;

import dev.firn.base.Clock;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.util.List;
import java.util.Random;

/// Makes series and points of all kinds, seeded.
final class PointMaker {
    private static final double[] ODD_DOUBLES = {
        0.0,
        -0.0,
        Double.NaN,
        Double.longBitsToDouble(0x7ff8_0000_0000_0123L),
        Double.longBitsToDouble(0xfff4_0000_0000_0001L),
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.MIN_VALUE,
        Double.MAX_VALUE
    };

    final SeriesRegistry registry;
    private final Random random;

    PointMaker(long seed) {
        this(seed, SeriesIdentity.SHA_256);
    }

    PointMaker(long seed, SeriesIdentity identity) {
        registry = new SeriesRegistry(identity, Clock.system(), 10_000_000);
        random = new Random(seed);
    }

    Series series(MetricType type, int number) {
        return series(type, number, "what it is");
    }

    Series series(MetricType type, int number, String description) {
        var resource =
                new Resource(
                        "{\"service.name\":\"shop %d\"}".formatted(number % 3),
                        "https://schema/resource",
                        2,
                        "[{\"type\":\"service\"}]");
        var scope = new Scope("scope'\t", "1.2", "{\"scope.key\":true}", "https://schema/scope", 3);
        boolean sums = type == MetricType.SUM;
        boolean none = type == MetricType.GAUGE || type == MetricType.SUMMARY;
        var metric =
                new Metric(
                        resource,
                        scope,
                        type.label() + number % 5,
                        "s",
                        type,
                        none ? Temporality.UNSPECIFIED : Temporality.CUMULATIVE,
                        sums,
                        description,
                        "{\"m\":1}");
        return registry.intern(
                metric,
                Attributes.of(
                        List.of(
                                new Attributes.Entry("n", new AttributeValue.Int(number)),
                                new Attributes.Entry(
                                        "http.route", new AttributeValue.Text("/ü'" + number)))));
    }

    /// A batch with about `points` points of all kinds around a time in nanoseconds.
    Batch batch(int points, int series, long around, long spread) {
        var batch = new Batch();
        for (int i = 0; i < points; i++) {
            long time = around + random.nextLong(spread);
            long start = random.nextInt(4) == 0 ? 0 : random.nextInt(3) == 0 ? time : time - 5;
            int number = random.nextInt(series);
            switch (random.nextInt(6)) {
                case 0 -> histogram(batch, number, time, start);
                case 1 -> exponential(batch, number, time, start);
                case 2 -> summary(batch, number, time, start);
                default -> number(batch, number, time, start);
            }
        }
        return batch;
    }

    void number(Batch batch, int number, long time, long start) {
        Series one = series(random.nextBoolean() ? MetricType.GAUGE : MetricType.SUM, number);
        byte form = (byte) random.nextInt(3);
        long bits =
                switch (form) {
                    case Numbers.DOUBLE -> Double.doubleToRawLongBits(real());
                    case Numbers.INT -> random.nextLong();
                    default -> 0;
                };
        int row = batch.numbers.add(one, time, start, random.nextInt(4), form, bits);
        exemplars(batch, Points.Kind.NUMBERS, row);
    }

    private void histogram(Batch batch, int number, long time, long start) {
        int buckets = random.nextInt(5);
        for (int i = 0; i < buckets; i++) {
            batch.histograms.bounds.push(Double.doubleToRawLongBits(i * 0.1));
            batch.histograms.counts.push(random.nextLong());
        }
        if (buckets > 0) {
            batch.histograms.counts.push(random.nextLong());
        }
        int row =
                batch.histograms.add(
                        series(MetricType.HISTOGRAM, number),
                        time,
                        start,
                        random.nextInt(4),
                        random.nextLong(),
                        (byte) random.nextInt(8),
                        real(),
                        real(),
                        real());
        exemplars(batch, Points.Kind.HISTOGRAMS, row);
    }

    private void exponential(Batch batch, int number, long time, long start) {
        for (int i = random.nextInt(4); i > 0; i--) {
            batch.exponential.positive.push(random.nextLong());
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            batch.exponential.negative.push(random.nextLong());
        }
        Series one = series(MetricType.EXPONENTIAL_HISTOGRAM, number);
        int row = batch.exponential.add(one, time, start, random.nextInt(4));
        batch.exponential.count[row] = random.nextLong();
        batch.exponential.has[row] = (byte) random.nextInt(8);
        batch.exponential.sum[row] = real();
        batch.exponential.min[row] = real();
        batch.exponential.max[row] = real();
        batch.exponential.scale[row] = random.nextInt(30) - 10;
        batch.exponential.zeroCount[row] = random.nextLong();
        batch.exponential.zeroThreshold[row] = real();
        batch.exponential.positiveOffset[row] = random.nextInt();
        batch.exponential.negativeOffset[row] = random.nextInt();
        exemplars(batch, Points.Kind.EXPONENTIAL_HISTOGRAMS, row);
    }

    private void summary(Batch batch, int number, long time, long start) {
        for (int i = random.nextInt(3); i > 0; i--) {
            batch.summaries.quantiles.push(Double.doubleToRawLongBits(random.nextDouble()));
            batch.summaries.values.push(Double.doubleToRawLongBits(real()));
        }
        batch.summaries.add(
                series(MetricType.SUMMARY, number),
                time,
                start,
                random.nextInt(4),
                random.nextLong(),
                real());
    }

    private void exemplars(Batch batch, Points.Kind kind, int row) {
        for (int i = random.nextInt(3); i > 0; i--) {
            var trace = new byte[random.nextInt(4) == 0 ? 0 : 16];
            var span = new byte[trace.length / 2];
            random.nextBytes(trace);
            random.nextBytes(span);
            byte form = (byte) random.nextInt(3);
            long bits =
                    form == Numbers.NONE
                            ? 0
                            : form == Numbers.INT
                                    ? random.nextLong()
                                    : Double.doubleToRawLongBits(real());
            batch.exemplars.add(
                    kind,
                    row,
                    random.nextInt(5) == 0 ? 0 : 1_795_132_800_123_456_789L + i,
                    form,
                    bits,
                    trace,
                    span,
                    "{\"user\":\"ü'\\t" + i + "\"}");
        }
    }

    private double real() {
        return random.nextInt(3) == 0
                ? ODD_DOUBLES[random.nextInt(ODD_DOUBLES.length)]
                : random.nextGaussian();
    }
}
