package dev.firn.engine;

import java.util.Map;

/// A ClickHouse server: inserts are cancelled and waited for by their query ids.
///
/// The list of processes must stay empty of them for [#QUIET_MILLIS]: a request that still lies in
/// the server's socket is in no list yet.
public final class ServerHome implements EngineHome {
    private static final long QUIET_MILLIS = 3_000;
    private static final long POLL_MILLIS = 200;
    private static final int POLLS_MAX = 300;

    private final EngineClient client;
    private final Map<String, String> parameters;

    /// @param queryIdPrefix what all ids of the writer's inserts begin with:
    ///   [EngineSink#queryIdPrefix]
    public ServerHome(EngineClient client, String queryIdPrefix) {
        this.client = client;
        this.parameters = Map.of("prefix", EngineSql.quoted(queryIdPrefix));
    }

    @Override
    public void settleAtStart() throws InterruptedException {
        settle();
    }

    @Override
    public void settleAfterLoss() throws InterruptedException {
        settle();
    }

    private void settle() throws InterruptedException {
        long quiet = 0;
        for (int poll = 0; quiet < QUIET_MILLIS; poll++) {
            boolean running =
                    client.query(EngineSql.read("engine/count_inserts", parameters))
                                    .getFirst()
                                    .number(0)
                            > 0;
            if (running && poll >= POLLS_MAX) {
                throw new EngineException(
                        EngineException.Outcome.BUSY,
                        0,
                        "cannot settle the inserts \"%s*\": still running after being cancelled"
                                .formatted(parameters.get("prefix")),
                        null);
            }
            if (running) {
                client.query(EngineSql.read("engine/kill_inserts", parameters));
            }
            quiet = running ? 0 : quiet + POLL_MILLIS;
            Thread.sleep(POLL_MILLIS);
        }
    }
}
