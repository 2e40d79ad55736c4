package dev.firn.analyse.quality;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.PointWatch;
import dev.firn.model.Points;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import dev.firn.query.TestStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// Services that send a counter, a gauge and a histogram, each from two instances, and that have at
/// most one fault each. Their points go to a watch, minute by minute as they arrive; what the
/// engine is asked for goes into its tables.
final class FaultyFleet {
    static final int HISTORY_SECONDS = 7_200;
    private static final long SECOND = 1_000_000_000L;
    private static final int INSTANCES = 2;
    private static final double[] BOUNDS = {0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5};

    private final TestStore store;
    private final HandClock clock;
    private final PointWatch watch;
    private final SeriesRegistry registry;
    private final Random random = new Random(5);
    private final long now;
    private final Map<Long, List<Sent>> sent = new TreeMap<>();
    private final Set<Series> seen = new HashSet<>();
    private final StringBuilder rows = new StringBuilder();
    private final StringBuilder samples = new StringBuilder();

    /// A point; a histogram where `sane` counts.
    private record Sent(
            Series series,
            long time,
            long start,
            double value,
            long count,
            boolean sane,
            double bound) {
        Sent(Series series, long time, long start, double value, long count, boolean sane) {
            this(series, time, start, value, count, sane, 1);
        }
    }

    /// What goes wrong in one service, by strength from 0 to 4.
    enum Fault {
        NONE,
        SILENCE,
        GAP,
        DUPLICATES,
        DUPLICATES_AFTER_OTHERS,
        CONFLICTS,
        NAN,
        INFINITE,
        RESETS,
        DROPS,
        TYPE,
        UNIT,
        TEMPORALITY,
        DESCRIPTION,
        CARDINALITY,
        VOLUME,
        SKEW,
        LATE,
        OUT_OF_ORDER,
        NEGATIVE,
        BROKEN_HISTOGRAM,
        WRONG_SUM,
        OVERLAP,
        BOUNDS,
        MISSING_ATTRIBUTE,
        DISTRIBUTION,
        LOST_IN_ENGINE,
        DOUBLED_IN_ENGINE,
        LOST_IN_LAKE,
        DOUBLED_IN_LAKE,
        LOST_IN_COMPACTION;

        /// The check that is to find it; empty for none.
        String check() {
            return switch (this) {
                case NONE -> "";
                case SILENCE -> "freshness";
                case GAP -> "gaps";
                case DUPLICATES_AFTER_OTHERS -> "duplicates";
                case DROPS -> "counter_drop";
                case TYPE -> "type_conflict";
                case UNIT -> "unit_conflict";
                case TEMPORALITY -> "temporality_flip";
                case DESCRIPTION -> "description_conflict";
                case SKEW -> "clock_skew";
                case NEGATIVE -> "value_range";
                case BROKEN_HISTOGRAM, WRONG_SUM -> "histogram_integrity";
                case OVERLAP -> "delta_overlap";
                case BOUNDS -> "bounds_drift";
                case MISSING_ATTRIBUTE -> "missing_attributes";
                case LOST_IN_ENGINE,
                        DOUBLED_IN_ENGINE,
                        LOST_IN_LAKE,
                        DOUBLED_IN_LAKE,
                        LOST_IN_COMPACTION ->
                        "reconciliation";
                case DUPLICATES,
                        CONFLICTS,
                        NAN,
                        INFINITE,
                        RESETS,
                        CARDINALITY,
                        VOLUME,
                        LATE,
                        OUT_OF_ORDER,
                        DISTRIBUTION ->
                        name().toLowerCase(Locale.ROOT);
            };
        }
    }

    /// @param now seconds since 1970
    FaultyFleet(TestStore store, HandClock clock, PointWatch watch, long now) {
        this.store = store;
        this.clock = clock;
        this.watch = watch;
        this.registry = new SeriesRegistry(SeriesIdentity.SHA_256, clock, 1_000_000);
        this.now = now;
    }

    static String service(Fault fault, int strength) {
        return fault.name().toLowerCase(Locale.ROOT) + "-" + strength;
    }

