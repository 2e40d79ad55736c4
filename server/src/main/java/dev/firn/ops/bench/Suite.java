package dev.firn.ops.bench;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.WorldException;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakeLs;
import dev.firn.lake.LakePaths;
import dev.firn.ops.load.Fault;
import dev.firn.ops.load.LedgerSink;
import dev.firn.ops.load.Load;
import dev.firn.ops.load.LoadOptions;
import dev.firn.ops.load.Sender;
import dev.firn.ops.report.Report;
import dev.firn.ops.report.Report.Part;
import dev.firn.ops.report.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.stream.Stream;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.LocalInputFile;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The seed's three benchmarks against a Firn of its own: what the load generator's shop sends, how
/// fast it is taken and asked for, and what it takes on disk.
public final class Suite {
    /// What is measured; the load is sent in any case.
    public enum Area {
        INGEST,
        QUERY,
        STORAGE
    }

    /// How much.
    ///
    /// @param historyNanos of the shop, a step a minute
    /// @param repeats of each query, or as many as fit into ten seconds
    public record Size(long historyNanos, int repeats) {}

    /// A column of a table of the lake: its pages as they lie in the files, and before compression.
    record Column(String table, String name, long rows, long bytes, long uncompressedBytes) {
        Column plus(Column more) {
            return new Column(
                    table,
                    name,
                    rows + more.rows,
                    bytes + more.bytes,
                    uncompressedBytes + more.uncompressedBytes);
        }
    }

    /// Title of the part that the next run compares with.
    public static final String FIGURES = "Figures, beside those of the last run";

    private static final String MINUTES = "minutes of history";
    private static final String STORED =
            "SELECT (SELECT count() FROM samples) + (SELECT count() FROM histograms)"
                    + " + (SELECT count() FROM exponential_histograms) + (SELECT count() FROM summaries) AS n";
    private static final long QUIET_NANOS_MAX = 600_000_000_000L;
    private static final long QUERY_NANOS_MAX = 10_000_000_000L;
    private static final long SENDING_MILLIS = 500;
    private static final int COLUMNS_MAX = 20;
    private static final List<Double> QUANTILES = List.of(0.5, 0.95, 0.99);
    private static final ParquetReadOptions FOOTERS =
            ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
    private static final String CACHED =
            " SETTINGS use_query_cache = 1, query_cache_nondeterministic_function_handling = 'save'";

    /// The seed's four, then what dashboards and people ask.
    private static final Map<String, String> QUERIES = new LinkedHashMap<>();

    static {
        QUERIES.put("seed 1: count of points", "SELECT count() FROM metrics_local_v2");
        QUERIES.put(
                "seed 2: points by environment",
                "SELECT environment, count() FROM metrics_local_v2 WHERE date >= today() - 7 GROUP BY environment");
        QUERIES.put(
                "seed 3: p95 by route, from points",
                "SELECT environment, http_route, quantile(0.95)(metric_value) FROM metrics_local_v2 WHERE metric_name = 'http_server_duration' AND date >= today() - 7 GROUP BY environment, http_route");
        QUERIES.put(
                "seed 4: daily summary",
                "SELECT * FROM v_daily_summary WHERE date >= today() - 30");
        QUERIES.put("dashboard by hour", "SELECT * FROM v_dashboard_hourly");
        QUERIES.put("top endpoints", "SELECT * FROM v_top_endpoints");
        QUERIES.put(
                "series by service",
                "SELECT service_name, count() FROM series GROUP BY service_name");
        QUERIES.put(
                "the lake, by day",
                "SELECT year, month, day, count() FROM metric_parquet GROUP BY ALL");
        QUERIES.put(
                "PromQL: rate of six hours",
                "sum by (environment) (rate(http_server_request_duration_seconds_count[5m]))");
    }

    private FirnChild firn;
    private final Size size;
    private final Consumer<String> progress;
    private final DoubleConsumer sending;
    private final Map<String, Double> figures = new LinkedHashMap<>();
    private long accepted;
    private double otlpBytes;
    private final List<Part> parts = new ArrayList<>();

