package dev.firn.query;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.base.Worker;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineException;
import dev.firn.engine.EngineSql;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `clickhouse_last_data_timestamp`: the time of the newest point in the engine, in seconds since
/// 1970; NaN while there is none. Points from the future do not count, or one wrong clock would
/// hide that nothing comes any more.
public final class LastData implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LastData.class);
    private static final long PAUSE_MILLIS = 10_000;

    private final EngineClient client;
    private final String sql;
    private final Throttle complaints;
    private volatile double seconds = Double.NaN;
    private final Worker worker;

    /// Looks every ten seconds.
    ///
    /// @param client as the internal user
    public LastData(EngineClient client, String database, Clock clock, OwnMetrics metrics) {
        this(client, database, clock, metrics, PAUSE_MILLIS);
    }

    LastData(
            EngineClient client,
            String database,
            Clock clock,
            OwnMetrics metrics,
            long pauseMillis) {
        this.client = client;
        this.sql = EngineSql.read("query/last_data", Map.of("database", database));
        this.complaints = new Throttle(clock, 600);
        metrics.gauge(
                "clickhouse_last_data_timestamp",
                "Time of the newest point in the engine, seconds since 1970; NaN without a point.",
                () -> seconds);
        this.worker =
                Worker.start(
                        "last-data",
                        () -> {
                            look();
                            Thread.sleep(pauseMillis);
                        });
    }

    private void look() throws InterruptedException {
        try {
            double newest = client.query(sql).getFirst().real(0);
            seconds = newest > 0 ? newest : Double.NaN;
        } catch (EngineException e) {
            if (complaints.permit() >= 0) {
                LOG.warn("cannot tell the engine's newest point: {}", e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        worker.close();
    }
}