    /// @param pairs keys and values by turns
    static Attributes attributes(String... pairs) {
        var entries = new ArrayList<Attributes.Entry>();
        for (int i = 0; i < pairs.length; i += 2) {
            entries.add(new Attributes.Entry(pairs[i], new AttributeValue.Text(pairs[i + 1])));
        }
        return Attributes.of(entries);
    }

    private Series series(
            String service,
            String metric,
            MetricType type,
            String unit,
            Temporality form,
            String about,
            String... extra) {
        String resource =
                attributes(
                                "service.name",
                                service,
                                "deployment.environment.name",
                                "prod",
                                "data_plane_id",
                                "plane-" + Math.floorMod(service.hashCode(), 3))
                        .toJson();
        String tenant = metric.equals("requests") && List.of(extra).contains("no") ? "" : "t";
        if (!tenant.isEmpty()) {
            extra = Arrays.copyOf(extra, extra.length + 2);
            extra[extra.length - 2] = "tenant";
            extra[extra.length - 1] = tenant;
        }
        Series made =
                registry.intern(
                        new Metric(
                                new Resource(resource, "", 0, ""),
                                new Scope("lib", "1", "{}", "", 0),
                                metric,
                                unit,
                                type,
                                form,
                                type == MetricType.SUM,
                                about,
                                "{}"),
                        attributes(extra));
        rows.append(
                "(%d, %d, 'x', '%s', '%s', '%s', '%s', %d, '%s', 'prod', '%s', '{}', '%s', '%s', 30000, today(), today()),"
                        .formatted(
                                Integer.toUnsignedLong(made.metricId()),
                                made.id(),
                                metric,
                                type.name().toLowerCase(Locale.ROOT),
                                unit,
                                form.name().toLowerCase(Locale.ROOT),
                                type == MetricType.SUM ? 1 : 0,
                                service,
                                made.wellKnown().dataPlaneId(),
                                made.attributes(),
                                about));
        return made;
    }

    private Series counter(String service, String... extra) {
        return series(service, "requests", MetricType.SUM, "1", Temporality.CUMULATIVE, "a", extra);
    }

    private Series gauge(String service, String... extra) {
        return series(service, "level", MetricType.GAUGE, "1", Temporality.UNSPECIFIED, "b", extra);
    }

    private Series histogram(String service, String... extra) {
        return series(
                service, "duration", MetricType.HISTOGRAM, "s", Temporality.CUMULATIVE, "c", extra);
    }

    private void send(long arrival, Sent point) {
        sent.computeIfAbsent(arrival / 60, _ -> new ArrayList<>()).add(point);
    }

    private void number(long arrival, Series series, long time, long start, double value) {
        send(arrival, new Sent(series, time, start, value, 0, true));
    }

    /// Two hours of a service, with its fault.
    void play(Fault fault, int strength, String service) {
        int step = fault == Fault.VOLUME ? 10 : new int[] {10, 15, 30, 20, 60}[strength];
        for (int instance = 0; instance < INSTANCES; instance++) {
            String host = service + "-" + instance;
            play(
                    fault,
                    strength,
                    step,
                    counter(service, "host", host),
                    gauge(service, "host", host),
                    histogram(service, "host", host));
        }
        schema(fault, strength, service);
        if (fault == Fault.CARDINALITY) {
            int many = new int[] {120, 200, 400, 800, 1_600}[strength];
            for (int i = 0; i < many; i++) {
                Series one = counter(service, "host", "h", "user", "u" + i);
                number(now - 60, one, now - 60, now - 120, 1);
            }
        }
        if (fault == Fault.OVERLAP) {
            overlap(strength, service);
        }
        if (fault == Fault.MISSING_ATTRIBUTE) {
            for (int i = 0; i <= strength; i++) {
                Series one = counter(service, "host", service + "-0", "no", "tenant" + i);
                number(now - 100, one, now - 100, now - 4_000, 1);
            }
        }
        if (fault == Fault.NEGATIVE
                || fault == Fault.BROKEN_HISTOGRAM
                || fault == Fault.WRONG_SUM) {
            wrong(fault, strength, service);
        }
    }

