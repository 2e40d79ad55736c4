package dev.firn.engine;

import dev.firn.base.Clock;
import java.util.Map;

/// Waits until a server runs no insert of a writer any more.
final class InsertsEnd {
    /// A request that was sent may be read by the server a moment later only.
    private static final long QUIET_NANOS = 2_000_000_000L;

    private static final long PATIENCE_NANOS = 10_000_000_000L;
    private static final long LIMIT_NANOS = 60_000_000_000L;
    private static final long PAUSE_MILLIS = 200;

    private InsertsEnd() {}

    /// @param prefix what the query ids of all inserts begin with
    static void await(EngineClient client, String prefix, Clock clock) throws InterruptedException {
        var parameters = Map.of("prefix", EngineSql.quoted(prefix));
        String count = EngineSql.read("engine/count_inserts", parameters);
        long began = clock.ticks();
        long quietSince = began;
        boolean asked = false;
        while (true) {
            long running = client.query(count).getFirst().number(0);
            long now = clock.ticks();
            if (running > 0) {
                quietSince = now;
            } else if (now - quietSince >= QUIET_NANOS) {
                return;
            }
            if (now - began >= LIMIT_NANOS) {
                throw new EngineException(
                        EngineException.Outcome.BUSY,
                        0,
                        "the engine is still busy with %d inserts that were sent earlier"
                                .formatted(running),
                        null);
            }
            if (!asked && now - began >= PATIENCE_NANOS) {
                asked = true;
                client.execute(EngineSql.read("engine/kill_inserts", parameters));
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }
}
