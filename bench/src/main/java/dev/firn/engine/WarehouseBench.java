package dev.firn.engine;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.RollupConfig;
import dev.firn.engine.child.EngineProcess;
import dev.firn.engine.child.QueryLimits;
import dev.firn.query.StoreViews;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// The warehouse under questions: thirty days of points up to now in an engine of its own, rolled
/// up; the same points in the seed's wide table, with its skip indexes and projections and without.
/// Prints bytes by table and column, then for each question milliseconds: the first time after a
/// start of the engine (files are in the system's cache), p50 and p95 of the repetitions, from the
/// result cache, and p50 of the same question on the seed's table. Then Firn's tables beside such
/// with indexes, projections and partitions like the seed's.
///
/// ```
/// java --enable-native-access=ALL-UNNAMED -cp 'bench/target/classes:bench/target/lib/*' dev.firn.engine.WarehouseBench 1000000 1000 20
/// ```
///
/// Arguments: points in all, series, repetitions. `FIRN_ENGINE_LIBRARY` names libchdb.
public final class WarehouseBench implements AutoCloseable {
    private static final String DATABASE = "otel_metrics";
    private static final long DAYS = 30;
    private static final int PART_STEPS = 1_000; // of a series in one INSERT
    private static final long PAUSE_MILLIS = 200;
    private static final long MEMORY = 4L << 30;
    private static final Duration TIMEOUT = Duration.ofMinutes(30);

    private final Path folder = Files.createTempDirectory("firn-warehouse-bench");
    private final HttpClient http = HttpClient.newHttpClient();
    private final long series;
    private final long steps;
    private final int repetitions;
    private EngineProcess process;
    private EngineClient client;
    private long peakBytes;

    private WarehouseBench(long points, long series, int repetitions) throws IOException {
        this.series = series;
        this.steps = points / series;
        this.repetitions = repetitions;
        this.process = start();
        this.client = client();
    }

    /// Runs it.
    public static void main(String[] arguments) throws Exception {
        try (var bench =
                new WarehouseBench(
                        Long.parseLong(arguments[0]),
                        Long.parseLong(arguments[1]),
                        Integer.parseInt(arguments[2]))) {
            bench.run();
        }
    }

    private EngineProcess start() {
        return EngineProcess.start(
                new dev.firn.engine.child.EngineConfig(
                        library(),
                        folder.toAbsolutePath(),
                        "127.0.0.1",
                        0,
                        EngineProcess.newSecret(),
                        MEMORY,
                        DATABASE,
                        QueryLimits.within(MEMORY)),
                new OwnMetrics());
    }

    private static Path library() {
        String told = System.getenv("FIRN_ENGINE_LIBRARY");
        if (told == null) {
            throw new IllegalStateException("FIRN_ENGINE_LIBRARY does not name libchdb");
        }
        return Path.of(told).toAbsolutePath();
    }

    private EngineClient client() {
        return new EngineClient(
                () -> new EngineClient.Access(URI.create(process.url()), "firn", process.secret()),
                Clock.system(),
                TIMEOUT);
    }

    private void run() throws IOException, InterruptedException {
        fill();
        sizes();
        questions();
        trials();
        System.out.printf("memory of the engine at its peak\t%d MB%n", peakBytes >> 20);
    }

    private void fill() throws InterruptedException {
        var schema = new Schema(DATABASE, TimePrecision.MILLIS);
        schema.migrate(client);
        long began = System.nanoTime();
        points();
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(
                "points\t%d\tof series\t%d\tgenerated and stored in\t%.1f s%n",
                steps * series, series, seconds);
        began = System.nanoTime();
        double cpuBefore = cpuSeconds();
        var rollups =
                new Rollups(
                        client,
                        schema,
                        RollupConfig.DEFAULTS,
                        Retention.days(90),
                        Clock.system(),
                        new OwnMetrics(),
                        Failpoint.NONE);
        rollups.open();
        while (!rollups.idle()) {
            if (!rollups.step()) {
                Thread.sleep(PAUSE_MILLIS);
            }
            note();
        }
        System.out.printf(
                "rolled up in\t%.1f s\tCPU of the engine\t%.1f s\tits memory at its peak\t%d MB%n",
                (System.nanoTime() - began) / 1e9, cpuSeconds() - cpuBefore, peakBytes >> 20);
        StoreViews.define(client, DATABASE, false);
        wide("wide", true);
        wide("wide_plain", false);
        for (String table :
                List.of(
                        "samples",
                        "histograms",
                        "rollup_5m",
                        "rollup_1h",
                        "rollup_1d",
                        "series",
                        "wide",
                        "wide_plain")) {
            client.executeLong("OPTIMIZE TABLE " + DATABASE + "." + table + " FINAL");
            note();
        }
    }

