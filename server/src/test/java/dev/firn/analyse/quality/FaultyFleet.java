package dev.firn.analyse.quality;

import dev.firn.query.TestStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/// Services that send a counter, a gauge and a histogram, each from two instances, and that have at
/// most one fault each. All of it goes into an engine's tables.
final class FaultyFleet {
    static final int HISTORY_SECONDS = 7_200;
    private static final int INSTANCES = 2;

    private final TestStore store;
    private final Random random = new Random(5);
    private final long now;
    private final StringBuilder series = new StringBuilder();
    private final StringBuilder samples = new StringBuilder();
    private final StringBuilder histograms = new StringBuilder();
    private final List<String> services = new ArrayList<>();
    private long seq = 1;
    private long nextSeries = 1;

    /// What goes wrong in one service, by strength from 0 to 4.
    enum Fault {
        NONE,
        SILENCE,
        GAP,
        DUPLICATES,
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
        NEGATIVE,
        BROKEN_HISTOGRAM;

        /// The check that is to find it; null for none.
        String check() {
            return switch (this) {
                case NONE -> "";
                case SILENCE -> "freshness";
                case GAP -> "gaps";
                case DROPS -> "counter_drop";
                case TYPE -> "type_conflict";
                case UNIT -> "unit_conflict";
                case TEMPORALITY -> "temporality_flip";
                case DESCRIPTION -> "description_conflict";
                case SKEW -> "clock_skew";
                case NEGATIVE -> "value_range";
                case BROKEN_HISTOGRAM -> "histogram_integrity";
                case DUPLICATES, CONFLICTS, NAN, INFINITE, RESETS, CARDINALITY, VOLUME, LATE ->
                        name().toLowerCase(Locale.ROOT);
            };
        }

        /// Whether it is in points that come after the first look.
        boolean comesLater() {
            return this == SKEW || this == LATE || this == NEGATIVE || this == BROKEN_HISTOGRAM;
        }
    }

    /// @param now seconds since 1970
    FaultyFleet(TestStore store, long now) {
        this.store = store;
        this.now = now;
    }

    static String service(Fault fault, int strength) {
        return fault.name().toLowerCase(Locale.ROOT) + "-" + strength;
    }

    private long newSeries(
            String service,
            String metric,
            String type,
            String unit,
            String form,
            String about,
            String extra) {
        long id = nextSeries++;
        series.append(
                "(%d, %d, 'x', '%s', '%s', '%s', '%s', %d, '%s', 'prod', 'plane-%d', '{}', '%s', {'service.name':'%s'}, {%s}, '%s', 30000, today(), today()),"
                        .formatted(
                                metricId(metric),
                                id,
                                metric,
                                type,
                                unit,
                                form,
                                type.equals("sum") ? 1 : 0,
                                service,
                                Math.floorMod(service.hashCode(), 3),
                                "{\"i\":" + id + "}",
                                service,
                                extra,
                                about));
        return id;
    }

    private static int metricId(String metric) {
        return Math.floorMod(metric.hashCode(), 1_000_000);
    }

    private void sample(String metric, long id, long time, long start, String value, long cut) {
        samples.append(
                "(%d, %d, toDateTime64(%d, 3, 'UTC'), toDateTime64(%d, 3, 'UTC'), %s, 'w', %d, 30000),"
                        .formatted(metricId(metric), id, time, start, value, cut));
    }

    private void histogram(long id, long time, long start, long count, boolean broken, long cut) {
        histograms.append(
                "(%d, %d, toDateTime64(%d, 3, 'UTC'), toDateTime64(%d, 3, 'UTC'), %d, %d, [0.1,1], [%d,0,%d], 'w', %d, 30000),"
                        .formatted(
                                metricId("duration"),
                                id,
                                time,
                                start,
                                count,
                                count,
                                count,
                                broken ? 3 : 0,
                                cut));
    }

    /// Two hours of a service, with its fault.
    void play(Fault fault, int strength) {
        String service = service(fault, strength);
        services.add(service);
        int step = fault == Fault.VOLUME ? 10 : new int[] {10, 15, 30, 20, 60}[strength];
        for (int instance = 0; instance < INSTANCES; instance++) {
            String who = "'host':'%s-%d'".formatted(service, instance);
            long counter = newSeries(service, "requests", "sum", "1", "cumulative", "a", who);
            long gauge = newSeries(service, "level", "gauge", "1", "unspecified", "b", who);
            long duration =
                    newSeries(service, "duration", "histogram", "s", "cumulative", "c", who);
            play(fault, strength, step, counter, gauge, duration);
        }
        schema(fault, strength, service);
        if (fault == Fault.CARDINALITY) {
            int many = new int[] {120, 200, 400, 800, 1_600}[strength];
            for (int i = 0; i < many; i++) {
                long id =
                        newSeries(
                                service,
                                "requests",
                                "sum",
                                "1",
                                "cumulative",
                                "a",
                                "'host':'h','user':'u%d'".formatted(i));
                sample("requests", id, now - 60, now - 120, "1", seq);
            }
        }
    }

