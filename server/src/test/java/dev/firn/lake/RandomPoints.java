package dev.firn.lake;

import dev.firn.base.Clock;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Histograms;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Batches of every shape with every kind of odd contents.
public final class RandomPoints {
    public static final long DAY = 86_400_000_000_000L;
    public static final long EPOCH = 1_700_000_000_123_456_789L;
    private static final long[] ODD_DOUBLES = {
        0x7ff8000000000001L,
        0x7ff0000000000002L,
        0xfff8000000000123L,
        0x8000000000000000L,
        0,
        1,
        Double.doubleToRawLongBits(Double.POSITIVE_INFINITY),
        Double.doubleToRawLongBits(Double.NEGATIVE_INFINITY)
    };

    private final Random random;
    private final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 1_000_000);
    private final List<Series> series = new ArrayList<>();
    private final int days;

    public RandomPoints(Random random, int seriesCount, int days) {
        this.random = random;
        this.days = days;
        for (int i = 0; i < seriesCount; i++) {
            series.add(randomSeries(i));
        }
    }

    public List<Series> series() {
        return series;
    }

    /// A batch of `size` points with exemplars on some.
    public Batch batch(int size) {
        var batch = new Batch();
        for (int i = 0; i < size; i++) {
            Series one = series.get(random.nextInt(series.size()));
            add(batch, one);
        }
        addExemplars(batch);
        return batch;
    }

    private void add(Batch batch, Series one) {
        long time = EPOCH + random.nextInt(days) * DAY + random.nextLong(3_600_000_000_000L);
        long start = random.nextInt(3) == 0 ? 0 : time - random.nextLong(1_000_000_000_000L);
        int flags = random.nextInt(5) == 0 ? random.nextInt() : 0;
        switch (one.metric().type()) {
            case GAUGE, SUM -> {
                byte form = (byte) random.nextInt(3);
                long bits =
                        switch (form) {
                            case Numbers.DOUBLE -> bits();
                            case Numbers.INT -> random.nextLong();
                            default -> 0;
                        };
                batch.numbers.add(one, time, start, flags, form, bits);
            }
            case HISTOGRAM -> addHistogram(batch, one, time, start, flags);
            case EXPONENTIAL_HISTOGRAM -> addExponential(batch, one, time, start, flags);
            case SUMMARY -> {
                int quantiles = random.nextInt(4);
                for (int i = 0; i < quantiles; i++) {
                    batch.summaries.quantiles.push(Double.doubleToRawLongBits(random.nextDouble()));
                    batch.summaries.values.push(bits());
                }
                batch.summaries.add(one, time, start, flags, random.nextLong(), real());
            }
        }
    }

    private void addHistogram(Batch batch, Series one, long time, long start, int flags) {
        int bounds = random.nextInt(5);
        boolean empty = random.nextInt(4) == 0;
        for (int i = 0; i <= bounds && !empty; i++) {
            batch.histograms.counts.push(random.nextLong());
            if (i < bounds) {
                batch.histograms.bounds.push(bits());
            }
        }
        batch.histograms.add(
                one, time, start, flags, random.nextLong(), has(), real(), real(), real());
    }

    private void addExponential(Batch batch, Series one, long time, long start, int flags) {
        var points = batch.exponential;
        for (int i = random.nextInt(4); i > 0; i--) {
            points.positive.push(random.nextLong());
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            points.negative.push(random.nextInt(10));
        }
        int row = points.add(one, time, start, flags);
        points.count[row] = random.nextLong();
        points.has[row] = has();
        points.sum[row] = real();
        points.min[row] = real();
        points.max[row] = real();
        points.scale[row] = random.nextInt(31) - 10;
        points.zeroCount[row] = random.nextLong();
        points.zeroThreshold[row] = real();
        points.positiveOffset[row] = random.nextInt();
        points.negativeOffset[row] = random.nextInt();
    }

    private void addExemplars(Batch batch) {
        for (Points.Kind kind : Points.Kind.values()) {
            for (int row = 0; row < batch.points(kind).size(); row++) {
                for (int i = random.nextInt(6) - 3; i > 0; i--) {
                    byte[] trace = new byte[random.nextInt(4) == 0 ? 0 : 16];
                    byte[] span = new byte[random.nextInt(4) == 0 ? 3 : 8];
                    random.nextBytes(trace);
                    random.nextBytes(span);
                    long time = random.nextInt(3) == 0 ? 0 : EPOCH + random.nextLong(DAY);
                    byte form = (byte) random.nextInt(3);
                    batch.exemplars.add(
                            kind,
                            row,
                            time,
                            form,
                            form == Numbers.NONE ? 0 : bits(),
                            trace,
                            span,
                            random.nextBoolean() ? "{}" : attributes(3).toJson());
                }
            }
        }
    }

    private byte has() {
        return (byte)
                (random.nextInt(8)
                        & (Histograms.HAS_SUM | Histograms.HAS_MIN | Histograms.HAS_MAX));
    }

    private double real() {
        return Double.longBitsToDouble(bits());
    }

    private long bits() {
        return random.nextInt(3) == 0
                ? ODD_DOUBLES[random.nextInt(ODD_DOUBLES.length)]
                : random.nextLong();
    }

    private Series randomSeries(int number) {
        MetricType type = MetricType.values()[random.nextInt(5)];
        boolean sum = type == MetricType.SUM;
        boolean temporal =
                sum || type == MetricType.HISTOGRAM || type == MetricType.EXPONENTIAL_HISTOGRAM;
        var metric =
                new Metric(
                        new Resource(
                                attributes(4).toJson(),
                                random.nextBoolean() ? "" : "https://example.org/schema",
                                random.nextInt(3) - 1,
                                ""),
                        new Scope("scope-" + random.nextInt(3), "1.0", "{}", "", 0),
                        "metric.\ud83d\ude00." + random.nextInt(20),
                        random.nextBoolean() ? "" : "ms",
                        type,
                        temporal ? Temporality.of(random.nextInt(3)) : Temporality.UNSPECIFIED,
                        sum && random.nextBoolean(),
                        "described " + random.nextInt(2),
                        "{}");
        Attributes attributes = attributes(5);
        var entries = new ArrayList<>(attributes.entries());
        entries.add(new Attributes.Entry("number", new AttributeValue.Int(number)));
        return registry.intern(metric, Attributes.of(entries));
    }

    private Attributes attributes(int max) {
        var entries = new ArrayList<Attributes.Entry>();
        String[] keys = {"service.name", "data_plane_id", "http.route", "region", "k\"ey", "empty"};
        for (int i = random.nextInt(max + 1); i > 0; i--) {
            entries.add(
                    new Attributes.Entry(
                            keys[random.nextInt(keys.length)], value(random.nextInt(7))));
        }
        return Attributes.of(entries);
    }

    private AttributeValue value(int kind) {
        return switch (kind) {
            case 0 -> new AttributeValue.Bool(random.nextBoolean());
            case 1 -> new AttributeValue.Int(random.nextInt(5));
            case 2 -> new AttributeValue.Real(real());
            case 3 -> new AttributeValue.Binary(new byte[] {1, 2, (byte) random.nextInt()});
            case 4 -> new AttributeValue.Array(List.of(value(1), value(6)));
            case 5 -> new AttributeValue.Nested(attributes(1));
            default -> new AttributeValue.Text("täxt-" + random.nextInt(6));
        };
    }
}
