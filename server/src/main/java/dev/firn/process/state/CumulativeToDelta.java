package dev.firn.process.state;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteWriter;
import dev.firn.model.Batch;
import dev.firn.model.ExponentialValue;
import dev.firn.model.HistogramValue;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.NumberValue;
import dev.firn.model.PointValue;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import dev.firn.process.Processor;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// `cumulativetodelta`: what monotonic sums and histograms have grown by since the point before.
///
/// As the Collector's (contrib 0.165): streams with another start time are other streams; a stream
/// whose values fall was reset, and the point that shows it is dropped; minimum and maximum are
/// removed; NaN passes; a histogram's sum that is NaN or missing leaves the sum before as the
/// baseline. Unlike the Collector's, a point that is not newer than the one before is dropped (the
/// Collector would count backwards and then twice), and what it remembers survives a restart.
public final class CumulativeToDelta implements Processor {
    /// What becomes of a stream's first point.
    public enum InitialValue {
        /// It passes if the stream has begun after this processor ran for the first time.
        AUTO,
        /// It passes.
        KEEP,
        /// It is dropped.
        DROP
    }

    /// Settings.
    ///
    /// @param included metrics to convert, of those that can be
    /// @param maxStalenessNanos how long a stream is remembered after its last point; 0 for ever
    public record Options(
            Predicate<Metric> included, InitialValue initialValue, long maxStalenessNanos) {
        public Options {
            Objects.requireNonNull(included, "included");
            Objects.requireNonNull(initialValue, "initialValue");
        }
    }

    /// The newest point of a stream; its sum is never NaN.
    record Last(long time, PointValue value) {}

    private static final StreamCodec<Last> CODEC =
            new StreamCodec<>() {
                @Override
                public int version() {
                    return 1;
                }

                @Override
                public void write(Last value, ByteWriter out) {
                    out.i64(value.time);
                    value.value.write(out);
                }

                @Override
                public Last read(ByteReader in) {
                    return new Last(in.i64(), PointValue.read(in));
                }
            };

    private final StateRoom room;
    private final StreamStore<Last> store;
    private final SeriesTargets targets;
    private final InitialValue initialValue;

    /// @param name unique, the same after a restart: pipeline and processor
    public CumulativeToDelta(
            String name, Options options, StateRoom room, SeriesRegistry registry) {
        this.room = room;
        this.store = room.store(name, CODEC, options.maxStalenessNanos, Long.MAX_VALUE);
        this.targets =
                new SeriesTargets(
                        registry,
                        metric -> convertible(metric) && options.included.test(metric),
                        Temporality.DELTA);
        this.initialValue = options.initialValue;
    }

    private static boolean convertible(Metric metric) {
        return metric.temporality() == Temporality.CUMULATIVE
                && (metric.type() != MetricType.SUM || metric.monotonic());
    }

    @Override
    public Batch process(Batch in, Batch out) {
        if (!Conversion.concerns(in, targets)) {
            return in;
        }
        room.enter();
        out.convert(
                in,
                (points, row) -> {
                    Optional<Series> target = targets.of(points.series[row]);
                    return target.isEmpty()
                            ? out.copyRow(points, row, points.series[row])
                            : convert(points, row, target.get(), out);
                });
        return out;
    }

    private int convert(Points from, int row, Series to, Batch out) {
        PointValue value = PointValue.of(from, row);
        if (value == null || (from.flags[row] & Points.NO_RECORDED_VALUE) != 0) {
            return -1;
        }
        byte form = 0;
        if (value instanceof NumberValue number) {
            if (Double.isNaN(number.real())) {
                return out.copyRow(from, row, to);
            }
            form = number.form();
        }
        StreamKey key = StreamKey.of(from.series[row], from.start[row], form);
        Last before = store.get(key);
        if (before == null) {
            return first(from, row, key, value, to, out);
        }
        long time = from.time[row];
        if (time <= before.time) {
            return drop("out_of_order");
        }
        store.put(key, new Last(time, withBaseline(value, before.value)));
        if (otherBuckets(value, before.value)) {
            return drop("bucket_mismatch");
        }
        PointValue delta = coarser(value, before.value) ? null : value.minus(before.value);
        if (delta == null) {
            store.put(key, new Last(time, withBaseline(value, null)));
            return drop("reset");
        }
        return withSumOf(value, before.value, delta)
                .addTo(out, to, time, before.time, from.flags[row]);
    }

    private int first(Points from, int row, StreamKey key, PointValue value, Series to, Batch out) {
        long time = from.time[row];
        long start = from.start[row];
        if (!store.put(key, new Last(time, withBaseline(value, null)))) {
            return drop("limit");
        }
        return switch (initialValue) {
            case DROP -> drop("initial");
            case KEEP -> withoutExtremes(value).addTo(out, to, time, 0, from.flags[row]);
            case AUTO ->
                    start < store.createdNanos() || start == time
                            ? drop("initial")
                            : withoutExtremes(value).addTo(out, to, time, start, from.flags[row]);
        };
    }

    private int drop(String reason) {
        room.dropped(store, reason);
        return -1;
    }

    private static boolean otherBuckets(PointValue value, PointValue before) {
        return value instanceof HistogramValue histogram
                && !histogram.sameBounds((HistogramValue) before);
    }

    /// An exponential histogram that only grows never gets finer, nor does its zero bucket shrink.
    private static boolean coarser(PointValue value, PointValue before) {
        return value instanceof ExponentialValue now
                && before instanceof ExponentialValue then
                && (now.scale() > then.scale() || now.zeroThreshold() < then.zeroThreshold());
    }

    private static PointValue withoutExtremes(PointValue value) {
        return switch (value) {
            case NumberValue number -> number;
            case HistogramValue histogram -> histogram.withoutExtremes();
            case ExponentialValue exponential -> exponential.withoutExtremes();
        };
    }

    /// The value to compare the next one with: its sum is the newest that was recorded.
    private static PointValue withBaseline(PointValue value, @Nullable PointValue before) {
        return switch (value) {
            case NumberValue number -> number;
            case HistogramValue now -> {
                HistogramValue then = (HistogramValue) before;
                yield recorded(now.hasSum(), now.sum())
                        ? now
                        : now.withSum(then != null && then.hasSum(), then == null ? 0 : then.sum());
            }
            case ExponentialValue now -> {
                ExponentialValue then = (ExponentialValue) before;
                yield recorded(now.hasSum(), now.sum())
                        ? now
                        : now.withSum(then != null && then.hasSum(), then == null ? 0 : then.sum());
            }
        };
    }

    private static boolean recorded(boolean present, double sum) {
        return present && !Double.isNaN(sum);
    }

    /// A sum where the point has one: NaN as it is, 0 if there is nothing to compare it with.
    private static PointValue withSumOf(PointValue value, PointValue before, PointValue delta) {
        return switch (delta) {
            case NumberValue number -> number;
            case HistogramValue difference -> {
                HistogramValue now = (HistogramValue) value;
                HistogramValue then = (HistogramValue) before;
                yield difference.withSum(
                        now.hasSum(), difference(now.sum(), then.hasSum(), then.sum()));
            }
            case ExponentialValue difference -> {
                ExponentialValue now = (ExponentialValue) value;
                ExponentialValue then = (ExponentialValue) before;
                yield difference.withSum(
                        now.hasSum(), difference(now.sum(), then.hasSum(), then.sum()));
            }
        };
    }

    private static double difference(double now, boolean known, double then) {
        return Double.isNaN(now) ? now : known ? now - then : 0;
    }
}
