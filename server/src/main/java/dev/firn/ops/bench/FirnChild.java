package dev.firn.ops.bench;

import dev.firn.base.WorldException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A Firn as a process of its own on free loopback ports, as `./firn serve` starts it.
public final class FirnChild implements AutoCloseable {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Duration START_MAX = Duration.ofSeconds(180);
    private static final Pattern TOTAL = Pattern.compile("Total\\s+\\d+\\s+(\\d+)");

    /// Where one listens, and with what it is started: the same again after a kill.
    private record Setup(Path folder, List<String> command, int otlpPort, int webPort) {}

    private final Process process;
    private final Setup setup;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private FirnChild(Process process, Setup setup) {
        this.process = process;
        this.setup = setup;
    }

    /// Starts one with its data and its log below `folder`, and waits until it is ready.
    ///
    /// @param javaOptions such as the heap's size
    /// @param library libchdb.so; empty for what the launcher told this process
    public static FirnChild start(Path folder, List<String> javaOptions, String library)
            throws IOException {
        return start(folder, javaOptions, library, Work.BARE, List.of());
    }

    /// The same with the launcher's library and more settings.
    ///
    /// @param settings YAML of keys that are not set here
    public static FirnChild startWith(Path folder, List<String> javaOptions, String settings)
            throws IOException {
        return start(folder, javaOptions, "", Work.BARE, settings);
    }

    /// What its pipelines do beside keeping the points.
    public enum Work {
        /// Nothing.
        BARE(
                """
                exporters: {firn: }
                service: {pipelines: {metrics: {receivers: [otlp], exporters: [firn]}}}
                """),

        /// The processors of `config/config-production.yaml`.
        PROCESSORS(
                Work.PROCESSORS_TEXT
                        + """
                        exporters: {firn: }
                        service:
                          pipelines:
                            metrics: {receivers: [otlp], processors: [memory_limiter, resource, filter, batch], exporters: [firn]}
                        """),

        /// The processors, and a Prometheus page in a pipeline of its own.
        PROMETHEUS(
                Work.PROCESSORS_TEXT
                        + """
                        exporters:
                          firn:
                          prometheus: {endpoint: "127.0.0.1:0", resource_constant_labels: {included: ["*"]}}
                        service:
                          pipelines:
                            metrics: {receivers: [otlp], processors: [memory_limiter, resource, filter, batch], exporters: [firn]}
                            metrics/realtime: {receivers: [otlp], processors: [memory_limiter, resource, batch], exporters: [prometheus]}
                        """),

        /// The processors, and a file of OTLP/JSON in a pipeline of its own.
        FILE(
                Work.PROCESSORS_TEXT
                        + """
                        exporters:
                          firn:
                          file: {path: "${env:FIRN_BENCH_BUFFER}/metrics.jsonl", create_directory: true, rotation: {max_megabytes: 50, max_backups: 5}}
                        service:
                          pipelines:
                            metrics: {receivers: [otlp], processors: [memory_limiter, resource, filter, batch], exporters: [firn]}
                            metrics/storage: {receivers: [otlp], processors: [memory_limiter, resource, filter, batch], exporters: [file]}
                        """),

        /// All of it: the processors, a Prometheus page and a file of OTLP/JSON.
        PRODUCTION(
                Work.PROCESSORS_TEXT
                        + """
                        exporters:
                          firn:
                          prometheus: {endpoint: "127.0.0.1:0", resource_constant_labels: {included: ["*"]}}
                          file: {path: "${env:FIRN_BENCH_BUFFER}/metrics.jsonl", create_directory: true, rotation: {max_megabytes: 50, max_backups: 5}}
                        service:
                          pipelines:
                            metrics: {receivers: [otlp], processors: [memory_limiter, resource, filter, batch], exporters: [firn]}
                            metrics/realtime: {receivers: [otlp], processors: [memory_limiter, resource, batch], exporters: [prometheus]}
                            metrics/storage: {receivers: [otlp], processors: [memory_limiter, resource, filter, batch], exporters: [file]}
                        """);

        private static final String PROCESSORS_TEXT =
                """
                processors:
                  memory_limiter: {check_interval: 1s, limit_percentage: 90, spike_limit_percentage: 5}
                  resource:
                    attributes:
                      - {key: environment, value: production, action: upsert}
                      - {key: data_plane_id, value: local, action: upsert}
                      - {key: cluster_id, value: default-cluster, action: upsert}
                      - {key: region, value: us-east-1, action: upsert}
                  filter: {metrics: {exclude: {match_type: regexp, metric_names: ["^otelcol_.*"]}}}
                  batch: {timeout: 10s}
                """;

        private final String yaml;

        Work(String yaml) {
            this.yaml = yaml;
        }
    }

    /// Work beside the pipelines that can be left out.
    public enum Part {
        /// Marked windows wait for a day; rows that come from memory are still made. What reads
        /// rollups computes those windows each time, so leave that out, too.
        ROLLUPS("rollup: {grace: 24h}"),
        QUALITY("quality: {enabled: false}"),
        SLO("slo: {enabled: false}"),
        ANOMALY("anomaly: {enabled: false}"),
        FORECAST("forecast: {enabled: false}"),
        COST("cost: {enabled: false}");

        private final String off;

        Part(String off) {
            this.off = off;
        }
    }

    /// The same with pipelines that do more.
    static FirnChild start(
            Path folder,
            List<String> javaOptions,
            String library,
            Work work,
            Collection<Part> without)
            throws IOException {
        return start(
                folder,
                javaOptions,
                library,
                work,
                without.stream().map(part -> part.off).collect(Collectors.joining("\n")));
    }

