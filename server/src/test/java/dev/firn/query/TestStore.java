package dev.firn.query;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.RollupConfig;
import dev.firn.engine.EngineClient;
import dev.firn.engine.Failpoint;
import dev.firn.engine.Retention;
import dev.firn.engine.Rollups;
import dev.firn.engine.Schema;
import dev.firn.engine.TimePrecision;
import dev.firn.engine.child.EngineConfig;
import dev.firn.engine.child.EngineLibrary;
import dev.firn.engine.child.EngineProcess;
import dev.firn.engine.child.QueryLimits;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// An engine with Firn's schema.
public final class TestStore implements AutoCloseable {
    public static final String DATABASE = "otel_metrics";

    public final OwnMetrics metrics = new OwnMetrics();
    final EngineProcess process;
    public final EngineClient client;

    public TestStore(Path data) throws InterruptedException {
        process =
                EngineProcess.start(
                        new EngineConfig(
                                EngineLibrary.find(),
                                data.toAbsolutePath(),
                                "127.0.0.1",
                                0,
                                EngineProcess.newSecret(),
                                2L << 30,
                                DATABASE,
                                QueryLimits.within(1L << 30)),
                        metrics);
        client =
                new EngineClient(
                        () ->
                                new EngineClient.Access(
                                        URI.create(process.url()), "firn", process.secret()),
                        Clock.system(),
                        Duration.ofSeconds(60));
        var schema = new Schema(DATABASE, TimePrecision.MILLIS);
        schema.migrate(client);
        new Rollups(
                        client,
                        schema,
                        RollupConfig.DEFAULTS,
                        Retention.days(90),
                        Clock.system(),
                        metrics,
                        Failpoint.NONE)
                .open();
    }

    /// Rows as their values joined by a bar.
    public List<String> rows(String sql) throws InterruptedException {
        return client.query(sql).stream().map(row -> String.join("|", row.values())).toList();
    }

    @Override
    public void close() {
        client.close();
        process.close();
    }
}
