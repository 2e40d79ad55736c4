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
}
