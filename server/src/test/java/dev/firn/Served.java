package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.cli.FirnCommand;
import dev.firn.cli.Starter;
import dev.firn.config.ConfigReader;
import dev.firn.engine.child.EngineLibrary;
import dev.firn.ops.load.OtlpBodies;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A Firn in this process on free ports, and a client for it.
final class Served implements AutoCloseable {
    /// Points of each of [#body]'s bodies.
    static final int POINTS = 100;

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final long DEADLINE_NANOS = 60_000_000_000L;
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final OtlpBodies BODIES =
            new OtlpBodies(
                    OtlpBodies.Mix.GAUGE,
                    POINTS,
                    POINTS,
                    0,
                    1,
                    Clock.system().nanos() - 86_400_000_000_000L,
                    1_000_000_000);

    /// What a command printed, and its exit code.
    record Ran(int exit, String out, String err) {}

    final Path data;
    final Starter.Running running;

    Served(Path data, String more) {
        this(data, more, Clock.system());
    }

    Served(Path data, String more, Clock clock) {
        this.data = data;
        this.running =
                Serving.start(
                        ConfigReader.parse(Map.of("test.yaml", config(more)), name -> null),
                        data,
                        clock);
    }

    /// All ports free, a lake commit a second.
    ///
    /// @param more lines; a section that is named here replaces the one below
    static String config(String more) {
        var sections = new ArrayList<String>();
        sections.add(
                "receivers: {otlp: {protocols: {grpc: {endpoint: \"127.0.0.1:0\"}, http: {endpoint:"
                        + " \"127.0.0.1:0\"}}}}");
        sections.add("exporters: {firn: }");
        sections.add(
                "service: {telemetry: {metrics: {level: none}},"
                        + " pipelines: {metrics: {receivers: [otlp], exporters: [firn]}}}");
        sections.add("lake: {commit_interval: 1s}");
        sections.add(
                "engine: {endpoint: \"127.0.0.1:0\", library: \"%s\"}"
                        .formatted(EngineLibrary.find()));
        sections.add("web: {endpoint: \"127.0.0.1:0\"}");
        sections.removeIf(section ->
                ("\n" + more).contains("\n" + section.substring(0, section.indexOf(':') + 1)));
        return String.join("\n", sections) + "\n" + more + "\n";
    }

    static byte[] body(long number) {
        return BODIES.body(number);
    }

    HttpResponse<String> send(byte[] body) {
        return send(running.otlpHttpUrl(), body);
    }

    static HttpResponse<String> send(String otlpHttpUrl, byte[] body) {
        return exchange(
                HttpRequest.newBuilder(URI.create(otlpHttpUrl + "/v1/metrics"))
                        .header("Content-Type", "application/x-protobuf")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    /// Sends bodies until all are acknowledged.
    void sendAll(long from, long to) {
        for (long number = from; number < to; number++) {
            assertThat(send(body(number)).statusCode()).isEqualTo(200);
        }
    }

    private static HttpResponse<String> exchange(HttpRequest.Builder request) {
        try {
            return CLIENT.send(
                    request.header("X-Firn-Source", "test").build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    HttpResponse<String> get(String path) {
        return exchange(HttpRequest.newBuilder(URI.create(running.url() + path)).GET());
    }

    HttpResponse<String> post(String path, String body) {
        return exchange(
                HttpRequest.newBuilder(URI.create(running.url() + path))
                        .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    HttpResponse<String> delete(String path) {
        return exchange(HttpRequest.newBuilder(URI.create(running.url() + path)).DELETE());
    }

    JsonNode json(String path) {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return MAPPER.readTree(answer.body());
    }

    /// Also when it is critical, which its status says, too.
    JsonNode health() {
        return MAPPER.readTree(get("/health").body());
    }

    static JsonNode parse(String text) {
        return MAPPER.readTree(text);
    }

    /// The answer to a question, without the line's end.
    String sql(String statement) {
        HttpResponse<String> answer = post("/api/firn/v1/sql?format=TSV", statement);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body().strip();
    }

    /// Waits until everything acknowledged is in the lake, and compares its rows.
    void assertLakeRows(long expected) {
        await(() -> lakeRows() >= expected);
        await(() -> json("/api/firn/v1/wal").get("openPoints").asLong() == 0);
        long newest = json("/api/firn/v1/info").get("newest_cut").asLong();
        await(() -> json("/api/firn/v1/info").get("lake_cut").asLong() >= newest);
        assertThat(lakeRows()).isEqualTo(expected);
    }

    private long lakeRows() {
        for (JsonNode table : json("/api/firn/v1/lake")) {
            if (table.get("name").asString().equals("points")) {
                return table.get("rows").asLong();
            }
        }
        throw new AssertionError("no table points");
    }

    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            pause(10);
        }
    }

    /// Waits without a claim: who waits says what was wrong.
    static void patiently(long nanos, BooleanSupplier condition) {
        long deadline = System.nanoTime() + nanos;
        while (!condition.getAsBoolean() && System.nanoTime() - deadline < 0) {
            pause(200);
        }
    }

    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// A command line in this process.
    static Ran command(String... arguments) {
        return captured(() -> FirnCommand.run(Serving::start, arguments));
    }

    /// What `command` prints, and its exit code.
    static synchronized Ran captured(IntSupplier command) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        PrintStream outBefore = System.out;
        PrintStream errBefore = System.err;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        int exit;
        try {
            exit = command.getAsInt();
        } finally {
            System.setOut(outBefore);
            System.setErr(errBefore);
        }
        return new Ran(
                exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /// The same as a process of its own.
    static Ran process(Path folder, String... arguments) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        Process process =
                builder(arguments).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        if (!ended) {
            process.destroy();
        }
        assertThat(ended).as("it ends: %s", Files.readString(err)).isTrue();
        return new Ran(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /// A command line that becomes a process of its own.
    static ProcessBuilder builder(String... arguments) {
        var line =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-Xmx512m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.firn.Firn"));
        line.addAll(List.of(arguments));
        var builder = new ProcessBuilder(line);
        builder.environment().put("FIRN_ENGINE_LIBRARY", EngineLibrary.find().toString());
        return builder;
    }

    @Override
    public void close() {
        running.close();
    }
}
