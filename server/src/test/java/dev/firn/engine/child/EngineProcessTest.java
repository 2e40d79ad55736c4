package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.FolderLock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The child's life: killed, orphaned, refused a port.
final class EngineProcessTest {
    @TempDir private Path data;

    @Test
    void killedChildIsBackWithPortAndData() throws InterruptedException {
        var metrics = new OwnMetrics();
        try (var engine = EngineProcess.start(TestEngine.config(data, 0), metrics)) {
            var client = new EngineClient(engine);
            client.run("CREATE TABLE kept (a Int32) ENGINE = MergeTree ORDER BY a");
            client.run("INSERT INTO kept VALUES (1), (2)");
            String url = engine.url();
            long before = engine.generation();
            ProcessHandle.of(engine.pid()).orElseThrow().destroyForcibly();
            TestEngine.awaitNewer(engine, before);
            assertThat(engine.url()).isEqualTo(url);
            assertThat(client.read("SELECT sum(a) FROM kept").body()).isEqualTo("3\n");
            assertThat(new String(metrics.page(), StandardCharsets.UTF_8))
                    .contains("firn_engine_restarts_total 1.0")
                    .contains("firn_engine_up 1.0");
            long again = engine.restart();
            assertThat(again).isEqualTo(before + 2);
            assertThat(client.read("SELECT sum(a) FROM kept").body()).isEqualTo("3\n");
        }
    }

    /// A stopped process is alive and answers nothing.
    @Test
    void mutedChildIsReplacedAndABusyOneIsNot() throws IOException, InterruptedException {
        var probe = new EngineProbe(200, 1_000, 3);
        try (var engine =
                EngineProcess.start(TestEngine.config(data, 0), new OwnMetrics(), _ -> {}, probe)) {
            var client = new EngineClient(engine);
            var threads = new ArrayList<Thread>();
            for (int i = 0; i < 4; i++) {
                threads.add(Thread.ofPlatform().start(() -> client.read("SELECT sleep(3)")));
            }
            for (var thread : threads) {
                thread.join();
            }
            assertThat(engine.generation()).isEqualTo(1);
            new ProcessBuilder("kill", "-STOP", Long.toString(engine.pid())).start().waitFor();
            TestEngine.awaitNewer(engine, 1);
            assertThat(client.read("SELECT 1").body()).isEqualTo("1\n");
        }
    }

    @Test
    void closingDoesNotWaitForAStart() throws IOException, InterruptedException {
        var engine = EngineProcess.start(TestEngine.config(data, 0), new OwnMetrics());
        var before = ProcessHandle.current().children().toList();
        var failure = new AtomicReference<Throwable>();
        var restarting =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                engine.restart();
                            } catch (WorldException e) {
                                failure.set(e);
                            }
                        });
        Deadline.await("the next child", () -> next(before).isPresent());
        String pid = Long.toString(next(before).orElseThrow().pid());
        new ProcessBuilder("kill", "-STOP", pid).start().waitFor(); // now it never becomes ready
        long from = System.nanoTime();
        engine.close();
        restarting.join();
        // It does not wait until the child would have been given up.
        assertThat(System.nanoTime() - from).isLessThan(30_000_000_000L);
        assertThat(failure.get()).isInstanceOf(WorldException.class);
        assertThat(engine.alive()).isFalse();
    }

    private static Optional<ProcessHandle> next(List<ProcessHandle> before) {
        return ProcessHandle.current()
                .children()
                .filter(child -> !before.contains(child))
                .findFirst();
    }

    @Test
    void standAloneEngineEndsWhileItWaitsForTheData() throws InterruptedException {
        var config = TestEngine.config(data, 0);
        try (var _ = FolderLock.tryLock(config.data()).orElseThrow()) {
            var serving = Thread.ofPlatform().start(() -> EngineMain.serve(config, url -> {}));
            serving.interrupt();
            assertThat(serving.join(Duration.ofSeconds(10))).isTrue();
        }
    }

    @Test
    void busyPortIsNamed() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            var config = TestEngine.config(data, taken.getLocalPort());
            assertThatThrownBy(() -> EngineProcess.start(config, new OwnMetrics()))
                    .isInstanceOf(WorldException.class)
                    .hasMessageContaining(":" + taken.getLocalPort())
                    .hasMessageContaining("engine.endpoint");
        }
    }

    @Test
    void missingLibraryIsNamed() {
        var good = TestEngine.config(data, 0);
        var config =
                new EngineConfig(
                        data.resolve("nothing.so"),
                        good.data(),
                        good.host(),
                        0,
                        good.secret(),
                        good.memoryBytesMax(),
                        good.database(),
                        good.limits());
        assertThatThrownBy(() -> EngineProcess.start(config, new OwnMetrics()))
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("nothing.so");
    }

    @Test
    void childDiesWithItsKilledParentAndTheNextWaitsForItsData()
            throws IOException, InterruptedException {
        var parent =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                EngineParent.class.getName(),
                                data.toAbsolutePath().toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        long pid = 0;
        try (var lines = parent.inputReader()) {
            String line = lines.readLine();
            while (line != null && !line.startsWith("child ")) {
                line = lines.readLine();
            }
            assertThat(line).isNotNull();
            pid = Long.parseLong(line.substring(6));
            parent.destroyForcibly();
            try (var next = TestEngine.start(data)) {
                assertThat(state(pid)).doesNotContainPattern("[RSD]");
                assertThat(new EngineClient(next).read("SELECT 1").body()).isEqualTo("1\n");
            }
        } finally {
            parent.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    /// Empty for no process; Z for a dead one that nobody has waited for.
    private static String state(long pid) throws IOException {
        var ps = new ProcessBuilder("ps", "-o", "stat=", "-p", Long.toString(pid)).start();
        return new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    @Test
    void terminalSignalsDoNotEndTheChild() throws IOException, InterruptedException {
        try (var engine = TestEngine.start(data)) {
            for (String signal : new String[] {"INT", "TERM", "HUP"}) {
                new ProcessBuilder("kill", "-" + signal, Long.toString(engine.pid()))
                        .start()
                        .waitFor();
            }
            assertThat(new EngineClient(engine).read("SELECT 1").body()).isEqualTo("1\n");
            assertThat(engine.generation()).isEqualTo(1);
        }
    }
}