    private void points() throws InterruptedException {
        execute("fill_series", Map.of("series", "" + series));
        long from = Clock.system().nanos() / 1_000_000_000L - DAYS * 86_400;
        for (long first = 0; first < steps; first += PART_STEPS) {
            var parameters =
                    Map.of(
                            "series", "" + series,
                            "from", "" + from,
                            "step", "" + DAYS * 86_400_000 / steps,
                            "first", "" + first,
                            "steps", "" + Math.min(PART_STEPS, steps - first));
            execute("fill_histograms", parameters);
            execute("fill_samples", parameters);
            note();
        }
    }

    private void wide(String table, boolean whole) throws InterruptedException {
        String indexes =
                ", INDEX idx_metric_name metric_name TYPE set(100) GRANULARITY 4, INDEX"
                        + " idx_http_route http_route TYPE bloom_filter(0.01) GRANULARITY 4, INDEX"
                        + " idx_timestamp timestamp TYPE minmax GRANULARITY 1";
        execute("create_wide", Map.of("table", table, "indexes", whole ? indexes : ""));
        if (whole) {
            execute("add_endpoint_analysis", Map.of("table", table));
            execute("add_time_series", Map.of("table", table));
        }
        long began = System.nanoTime();
        execute("fill_wide", Map.of("table", table));
        System.out.printf("%s filled in\t%.1f s%n", table, (System.nanoTime() - began) / 1e9);
    }

    private void execute(String file, Map<String, String> own) throws InterruptedException {
        var parameters = new java.util.HashMap<>(own);
        parameters.put("database", DATABASE);
        client.executeLong(EngineSql.read("bench/" + file, parameters));
    }

    private void sizes() throws InterruptedException {
        var parameters = Map.of("database", DATABASE, "points", "" + steps * series);
        System.out.println("\ntable\trows\tbytes\tbytes a row\tbytes a point\tcompression");
        for (var row : client.query(EngineSql.read("bench/read_sizes", parameters))) {
            System.out.println(String.join("\t", row.values()));
        }
        System.out.println("\ntable\tcolumn\tbytes\tbytes a row");
        for (var row : client.query(EngineSql.read("bench/read_column_sizes", parameters))) {
            System.out.println(String.join("\t", row.values()));
        }
    }

    /// A question, to Firn and to the seed's table.
    private record Question(String name, String sql, String wide, String widePlain) {}

    private static List<Question> all() {
        String wide = EngineSql.read("bench/questions", Map.of("wide", "wide"));
        String plain = EngineSql.read("bench/questions", Map.of("wide", "wide_plain"));
        String[] some = wide.split("(?m)^=== ");
        String[] others = plain.split("(?m)^=== ");
        var questions = new ArrayList<Question>();
        for (int i = 1; i < some.length; i++) {
            String name = some[i].substring(0, some[i].indexOf('\n'));
            String[] both = some[i].substring(name.length() + 1).split("(?m)^---$");
            String[] bothPlain = others[i].substring(name.length() + 1).split("(?m)^---$");
            questions.add(
                    new Question(name, both[0].strip(), both[1].strip(), bothPlain[1].strip()));
        }
        return questions;
    }

    private void questions() throws IOException, InterruptedException {
        restart();
        System.out.println(
                "\nquestion\trows\tfirst ms\tp50\tp95\tcached\tseed's table p50\tp95\twithout indexes and projections p50");
        for (Question question : all()) {
            double first = millis(question.sql(), "");
            double[] warm = repeat(question.sql());
            String kept = "use_query_cache=1&query_cache_nondeterministic_function_handling=save";
            millis(question.sql(), kept);
            double cached = millis(question.sql(), kept);
            double[] wide = repeat(question.wide());
            double[] plain = repeat(question.widePlain());
            System.out.printf(
                    "%s\t%s\t%.0f\t%.0f\t%.0f\t%.1f\t%.0f\t%.0f\t%.0f%n",
                    question.name(),
                    ask("SELECT count() FROM (" + question.sql() + ")", "").strip(),
                    first,
                    warm[warm.length / 2],
                    warm[warm.length * 95 / 100],
                    cached,
                    wide[wide.length / 2],
                    wide[wide.length * 95 / 100],
                    plain[plain.length / 2]);
            note();
        }
    }

