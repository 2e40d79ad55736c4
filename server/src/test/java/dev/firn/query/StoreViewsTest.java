package dev.firn.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.query.SloDefinitions.Definition;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The views on chosen points: none, one, at a year's end, and against what the points say.
final class StoreViewsTest {
    private static final String BOUNDS = "[0.1, 0.5, 2]";

    @TempDir static Path data;
    private static TestStore store;

    @BeforeAll
    static void start() throws InterruptedException {
        store = new TestStore(data);
        StoreViews.define(store.client, TestStore.DATABASE, false);
        StoreViews.define(store.client, TestStore.DATABASE, false); // as each start does
    }

    @AfterAll
    static void stop() {
        store.close();
    }

    @BeforeEach
    void empty() throws InterruptedException {
        for (String table :
                List.of("series", "samples", "histograms", "exponential_histograms", "summaries")) {
            store.client.execute("TRUNCATE TABLE otel_metrics." + table);
        }
    }

    private static final String FINE =
            "(from = 1748772000, to = 1748775600, window = 60)"; // 2025-06-01 10:00

    private static List<String> views() {
        return StoreViews.VIEWS.stream()
                .map(StoreViews.View::name)
                .map(name -> name.equals("distributions_fine") ? name + FINE : name)
                .toList();
    }

    private static void series(
            int id, String name, String type, String unit, String temporality, String more)
            throws InterruptedException {
        store.client.execute(
                ("INSERT INTO otel_metrics.series (metric_id, series_id, metric_name, type, unit,"
                                + " temporality, monotonic, environment, data_plane_id, http_route,"
                                + " http_status_code, service_name) VALUES (1, %d, '%s', '%s', '%s',"
                                + " '%s', %d, 'prod', 'p1', '/x', '%s', 's')")
                        .formatted(
                                id,
                                name,
                                type,
                                unit,
                                temporality,
                                type.equals("sum") ? 1 : 0,
                                more));
    }

    private static void histogram(
            int id, String time, String start, long count, double sum, String buckets)
            throws InterruptedException {
        store.client.execute(
                ("INSERT INTO otel_metrics.histograms (metric_id, series_id, time, start_time,"
                                + " count, sum, has, bounds, bucket_counts, src, seq,"
                                + " retention_days) VALUES (1, %d, '%s', '%s', %d, %s, 1, %s, %s, 'w',"
                                + " 1, 36500)")
                        .formatted(id, time, start, count, sum, BOUNDS, buckets));
    }

    @Test
    void everyFileIsListedAndSaysWhatItIs() throws Exception {
        URI at = Objects.requireNonNull(StoreViews.class.getResource("/sql/views")).toURI();
        try (var files = Files.list(Path.of(at))) {
            var used =
                    new HashSet<>(
                            Set.of(
                                    StoreViews.MERGED,
                                    StoreViews.SPREAD,
                                    StoreViews.NAMES,
                                    StoreViews.COLD));
            StoreViews.VIEWS.forEach(view -> used.add(view.file()));
            for (Path file : files.toList()) {
                assertThat(used).contains(file.getFileName().toString().replace(".sql", ""));
                assertThat(Files.readAllLines(file).getFirst()).startsWith("-- ").endsWith(".");
            }
        }
    }

    @Test
    void everyViewAnswersWithoutAPoint() throws InterruptedException {
        for (String view : views()) {
            assertThat(store.rows("SELECT * FROM " + view)).as(view).isEmpty();
        }
    }

