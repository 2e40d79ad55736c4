package dev.firn.ops.load;

import dev.firn.base.InputException;
import java.util.List;

/// Ready-made OTLP bodies for benchmarks and tests, without a shop: a body is a pure function of
/// its number, so that any number of threads may make them, in any order, and nothing is
/// remembered.
///
/// Series belong to instances of up to 100 (10 metrics of 10 series). Body `n` holds the next
/// `pointsPerBody` series at the time of its step; when all series had their turn, the step is
/// over. With a number of series that is no multiple of `pointsPerBody`, the last body of a step is
/// shorter.
public final class OtlpBodies {
    private static final int SERIES_PER_METRIC = 10;
    private static final int SERIES_PER_INSTANCE = 100;
    private static final Layout.Explicit BOUNDS =
            Layout.Explicit.of(
                    Layout.Unit.SECONDS,
                    0.005,
                    0.01,
                    0.025,
                    0.05,
                    0.075,
                    0.1,
                    0.25,
                    0.5,
                    0.75,
                    1,
                    2.5,
                    5,
                    7.5,
                    10);
    private static final byte[] SCOPE = scope();

    /// What the points are.
    public enum Mix {
        /// Doubles that wander.
        GAUGE,
        /// Cumulative monotonic integers.
        SUM,
        /// Cumulative, 14 bounds.
        HISTOGRAM,
        /// Of ten metrics five sums, four gauges, one histogram.
        MIXED;

        private MetricInfo.Kind kind(int metric) {
            return switch (this) {
                case GAUGE -> MetricInfo.Kind.GAUGE;
                case SUM -> MetricInfo.Kind.SUM;
                case HISTOGRAM -> MetricInfo.Kind.HISTOGRAM;
                case MIXED ->
                        metric < 5
                                ? MetricInfo.Kind.SUM
                                : metric < 9 ? MetricInfo.Kind.GAUGE : MetricInfo.Kind.HISTOGRAM;
            };
        }
    }

    private final Mix mix;
    private final int series;
    private final int pointsPerBody;
    private final long jitterNanos;
    private final long seed;
    private final long fromNanos;
    private final long stepNanos;
    private final long bodiesPerStep;
    private final byte[][] resources;
    private final MetricInfo[] metrics = new MetricInfo[SERIES_PER_METRIC];
    private final byte[][] headers = new byte[SERIES_PER_METRIC][];
    private final byte[][] numberAttributes = new byte[SERIES_PER_METRIC][];
    private final byte[][] histogramAttributes = new byte[SERIES_PER_METRIC][];

    /// @param series active series in all
    /// @param pointsPerBody a multiple of 100
    /// @param jitterNanos each export is off its step by up to so much, either way, by instance and
    ///   step: 0 for aligned clocks, 2,000,000 for ±2 ms
    /// @param fromNanos time of the first step
    /// @param stepNanos between two points of a series
    public OtlpBodies(
            Mix mix,
            int series,
            int pointsPerBody,
            long jitterNanos,
            long seed,
            long fromNanos,
            long stepNanos) {
        if (series <= 0 || pointsPerBody <= 0 || pointsPerBody % SERIES_PER_INSTANCE != 0) {
            throw new InputException(
                    "cannot make bodies of "
                            + pointsPerBody
                            + " points for "
                            + series
                            + " series: use a multiple of 100 points and at least one series");
        }
        if (jitterNanos < 0 || jitterNanos * 2 >= stepNanos || fromNanos <= jitterNanos) {
            throw new InputException(
                    "cannot make bodies with jitter "
                            + jitterNanos
                            + " ns and step "
                            + stepNanos
                            + " ns: jitter must be below half of a step");
        }
        this.mix = mix;
        this.series = series;
        this.pointsPerBody = pointsPerBody;
        this.jitterNanos = jitterNanos;
        this.seed = seed;
        this.fromNanos = fromNanos;
        this.stepNanos = stepNanos;
        this.bodiesPerStep = Math.ceilDiv(series, pointsPerBody);
        this.resources = new byte[Math.ceilDiv(series, SERIES_PER_INSTANCE)][];
        encodeIdentities();
    }

    private void encodeIdentities() {
        for (int i = 0; i < resources.length; i++) {
            resources[i] = resource(i);
        }
        for (int i = 0; i < SERIES_PER_METRIC; i++) {
            MetricInfo.Kind kind = mix.kind(i);
            boolean gauge = kind == MetricInfo.Kind.GAUGE;
            metrics[i] =
                    new MetricInfo(
                            i,
                            "bench." + kind.label() + "." + i,
                            gauge ? "1" : "s",
                            "Made for benchmarks.",
                            kind,
                            gauge ? MetricInfo.Temporality.NONE : MetricInfo.Temporality.CUMULATIVE,
                            kind == MetricInfo.Kind.SUM);
            headers[i] = metrics[i].header();
            Attributes attributes =
                    Attributes.of(
                            "http.request.method", i % 2 == 0 ? "GET" : "POST",
                            "http.route", "/api/v1/things/" + i,
                            "http.response.status_code", i == 9 ? 500L : 200L);
            numberAttributes[i] = attributes.encode(7);
            histogramAttributes[i] = attributes.encode(9);
        }
    }

