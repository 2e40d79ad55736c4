package dev.firn.receive;

import dev.firn.model.Batch;
import dev.firn.model.LongLists;
import dev.firn.model.Metric;
import dev.firn.model.Points;
import dev.firn.model.Series;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What the decoders of the four shapes of points share: the fields that all points have, and the
/// way to a series or to a refusal. Mutable and reused: hot path, `DecoderBenchmark` in bench/.
final class PointFrame {
    final WireReader in;
    final IdentityRun attributes = new IdentityRun();
    final Refusals refusals = new Refusals();
    final ReceiveLimits limits;
    final ExemplarDecoder exemplars;
    private final SeriesResolver resolver;
    private final WireReader checked = new WireReader();
    private Batch batch = new Batch();
    private SeriesCache.@Nullable Node metric;
    private long stored;
    private long values;
    private long future;
    private long late;
    private final TimeBounds bounds;

    /// The message's own fields, as far as read.
    long time;

    long start;
    int flags;

    PointFrame(WireReader in, SeriesResolver resolver, ReceiveLimits limits) {
        this.in = in;
        this.resolver = resolver;
        this.limits = limits;
        this.exemplars = new ExemplarDecoder(in, resolver.parser(), limits);
        this.bounds = new TimeBounds(limits);
    }

    void beginRequest(Batch into, long nowNanos) {
        batch = into;
        bounds.at(nowNanos);
        refusals.reset();
        exemplars.beginRequest(into);
        stored = 0;
        values = 0;
        future = 0;
        late = 0;
    }

    void letGo() {
        attributes.letGo();
        checked.letGo();
        exemplars.letGo();
    }

    /// Where points go.
    Batch batch() {
        return batch;
    }

    void beginMetric(SeriesCache.Node node) {
        metric = node;
    }

    void beginPoint(Points points) {
        time = 0;
        start = 0;
        flags = 0;
        attributes.reset(in.bytes);
        exemplars.beginPoint(points.kind(), points.size());
    }

    /// How many more values the row that is being written may take: one more than the limit, which
    /// is enough to see that it is broken.
    int listRoom(LongLists into) {
        return limits.bucketsPerPointMax() + 1 - into.pending();
    }

    /// Adds a value to the row that is being written, unless it broke the limit already.
    void push(LongLists into, long value) {
        if (listRoom(into) > 0) {
            into.push(value);
        }
    }

    /// Whether the request may hold so many more values in lists.
    boolean valuesFit(int more) {
        return values + more <= limits.valuesPerRequestMax();
    }

    /// So many values in lists are kept.
    void countValues(int more) {
        values += more;
    }

    /// Reads an attribute whose tag began at `fieldFrom`.
    void attribute(int fieldFrom) {
        in.skipDelimited();
        attributes.add(fieldFrom, in.at);
    }

    boolean stale() {
        return (flags & Points.NO_RECORDED_VALUE) != 0;
    }

    /// The point's series; null if the point is refused, which is then counted.
    ///
    /// @param shape what is wrong with the point's own fields, null if nothing
    @Nullable Series resolve(@Nullable Reason shape) {
        attributes.end();
        SeriesCache.Node node = Objects.requireNonNull(metric, "a metric was begun");
        Reason reason = reason(shape);
        Series series = null;
        if (reason == null) {
            series = resolver.series(node, attributes);
            if (series == null) {
                reason = resolver.refusal();
                if (resolver.unparsed()) {
                    checkAttributes();
                }
            }
        } else {
            checkAttributes();
        }
        if (reason != null) {
            refusals.add(reason, ((Metric) node.payload()).name());
            exemplars.abandonPoint();
            return null;
        }
        stored++;
        if (time > bounds.countedAfter) {
            future++;
        } else if (time < bounds.countedBefore) {
            late++;
        }
        if (stale()) {
            exemplars.abandonPoint();
        }
        return series;
    }

    private @Nullable Reason reason(@Nullable Reason shape) {
        SeriesCache.Node of = Objects.requireNonNull(metric, "a metric was begun");
        Reason above = of.refusal();
        if (above != null) {
            return above;
        }
        if (!of.named()) {
            return Reason.METRIC_NAME;
        }
        if (time == 0) {
            return Reason.TIME_MISSING;
        }
        if (time < 0 || start < 0) {
            return Reason.TIME_RANGE;
        }
        if (time > bounds.refusedAfter) {
            return Reason.FUTURE;
        }
        if (time < bounds.refusedBefore) {
            return Reason.LATE;
        }
        if (shape != null) {
            return shape;
        }
        return batch.size() >= limits.pointsPerRequestMax() ? Reason.POINTS_MAX : null;
    }

    /// The attributes of a refused point were not parsed, and may yet make the body malformed. A
    /// point's attributes have the same schema whatever their number.
    private void checkAttributes() {
        OtlpSchema.checkKeyValues(checked, attributes, SeriesResolver.POINT_DEPTH);
    }

    /// Good points of this request.
    long stored() {
        return stored;
    }

    /// Attributes dropped for their key since the last call.
    long takeDuplicateKeys() {
        return resolver.parser().takeDuplicateKeys();
    }

    /// Stored points of this request that lie further ahead than `future_counted`.
    long future() {
        return future;
    }

    /// Stored points of this request that are older than `late_counted`.
    long late() {
        return late;
    }

    /// The limits on time, as nanoseconds at one instant.
    private static final class TimeBounds {
        private final ReceiveLimits limits;
        private long refusedAfter;
        private long refusedBefore;
        private long countedAfter;
        private long countedBefore;

        private TimeBounds(ReceiveLimits limits) {
            this.limits = limits;
        }

        private void at(long now) {
            refusedAfter = plus(now, limits.futureMax().toMillis());
            countedAfter = plus(now, limits.futureCounted().toMillis());
            refusedBefore = plus(now, -limits.lateMax().toMillis());
            countedBefore = plus(now, -limits.lateCounted().toMillis());
        }

        /// Saturates: [ReceiveLimits#UNBOUNDED] is below 2^63 nanoseconds, its sum may not be.
        private static long plus(long now, long millis) {
            long nanos = millis * 1_000_000;
            long sum = now + nanos;
            boolean overflow = ((now ^ sum) & (nanos ^ sum)) < 0;
            return overflow ? (nanos > 0 ? Long.MAX_VALUE : Long.MIN_VALUE) : sum;
        }
    }
}
