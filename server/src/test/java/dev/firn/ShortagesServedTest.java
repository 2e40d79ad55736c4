package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.SmallDisk;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What runs short slowly: room in the log and on the disk, time of queries, files of a useful
/// size. Each is told in time, and no longer when there is enough again.
class ShortagesServedTest {
    private static final int SLOW_QUERIES = 14; // below engine.queries_per_user
    private static final String SLOW =
            "SELECT sum(slept) FROM (SELECT sleepEachRow(1) AS slept FROM system.numbers LIMIT 11) SETTINGS"
                    + " max_block_size = 1";
    private static final int DAYS = 2_100;
    private static final long DAY_NANOS = 86_400 * Watched.SECOND;

    private final Watched.Moved clock = new Watched.Moved();
    private final AtomicInteger slowlyAnswered = new AtomicInteger();
    private final AtomicReference<String> refused = new AtomicReference<>();

    @Test
    void aLogThatGrowsAndADiskThatFillsAreToldInTime(@TempDir Path folder) throws Exception {
        try (var _ = new SmallDisk(folder, "600m")) {
            Path data = folder.resolve("data");
            String small =
                    "wal: {segment_size: 1MiB, size_max: 24MiB, disk_free_min: 1MiB}\n"
                            + Watched.QUIETLY;
            try (var firn = new Watched(data, small, clock)) {
                firn.send(1_000, 0);
                Path points = Watched.points(data);
                firn.step();
                assertThat(firn.firing()).containsOnly("Watchdog");
                Path aside = points.resolveSibling("aside");
                Files.move(points, aside);
                Files.writeString(points, "no folder");
                firn.assertTold(
                        Set.of("HighBufferUsage", "FirnBufferFullSoon"),
                        Set.of("wal_buffer"),
                        () -> firn.send(filled(firn) ? 100 : 48_000, 0));
                Files.delete(points);
                Files.move(aside, points, StandardCopyOption.ATOMIC_MOVE);
                firn.assertMended(() -> firn.send(1_000, 0));

                Path ballast = folder.resolve("ballast");
                fill(ballast, 24 << 20);
                firn.assertTold(
                        Set.of("FirnDiskFullSoon"), Set.of("disk"), () -> firn.send(100, 0));
                Files.delete(ballast);
                firn.assertMended(() -> firn.send(1_000, 0));
            }
        }
    }

    private static boolean filled(Watched firn) {
        return firn.metric("otel_buffer_size_bytes") > 0.85 * firn.metric("otel_buffer_max_bytes");
    }

    /// Leaves so many bytes free.
    private static void fill(Path ballast, long free) throws IOException {
        var zeros = ByteBuffer.allocate(1 << 20);
        try (var file =
                FileChannel.open(
                        ballast, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (Files.getFileStore(ballast).getUsableSpace() > free) {
                file.write(zeros.clear());
            }
        }
    }

    @Test
    void queriesThatBecomeSlowAreTold(@TempDir Path folder) throws Exception {
        try (var firn = new Watched(folder, Watched.QUIETLY, clock)) {
            firn.send(100, 0);
            firn.step();
            assertThat(firn.firing()).containsOnly("Watchdog");
            URI engine =
                    URI.create(
                            firn.served.json("/api/firn/v1/info").get("engine_url").asString()
                                    + "/");
            var asking = new AtomicBoolean(true);
            var askers = new ArrayList<Thread>();
            var client = HttpClient.newHttpClient();
            for (int i = 0; i < SLOW_QUERIES; i++) {
                askers.add(
                        Thread.startVirtualThread(() -> {
                            while (asking.get()) {
                                slow(client, engine);
                            }
                        }));
            }
            try {
                firn.assertTold(Set.of("SlowQueries"), Set.of("slow_queries"), () -> awaitSlow());
                assertThat(firn.exitOfHealth()).as("a warning").isEqualTo(1);
            } finally {
                asking.set(false);
                for (Thread asker : askers) {
                    asker.join();
                }
            }
            firn.assertMended(() -> firn.send(100, 0));
        }
    }

    private void awaitSlow() {
        int before = slowlyAnswered.get();
        Watched.await(
                "slow queries",
                () -> {
                    assertThat(refused.get()).as("what an asker met").isNull();
                    return slowlyAnswered.get() > before + SLOW_QUERIES / 2;
                });
    }

    private void slow(HttpClient client, URI engine) {
        try {
            var answer =
                    client.send(
                            HttpRequest.newBuilder(engine)
                                    .POST(HttpRequest.BodyPublishers.ofString(SLOW))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            if (answer.body().equals("0\n")) {
                slowlyAnswered.incrementAndGet();
            } else {
                refused.set(answer.body());
            }
        } catch (IOException e) {
            refused.set(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void smallFilesThatPileUpAreTold(@TempDir Path folder) {
        String looking = "lake: {commit_interval: 1s, compact: {interval: 1s}}\n" + Watched.QUIETLY;
        try (var firn = new Watched(folder, looking, clock)) {
            firn.send(100, 0);
            firn.step();
            assertThat(firn.firing()).containsOnly("Watchdog");
            var sent = new AtomicBoolean();
            firn.assertTold(
                    Set.of("FirnSmallFilesGrow"),
                    Set.of(),
                    () -> {
                        firn.send(100, 0);
                        if (sent.compareAndSet(false, true)) {
                            firn.served.send(days());
                        }
                    });
            var erased =
                    Served.command(
                            "lake",
                            "erase",
                            "--where",
                            "metric_name = 'old'",
                            "--yes",
                            "--url",
                            firn.served.running.url());
            assertThat(erased.exit()).as(erased.err()).isZero();
            firn.assertMended(() -> firn.send(100, 0));
        }
    }

    /// A point a day, so a file a day.
    private byte[] days() {
        var request = ExportMetricsServiceRequest.newBuilder();
        var resource = request.addResourceMetricsBuilder();
        Map.of("deployment.environment.name", "prod", "data_plane_id", "prod-1") // as others
                .forEach((name, value) ->
                        resource.getResourceBuilder()
                                .addAttributesBuilder()
                                .setKey(name)
                                .getValueBuilder()
                                .setStringValue(value));
        var metric = resource.addScopeMetricsBuilder().addMetricsBuilder().setName("old");
        for (int day = 1; day <= DAYS; day++) {
            metric.getGaugeBuilder()
                    .addDataPointsBuilder()
                    .setTimeUnixNano(clock.nanos() - day * DAY_NANOS)
                    .setAsInt(day);
        }
        return request.build().toByteArray();
    }
}