    private void play(
            Fault fault, int strength, int step, long counter, long gauge, long duration) {
        long start = now - HISTORY_SECONDS - 60;
        long value = 0;
        // bursts of requests are no fault
        boolean bursty = random.nextBoolean();
        int events = 0;
        int silent = new int[] {360, 600, 1_200, 2_400, 4_800}[strength];
        int window = 300 / step;
        int gapFrom = (int) Math.ceil(window * new double[] {0.3, 0.4, 0.5, 0.7, 1}[strength]);
        long gapAt = now / 300 * 300 - 300;
        long resetEvery = new long[] {700, 600, 450, 360, 300}[strength];
        int dropped = 0;
        for (long time = now - HISTORY_SECONDS; time < now; time += step) {
            if (fault == Fault.SILENCE && time >= now - silent) {
                break;
            }
            if (fault == Fault.GAP && time >= gapAt && time < gapAt + (long) gapFrom * step) {
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
            sample("requests", counter, time, start, Long.toString(value), seq);
            boolean bad = newest && events <= strength * 3;
            events += newest ? 1 : 0;
            if (bad && (fault == Fault.DUPLICATES || fault == Fault.CONFLICTS)) {
                sample(
                        "requests",
                        counter,
                        time,
                        start,
                        fault == Fault.DUPLICATES ? Long.toString(value) : "7",
                        seq - 1);
            }
            String level = Double.toString(random.nextGaussian());
            if (fault == Fault.NAN && newest && random.nextInt(5) <= strength) {
                level = "nan";
            }
            if (fault == Fault.INFINITE && bad) {
                level = strength % 2 == 0 ? "inf" : "-inf";
            }
            sample("level", gauge, time, 0, level, seq);
            histogram(duration, time, start, value, false, seq);
        }
    }

    private void schema(Fault fault, int strength, String service) {
        for (int i = 0; i <= strength; i++) {
            String other = "'other':'" + i + "'";
            switch (fault) {
                case TYPE ->
                        newSeries(service, "level", "histogram", "1", "cumulative", "b", other);
                case UNIT ->
                        newSeries(service, "level", "gauge", "u" + i, "unspecified", "b", other);
                case TEMPORALITY -> newSeries(service, "requests", "sum", "1", "delta", "a", other);
                case DESCRIPTION ->
                        newSeries(service, "level", "gauge", "1", "unspecified", "b" + i, other);
                default -> {}
            }
        }
    }

    /// Points that come later: fine ones, and those of faults that only they show.
    void playLater(Fault fault, int strength) {
        String service = service(fault, strength);
        long cut = seq + 1;
        long id = newSeries(service, "requests", "sum", "1", "cumulative", "a", "'host':'later'");
        long duration =
                newSeries(
                        service, "duration", "histogram", "s", "cumulative", "c", "'host':'later'");
        for (int i = 0; i < 20; i++) {
            long time = now - 40 + i;
            if (fault == Fault.SKEW && i == 19) {
                time = now + new long[] {30, 60, 300, 1_800, 3_600}[strength];
            }
            if (fault == Fault.LATE && i < new int[] {2, 4, 8, 15, 20}[strength]) {
                time = now - 1_800 + i;
            }
            boolean wrong = i <= strength;
            sample(
                    "requests",
                    id,
                    time,
                    now - 4_000,
                    fault == Fault.NEGATIVE && wrong ? "-1" : Integer.toString(i + 100),
                    cut);
            histogram(
                    duration,
                    now - 40 + i,
                    now - 4_000,
                    i + 100,
                    fault == Fault.BROKEN_HISTOGRAM && wrong,
                    cut);
        }
    }

    /// Hours of the weeks before, as rollups have them.
    void weeks(int strength) throws InterruptedException {
        String service = service(Fault.VOLUME, strength);
        long hour = now / 3_600 * 3_600 - 3_600;
        double ratio = new double[] {0.1, 0.3, 0.4, 3, 10}[strength];
        long usual = (long) (INSTANCES * 3 * 360 / ratio);
        long id = newSeries(service, "volume", "gauge", "1", "unspecified", "v", "'host':'w'");
        flush();
        for (int week = 1; week < 4; week++) {
            store.client.execute(
                    "INSERT INTO otel_metrics.rollup_1h (metric_id, series_id, time, count, retention_days, version) VALUES (%d, %d, toDateTime(%d, 'UTC'), %d, 30000, 1)"
                            .formatted(
                                    metricId("volume"), id, hour - week * 604_800L, usual + week));
        }
    }

    void flush() throws InterruptedException {
        insert(
                "series (metric_id, series_id, fingerprint, metric_name, type, unit, temporality, monotonic, service_name, environment, data_plane_id, resource, attributes, resource_map, attributes_map, description, retention_days, first_seen, last_seen)",
                series);
        insert(
                "samples (metric_id, series_id, time, start_time, value, src, seq, retention_days)",
                samples);
        insert(
                "histograms (metric_id, series_id, time, start_time, count, sum, bounds, bucket_counts, src, seq, retention_days)",
                histograms);
        seq++;
    }

    private void insert(String into, StringBuilder rows) throws InterruptedException {
        if (!rows.isEmpty()) {
            rows.setLength(rows.length() - 1);
            store.client.executeLong("INSERT INTO otel_metrics." + into + " VALUES " + rows);
            rows.setLength(0);
        }
    }
}
