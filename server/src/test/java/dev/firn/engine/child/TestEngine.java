package dev.firn.engine.child;

import dev.firn.base.OwnMetrics;
import java.nio.file.Path;

/// An engine child for tests: 2 GB, small limits, a database `otel_metrics`.
final class TestEngine {
    static final long MEMORY_BYTES = 2L << 30;

    private TestEngine() {}

    static EngineConfig config(Path data, int port) {
        return new EngineConfig(
                EngineLibrary.find(),
                data.toAbsolutePath(),
                "127.0.0.1",
                port,
                EngineProcess.newSecret(),
                MEMORY_BYTES,
                "otel_metrics",
                new QueryLimits(4, 2, 20, 500_000_000L, 64));
    }

    static EngineProcess start(Path data) {
        var engine = EngineProcess.start(config(data, 0), new OwnMetrics());
        var client = new EngineClient(engine);
        client.run("CREATE DATABASE IF NOT EXISTS otel_metrics");
        return engine;
    }

    /// Waits until an incarnation after `than` is ready.
    static void awaitNewer(EngineProcess engine, long than) throws InterruptedException {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (engine.generation() <= than || !engine.alive()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("no engine newer than incarnation " + than);
            }
            Thread.sleep(20);
        }
    }
}
