package dev.firn;

import dev.firn.analyse.anomaly.live.AnomalyInspector;
import dev.firn.analyse.anomaly.live.SignalSettings;
import dev.firn.analyse.cost.CostHistory;
import dev.firn.analyse.forecast.live.ForecastRounds;
import dev.firn.analyse.quality.QualityInspector;
import dev.firn.analyse.quality.QualityRules;
import dev.firn.analyse.quality.Reconciliation;
import dev.firn.analyse.slo.live.SloEvaluator;
import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Worker;
import dev.firn.base.WorldException;
import dev.firn.config.Config;
import dev.firn.query.AdmittedBook;
import dev.firn.query.AlertBook;
import dev.firn.query.AnomalyMarks;
import dev.firn.query.CostBook;
import dev.firn.query.KeptRows;
import dev.firn.query.LakeAppends;
import dev.firn.query.ResultTables;
import dev.firn.query.SloDefinitions;
import dev.firn.query.SloDefinitions.Definition;
import dev.firn.query.StateFile;
import dev.firn.wal.Wal;
import dev.firn.web.Drawing;
import dev.firn.web.Reading;
import dev.firn.web.Task;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is found out from the engine's tables by itself: objectives, data quality, anomalies,
/// forecasts.
final class AnalyseRoom implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AnalyseRoom.class);
    private static final long WORKER_MILLIS = 3_000;

    private final EngineRoom engine;
    private final Clock clock;
    private final SloDefinitions definitions;
    private final SloEvaluator objectives;
    private final QualityInspector quality;
    private final AnomalyMarks marks;
    private final AnomalyInspector anomalies;
    private final ForecastRounds forecasts;
    private final List<Worker> workers = new ArrayList<>();

    private AnalyseRoom(
            EngineRoom engine,
            Clock clock,
            SloDefinitions definitions,
            SloEvaluator objectives,
            QualityInspector quality,
            AnomalyMarks marks,
            AnomalyInspector anomalies,
            ForecastRounds forecasts) {
        this.engine = engine;
        this.clock = clock;
        this.definitions = definitions;
        this.objectives = objectives;
        this.quality = quality;
        this.marks = marks;
        this.anomalies = anomalies;
        this.forecasts = forecasts;
    }

    static AnalyseRoom open(
            Config config,
            Path data,
            EngineRoom engine,
            @Nullable LakeRoom lake,
            Wal wal,
            AlertBook alerts,
            Clock clock,
            OwnMetrics metrics)
            throws InterruptedException {
        String database = engine.schema().database();
        StateFile state = StateFile.open(data);
        var tables = new ResultTables(engine.client(), database);
        SloDefinitions definitions = engine.objectives();
        var complete = new CompleteTime(wal, engine, clock);
        var quality =
                new QualityInspector(
                        config.quality(),
                        QualityRules.open(config.quality().rules()),
                        engine.queries(),
                        tables,
                        alerts,
                        complete,
                        reconciliation(config, state, engine, lake, wal, metrics),
                        clock,
                        metrics);
        var objectives =
                new SloEvaluator(
                        config.slo(),
                        engine.queries(),
                        tables,
                        definitions,
                        alerts,
                        new SloEvaluator.Needs(
                                complete,
                                config.engine().leastRetentionDays(),
                                Duration.ofNanos(config.rollup().firstPointAgeMaxNanos())),
                        clock,
                        metrics);
        var marks = new AnomalyMarks(state, tables);
        var anomalies =
                new AnomalyInspector(
                        config.anomaly(),
                        SignalSettings.open(config.anomaly().signals()),
                        data,
                        engine.queries(),
                        tables,
                        new KeptRows(state, tables),
                        alerts,
                        marks,
                        complete,
                        clock,
                        metrics);
        var forecasts =
                new ForecastRounds(
                        config.forecast(),
                        engine.queries(),
                        tables,
                        state,
                        config.cost().enabled()
                                ? new CostHistory(config.cost().prices(), new CostBook(state))
                                : null,
                        config.lake().onDisk(),
                        complete,
                        () -> data.toFile().getUsableSpace(),
                        clock,
                        metrics);
        var room =
                new AnalyseRoom(
                        engine,
                        clock,
                        definitions,
                        objectives,
                        quality,
                        marks,
                        anomalies,
                        forecasts);
        if (engine.prepared()) { // else both do so in their first round
            objectives.define();
            quality.define();
            anomalies.define();
            forecasts.define();
        }
        if (config.slo().enabled()) {
            room.workers.add(Worker.start("slo", engine.after(objectives)));
        }
        if (config.quality().enabled()) {
            engine.feed().watch(quality.watch());
            room.workers.add(Worker.start("quality", engine.after(quality)));
        }
        if (config.anomaly().enabled()) {
            room.workers.add(Worker.start("anomaly", engine.after(anomalies)));
        }
        if (config.forecast().enabled()) {
            room.workers.add(Worker.start("forecast", engine.after(forecasts)));
        }
        return room;
    }

    /// Null where nothing tells what was admitted.
    private static @Nullable Reconciliation reconciliation(
            Config config,
            StateFile state,
            EngineRoom engine,
            @Nullable LakeRoom lake,
            Wal wal,
            OwnMetrics metrics) {
        return LogRoom.metered(config)
                ? new Reconciliation(
                        wal.writer(),
                        new AdmittedBook(state),
                        engine.queries(),
                        engine::reconcilable,
                        config.engine().leastRetentionDays(),
                        lake == null ? null : new LakeAppends(lake.catalog()),
                        metrics)
                : null;
    }

    /// What it answers, by path below `/api/firn/v1/`.
    Map<String, Reading> readings() {
        return Map.of(
                "slo",
                this::objectives,
                "quality",
                parameters -> quality.answer(),
                "quality/badge.svg",
                parameters -> new Drawing(quality.badge(parameters)),
                "anomalies",
                anomalies::answer,
                "forecasts",
                forecasts::answer);
    }

    /// What it does when asked, by path below `/api/firn/v1/`.
    Map<String, Task> tasks() {
        return Map.of(
                "slo/define", (parameters, progress) -> define(parameters),
                "slo/remove", (parameters, progress) -> remove(parameters),
                "anomalies/mark", (parameters, progress) -> mark(parameters),
                "anomalies/unmark", (parameters, progress) -> unmark(parameters));
    }

    private Object mark(Map<String, String> parameters) throws InterruptedException {
        String kind = Parameters.required(parameters, "kind");
        if (!List.of("expected", "excluded").contains(kind)) {
            throw new InputException("kind \"" + kind + "\" is none of expected, excluded");
        }
        long id =
                marks.add(
                        new AnomalyMarks.Mark(
                                0,
                                AnomalyMarks.Kind.valueOf(kind.toUpperCase(Locale.ROOT)),
                                Parameters.optional(parameters, "signal"),
                                Parameters.optional(parameters, "environment"),
                                Parameters.optional(parameters, "service_name"),
                                Parameters.optional(parameters, "http_route"),
                                Parameters.millis(parameters, "from"),
                                Parameters.millis(parameters, "to"),
                                Parameters.optional(parameters, "comment"),
                                clock.millis()));
        marks.show();
        return Map.of("marked", id);
    }

    private Object unmark(Map<String, String> parameters) throws InterruptedException {
        String id = Parameters.required(parameters, "id");
        if (!id.matches("[0-9]{1,18}") || !marks.remove(Long.parseLong(id))) {
            throw new InputException("there is no mark " + id + "; firn anomaly list shows them");
        }
        marks.show();
        return Map.of("unmarked", Long.parseLong(id));
    }

    private Object objectives(Map<String, String> parameters) {
        String name = parameters.get("slo");
        var answer = new LinkedHashMap<>(objectives.answer());
        if (name != null && answer.get("objectives") instanceof List<?> all) {
            answer.put(
                    "objectives",
                    all.stream()
                            .filter(one ->
                                    one instanceof Map<?, ?> map && name.equals(map.get("slo")))
                            .toList());
        }
        return answer;
    }

    private Object define(Map<String, String> parameters) throws InterruptedException {
        String type = Parameters.required(parameters, "slo_type");
        if (!List.of("latency_p95", "latency_p99", "error_rate", "availability").contains(type)) {
            throw new InputException(
                    "slo_type \""
                            + type
                            + "\" is none of latency_p95, latency_p99, error_rate, availability");
        }
        double threshold;
        try {
            threshold = Double.parseDouble(Parameters.required(parameters, "threshold"));
        } catch (NumberFormatException e) {
            throw new InputException("threshold is not a number, but " + e.getMessage());
        }
        boolean latency = type.startsWith("latency");
        if (!(threshold > 0) || Double.isInfinite(threshold) || !latency && threshold >= 100) {
            throw new InputException(
                    "threshold "
                            + threshold
                            + " is not above 0"
                            + (latency ? " (seconds)" : " and below 100 (percent of events)"));
        }
        var row =
                new Definition(
                        Parameters.required(parameters, "environment"),
                        Parameters.required(parameters, "metric_name"),
                        type,
                        threshold,
                        parameters.getOrDefault("description", ""));
        definitions.change(engine.client(), engine.schema().database(), () -> definitions.put(row));
        return Map.of("defined", String.join(" ", row.environment(), row.metricName(), type));
    }

    private Object remove(Map<String, String> parameters) throws InterruptedException {
        String environment = Parameters.required(parameters, "environment");
        String metric = Parameters.required(parameters, "metric_name");
        String type = Parameters.required(parameters, "slo_type");
        definitions.change(
                engine.client(),
                engine.schema().database(),
                () -> {
                    if (!definitions.remove(environment, metric, type)) {
                        throw new InputException(
                                "there is no row (%s, %s, %s) in slo_definitions"
                                        .formatted(environment, metric, type));
                    }
                });
        return Map.of("removed", String.join(" ", environment, metric, type));
    }

    /// What does not work.
    List<String> troubles() {
        var troubles = new ArrayList<String>();
        Optional.ofNullable(objectives.trouble()).ifPresent(troubles::add);
        Optional.ofNullable(quality.trouble()).ifPresent(troubles::add);
        Optional.ofNullable(anomalies.trouble()).ifPresent(troubles::add);
        Optional.ofNullable(forecasts.trouble()).ifPresent(troubles::add);
        return troubles;
    }

    @Override
    public void close() {
        workers.forEach(worker -> worker.close(WORKER_MILLIS));
        try {
            anomalies.save();
        } catch (WorldException e) {
            LOG.warn("after the next start some intervals are judged again: {}", e.getMessage());
        }
    }
}