    /// A source of increases that has nothing to report half of the time, and one whose history is
    /// loaded in the last two minutes, an hour each.
    void fine(String service) {
        Series jobs = series(service, "jobs", MetricType.SUM, "1", Temporality.DELTA, "d");
        for (long time = now - HISTORY_SECONDS; time < now; time += 20) {
            if (random.nextBoolean()) {
                number(time, jobs, time, time - 20, 1 + random.nextInt(9));
            }
        }
        for (int host = 0; host < 5; host++) {
            Series loaded = counter(service + "-loaded", "host", "h" + host);
            for (long time = now - HISTORY_SECONDS; time < now - 120; time += 30) {
                long arrival = now - (time < now - HISTORY_SECONDS / 2 ? 120 : 60);
                number(arrival, loaded, time, now - HISTORY_SECONDS - 60, time);
            }
        }
    }

    /// Increases of 20 s, sent each 20 s; some by a second writer, too.
    private void overlap(int strength, String service) {
        Series jobs =
                series(service, "jobs", MetricType.SUM, "1", Temporality.DELTA, "d", "host", "one");
        for (long time = now - 600; time < now; time += 20) {
            number(time, jobs, time, time - 20, random.nextInt(9));
            if (time >= now - 20 * (strength + 1)) {
                number(time, jobs, time + 7, time - 13, random.nextInt(9));
            }
        }
    }

    /// @param fault of what is in a series of its own
    private void wrong(Fault fault, int strength, String service) {
        Series counter = counter(service, "host", "later");
        Series histogram = histogram(service, "host", "later");
        for (int i = 0; i < 20; i++) {
            long time = now - 200 + 10 * i;
            boolean bad = i <= strength;
            number(time, counter, time, now - 4_000, fault == Fault.NEGATIVE && bad ? -1 : i + 100);
            boolean broken = fault == Fault.BROKEN_HISTOGRAM && bad;
            double sum = fault == Fault.WRONG_SUM && bad ? 20 << strength : 1;
            send(time, new Sent(histogram, time, now - 4_000, sum, i + 100, !broken));
        }
    }

    private void play(
            Fault fault, int strength, int step, Series counter, Series gauge, Series histogram) {
        long start = now - HISTORY_SECONDS - 60;
        long value = 0;
        boolean bursty = random.nextBoolean(); // bursts of requests are no fault
        int events = 0;
        int silent = new int[] {360, 600, 1_200, 2_400, 4_800}[strength];
        long gapFrom = now - 420;
        long gapTo = gapFrom + new long[] {90, 120, 150, 210, 300}[strength];
        long resetEvery = new long[] {700, 600, 450, 360, 300}[strength];
        double lateShare = new double[] {0.1, 0.2, 0.4, 0.75, 1}[strength];
        int dropped = 0;
        for (long time = now - HISTORY_SECONDS; time < now; time += step) {
            if (fault == Fault.SILENCE && time >= now - silent) {
                break;
            }
            if (fault == Fault.GAP && time >= gapFrom && time < gapTo) {
                continue;
            }
            if (fault == Fault.RESETS && (time - now) % resetEvery > -step && time > now - 3_600) {
                start = time - 1;
                value = 0;
            }
            boolean newest = time >= now - 240;
            value += 1 + random.nextInt(bursty ? 400 : 5);
            if (fault == Fault.DROPS && newest && dropped <= strength) {
                value /= 2;
                dropped++;
            }
            boolean late =
                    fault == Fault.LATE
                            && time >= now - 2_400
                            && time < now - 1_800
                            && random.nextDouble() < lateShare;
            boolean overtaken =
                    fault == Fault.OUT_OF_ORDER
                            && time >= now - 480
                            && time < now - 180
                            && (now - time) / step % (6 - strength) == 0;
            long delay = late ? 1_800 : overtaken ? 150 : 0;
            number(time + delay, counter, time, start, value);
            boolean bad = newest && events <= strength * 3;
            events += newest ? 1 : 0;
            if (bad) {
                repeat(fault, counter, time, start, value);
            }
            double level = random.nextGaussian();
            if (fault == Fault.NAN && newest && random.nextInt(5) <= strength) {
                level = Double.NaN;
            }
            if (fault == Fault.INFINITE && bad) {
                level = strength % 2 == 0 ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
            }
            number(time, gauge, time, 0, level);
            double bound = fault == Fault.BOUNDS && bad ? 2 + strength : 1;
            send(time, new Sent(histogram, time, start, value / 20.0, value, true, bound));
        }
        if (fault == Fault.SKEW) {
            long time = now + new long[] {30, 60, 300, 1_800, 3_600}[strength];
            number(now - 1, counter, time, start, value + 1);
        }
    }

