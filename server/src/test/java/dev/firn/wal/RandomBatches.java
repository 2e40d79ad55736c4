package dev.firn.wal;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Exemplars;
import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;

/// Batches of every shape, and what they say as text, one line a point: the model that tests
/// compare with.
public final class RandomBatches {
    private static final MetricType[] TYPES = MetricType.values();
    private static final double[][] BOUNDS = {
        {}, {0.1, 0.5, 1}, {5, 10, 25, 50, 75, 100, 250, 500, 750, 1000}, {Double.NaN, -0.0}
    };

    private final RandomGenerator random;
    private final SeriesRegistry registry;
    private final int seriesMax;
    private long unique;

    public RandomBatches(RandomGenerator random, SeriesRegistry registry, int seriesMax) {
        this.random = random;
        this.registry = registry;
        this.seriesMax = seriesMax;
    }

    Series series(MetricType type) {
        int number = random.nextInt(seriesMax);
        var resource =
                new Resource(
                        attributes("service.name", "shop-" + number % 3),
                        number % 2 == 0 ? "" : "https://example.org/schema",
                        number % 5 == 0 ? -1 : 0,
                        "");
        var scope = new Scope("scope" + number % 2, "1", "{}", "", number % 3);
        boolean sum = type == MetricType.SUM;
        var metric =
                new Metric(
                        resource,
                        scope,
                        type.label() + number % 7,
                        "s",
                        type,
                        sum ? Temporality.CUMULATIVE : Temporality.UNSPECIFIED,
                        sum,
                        "die Höhe " + number % 4,
                        "{}");
        return registry.intern(metric, attributes("n", Integer.toString(number)));
    }

    private static String attributes(String key, String value) {
        return Attributes.of(List.of(new Attributes.Entry(key, new AttributeValue.Text(value))))
                .toJson();
    }

    /// Up to `pointsMax` points, at least one; each batch has a value of its own.
    public void fill(Batch batch, int pointsMax) {
        batch.clear();
        int size = 1 + random.nextInt(pointsMax);
        for (int i = 0; i < size; i++) {
            Points.Kind kind = point(batch);
            exemplars(batch, kind, batch.points(kind).size() - 1);
        }
        sortExemplars(batch);
    }

    private Points.Kind point(Batch batch) {
        MetricType type = TYPES[random.nextInt(TYPES.length)];
        Series series = series(type);
        long time = 1_800_000_000_000_000_000L + random.nextLong(1000) * 1_000_000;
        long start =
                switch (random.nextInt(4)) {
                    case 0 -> 0;
                    case 1 -> time;
                    case 2 -> 1_700_000_000_000_000_000L + random.nextInt(5);
                    default -> random.nextLong(Long.MAX_VALUE);
                };
        int flags = random.nextInt(4) == 0 ? random.nextInt() : 0;
        switch (type) {
            case GAUGE, SUM -> {
                number(batch, series, time, start, flags);
                return Points.Kind.NUMBERS;
            }
            case HISTOGRAM -> {
                histogram(batch, series, time, start, flags);
                return Points.Kind.HISTOGRAMS;
            }
            case EXPONENTIAL_HISTOGRAM -> {
                exponential(batch, series, time, start, flags);
                return Points.Kind.EXPONENTIAL_HISTOGRAMS;
            }
            case SUMMARY -> {
                for (int i = random.nextInt(3); i > 0; i--) {
                    batch.summaries.quantiles.push(real());
                    batch.summaries.values.push(real());
                }
                batch.summaries.add(series, time, start, flags, count(), random.nextDouble());
                return Points.Kind.SUMMARIES;
            }
        }
        throw new AssertionError(type);
    }

    private void number(Batch batch, Series series, long time, long start, int flags) {
        byte form = (byte) random.nextInt(3);
        long bits =
                switch (form) {
                    case Numbers.INT -> random.nextBoolean() ? unique++ : random.nextLong();
                    case Numbers.DOUBLE -> real();
                    default -> 0;
                };
        batch.numbers.add(series, time, start, flags, form, bits);
    }

    private void histogram(Batch batch, Series series, long time, long start, int flags) {
        double[] bounds = BOUNDS[random.nextInt(BOUNDS.length)];
        for (double one : bounds) {
            batch.histograms.bounds.push(Double.doubleToRawLongBits(one));
        }
        if (random.nextInt(20) == 0) {
            batch.histograms.bounds.push(real());
        }
        for (int i = 0; i < batch.histograms.bounds.pending() + 1; i++) {
            batch.histograms.counts.push(count());
        }
        byte has = (byte) random.nextInt(8);
        batch.histograms.add(
                series,
                time,
                start,
                flags,
                count(),
                has,
                value(has, 1),
                value(has, 2),
                value(has, 4));
    }

    private double value(int has, int bit) {
        return (has & bit) != 0 ? Double.longBitsToDouble(real()) : 0;
    }