    /// Sorted milliseconds.
    private double[] repeat(String sql) throws IOException, InterruptedException {
        double[] all = new double[repetitions];
        for (int i = 0; i < all.length; i++) {
            all[i] = millis(sql, "");
        }
        Arrays.sort(all);
        return all;
    }

    /// As an outside user asks.
    private double millis(String sql, String parameters) throws IOException, InterruptedException {
        long began = System.nanoTime();
        ask(sql + " FORMAT TabSeparated", parameters);
        return (System.nanoTime() - began) / 1e6;
    }

    private String ask(String sql, String parameters) throws IOException, InterruptedException {
        var answer =
                http.send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                process.url()
                                                        + "/?database="
                                                        + DATABASE
                                                        + "&"
                                                        + parameters))
                                .POST(HttpRequest.BodyPublishers.ofString(sql))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(sql + ": " + answer.body());
        }
        return answer.body();
    }

    /// Tables as they are beside such with what the seed would add: bytes, what is read of them by
    /// EXPLAIN, and milliseconds.
    private void trials() throws IOException, InterruptedException {
        System.out.println(
                "\ntrial\ttable\tbytes\tprimary key\tin memory\tpartitions\trows read\tmarks\tp50 ms");
        String all = EngineSql.read("bench/trials", Map.of("database", DATABASE, "table", "%s"));
        String[] trials = all.split("(?m)^=== ");
        for (int i = 1; i < trials.length; i++) {
            String name = trials[i].substring(0, trials[i].indexOf('\n'));
            String[] parts = trials[i].substring(name.length() + 1).split("(?m)^---$");
            String table = parts[0].strip();
            client.execute("DROP TABLE IF EXISTS " + DATABASE + ".trial");
            for (String statement : parts[1].split(";")) {
                client.execute(statement.strip());
            }
            client.executeLong(
                    "INSERT INTO %s.trial SELECT * FROM %s.%s SETTINGS max_insert_threads = 1"
                            .formatted(DATABASE, DATABASE, table));
            client.executeLong("OPTIMIZE TABLE " + DATABASE + ".trial FINAL");
            note();
            for (String one : List.of(table, "trial")) {
                trial(name, one, parts[2].strip().formatted(one));
            }
        }
    }

    private void trial(String name, String table, String question)
            throws IOException, InterruptedException {
        var sizes =
                client.query(
                                EngineSql.read(
                                        "bench/read_trial_sizes",
                                        Map.of("database", DATABASE, "table", table)))
                        .getFirst();
        long rows = 0;
        long marks = 0;
        for (String line :
                ask("EXPLAIN ESTIMATE " + question + " FORMAT TabSeparated", "").split("\n")) {
            String[] columns = line.split("\t");
            if (columns.length == 5 && !columns[1].equals("series")
                    || columns.length == 5 && table.equals("series")) {
                rows += Long.parseLong(columns[3]);
                marks += Long.parseLong(columns[4]);
            }
        }
        double[] warm = repeat(question);
        System.out.printf(
                "%s\t%s\t%s\t%d\t%d\t%.1f%n",
                name, table, String.join("\t", sizes.values()), rows, marks, warm[warm.length / 2]);
    }

    private void restart() throws InterruptedException {
        client.close();
        process.close();
        process = start();
        client = client();
        client.ping();
    }

    /// User and system time of the engine; 0 where that is not known.
    private double cpuSeconds() {
        return ProcessHandle.of(process.pid())
                .flatMap(handle -> handle.info().totalCpuDuration())
                .map(time -> time.toMillis() / 1e3)
                .orElse(0.0);
    }

    private void note() {
        Path status = Path.of("/proc/" + process.pid() + "/status");
        try {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("VmHWM:")) {
                    peakBytes =
                            Math.max(peakBytes, Long.parseLong(line.replaceAll("\\D", "")) << 10);
                }
            }
        } catch (IOException e) {
            // not Linux: no figure
        }
    }

    @Override
    public void close() throws IOException {
        http.close();
        client.close();
        process.close();
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