    private void repeat(Fault fault, Series series, long time, long start, long value) {
        switch (fault) {
            case DUPLICATES -> number(time, series, time, start, value);
            case CONFLICTS -> number(time, series, time, start, 7);
            case DUPLICATES_AFTER_OTHERS -> {
                number(Math.min(now - 1, time + 90), series, time, start, value);
                for (int cut = 1; cut <= 2; cut++) {
                    samples.append(
                            "(%d, %d, toDateTime64(%d, 3, 'UTC'), toDateTime64(%d, 3, 'UTC'), %d, 'w', %d, 30000),"
                                    .formatted(
                                            Integer.toUnsignedLong(series.metricId()),
                                            series.id(),
                                            time,
                                            start,
                                            value,
                                            cut));
                }
            }
            default -> {}
        }
    }

    private void schema(Fault fault, int strength, String service) {
        for (int i = 0; i <= strength; i++) {
            String other = Integer.toString(i);
            switch (fault) {
                case TYPE ->
                        series(
                                service,
                                "level",
                                MetricType.HISTOGRAM,
                                "1",
                                Temporality.CUMULATIVE,
                                "b",
                                "other",
                                other);
                case UNIT ->
                        series(
                                service,
                                "level",
                                MetricType.GAUGE,
                                "u" + i,
                                Temporality.UNSPECIFIED,
                                "b",
                                "other",
                                other);
                case TEMPORALITY ->
                        series(
                                service,
                                "requests",
                                MetricType.SUM,
                                "1",
                                Temporality.DELTA,
                                "a",
                                "other",
                                other);
                case DESCRIPTION ->
                        series(
                                service,
                                "level",
                                MetricType.GAUGE,
                                "1",
                                Temporality.UNSPECIFIED,
                                "b" + i,
                                "other",
                                other);
                default -> {}
            }
        }
    }

    /// Hours of services whose volume is not what it was, as rollups have them.
    void weeks(int strength) throws InterruptedException {
        String service = service(Fault.VOLUME, strength);
        long hour = (now - 600) / 3_600 * 3_600 - 3_600;
        double ratio = new double[] {0.1, 0.3, 0.4, 3, 10}[strength];
        long points = INSTANCES * 3 * 360;
        long usual = (long) (points / ratio);
        Series one =
                series(
                        service,
                        "volume",
                        MetricType.GAUGE,
                        "1",
                        Temporality.UNSPECIFIED,
                        "v",
                        "host",
                        "w");
        flush();
        for (int week = 0; week < 4; week++) {
            store.client.execute(
                    "INSERT INTO otel_metrics.rollup_1h (metric_id, series_id, time, count, retention_days, version) VALUES (%d, %d, toDateTime(%d, 'UTC'), %d, 30000, 1)"
                            .formatted(
                                    Integer.toUnsignedLong(one.metricId()),
                                    one.id(),
                                    hour - week * 604_800L,
                                    week == 0 ? points : usual + week));
        }
    }

