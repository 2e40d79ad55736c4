package dev.firn;

import dev.firn.alert.Alerting;
import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Worker;
import dev.firn.config.AlertingConfig;
import dev.firn.config.LabelMatch;
import dev.firn.engine.EngineException;
import dev.firn.ops.health.Check;
import dev.firn.ops.health.HealthWatch;
import dev.firn.ops.health.State;
import dev.firn.query.AlertBook;
import dev.firn.query.AlertBook.Alert;
import dev.firn.query.AlertBook.Decision;
import dev.firn.query.AlertBook.Severity;
import dev.firn.query.AlertBook.Source;
import dev.firn.query.AlertNotices;
import dev.firn.query.AlertSilences;
import dev.firn.query.AlertSilences.Silence;
import dev.firn.query.ResultTables;
import dev.firn.query.StateFile;
import dev.firn.web.Reading;
import dev.firn.web.Task;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// The alerts, whoever decided them, and who is told; health checks that fail become some.
final class AlertRoom implements AutoCloseable {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final int ALERTS_MAX = 1_000;
    private static final long HEALTH_MILLIS = 15_000;

    private final AlertingConfig config;
    private final AlertBook book;
    private final AlertSilences silences;
    private final Alerting alerting;
    private final Clock clock;

    private AlertRoom(
            AlertingConfig config,
            AlertBook book,
            AlertSilences silences,
            Alerting alerting,
            Clock clock) {
        this.config = config;
        this.book = book;
        this.silences = silences;
        this.alerting = alerting;
        this.clock = clock;
    }

    static AlertRoom open(
            AlertingConfig config,
            Path data,
            @Nullable EngineRoom engine,
            Clock clock,
            OwnMetrics metrics) {
        StateFile state = StateFile.open(data);
        var book =
                new AlertBook(
                        state,
                        engine == null
                                ? null
                                : new ResultTables(engine.client(), engine.schema().database()));
        var silences = new AlertSilences(state);
        return new AlertRoom(
                config,
                book,
                silences,
                Alerting.start(config, book, new AlertNotices(state), silences, clock, metrics),
                clock);
    }

    /// Where decisions go.
    AlertBook book() {
        return book;
    }

    /// Has failing checks become alerts from now on.
    ///
    /// @param instance label of the alerts, so that those of several Firns are told apart
    AutoCloseable watch(HealthWatch health, String instance) {
        return Worker.start(
                "health-alerts",
                () -> {
                    Thread.sleep(HEALTH_MILLIS); // the first time, too: a start is no failure
                    decide(health.now().checks(), instance);
                });
    }

    private void decide(List<Check> checks, String instance) throws InterruptedException {
        var failing = new ArrayList<Decision>();
        for (Check check : checks) {
            boolean critical = check.state().equals(State.CRITICAL.label());
            if (critical || check.state().equals(State.WARNING.label())) {
                // such as "freshness prod/eu-1"
                String[] id = check.id().split(" ", 2);
                failing.add(
                        new Decision(
                                id[0],
                                critical ? Severity.PAGE : Severity.TICKET,
                                id.length == 1
                                        ? Map.of("instance", instance)
                                        : Map.of("instance", instance, "subject", id[1]),
                                Instant.parse(check.since()).toEpochMilli(),
                                config.healthForNanos() / 1_000_000,
                                Double.NaN,
                                Double.NaN,
                                check.id() + ": " + check.figure() + "; " + check.advice(),
                                MAPPER.writeValueAsString(check)));
            }
        }
        if (failing.isEmpty() && book.open(Source.HEALTH).isEmpty()) {
            return;
        }
        try {
            book.decide(Source.HEALTH, failing, clock.millis());
        } catch (EngineException e) {
            // it is decided; the engine's copy is made when the engine answers again, and that it
            // does not is a check of its own
        }
    }

    /// What it answers, by path below `/api/firn/v1/`.
    Map<String, Reading> readings() {
        return Map.of("alerts", this::alerts, "alerts/silences", parameters -> silences());
    }

    /// What it does when asked, by path below `/api/firn/v1/`.
    Map<String, Task> tasks() {
        return Map.of(
                "alerts/silence", (parameters, progress) -> silence(parameters),
                "alerts/unsilence", (parameters, progress) -> unsilence(parameters),
                "alerts/test", (parameters, progress) -> test());
    }

    private Object alerts(Map<String, String> parameters) {
        String state = parameters.getOrDefault("state", "");
        String id = parameters.getOrDefault("id", "");
        return Map.of(
                "alerts",
                (id.isEmpty() ? book.newest(ALERTS_MAX) : byId(id))
                        .stream()
                                .filter(one -> state.isEmpty() || state.equals(one.state()))
                                .map(AlertBook::view)
                                .toList());
    }

    private List<Alert> byId(String id) {
        try {
            return book.byIds(List.of(UUID.fromString(id).toString()));
        } catch (IllegalArgumentException e) {
            throw new InputException("id \"" + id + "\" is no id of an alert");
        }
    }

    private Object silences() {
        long now = clock.millis();
        return Map.of(
                "silences",
                silences.all().stream()
                        .map(one -> {
                            var view = new LinkedHashMap<String, Object>();
                            view.put("id", one.id());
                            view.put(
                                    "state",
                                    now < one.from()
                                            ? "pending"
                                            : now < one.to() ? "active" : "expired");
                            view.put(
                                    "matchers",
                                    one.matchers().stream().map(LabelMatch::text).toList());
                            view.put("from", Instant.ofEpochMilli(one.from()).toString());
                            view.put("to", Instant.ofEpochMilli(one.to()).toString());
                            view.put("comment", one.comment());
                            return view;
                        })
                        .toList());
    }

    private Object silence(Map<String, String> parameters) {
        long now = clock.millis();
        long id =
                silences.add(
                        new Silence(
                                0,
                                Parameters.required(parameters, "matchers")
                                        .lines()
                                        .filter(line -> !line.isBlank())
                                        .map(LabelMatch::parse)
                                        .toList(),
                                parameters.containsKey("from")
                                        ? Parameters.millis(parameters, "from")
                                        : now,
                                Parameters.millis(parameters, "to"),
                                Parameters.optional(parameters, "comment"),
                                now));
        return Map.of("silenced", id);
    }

    private Object unsilence(Map<String, String> parameters) {
        String id = parameters.getOrDefault("id", "");
        if (!id.matches("[0-9]{1,18}") || !silences.remove(Long.parseLong(id))) {
            throw new InputException(
                    "there is no silence " + id + "; firn alerts silences shows them");
        }
        return Map.of("unsilenced", Long.parseLong(id));
    }

    private Object test() throws InterruptedException {
        var answer = new ArrayList<Map<String, @Nullable Object>>();
        for (Alerting.Trial one : alerting.tryAll()) {
            var trial = new LinkedHashMap<String, @Nullable Object>();
            trial.put("receiver", one.receiver());
            trial.put("trouble", one.trouble());
            answer.add(trial);
        }
        return Map.of("receivers", answer);
    }

    /// What does not work.
    List<String> troubles() {
        return alerting.troubles();
    }

    @Override
    public void close() {
        alerting.close();
    }
}