    private Suite(FirnChild firn, Size size, Consumer<String> progress, DoubleConsumer sending) {
        this.firn = firn;
        this.size = size;
        this.progress = progress;
        this.sending = sending;
    }

    /// Measures.
    ///
    /// @param folder an empty folder for data and logs
    /// @param version of Firn, for the note on the machine
    /// @param last the figures of the run to compare with; empty: none
    /// @param sending told twice a second which share of the load is sent; in the end, 1
    public static Report run(
            Set<Area> areas,
            Size size,
            Path folder,
            String version,
            Map<String, Double> last,
            Consumer<String> progress,
            DoubleConsumer sending)
            throws IOException, InterruptedException {
        var suite = new Suite(FirnChild.start(folder, List.of(), ""), size, progress, sending);
        try {
            suite.machine();
            suite.ingest(areas.contains(Area.INGEST));
            if (areas.contains(Area.STORAGE)) {
                suite.storage();
            }
            if (areas.contains(Area.QUERY)) {
                suite.queries();
            }
            suite.compare(last);
        } finally {
            suite.firn.close();
        }
        return new Report(
                "bench",
                "Benchmarks of Firn " + version,
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                suite.parts);
    }

    private void machine() {
        var system =
                (com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean();
        rows(
                "Machine",
                List.of("what", "is"),
                List.of(
                        row(
                                "system",
                                System.getProperty("os.name")
                                        + " "
                                        + System.getProperty("os.version")
                                        + " "
                                        + System.getProperty("os.arch")),
                        row("processor", processor()),
                        row("processors", Integer.toString(system.getAvailableProcessors())),
                        row(
                                "load before",
                                String.format(
                                        java.util.Locale.ROOT,
                                        "%.2f",
                                        system.getSystemLoadAverage())),
                        row("memory", (system.getTotalMemorySize() >> 20) + " MiB"),
                        row("java", Runtime.version().toString())));
    }

    private static String processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .orElse(": unknown")
                    .replaceFirst("[^:]*: *", "");
        } catch (IOException | UncheckedIOException e) {
            return "unknown";
        }
    }

    /// Sends the history and waits until engine and lake have it.
    private void ingest(boolean shown) throws InterruptedException {
        progress.accept(
                "sending "
                        + Duration.ofNanos(size.historyNanos).toMinutes()
                        + " minutes of the shop's metrics");
        long until = Clock.system().nanos();
        long began = System.nanoTime();
        Load.Progress sent = send(until - size.historyNanos, until);
        long answered = System.nanoTime();
        accepted = sent.points() - sent.rejected();
        if (accepted == 0) {
            throw new WorldException("the Firn under test took nothing: " + sent.trouble());
        }
        otlpBytes = sent.bytes() / (double) sent.points();
        progress.accept(
                "waiting until engine and lake have " + accepted + " points, and rollups are made");
        double engine = until("engine", () -> number(STORED) >= accepted, answered);
        double lake = until("lake", () -> lakePoints() >= accepted, answered);
        until(
                "rollups",
                () ->
                        number("SELECT count() AS n FROM system.merges") == 0
                                && number("SELECT count() AS n FROM firn_rollup_marks FINAL") == 0,
                answered);
        if (!shown) {
            return;
        }
        figures.put("points accepted", (double) accepted);
        figures.put("points stored in the engine", number(STORED));
        figures.put("points stored in the lake", lakePoints());
        figures.put("points refused", (double) sent.rejected());
        figures.put("requests without success", (double) (sent.refused() + sent.unanswered()));
        figures.put("points a second", sent.points() / ((answered - began) / 1e9));
        figures.put("engine behind the last answer, seconds", engine);
        figures.put("lake behind the last answer, seconds", lake);
        figures.put(
                "CPU seconds of Firn a million points, its start included",
                firn.cpuSeconds() / accepted * 1e6);
        figures.put(
                "CPU seconds of the engine a million points, its start included",
                firn.engineCpuSeconds() / accepted * 1e6);
        figures("Ingestion under the load generator", figures);
    }

    private Load.Progress send(long from, long until) throws InterruptedException {
        Load[] held = new Load[1]; // the load pauses the sender that it is given
        try (var sender =
                new Sender(
                        firn.otlp(),
                        false,
                        Duration.ofMinutes(5),
                        Clock.system(),
                        millis -> held[0].pause(millis))) {
            var load =
                    new Load(
                            LoadOptions.history(1, from, until),
                            LedgerSink.none(),
                            sender::send,
                            Fault::none,
                            Clock.system());
            held[0] = load;
            var over = new CountDownLatch(1);
            Thread teller = Thread.ofVirtual().start(() -> tell(load, from, until, over));
            try {
                return load.run();
            } finally {
                over.countDown();
                teller.join();
            }
        }
    }

    private void tell(Load load, long from, long until, CountDownLatch over) {
        try {
            while (!over.await(SENDING_MILLIS, TimeUnit.MILLISECONDS)) {
                sending.accept(share(load.progress().acknowledgedNanos(), from, until));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        sending.accept(1);
    }

    static double share(long at, long from, long until) {
        return Math.clamp((double) (at - from) / (until - from), 0.0, 1.0);
    }

    /// Seconds from a moment until it holds.
    private static double until(String what, BooleanSupplier holds, long since) {
        long deadline = System.nanoTime() + QUIET_NANOS_MAX;
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new WorldException("not everything was done within ten minutes: " + what);
            }
            FirnChild.pause(200);
        }
        return (System.nanoTime() - since) / 1e9;
    }

    private double lakePoints() {
        for (JsonNode table : firn.json("/api/firn/v1/lake")) {
            if (table.get("name").asString().endsWith("points")) {
                return table.get("rows").asDouble();
            }
        }
        return 0;
    }

    private void storage() throws IOException {
        parts.add(
                asked(
                        "Tables of the engine",
                        "SELECT table, sum(rows) AS stored_rows, sum(bytes_on_disk) AS bytes, sum(data_uncompressed_bytes) AS uncompressed_bytes, sum(data_compressed_bytes) / sum(data_uncompressed_bytes) AS ratio, sum(bytes_on_disk) / sum(rows) AS bytes_per_row FROM system.parts WHERE active AND database = 'otel_metrics' GROUP BY table ORDER BY bytes DESC",
                        "table",
                        "bytes"));
        parts.add(
                asked(
                        "Largest columns of the engine",
                        "SELECT table, column, sum(column_data_compressed_bytes) AS bytes, sum(column_data_uncompressed_bytes) AS uncompressed_bytes, sum(column_data_compressed_bytes) / sum(rows) AS per_row FROM system.parts_columns WHERE active AND database = 'otel_metrics' GROUP BY table, column HAVING bytes > 0 ORDER BY bytes DESC LIMIT 20",
                        "column",
                        "bytes"));
        parts.addAll(lake(firn.data()));
        double points = accepted;
        var each = new LinkedHashMap<String, Double>();
        each.put("OTLP bytes a point", otlpBytes);
        each.put("log bytes a point", firn.metric("firn_wal_written_bytes_total") / points);
        each.put(
                "engine bytes a point, points alone",
                number(
                                "SELECT sum(bytes_on_disk) AS n FROM system.parts WHERE active AND database = 'otel_metrics' AND table IN ('samples', 'histograms', 'exponential_histograms', 'summaries', 'exemplars', 'series')")
                        / points);
        each.put(
                "engine bytes a point, everything",
                number(
                                "SELECT sum(bytes_on_disk) AS n FROM system.parts WHERE active AND database = 'otel_metrics'")
                        / points);
        try (Stream<Path> files = Files.walk(firn.data().resolve("lake/warehouse"))) {
            each.put(
                    "lake bytes a point",
                    files.filter(file -> file.toString().endsWith(".parquet"))
                                    .mapToLong(file -> file.toFile().length())
                                    .sum()
                            / points);
        }
        figures.putAll(each);
        figures("Bytes a point", each);
    }

    /// What the newest snapshots hold: files that a compaction replaced do not count.
    static List<Part> lake(Path data) throws IOException {
        var tables = new ArrayList<List<@Nullable Object>>();
        var columns = new ArrayList<Column>();
        try (var catalog = LakeCatalog.sqlite(data, new NioDisk())) {
            var lake = new LakeLs(catalog);
            for (String name : catalog.tables()) {
                List<LakeLs.FileInfo> files = lake.files(name);
                long rows = files.stream().mapToLong(LakeLs.FileInfo::rows).sum();
                long bytes = files.stream().mapToLong(LakeLs.FileInfo::bytes).sum();
                tables.add(
                        Arrays.asList(name, (long) files.size(), rows, bytes, perRow(bytes, rows)));
                columns.addAll(columns(name, files));
            }
        }
        return List.of(
                bars(
                        "Tables of the lake",
                        List.of("table", "files", "rows", "bytes", "bytes_per_row"),
                        tables,
                        "table"),
                bars(
                        "Largest columns of the lake",
                        List.of("table", "column", "bytes", "uncompressed_bytes", "per_row"),
                        largest(columns),
                        "column"));
    }

    private static Collection<Column> columns(String table, List<LakeLs.FileInfo> files)
            throws IOException {
        var columns = new TreeMap<String, Column>();
        for (LakeLs.FileInfo file : files) {
            var input = new LocalInputFile(LakePaths.local(file.path()));
            try (var reader = ParquetFileReader.open(input, FOOTERS)) {
                for (BlockMetaData rows : reader.getRowGroups()) {
                    for (ColumnChunkMetaData chunk : rows.getColumns()) {
                        String name = chunk.getPath().toDotString();
                        columns.merge(
                                name,
                                new Column(
                                        table,
                                        name,
                                        rows.getRowCount(),
                                        chunk.getTotalSize(),
                                        chunk.getTotalUncompressedSize()),
                                Column::plus);
                    }
                }
            }
        }
        return columns.values();
    }

    static List<List<@Nullable Object>> largest(Collection<Column> columns) {
        var rows = new ArrayList<List<@Nullable Object>>();
        columns.stream()
                .sorted(Comparator.comparingLong(Column::bytes).reversed())
                .limit(COLUMNS_MAX)
                .forEach(column ->
                        rows.add(
                                Arrays.asList(
                                        column.table,
                                        column.name,
                                        column.bytes,
                                        column.uncompressedBytes,
                                        perRow(column.bytes, column.rows))));
        return rows;
    }

    private static @Nullable Double perRow(long bytes, long rows) {
        return rows == 0 ? null : (Double) (bytes / (double) rows);
    }

    private static Part bars(
            String title, List<String> columns, List<List<@Nullable Object>> rows, String x) {
        return new Part(
                title,
                "none",
                new Table(columns, rows),
                Optional.of(new Report.Chart(false, x, List.of("bytes"))));
    }

    private Part asked(String title, String sql, String x, String bar) {
        List<JsonNode> found = firn.sql(sql);
        var columns = new ArrayList<String>();
        var all = new ArrayList<List<@Nullable Object>>();
        for (JsonNode one : found) {
            if (columns.isEmpty()) {
                columns.addAll(one.propertyNames());
            }
            var cells = new ArrayList<@Nullable Object>();
            for (String column : columns) {
                String text = one.get(column).asString();
                cells.add(
                        text.matches("-?[0-9]+")
                                ? (Object) Long.valueOf(text)
                                : text.matches("-?[0-9.e+-]+")
                                        ? (Object) Double.valueOf(text)
                                        : text);
            }
            all.add(cells);
        }
        return new Part(
                title,
                "none: small parts keep no sizes by column",
                new Table(columns, all),
                Optional.of(new Report.Chart(false, x, List.of(bar))));
    }

    /// After a restart, so that the first answer comes from a process without caches (the system's
    /// are warm).
    private void queries() throws IOException {
        firn.stop();
        firn = firn.again();
        var all = new ArrayList<List<@Nullable Object>>();
        for (Map.Entry<String, String> one : QUERIES.entrySet()) {
            progress.accept(one.getKey());
            boolean promql = one.getKey().startsWith("PromQL");
            double cold = millis(one.getValue(), promql);
            double[] warm = repeated(one.getValue(), promql);
            figures.put(one.getKey() + ", p50 milliseconds", quantile(warm, 0.5));
            var row = new ArrayList<@Nullable Object>();
            row.add(one.getKey());
            row.add(cold);
            row.addAll(quantiles(warm));
            row.add((long) warm.length);
            row.addAll(quantiles(promql ? new double[0] : cached(one.getValue())));
            all.add(row);
        }
        parts.add(
                new Part(
                        "Queries, milliseconds (cold: one answer after a restart)",
                        "none",
                        new Table(
                                List.of(
                                        "query",
                                        "cold",
                                        "p50",
                                        "p95",
                                        "p99",
                                        "times",
                                        "cached_p50",
                                        "cached_p95",
                                        "cached_p99"),
                                all),
                        Optional.of(new Report.Chart(false, "query", List.of("p50")))));
    }

    /// Of answers that the engine keeps.
    private double[] cached(String query) {
        millis(query + CACHED, false);
        return repeated(query + CACHED, false);
    }

    private double[] repeated(String query, boolean promql) {
        var millis = new double[size.repeats];
        long deadline = System.nanoTime() + QUERY_NANOS_MAX;
        int done = 0;
        while (done < millis.length && (done == 0 || System.nanoTime() < deadline)) {
            millis[done++] = millis(query, promql);
        }
        double[] all = Arrays.copyOf(millis, done);
        Arrays.sort(all);
        return all;
    }

    private double millis(String query, boolean promql) {
        long end = Clock.system().nanos() / 1_000_000_000;
        long began = System.nanoTime();
        if (promql) {
            firn.json(
                    "/api/v1/query_range?query=%s&start=%d&end=%d&step=60"
                            .formatted(
                                    URLEncoder.encode(query, StandardCharsets.UTF_8),
                                    end - 21_600,
                                    end));
        } else {
            firn.sql(query);
        }
        return (System.nanoTime() - began) / 1e6;
    }

    /// p50, p95 and p99 of sorted values; nulls where there are none.
    static List<@Nullable Double> quantiles(double[] sorted) {
        var all = new ArrayList<@Nullable Double>();
        for (double share : QUANTILES) {
            all.add(sorted.length == 0 ? null : (Double) quantile(sorted, share));
        }
        return all;
    }

    /// Of sorted values, by nearest rank.
    static double quantile(double[] sorted, double share) {
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }

    /// Runs of another size say nothing.
    private void compare(Map<String, Double> all) {
        double minutes = size.historyNanos / 60e9;
        Map<String, Double> last =
                all.getOrDefault(MINUTES, minutes) == minutes ? all : Map.<String, Double>of();
        figures.put(MINUTES, minutes);
        var rows = new ArrayList<List<@Nullable Object>>();
        figures.forEach((name, now) -> {
            @Nullable Double before = last.get(name);
            rows.add(Arrays.asList(name, now, before, change(before, now)));
        });
        rows(FIGURES, List.of("figure", "now", "before", "change_percent"), rows);
    }

    static @Nullable Double change(@Nullable Double before, double now) {
        return before == null || before == 0 ? null : (Double) (100 * (now - before) / before);
    }

    private void figures(String title, Map<String, Double> which) {
        var all = new ArrayList<List<@Nullable Object>>();
        which.forEach((name, value) -> all.add(row(name, value)));
        rows(title, List.of("figure", "value"), all);
    }

    private void rows(String title, List<String> columns, List<List<@Nullable Object>> all) {
        parts.add(new Part(title, "none", new Table(columns, all), Optional.empty()));
    }

    private static List<@Nullable Object> row(String name, Object value) {
        return List.of(name, value);
    }

    private double number(String statement) {
        return firn.sql(statement).getFirst().get("n").asDouble();
    }
}
