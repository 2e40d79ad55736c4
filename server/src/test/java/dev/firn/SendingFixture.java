package dev.firn;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.security.TlsSettings;
import dev.firn.config.AuthConfig;
import dev.firn.config.AuthExtensionConfig;
import dev.firn.config.ClientConfig;
import dev.firn.config.OtlpGrpcExporterConfig;
import dev.firn.config.OtlpHttpExporterConfig;
import dev.firn.config.RetryConfig;
import dev.firn.config.SendingQueueConfig;
import dev.firn.config.SendingQueueConfig.Sizer;
import dev.firn.config.TlsConfig;
import dev.firn.export.otlpgrpc.OtlpGrpcExporter;
import dev.firn.export.otlphttp.OtlpHttpExporter;
import dev.firn.model.Batch;
import dev.firn.model.Exporter;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// Exporters with short waits, and batches whose points are numbered.
final class SendingFixture {
    static final long MILLI = 1_000_000L;

    static final Metric METRIC =
            new Metric(
                    new Resource("{}", "", 0, ""),
                    new Scope("", "", "{}", "", 0),
                    "numbers",
                    "",
                    MetricType.GAUGE,
                    Temporality.UNSPECIFIED,
                    false,
                    "",
                    "{}");

    /// Retries at once, for ever.
    static final RetryConfig RETRY = new RetryConfig(true, MILLI, 0.5, 1.5, 20 * MILLI, 0);

    /// In order, one batch a request.
    static final SendingQueueConfig QUEUE = queue(1, 1_000, 1, 1_000);

    OwnMetrics metrics = new OwnMetrics();
    RetryConfig retry = RETRY;
    SendingQueueConfig queue = QUEUE;
    ClientConfig.Compression compression = ClientConfig.Compression.NONE;
    long timeoutNanos = 20_000 * MILLI;
    boolean json;
    Optional<TlsSettings> tls = Optional.empty();
    Map<String, AuthExtensionConfig> extensions = Map.of();

    private final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 1_000_000);
    private final Path data;

    SendingFixture(Path data) {
        this.data = data;
    }

    static SendingQueueConfig queue(int consumers, long sizeMax, int pointsMin, int pointsMax) {
        return new SendingQueueConfig(
                true,
                consumers,
                sizeMax,
                Sizer.REQUESTS,
                false,
                MILLI,
                pointsMin,
                pointsMax,
                4 << 20);
    }

    private ClientConfig client() {
        return new ClientConfig(
                "exporters.x",
                Map.of(),
                compression,
                timeoutNanos,
                retry,
                queue,
                tls.map(settings -> new TlsConfig(false, settings)),
                extensions.keySet().stream()
                        .findFirst()
                        .map(name -> new AuthConfig(name, "test.yaml:1")));
    }

    private ExportQueues queues(Path folder) {
        return new ExportQueues(folder, new NioDisk(), Clock.system(), 1L << 30);
    }

    Exporter http(int port) {
        return http(data, port);
    }

    Exporter http(Path folder, int port) {
        String scheme = tls.isPresent() ? "https" : "http";
        var config =
                new OtlpHttpExporterConfig(
                        URI.create(scheme + "://localhost:" + port + "/v1/metrics"),
                        json,
                        -1,
                        client());
        return OtlpHttpExporter.open(
                "otlphttp/x",
                config,
                extensions,
                queues(folder),
                metrics,
                Clock.system(),
                new Random(1));
    }

    Exporter grpc(int port) {
        var config =
                new OtlpGrpcExporterConfig(
                        "localhost:" + port,
                        tls.isEmpty(),
                        "",
                        false,
                        "round_robin",
                        0,
                        0,
                        false,
                        client());
        return OtlpGrpcExporter.open(
                "otlp/x", config, extensions, queues(data), metrics, Clock.system(), new Random(1));
    }

    /// Points with the values `from` to `to` - 1, of three series.
    Batch batch(long from, long to) {
        var batch = new Batch();
        for (long value = from; value < to; value++) {
            Series series = registry.intern(METRIC, "{\"n\":\"" + value % 3 + "\"}");
            long time = 1_800_000_000_000_000_000L + value;
            batch.numbers.add(series, time, 0, 0, Numbers.INT, value);
        }
        return batch;
    }

    static Long[] numbers(long from, long to) {
        return LongStream.range(from, to).boxed().toArray(Long[]::new);
    }

    /// The value of a metric of one exporter, 0 if it is not there.
    double metric(String name) {
        String page = new String(metrics.page(), StandardCharsets.UTF_8);
        Matcher line =
                Pattern.compile("^" + Pattern.quote(name) + "\\{[^}]*} (\\S+)$", Pattern.MULTILINE)
                        .matcher(page);
        return line.find() ? Double.parseDouble(line.group(1)) : 0;
    }

    /// What a kill at this moment leaves.
    static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
