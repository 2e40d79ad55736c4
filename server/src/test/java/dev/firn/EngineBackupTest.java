package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `firn engine backup` while points come in, and `firn engine restore` into an engine that is
/// gone.
class EngineBackupTest {
    @TempDir Path data;

    private static void equal(Served firn) {
        assertThat(firn.json("/api/firn/v1/lake/verify").get("summary").asString())
                .startsWith("equal");
    }

    private Path config() throws IOException {
        return Files.writeString(
                data.resolveSibling(data.getFileName() + ".yaml"), Served.config(""));
    }

    /// Sends bodies until told to stop; what is counted was acknowledged.
    private static final class Sender implements AutoCloseable {
        private final AtomicBoolean stop = new AtomicBoolean();
        private final AtomicLong next;
        private final Thread thread;

        Sender(Served firn, long from) {
            next = new AtomicLong(from);
            thread =
                    Thread.ofPlatform()
                            .start(() -> {
                                while (!stop.get()) {
                                    long number = next.get();
                                    firn.sendAll(number, number + 1);
                                    next.set(number + 1);
                                }
                            });
        }

        @Override
        public void close() throws InterruptedException {
            stop.set(true);
            thread.join();
        }
    }

    @Test
    void aRestoredEngineGoesOnWhereTheBackupStands() throws Exception {
        String url;
        long sent;
        try (Served firn = new Served(data, "wal: {cut_interval: 100ms}")) {
            url = firn.running.url();
            firn.sendAll(0, 20);
            var sender = new Sender(firn, 20);
            try (sender) {
                Served.await(() -> sender.next.get() > 40);
                Served.Ran ran = Served.command("engine", "backup", "one", "--url", url);
                assertThat(ran.exit()).as(ran.err()).isZero();
                assertThat(ran.out()).contains("path\t" + data.resolve("backup/one"));
                long now = sender.next.get();
                Served.await(() -> sender.next.get() > now + 20);
            }
            sent = sender.next.get();
            firn.assertLakeRows(sent * Served.POINTS);
            equal(firn);
            Served.Ran twice = Served.command("engine", "backup", "one", "--url", url);
            assertThat(twice.exit()).isNotZero();
            assertThat(twice.err()).contains("it exists; take another name, or remove it");
        }
        Served.Ran there = restore();
        assertThat(there.exit()).isNotZero();
        assertThat(there.err()).contains("the engine has one of that name");
        Files.move(data.resolve("engine"), data.resolve("engine-lost"));
        Served.Ran restored = restore();
        assertThat(restored.exit()).as(restored.err()).isZero();
        assertThat(restored.out()).contains("restored\t").contains("position\t");
        try (Served firn = new Served(data, "wal: {cut_interval: 100ms}")) {
            firn.sendAll(sent, sent + 10);
            long points = (sent + 10) * Served.POINTS;
            firn.assertLakeRows(points);
            equal(firn);
            assertThat(firn.sql("SELECT count(), uniqExact(series_id, time) FROM samples"))
                    .isEqualTo(points + "\t" + points);
            assertThat(firn.sql("SELECT sum(count) FROM rollup_5m_now")).isEqualTo("" + points);
            assertThat(firn.sql("SELECT sum(count) FROM rollup_1d_now")).isEqualTo("" + points);
        }
    }

    private Served.Ran restore() throws IOException {
        return Served.command(
                "engine",
                "restore",
                "one",
                "--data",
                data.toString(),
                "--config",
                config().toString());
    }

    @Test
    void aBackupWithoutItsLastFileIsRefused() throws Exception {
        Files.createDirectories(data.resolve("backup/half/engine"));
        Served.Ran ran =
                Served.command(
                        "engine",
                        "restore",
                        "half",
                        "--data",
                        data.toString(),
                        "--config",
                        config().toString());
        assertThat(ran.exit()).isNotZero();
        assertThat(ran.err()).contains("which a backup gets at its end");
    }
}