    @Test
    void everyViewAnswersOnOnePointOfEachKind() throws InterruptedException {
        series(1, "http.server.duration", "histogram", "ms", "delta", "500");
        store.client.execute(
                "INSERT INTO otel_metrics.histograms (metric_id, series_id, time, start_time, count,"
                        + " sum, min, max, has, bounds, bucket_counts, src, seq, retention_days)"
                        + " SELECT 1, 1, toStartOfHour(now()), toStartOfHour(now()) - 60, 4, 600., 50.,"
                        + " 350., 7, [100., 500.], [1, 3, 0], 'w', 1, 90");
        for (String view : views()) {
            store.client.execute("SELECT * FROM " + view + " FORMAT Null");
        }
        assertThat(
                        store.rows(
                                "SELECT metric_name, metric_value, metric_type, http_status_code"
                                        + " FROM metrics_local_v2"))
                .containsExactly("http_server_duration|0.15|histogram|500");
        assertThat(
                        store.rows(
                                "SELECT request_count, error_count, total_duration, min_duration,"
                                        + " max_duration FROM metrics_hourly_v2"))
                .containsExactly("4|4|0.6|0.05|0.35");
        assertThat(
                        store.rows(
                                "SELECT error_rate, avg_duration, service_name, client_errors,"
                                        + " p50_duration > 0.1 AND p50_duration <= 0.5 FROM"
                                        + " v_dashboard_hourly"))
                .containsExactly("100|0.15|s|0|1");
        assertThat(store.rows("SELECT total_requests, total_errors FROM v_daily_summary"))
                .containsExactly("4|4");
        assertThat(store.rows("SELECT http_route, total_requests FROM v_top_endpoints"))
                .containsExactly("/x|4");
        assertThat(store.rows("SELECT metric_name, event_count, mean FROM v_histogram_hourly"))
                .containsExactly("http_server_duration|4|0.15");

        series(2, "queue.size", "gauge", "1", "", "");
        series(3, "jobs", "sum", "{job}", "cumulative", "");
        for (int id = 2; id <= 3; id++) {
            store.client.execute(
                    "INSERT INTO otel_metrics.samples (metric_id, series_id, time, start_time,"
                            + " value, src, seq, retention_days) SELECT 1, "
                            + id
                            + ", toStartOfHour(now()), toStartOfHour(now()) - 60, 5, 'w', 1, 90");
        }
        assertThat(store.rows("SELECT metric_name, mean, last FROM v_gauge_hourly"))
                .containsExactly("queue_size_ratio|5|5");
        assertThat(store.rows("SELECT metric_name, increase FROM v_counter_hourly"))
                .containsExactly("jobs_total|5");
    }

    @Test
    void aYearsEndIsLikeAnyOther() throws InterruptedException {
        series(1, "http.server.request.duration", "histogram", "s", "cumulative", "200");
        String start = "2024-12-31 23:58:00";
        histogram(1, "2024-12-31 23:59:30", start, 2, 0.5, "[1, 1, 0, 0]");
        histogram(1, "2025-01-01 00:00:30", start, 5, 4.5, "[1, 2, 2, 0]");
        histogram(1, "2025-01-01 01:00:00", "2025-01-01 00:59:30", 1, 8, "[0, 0, 0, 1]");
        assertThat(
                        store.rows(
                                "SELECT date, hour, request_count, total_duration FROM"
                                        + " metrics_hourly_v2 ORDER BY date, hour"))
                .containsExactly("2024-12-31|23|2|0.5", "2025-01-01|0|3|4", "2025-01-01|1|1|8");
        assertThat(store.rows("SELECT date, total_requests FROM v_daily_summary ORDER BY date"))
                .containsExactly("2024-12-31|2", "2025-01-01|4");
        assertThat(
                        store.rows(
                                "SELECT timestamp, metric_value FROM metrics_local_v2 ORDER BY"
                                        + " timestamp"))
                .containsExactly(
                        "2024-12-31 23:59:30.000|0.25",
                        "2025-01-01 00:00:30.000|1.3333333333333333",
                        "2025-01-01 01:00:00.000|8");
        assertThat(store.rows("SELECT count() FROM v_top_endpoints")).containsExactly("0");
    }

