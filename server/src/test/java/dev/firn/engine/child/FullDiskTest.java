package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FullDiskTest {
    private static final String MERGED =
            "SELECT path FROM system.parts WHERE database = 'otel_metrics' AND table = 't' AND active"
                    + " AND level > 0";
    private static final String ROWS = "SELECT count(), sum(a) FROM otel_metrics.t";

    private static void fill(Path file, long free) throws IOException {
        long room = Files.getFileStore(file.getParent()).getUsableSpace();
        Files.write(file, new byte[(int) (room - free)]);
    }

    /// As a full disk leaves a part: all files are there, and nothing is in them.
    private static void empty(Path part) throws IOException {
        try (var files = Files.list(part)) {
            for (Path file : files.toList()) {
                Files.newOutputStream(file, StandardOpenOption.TRUNCATE_EXISTING).close();
            }
        }
    }

    @Test
    void ofAnEmptyPartThoseThatItWasMadeOfComeAgain(@TempDir Path mount) throws Exception {
        try (var _ = new SmallDisk(mount, "300m");
                var engine = TestEngine.start(mount.resolve("data"))) {
            var client = new EngineClient(engine);
            client.run(
                    "CREATE TABLE otel_metrics.t (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS"
                            + " old_parts_lifetime = 480");
            for (int i = 0; i < 3; i++) {
                client.run("INSERT INTO otel_metrics.t SELECT number FROM numbers(1000)");
            }
            client.run("OPTIMIZE TABLE otel_metrics.t FINAL");
            String rows = client.run(ROWS);
            assertThat(rows).isEqualTo("3000\t1498500\n");
            empty(Path.of(client.run(MERGED).strip()));
            long before = engine.generation();
            fill(mount.resolve("full"), 32 << 20);
            TestEngine.awaitNewer(engine, before);
            assertThat(client.run(ROWS)).isEqualTo(rows);
            assertThat(client.run(MERGED)).isEmpty();
            Files.delete(mount.resolve("full"));
            client.run("INSERT INTO otel_metrics.t SELECT number FROM numbers(1000)");
            assertThat(client.run(ROWS)).isEqualTo("4000\t1998000\n");
        }
    }

    @Test
    void nothingIsWrittenToAFullDisk(@TempDir Path mount) throws Exception {
        try (var _ = new SmallDisk(mount, "200m");
                var engine = TestEngine.start(mount.resolve("data"))) {
            var client = new EngineClient(engine);
            client.run("CREATE TABLE otel_metrics.t (a UInt64) ENGINE = MergeTree ORDER BY a");
            fill(mount.resolve("full"), 1 << 20);
            for (String write :
                    new String[] {
                        "INSERT INTO otel_metrics.t SELECT 1",
                        "INSERT INTO otel_metrics.t VALUES (1)"
                    }) {
                assertThat(
                                client.send(
                                                client.internal("")
                                                        .POST(
                                                                java.net.http.HttpRequest
                                                                        .BodyPublishers.ofString(
                                                                        write)))
                                        .body())
                        .contains("NOT_ENOUGH_SPACE");
            }
            Files.delete(mount.resolve("full"));
            client.run("INSERT INTO otel_metrics.t VALUES (1)");
            assertThat(client.run("SELECT count() FROM otel_metrics.t")).isEqualTo("1\n");
        }
    }
}