    private static byte[] scope() {
        var writer = new ProtobufWriter(64);
        writer.string(2, "1.0.0");
        writer.string(1, "dev.firn.bench");
        writer.message(1, 0);
        return writer.toBytes();
    }

    private byte[] resource(int instance) {
        String plane = List.of("prod", "dev", "qa").get(instance % 3);
        var writer = new ProtobufWriter(512);
        writer.raw(
                Attributes.of(
                                "service.name",
                                "bench-" + instance % 20,
                                "service.instance.id",
                                "instance-" + seed + "-" + instance,
                                "deployment.environment.name",
                                plane,
                                "data_plane_id",
                                plane + "-1",
                                "cloud.region",
                                "eu-central-1",
                                "k8s.cluster.name",
                                "bench",
                                "host.name",
                                "node-" + instance % 500,
                                "process.pid",
                                (long) instance % 30)
                        .encode(1));
        writer.message(1, 0);
        return writer.toBytes();
    }

    /// Bodies that one step of time takes.
    public long bodiesPerStep() {
        return bodiesPerStep;
    }

    /// Points in body `number`.
    public int points(long number) {
        long first = number % bodiesPerStep * pointsPerBody;
        return (int) Math.min(pointsPerBody, series - first);
    }

    /// The bytes of body `number`, from 0.
    public byte[] body(long number) {
        long step = number / bodiesPerStep;
        int first = (int) (number % bodiesPerStep * pointsPerBody);
        int end = first + points(number);
        var writer = new ProtobufWriter(pointsPerBody * 200);
        for (int last = end; last > first; ) {
            int instance = (last - 1) / SERIES_PER_INSTANCE;
            int from = Math.max(first, instance * SERIES_PER_INSTANCE);
            writeInstance(writer, instance, from, last, step);
            last = from;
        }
        return writer.toBytes();
    }

    private void writeInstance(ProtobufWriter writer, int instance, int from, int end, long step) {
        long time = fromNanos + step * stepNanos + jitter(instance, step);
        int whole = writer.size();
        for (int last = end; last > from; ) {
            int group = (last - 1) / SERIES_PER_METRIC;
            int first = Math.max(from, group * SERIES_PER_METRIC);
            writeMetric(writer, first, last, step, time);
            last = first;
        }
        writer.raw(SCOPE);
        writer.message(2, whole);
        writer.raw(resources[instance]);
        writer.message(1, whole);
    }

    private long jitter(int instance, long step) {
        return jitterNanos == 0
                ? 0
                : new Chance(seed ^ (instance * 1_000_003L + step)).below(2 * jitterNanos + 1)
                        - jitterNanos;
    }

    private void writeMetric(ProtobufWriter writer, int first, int end, long step, long time) {
        int metric = first / SERIES_PER_METRIC % SERIES_PER_METRIC;
        int mark = writer.size();
        metrics[metric].open(writer);
        for (int i = end - 1; i >= first; i--) {
            int point = writer.size();
            switch (metrics[metric].kind()) {
                case GAUGE -> writeGauge(writer, i, step, time);
                case SUM -> writeSum(writer, i, step, time);
                case HISTOGRAM, EXPONENTIAL_HISTOGRAM, SUMMARY ->
                        writeHistogram(writer, i, step, time);
            }
            writer.message(1, point);
        }
        metrics[metric].close(writer, mark, headers[metric]);
    }

    private void writeGauge(ProtobufWriter writer, int number, long step, long time) {
        double wander = new Chance(seed + number * 31L + step).unit();
        writer.raw(numberAttributes[number % SERIES_PER_METRIC]);
        writer.float64(4, Math.round((20 + number % 50 + wander) * 100) / 100.0);
        writer.fixed64(3, time);
    }

    private void writeSum(ProtobufWriter writer, int number, long step, long time) {
        long pace = 10 + number % 90;
        writer.raw(numberAttributes[number % SERIES_PER_METRIC]);
        writer.fixed64(6, step * pace + new Chance(seed + number * 31L + step).below(pace));
        writer.fixed64(3, time);
        writer.fixed64(2, fromNanos - jitterNanos);
    }

    private void writeHistogram(ProtobufWriter writer, int number, long step, long time) {
        writer.raw(histogramAttributes[number % SERIES_PER_METRIC]);
        writer.raw(BOUNDS.encodedBounds());
        int mark = writer.size();
        long count = 0;
        long ticks = 0;
        for (int i = BOUNDS.size() - 1; i >= 0; i--) {
            long inBucket = step * Math.max(0, 12 - Math.abs(i - number % 8) * 3);
            count += inBucket;
            ticks += inBucket * (i + 1) * 4096;
            writer.fixed64(inBucket);
        }
        writer.message(6, mark);
        writer.float64(5, BOUNDS.unit().of(ticks));
        writer.count64(4, count);
        writer.fixed64(3, time);
        writer.fixed64(2, fromNanos - jitterNanos);
    }
}
