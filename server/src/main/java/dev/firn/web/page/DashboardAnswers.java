package dev.firn.web.page;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.security.Visible;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineClient.Row;
import dev.firn.engine.EngineSql;
import dev.firn.lake.scan.AsOf;
import dev.firn.query.PastRequests;
import dev.firn.receive.PlaneWatch;
import dev.firn.web.Reading;
import io.helidon.webserver.CloseConnectionException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What only the dashboard asks for, from an engine.
public final class DashboardAnswers {
    private static final String AS_OF = "as_of";
    private static final long NEWEST_SECONDS = 3_600;

    private final EngineClient client;
    private final String database;
    private final Optional<PastRequests> past;
    private final PlaneWatch watch;
    private final Clock clock;

    /// @param past empty without a lake that the engine reads
    /// @param watch knows what came in before the engine does
    public DashboardAnswers(
            EngineClient client,
            String database,
            Optional<PastRequests> past,
            PlaneWatch watch,
            Clock clock) {
        this.client = client;
        this.database = database;
        this.past = past;
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
                waiting(parameters -> windows(parameters, RequestRates::answer)),
                "latencies",
                waiting(parameters -> windows(parameters, RequestRates::latencies)),
                "exemplars",
                waiting(this::exemplars),
                "planes",
                waiting(parameters ->
                        parameters.containsKey(AS_OF) ? pastPlanes(parameters) : planes()));
    }

    private Object exemplars(Map<String, String> parameters) throws InterruptedException {
        if (parameters.containsKey(AS_OF)) {
            throw new InputException("cannot tell traces as of some time: leave as_of out");
        }
        return rates().exemplars(parameters);
    }

    private RequestRates rates() {
        return new RequestRates(visible(), database, clock);
    }

    private interface Windows {
        Map<String, Object> of(RequestRates rates, Map<String, String> parameters)
                throws InterruptedException;
    }

    private Object windows(Map<String, String> parameters, Windows windows)
            throws InterruptedException {
        if (!parameters.containsKey(AS_OF)) {
            return windows.of(rates(), parameters);
        }
        Instant moment = moment(parameters);
        RequestRates.Range range = RequestRates.range(parameters, moment.getEpochSecond());
        try (var opened = past().open(moment, range.first(), range.to(), true)) {
            var answer =
                    windows.of(RequestRates.past(client, opened.database(), moment), parameters);
            answer.computeIfPresent(
                    "sql", (_, sql) -> sql.toString().replace(opened.database(), "as_of"));
            answer.put("as_of", asOf(moment, opened));
            return answer;
        }
    }

    private PastRequests past() {
        if (!Visible.current().all()) {
            throw new InputException(
                    "cannot answer as of some time: that is for users who see all environments");
        }
        return past.orElseThrow(() ->
                new InputException(
                        "cannot answer as of some time: this Firn has no lake that its engine reads"));
    }

    private static Instant moment(Map<String, String> parameters) {
        String text = parameters.getOrDefault(AS_OF, "");
        if (AsOf.parse(text) instanceof AsOf.Time(Instant moment)) {
            return moment;
        }
        throw new InputException(
                "as_of: \"" + text + "\" is no time; write it as 2026-11-26T10:00:00Z");
    }

    private static Map<String, @Nullable Object> asOf(Instant moment, PastRequests.Opened opened) {
        var asOf = new LinkedHashMap<String, @Nullable Object>();
        asOf.put("time", moment.getEpochSecond());
        Long snapshot = opened.snapshot();
        asOf.put("snapshot", snapshot == null ? null : Long.toString(snapshot));
        Instant committed = opened.committed();
        asOf.put("committed", committed == null ? null : committed.getEpochSecond());
        return asOf;
    }

    /// Planes as they were known at a moment; the newest points are looked for in the hour before.
    private Object pastPlanes(Map<String, String> parameters) throws InterruptedException {
        Instant moment = moment(parameters);
        long at = moment.getEpochSecond();
        var shown = new ArrayList<Object>();
        try (var opened = past().open(moment, at - NEWEST_SECONDS, at, false)) {
            for (Row row :
                    client.query(
                            EngineSql.read(
                                    "web/read_past_planes",
                                    Map.of("database", opened.lakeDatabase(), "at", "" + at)))) {
                var known = new Known(row.number(2), row.number(3));
                shown.add(known.of(row.text(0), row.text(1)));
            }
            return Map.of("now", at, "planes", shown, "as_of", asOf(moment, opened));
        }
    }

    private EngineClient visible() {
        return client.within(Visible.current());
    }

    private Object planes() throws InterruptedException {
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
        planes.forEach((name, known) -> shown.add(known.of(name.get(0), name.get(1))));
        return Map.of("now", clock.millis() / 1_000, "planes", shown);
    }

    /// @param newest time of the newest point, seconds since 1970
    private record Known(long newest, long services) {
        Map<String, Object> of(String environment, String dataPlane) {
            return Map.of(
                    "environment", environment,
                    "data_plane_id", dataPlane,
                    "newest", newest,
                    "services", services);
        }

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