    /// Five weeks of a service's latencies, in two hours of each, as rollups have them: bursty, of
    /// a shape that is of its own each week, and in the last two slower by a factor.
    void latencies(Fault fault, int strength) throws InterruptedException {
        String service = service(fault, strength);
        double slower =
                fault == Fault.DISTRIBUTION ? new double[] {0.5, 1.8, 2.5, 5, 20}[strength] : 1;
        long hour = (now - 600) / 3_600 * 3_600 - 3_600;
        for (boolean exponential : new boolean[] {false, true}) {
            Series one =
                    series(
                            service,
                            exponential ? "wait" : "took",
                            exponential ? MetricType.EXPONENTIAL_HISTOGRAM : MetricType.HISTOGRAM,
                            "s",
                            Temporality.CUMULATIVE,
                            "l",
                            "host",
                            "w");
            flush();
            for (int at = 0; at < 10; at++) {
                int week = at / 2;
                double median = 0.1 * Math.exp(random.nextGaussian() / 10);
                var buckets = new long[exponential ? 160 : 11];
                int events = 1_500 << random.nextInt(5);
                for (int i = 0; i < events; i++) {
                    double value =
                            median * Math.exp(random.nextGaussian() / 2) * (week == 0 ? slower : 1);
                    int place =
                            exponential
                                    ? 80 + (int) Math.floor(Math.log(value) / Math.log(2) * 4)
                                    : (int)
                                            IntStream.range(0, 10)
                                                    .filter(bound -> value > BOUNDS[bound])
                                                    .count();
                    buckets[Math.clamp(place, 0, buckets.length - 1)]++;
                }
                store.client.execute(
                        "INSERT INTO otel_metrics.rollup_1h (metric_id, series_id, time, count, increase, bounds, buckets, scale, positive_offset, positive_buckets, retention_days, version) VALUES (%d, %d, toDateTime(%d, 'UTC'), 1, %d, %s, %s, 2, %d, %s, 30000, 1)"
                                .formatted(
                                        Integer.toUnsignedLong(one.metricId()),
                                        one.id(),
                                        hour - at % 2 * 3_600L - week * 604_800L,
                                        events,
                                        exponential ? "[]" : Arrays.toString(BOUNDS),
                                        exponential ? "[]" : Arrays.toString(buckets),
                                        -80,
                                        exponential ? Arrays.toString(buckets) : "[]"));
            }
        }
    }

    /// Writes what the engine is asked for.
    void flush() throws InterruptedException {
        insert(
                "series (metric_id, series_id, fingerprint, metric_name, type, unit, temporality, monotonic, service_name, environment, data_plane_id, resource, attributes, description, retention_days, first_seen, last_seen)",
                rows);
        insert(
                "samples (metric_id, series_id, time, start_time, value, src, seq, retention_days)",
                samples);
    }

    private void insert(String into, StringBuilder values) throws InterruptedException {
        if (!values.isEmpty()) {
            values.setLength(values.length() - 1);
            store.client.executeLong("INSERT INTO otel_metrics." + into + " VALUES " + values);
            values.setLength(0);
        }
    }

    /// Lets everything arrive, minute by minute.
    void deliver() {
        sent.forEach((minute, points) -> {
            clock.set(Math.min(now, minute * 60 + 59) * SECOND);
            var bySeries = new LinkedHashMap<Series, List<Sent>>();
            points.forEach(
                    one -> bySeries.computeIfAbsent(one.series(), _ -> new ArrayList<>()).add(one));
            watch.stored(run -> bySeries.forEach((series, some) -> deliver(run, series, some)));
        });
        sent.clear();
        clock.set(now * SECOND);
    }

    private void deliver(PointWatch.Run run, Series series, List<Sent> some) {
        some.sort(Comparator.comparingLong(Sent::time));
        var batch = new Batch();
        boolean histogram = series.metric().type() == MetricType.HISTOGRAM;
        int[] order = new int[some.size()];
        for (int i = 0; i < order.length; i++) {
            Sent one = some.get(i);
            if (histogram) {
                batch.histograms.bounds.push(Double.doubleToRawLongBits(0.1));
                batch.histograms.bounds.push(Double.doubleToRawLongBits(one.bound()));
                batch.histograms.counts.push(one.count());
                batch.histograms.counts.push(0);
                batch.histograms.counts.push(one.sane() ? 0 : 3);
                order[i] =
                        batch.histograms.add(
                                series,
                                one.time() * SECOND,
                                one.start() * SECOND,
                                0,
                                one.count(),
                                (byte) 1,
                                one.value(),
                                0,
                                0);
            } else {
                order[i] =
                        batch.numbers.add(
                                series,
                                one.time() * SECOND,
                                one.start() * SECOND,
                                0,
                                Numbers.DOUBLE,
                                Double.doubleToRawLongBits(one.value()));
            }
        }
        Points points = histogram ? batch.histograms : batch.numbers;
        run.take(series, seen.add(series), points, order, 0, order.length);
    }
}