    private static FirnChild start(
            Path folder, List<String> javaOptions, String library, Work work, String settings)
            throws IOException {
        int grpc = freePort();
        int http = freePort();
        int web = freePort();
        int engine = freePort();
        Path config = folder.resolve("firn.yaml");
        Files.writeString(
                config,
                """
                receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:%d"}, http: {endpoint: "127.0.0.1:%d"}}}}
                engine: {endpoint: "127.0.0.1:%d", library: "%s"}
                web: {endpoint: "127.0.0.1:%d"}
                limits: {new_series_per_sender: 100000000}
                %s
                """
                        .formatted(grpc, http, engine, library, web, settings));
        Path pipelines = folder.resolve("pipelines.yaml");
        Files.writeString(
                pipelines,
                work.yaml.replace("${env:FIRN_BENCH_BUFFER}", folder.resolve("buffer").toString()));
        Path quiet = folder.resolve("telemetry.yaml");
        Files.writeString(quiet, "service: {telemetry: {metrics: {level: none}}}\n");
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (javaOptions.stream().noneMatch(option -> option.matches("-XX:\\+Use.*GC"))) {
            command.add("-XX:+UseParallelGC");
        }
        command.add("-XX:+UseCompactObjectHeaders");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.addAll(javaOptions);
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), "dev.firn.Firn", "serve"));
        command.addAll(
                List.of(
                        "--config",
                        config.toString(),
                        "--config",
                        pipelines.toString(),
                        "--config",
                        quiet.toString(),
                        "--data",
                        folder.resolve("data").toString()));
        return launch(new Setup(folder, List.copyOf(command), http, web));
    }

    /// Starts it again after it ended, on the same data and ports.
    public FirnChild again() throws IOException {
        client.close();
        return launch(setup);
    }

    private static FirnChild launch(Setup setup) throws IOException {
        Path log = setup.folder.resolve("firn.log");
        Process process =
                new ProcessBuilder(setup.command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        var child = new FirnChild(process, setup);
        child.awaitReady(log);
        return child;
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitReady(Path log) throws IOException {
        long deadline = System.nanoTime() + START_MAX.toNanos();
        while (System.nanoTime() < deadline && process.isAlive()) {
            try {
                if (get("/ready").statusCode() == 200) {
                    return;
                }
            } catch (WorldException e) {
                // not listening yet
            }
            pause(100);
        }
        process.destroyForcibly();
        throw new WorldException(
                "the Firn under test did not get ready:\n" + Files.readString(log));
    }

    /// Waits for so long.
    public static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorldException("interrupted", e);
        }
    }

    /// Where its data is.
    public Path data() {
        return setup.folder.resolve("data");
    }

    /// Base URL of its OTLP/HTTP receiver.
    public URI otlp() {
        return URI.create("http://127.0.0.1:" + setup.otlpPort);
    }

    /// The process itself, to be killed.
    public ProcessHandle handle() {
        return process.toHandle();
    }

    /// The engine's process; empty while there is none.
    public Optional<ProcessHandle> engineHandle() {
        return process.children().findFirst();
    }

    /// Ends the process at once, as `kill -9` does, and waits until it is gone.
    public void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Asks the process to stop, as an init system does, and waits for its end.
    ///
    /// @return its exit code
    public int stop() {
        process.destroy();
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorldException("interrupted", e);
        }
    }

    /// CPU seconds of the process alone.
    public double cpuSeconds() {
        return cpuSeconds(process.toHandle());
    }

    /// CPU seconds of its children: the engine.
    public double engineCpuSeconds() {
        return process.children().mapToDouble(FirnChild::cpuSeconds).sum();
    }

    private static double cpuSeconds(ProcessHandle handle) {
        return handle.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
    }

    /// Bytes of all live objects on its heap, after a full collection.
    public long liveHeapBytes() throws IOException {
        Process jcmd =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                Long.toString(process.pid()),
                                "GC.class_histogram")
                        .redirectErrorStream(true)
                        .start();
        String text;
        try (InputStream in = jcmd.getInputStream()) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Matcher total = TOTAL.matcher(text);
        if (!total.find()) {
            throw new WorldException(
                    "jcmd gave no class histogram: " + text.lines().findFirst().orElse(""));
        }
        return Long.parseLong(Objects.requireNonNull(total.group(1)));
    }

    /// The value of one of its own metrics, without labels.
    public double metric(String name) {
        return text(get("/metrics"))
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }

    /// Rows of a statement, each a JSON object.
    public List<JsonNode> sql(String statement) {
        HttpRequest request =
                HttpRequest.newBuilder(web("/api/firn/v1/sql?format=JSONEachRow"))
                        .POST(HttpRequest.BodyPublishers.ofString(statement))
                        .build();
        HttpResponse<InputStream> answer = send(request);
        String body = text(answer);
        if (answer.statusCode() != 200) {
            throw new WorldException("cannot run \"" + statement + "\": " + body);
        }
        return body.lines().filter(line -> !line.isBlank()).map(MAPPER::readTree).toList();
    }

    /// A JSON answer of its API.
    public JsonNode json(String path) {
        return MAPPER.readTree(text(get(path)));
    }

    private HttpResponse<InputStream> get(String path) {
        return send(HttpRequest.newBuilder(web(path)).GET().build());
    }

    /// URL of a path of its web server.
    public URI web(String path) {
        return URI.create("http://127.0.0.1:" + setup.webPort + path);
    }

    private HttpResponse<InputStream> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new WorldException("the Firn under test does not answer: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorldException("interrupted", e);
        }
    }

    private static String text(HttpResponse<InputStream> answer) {
        try (InputStream in = answer.body()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new WorldException("the Firn under test broke its answer off", e);
        }
    }

    /// Asks it to stop and waits; kills it after 30 s.
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        client.close();
    }
}
