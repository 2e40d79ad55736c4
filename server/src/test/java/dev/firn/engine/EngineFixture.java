package dev.firn.engine;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.engine.child.EngineConfig;
import dev.firn.engine.child.EngineLibrary;
import dev.firn.engine.child.EngineProcess;
import dev.firn.engine.child.QueryLimits;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A real engine child for tests, with a client as its internal user.
final class EngineFixture implements AutoCloseable {
    final EngineProcess process;
    final EngineClient client;

    EngineFixture(Path data) {
        process =
                EngineProcess.start(
                        new EngineConfig(
                                EngineLibrary.find(),
                                data.toAbsolutePath(),
                                "127.0.0.1",
                                0,
                                EngineProcess.newSecret(),
                                2L << 30,
                                "otel_metrics",
                                QueryLimits.within(1L << 30)),
                        new OwnMetrics());
        client = client(Duration.ofSeconds(30));
    }

    EngineClient client(Duration timeout) {
        return new EngineClient(this::access, Clock.system(), timeout);
    }

    EngineClient.Access access() {
        return new EngineClient.Access(URI.create(process.url()), "firn", process.secret());
    }

    /// Rows as their values joined by a bar.
    List<String> rows(String sql) throws InterruptedException {
        return client.query(sql).stream().map(row -> String.join("|", row.values())).toList();
    }

    /// Kills the child as the kernel would; the supervisor brings it back.
    void kill() {
        long pid = process.pid();
        ProcessHandle.of(pid)
                .ifPresent(child -> {
                    child.destroyForcibly();
                    child.onExit().join();
                });
    }

    /// Waits until the child is back.
    void awaitAlive() throws InterruptedException {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (!process.alive()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("the engine does not come back");
            }
            Thread.sleep(20);
        }
    }

    @Override
    public void close() {
        client.close();
        process.close();
    }
}