    /// Against the points themselves: duplicates, stale markers, unknown starts, first points.
    @Test
    void increasesFollowTheRules() throws InterruptedException {
        series(1, "http.server.request.duration", "histogram", "s", "cumulative", "200");
        histogram(1, "2025-06-01 10:00:00", "2025-06-01 08:00:00", 100, 10, "[100, 0, 0, 0]");
        histogram(1, "2025-06-01 10:01:00", "2025-06-01 08:00:00", 103, 11, "[103, 0, 0, 0]");
        histogram(1, "2025-06-01 10:01:00", "2025-06-01 08:00:00", 103, 11, "[103, 0, 0, 0]");
        store.client.execute(
                "INSERT INTO otel_metrics.histograms (metric_id, series_id, time, start_time, flags,"
                        + " src, seq, retention_days) VALUES (1, 1, '2025-06-01 10:02:00',"
                        + " '2025-06-01 08:00:00', 1, 'w', 1, 36500)");
        histogram(1, "2025-06-01 10:03:00", "2025-06-01 08:00:00", 107, 13, "[107, 0, 0, 0]");
        assertThat(store.rows("SELECT request_count, total_duration FROM metrics_hourly_v2"))
                .containsExactly("7|3");
        assertThat(store.rows("SELECT count() FROM metrics_local_v2")).containsExactly("5");
        String fine = "SELECT start, sum(events), sum(total) FROM distributions_fine";
        assertThat(store.rows(fine + FINE + " GROUP BY start ORDER BY start"))
                .containsExactly("2025-06-01 10:01:00|3|1", "2025-06-01 10:03:00|4|2");
        // what was before the windows is where their increases start
        assertThat(store.rows(fine + FINE.replace("2000", "2120") + " GROUP BY start"))
                .containsExactly("2025-06-01 10:03:00|4|2");
    }

    @Test
    void quantilesLieInTheBucketOfTheTrueOne() throws InterruptedException {
        var random = new Random(5);
        double[] bounds = {0.1, 0.5, 2};
        for (int round = 0; round < 4; round++) {
            empty();
            series(1, "http.server.request.duration", "histogram", "s", "delta", "200");
            series(2, "http.server.request.duration", "histogram", "s", "delta", "404");
            double[] all = new double[0];
            for (int point = 0; point < 4; point++) {
                double[] values =
                        IntStream.range(0, 1 + random.nextInt(40))
                                .mapToDouble(_ -> Math.exp(random.nextGaussian()) * 0.4)
                                .toArray();
                long[] buckets = new long[4];
                for (double value : values) {
                    buckets[bucket(bounds, value)]++;
                }
                histogram(
                        1 + point % 2,
                        "2025-06-01 10:0" + point + ":00",
                        "2025-06-01 08:00:00",
                        values.length,
                        Arrays.stream(values).sum(),
                        Arrays.toString(buckets));
                all = concat(all, values);
            }
            Arrays.sort(all);
            String row =
                    store.rows(
                                    "SELECT p50_duration, p95_duration, p99_duration FROM"
                                            + " v_dashboard_hourly")
                            .getFirst();
            String[] found = row.split("\\|");
            double[] levels = {0.5, 0.95, 0.99};
            for (int i = 0; i < 3; i++) {
                double truth = all[(int) Math.ceil(levels[i] * all.length) - 1];
                int expected = bucket(bounds, truth);
                double value = Double.parseDouble(found[i]);
                // What lies beyond the last bound is told as the last bound, as PromQL tells it.
                int actual = expected == 3 && value == 2 ? 3 : bucket(bounds, value);
                assertThat(actual).as("%s of %s", row, Arrays.toString(all)).isEqualTo(expected);
            }
        }
    }

    private static int bucket(double[] bounds, double value) {
        int bucket = 0;
        while (bucket < bounds.length && value > bounds[bucket]) {
            bucket++;
        }
        return bucket;
    }

