package dev.firn.web.page;

import dev.firn.base.Clock;
import dev.firn.base.security.Visible;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineClient.Row;
import dev.firn.engine.EngineSql;
import dev.firn.receive.PlaneWatch;
import dev.firn.web.Reading;
import io.helidon.webserver.CloseConnectionException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What only the dashboard asks for, from an engine.
public final class DashboardAnswers {
    private final EngineClient client;
    private final String database;
    private final PlaneWatch watch;
    private final Clock clock;

    /// @param watch knows what came in before the engine does
    public DashboardAnswers(EngineClient client, String database, PlaneWatch watch, Clock clock) {
        this.client = client;
        this.database = database;
        this.watch = watch;
        this.clock = clock;
    }

    private interface Answer {
        Object of(Map<String, String> parameters) throws InterruptedException;
    }

    /// By path below `/api/firn/v1/`.
    public Map<String, Reading> readings() {
        return Map.of(
                "requests",
                waiting(parameters -> rates().answer(parameters)),
                "latencies",
                waiting(parameters -> rates().latencies(parameters)),
                "exemplars",
                waiting(parameters -> rates().exemplars(parameters)),
                "planes",
                waiting(this::planes));
    }

    private RequestRates rates() {
        return new RequestRates(visible(), database, clock);
    }

    private EngineClient visible() {
        return client.within(Visible.current());
    }

    private Object planes(Map<String, String> parameters) throws InterruptedException {
        var planes = new TreeMap<List<String>, Known>(Comparator.comparing(List::toString));
        for (Row row :
                visible().query(EngineSql.read("web/read_planes", Map.of("database", database)))) {
            planes.put(List.of(row.text(0), row.text(1)), new Known(row.number(2), row.number(3)));
        }
        for (PlaneWatch.Plane plane : watch.planes()) {
            if (!Visible.current().sees(plane.environment())) {
                continue;
            }
            planes.merge(
                    List.of(plane.environment(), plane.dataPlane()),
                    new Known(plane.newestNanos() / 1_000_000_000, 0),
                    Known::or);
        }
        var shown = new ArrayList<Object>();
        planes.forEach((name, known) ->
                shown.add(
                        Map.of(
                                "environment",
                                name.get(0),
                                "data_plane_id",
                                name.get(1),
                                "newest",
                                known.newest,
                                "services",
                                known.services)));
        return Map.of("now", clock.millis() / 1_000, "planes", shown);
    }

    /// @param newest time of the newest point, seconds since 1970
    private record Known(long newest, long services) {
        Known or(Known other) {
            return new Known(Math.max(newest, other.newest), Math.max(services, other.services));
        }
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
