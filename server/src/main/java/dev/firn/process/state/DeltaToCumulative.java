package dev.firn.process.state;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteWriter;
import dev.firn.model.Batch;
import dev.firn.model.HistogramValue;
import dev.firn.model.NumberValue;
import dev.firn.model.PointValue;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import dev.firn.process.Processor;
import java.util.Optional;

/// `deltatocumulative`: the running total of delta sums and histograms since the first point.
///
/// As the Collector's (contrib 0.165): a point that starts before its stream, or is not newer than
/// the one before, is dropped; gaps and overlaps are added up; a histogram with other bounds begins
/// anew. Unlike the Collector's, a stale marker ends the series instead of adding nothing, NaN is
/// dropped instead of staying in the total for ever, and what it remembers survives a restart.
public final class DeltaToCumulative implements Processor {
    /// Settings.
    ///
    /// @param maxStaleNanos how long a stream is remembered after its last point
    /// @param maxStreams new streams beyond it are dropped
    public record Options(long maxStaleNanos, long maxStreams) {
        public Options {
            if (maxStaleNanos <= 0 || maxStreams < 0) {
                throw new IllegalArgumentException("max_stale is above 0, max_streams 0 or more");
            }
        }
    }

    /// What a stream has come to.
    record Total(long time, long start, PointValue value) {}

    private static final StreamCodec<Total> CODEC =
            new StreamCodec<>() {
                @Override
                public int version() {
                    return 1;
                }

                @Override
                public void write(Total value, ByteWriter out) {
                    out.i64(value.time).i64(value.start);
                    value.value.write(out);
                }

                @Override
                public Total read(ByteReader in) {
                    return new Total(in.i64(), in.i64(), PointValue.read(in));
                }
            };

    private final StateRoom room;
    private final StreamStore<Total> store;
    private final SeriesTargets targets;

    /// @param name unique, the same after a restart: pipeline and processor
    public DeltaToCumulative(
            String name, Options options, StateRoom room, SeriesRegistry registry) {
        this.room = room;
        this.store = room.store(name, CODEC, options.maxStaleNanos, options.maxStreams);
        this.targets =
                new SeriesTargets(
                        registry,
                        metric -> metric.temporality() == Temporality.DELTA,
                        Temporality.CUMULATIVE);
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
        StreamKey key = StreamKey.of(from.series[row]);
        Total before = store.get(key);
        long time = from.time[row];
        if (before != null && time <= before.time) {
            return drop("out_of_order");
        }
        if ((from.flags[row] & Points.NO_RECORDED_VALUE) != 0) {
            int marker = out.copyRow(from, row, to);
            if (before != null) {
                out.points(from.kind()).start[marker] = before.start;
            }
            return marker;
        }
        PointValue value = PointValue.of(from, row);
        if (value == null || value instanceof NumberValue number && Double.isNaN(number.real())) {
            return drop("no_value");
        }
        Total total = new Total(time, from.start[row], value);
        if (before != null) {
            if (from.start[row] < before.start) {
                return drop("older_start");
            }
            if (!otherBuckets(value, before.value)) {
                total = new Total(time, before.start, before.value.plus(value));
            }
        }
        if (!store.put(key, total)) {
            return drop("limit");
        }
        return total.value.addTo(out, to, time, total.start, from.flags[row]);
    }

    private static boolean otherBuckets(PointValue value, PointValue before) {
        return value instanceof HistogramValue histogram
                && !histogram.sameBounds((HistogramValue) before);
    }

    private int drop(String reason) {
        room.dropped(store, reason);
        return -1;
    }
}