    private void exponential(Batch batch, Series series, long time, long start, int flags) {
        var points = batch.exponential;
        for (int i = random.nextInt(5); i > 0; i--) {
            points.positive.push(count());
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            points.negative.push(count());
        }
        int row = points.add(series, time, start, flags);
        byte has = (byte) random.nextInt(8);
        points.count[row] = count();
        points.has[row] = has;
        points.sum[row] = value(has, Histograms.HAS_SUM);
        points.min[row] = value(has, Histograms.HAS_MIN);
        points.max[row] = value(has, Histograms.HAS_MAX);
        points.scale[row] = random.nextInt(-10, 21);
        points.zeroCount[row] = count();
        points.zeroThreshold[row] = random.nextBoolean() ? 0 : random.nextDouble();
        points.positiveOffset[row] = random.nextInt();
        points.negativeOffset[row] = random.nextInt(10);
    }

    private long count() {
        return random.nextInt(10) == 0 ? random.nextLong() : random.nextInt(200);
    }

    private long real() {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextLong();
            case 1 -> 0x7ff8000000000000L | random.nextInt();
            case 2 -> Double.doubleToRawLongBits(Double.NEGATIVE_INFINITY);
            case 3 -> Long.MIN_VALUE;
            default -> Double.doubleToRawLongBits(random.nextInt(1000) / 8.0);
        };
    }

    private record Exemplar(
            Points.Kind kind,
            int row,
            long time,
            byte form,
            long bits,
            byte[] trace,
            byte[] span) {}

    private final List<Exemplar> exemplars = new ArrayList<>();

    private void exemplars(Batch batch, Points.Kind kind, int row) {
        for (int i = random.nextInt(8) == 0 ? random.nextInt(3) : 0; i > 0; i--) {
            byte form = (byte) random.nextInt(3);
            byte[] trace = new byte[random.nextInt(4) == 0 ? random.nextInt(20) : 16];
            byte[] span = new byte[random.nextInt(4) == 0 ? random.nextInt(10) : 8];
            random.nextBytes(trace);
            random.nextBytes(span);
            long time = random.nextInt(3) == 0 ? 0 : batch.points(kind).time[row] - 5;
            exemplars.add(new Exemplar(kind, row, time, form, form == 0 ? 0 : real(), trace, span));
        }
    }

    private void sortExemplars(Batch batch) {
        exemplars.sort(
                java.util.Comparator.comparing((Exemplar one) -> one.kind.code())
                        .thenComparing(Exemplar::row));
        for (Exemplar one : exemplars) {
            batch.exemplars.add(
                    one.kind,
                    one.row,
                    one.time,
                    one.form,
                    one.bits,
                    one.trace,
                    one.span,
                    random.nextBoolean() ? "{}" : attributes("x", "y" + random.nextInt(3)));
        }
        exemplars.clear();
    }

    /// Everything that a batch says.
    static List<String> lines(Batch batch) {
        var lines = new ArrayList<String>();
        for (Points.Kind kind : Points.Kind.values()) {
            Points points = batch.points(kind);
            for (int row = 0; row < points.size(); row++) {
                lines.add(line(batch, points, row));
            }
        }
        return lines;
    }

    private static String line(Batch batch, Points points, int row) {
        Series series = points.series[row];
        var out = new StringBuilder();
        out.append(series.metric()).append(series.attributes()).append(series.fingerprint());
        out.append(" t").append(points.time[row]).append(" s").append(points.start[row]);
        out.append(" f").append(points.flags[row]).append(' ');
        switch (points) {
            case Numbers one -> out.append(one.form[row]).append(':').append(one.bits[row]);
            case Histograms one -> {
                out.append(one.count[row]).append(" h").append(one.has[row]);
                out.append(bits(one.sum[row])).append(bits(one.min[row]));
                out.append(bits(one.max[row]));
                out.append(list(one.bounds, row)).append(list(one.counts, row));
            }
            case dev.firn.model.ExponentialHistograms one -> {
                out.append(one.count[row]).append(" h").append(one.has[row]);
                out.append(bits(one.sum[row])).append(bits(one.min[row]));
                out.append(bits(one.max[row])).append(bits(one.zeroThreshold[row]));
                out.append(one.scale[row]).append(' ').append(one.zeroCount[row]).append(' ');
                out.append(one.positiveOffset[row]).append(' ').append(one.negativeOffset[row]);
                out.append(list(one.positive, row)).append(list(one.negative, row));
            }
            case dev.firn.model.Summaries one -> {
                out.append(one.count[row]).append(bits(one.sum[row]));
                out.append(list(one.quantiles, row)).append(list(one.values, row));
            }
        }
        exemplars(batch.exemplars, points.kind(), row, out);
        return out.toString();
    }

    private static void exemplars(Exemplars all, Points.Kind kind, int row, StringBuilder out) {
        for (int i = 0; i < all.size(); i++) {
            if (all.pointKind[i] == kind.code() && all.pointRow[i] == row) {
                out.append(" e").append(all.time[i]).append(' ').append(all.form[i]);
                out.append(' ').append(all.bits[i]).append(' ');
                out.append(HexFormat.of().formatHex(all.traceId(i))).append('/');
                out.append(HexFormat.of().formatHex(all.spanId(i))).append(all.attributes(i));
            }
        }
    }

    private static String bits(double value) {
        return " " + Long.toHexString(Double.doubleToRawLongBits(value));
    }

    private static String list(LongLists lists, int row) {
        return Arrays.toString(lists.row(row));
    }
}
