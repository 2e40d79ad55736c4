package dev.firn.web.page;

import dev.firn.base.Clock;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineSql;
import dev.firn.web.Reading;
import io.helidon.webserver.CloseConnectionException;
import java.util.List;
import java.util.Map;

/// What only the dashboard asks for, from an engine.
public final class DashboardAnswers {
    private final EngineClient client;
    private final String database;
    private final Clock clock;

    public DashboardAnswers(EngineClient client, String database, Clock clock) {
        this.client = client;
        this.database = database;
        this.clock = clock;
    }

    private interface Answer {
        Object of(Map<String, String> parameters) throws InterruptedException;
    }

    /// By path below `/api/firn/v1/`.
    public Map<String, Reading> readings() {
        var requests = new RequestRates(client, database, clock);
        return Map.of("requests", waiting(requests::answer), "planes", waiting(this::planes));
    }

    private Object planes(Map<String, String> parameters) throws InterruptedException {
        List<Map<String, Object>> planes =
                client.query(EngineSql.read("web/read_planes", Map.of("database", database)))
                        .stream()
                        .map(row ->
                                Map.<String, Object>of(
                                        "environment",
                                        row.text(0),
                                        "data_plane_id",
                                        row.text(1),
                                        "newest",
                                        row.number(2),
                                        "services",
                                        row.number(3)))
                        .toList();
        return Map.of("now", clock.millis() / 1_000, "planes", planes);
    }

    private static Reading waiting(Answer answer) {
        return parameters -> {
            try {
                return answer.of(parameters);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CloseConnectionException("interrupted", e);
            }
        };
    }
}