    private static double[] concat(double[] a, double[] b) {
        double[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    @Test
    void exponentialHistogramsMeetAtTheSmallerScale() throws InterruptedException {
        series(1, "http.client.request.duration", "exponential_histogram", "s", "cumulative", "");
        exponential("10:00:00", 4, 1, 0, "[1, 2, 1]"); // base 2^(1/2): (1, 2.83]
        exponential("10:06:00", 10, 0, 0, "[4, 3, 3]"); // base 2: (1, 8]
        assertThat(
                        store.rows(
                                "SELECT metric_name, event_count, p50 > 2 AND p50 <= 4, p99 > 4 AND"
                                        + " p99 <= 8, round(max, 9) FROM v_histogram_hourly"))
                .containsExactly("http_client_request_duration_seconds|10|1|1|8");
        assertThat(
                        store.rows(
                                "SELECT scale, positive_offset, positive_buckets FROM rollup_5m_now"
                                        + " WHERE time = '2025-06-01 10:05:00'"))
                .containsExactly("0|0|[1,2,3]"); // (1,2]: 4-3, (2,4]: 3-1, (4,8]: 3
    }

    private static void exponential(String time, long count, int scale, int offset, String buckets)
            throws InterruptedException {
        store.client.execute(
                ("INSERT INTO otel_metrics.exponential_histograms (metric_id, series_id, time,"
                                + " start_time, count, sum, has, scale, positive_offset,"
                                + " positive_counts, src, seq, retention_days) VALUES (1, 1,"
                                + " '2025-06-01 %s', '2025-06-01 09:59:00', %d, %d, 1, %d, %d, %s, 'w',"
                                + " 1, 36500)")
                        .formatted(time, count, count, scale, offset, buckets));
    }

    @Test
    void boundsThatChangeAreComparedOnThoseInCommon() throws InterruptedException {
        series(1, "http.server.request.duration", "histogram", "s", "cumulative", "200");
        histogram(1, "2025-06-01 10:00:00", "2025-06-01 09:59:00", 4, 1, "[1, 1, 1, 1]");
        store.client.execute(
                "INSERT INTO otel_metrics.histograms (metric_id, series_id, time, start_time, count,"
                        + " sum, has, bounds, bucket_counts, src, seq, retention_days) VALUES (1, 1,"
                        + " '2025-06-01 10:06:00', '2025-06-01 09:59:00', 10, 2, 1, [0.1, 1, 2], [2,"
                        + " 2, 3, 3], 'w', 1, 36500)");
        assertThat(store.rows("SELECT bounds, buckets FROM rollup_5m_now ORDER BY time"))
                .containsExactly("[0.1,0.5,2]|[1,1,1,1]", "[0.1,2]|[1,3,2]");
    }

    @Test
    void unitsBecomeSeconds() throws InterruptedException {
        String[] units = {"ns", "us", "ms", "s", "min", "h", "By"};
        for (int i = 0; i < units.length; i++) {
            series(i + 1, "some.time", "histogram", units[i], "delta", "");
            histogram(i + 1, "2025-06-01 10:00:00", "2025-06-01 09:59:00", 1, 1, "[0, 0, 1, 0]");
        }
        assertThat(
                        store.rows(
                                "SELECT metric_name, total FROM v_histogram_hourly"
                                        + " ORDER BY total, metric_name"))
                .containsExactly(
                        "some_time_nanoseconds|1e-9",
                        "some_time_microseconds|0.000001",
                        "some_time_milliseconds|0.001",
                        "some_time_bytes|1",
                        "some_time_seconds|1",
                        "some_time_minutes|60",
                        "some_time_hours|3600");
        assertThat(store.rows("SELECT count() FROM metrics_hourly_v2")).containsExactly("6");
    }

    @Test
    void viewsKeepTheSeedsColumns() throws InterruptedException {
        assertThat(columns("metrics_local_v2"))
                .isEqualTo(
                        "timestamp,metric_name,metric_value,metric_type,http_method,http_route,"
                                + "http_status_code,environment,data_plane_id,service_name,"
                                + "cluster_id,region,date,hour");
        assertThat(columns("metrics_local")).isEqualTo(columns("metrics_local_v2"));
        assertThat(columns("metrics_hourly_v2"))
                .startsWith(
                        "date,hour,environment,data_plane_id,metric_name,http_route,"
                                + "http_status_code,request_count,error_count,total_duration,"
                                + "min_duration,max_duration,duration_quantiles");
        assertThat(columns("metrics_hourly")).isEqualTo(columns("metrics_hourly_v2"));
        assertThat("date,hour," + columns("metrics_daily").substring(5))
                .isEqualTo(columns("metrics_hourly_v2"));
        assertThat(columns("v_dashboard_hourly"))
                .startsWith(
                        "timestamp,environment,data_plane_id,metric_name,http_route,request_count,"
                                + "error_count,error_rate,avg_duration,p50_duration,p95_duration,"
                                + "p99_duration");
        assertThat(columns("v_daily_summary"))
                .startsWith(
                        "date,environment,data_plane_id,total_requests,total_errors,error_rate,"
                                + "avg_duration,max_duration");
        assertThat(columns("v_top_endpoints"))
                .startsWith("environment,http_route,total_requests,avg_duration,p95_duration");
    }

    @Test
    void objectivesLiveOutsideTheEngine(@TempDir Path folder) throws Exception {
        String four =
                "SELECT environment, metric_name, slo_type, threshold, description FROM"
                        + " slo_definitions";
        var definitions = SloDefinitions.open(folder);
        definitions.begin(store.client, TestStore.DATABASE);
        List<String> rows = store.rows(four);
        assertThat(rows)
                .containsExactlyInAnyOrder(
                        "prod|http_server_duration|latency_p95|0.5|P95 latency < 500ms",
                        "prod|http_server_duration|error_rate|1|Error rate < 1%",
                        "dev|http_server_duration|latency_p95|1|P95 latency < 1s",
                        "dev|http_server_duration|error_rate|5|Error rate < 5%");
        assertThat(columns("slo_definitions"))
                .isEqualTo("environment,metric_name,slo_type,threshold,description");

        try (var connection =
                        java.sql.DriverManager.getConnection(
                                "jdbc:sqlite:" + folder.resolve(StateFile.FILE));
                var statement = connection.createStatement()) {
            statement.execute("DELETE FROM slo_definitions WHERE environment = 'dev'");
            statement.execute(
                    "INSERT INTO slo_definitions VALUES ('qa', 'x', 'availability', 99.9, 'a\tb')");
        }
        SloDefinitions.open(folder).begin(store.client, TestStore.DATABASE);
        assertThat(store.rows(four)).hasSize(3).contains("qa|x|availability|99.9|a\tb");
        store.client.execute("DROP TABLE otel_metrics.slo_definitions"); // a rebuilt engine
        SloDefinitions.open(folder).begin(store.client, TestStore.DATABASE);
        assertThat(store.rows(four)).hasSize(3);
    }

    @Test
    void noRowIsLostBetweenTheFileAndTheCopy(@TempDir Path folder) throws Exception {
        var definitions = SloDefinitions.open(folder);
        definitions.begin(store.client, TestStore.DATABASE);
        int before = definitions.all().size();
        var done = new AtomicBoolean();
        try (var threads = Executors.newSingleThreadExecutor()) {
            Future<?> worker =
                    threads.submit(() -> {
                        while (!done.get()) {
                            definitions.take(store.client, TestStore.DATABASE);
                        }
                        return null;
                    });
            try {
                for (int i = 0; i < 40; i++) {
                    var row = new Definition("qa", "m" + i, "availability", 99, "");
                    definitions.change(
                            store.client, TestStore.DATABASE, () -> definitions.put(row));
                    assertThat(definitions.all()).hasSize(before + i + 1).contains(row);
                }
            } finally {
                done.set(true);
            }
            worker.get();
        }
        assertThat(store.rows("SELECT count() FROM otel_metrics.slo_definitions"))
                .containsExactly(Integer.toString(before + 40));
    }

    @Test
    void aNewerFileOfObjectivesIsRefused(@TempDir Path folder) throws Exception {
        SloDefinitions.open(folder);
        try (var connection =
                        java.sql.DriverManager.getConnection(
                                "jdbc:sqlite:" + folder.resolve(StateFile.FILE));
                var statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version = 99");
        }
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> SloDefinitions.open(folder))
                .isInstanceOf(dev.firn.base.InputException.class)
                .hasMessageContaining("it has version 99, this Firn knows up to ");
    }

    private static String columns(String view) throws InterruptedException {
        return store.rows("DESCRIBE TABLE otel_metrics." + view).stream()
                .map(row -> row.substring(0, row.indexOf('|')))
                .collect(Collectors.joining(","));
    }
}
