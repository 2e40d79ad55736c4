package dev.firn.analyse.slo.live;

import dev.firn.analyse.slo.AlertDecision;
import dev.firn.analyse.slo.Evaluation;
import dev.firn.analyse.slo.Minutes;
import dev.firn.analyse.slo.SloResult;
import dev.firn.analyse.slo.WindowTables;
import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.base.Worker;
import dev.firn.config.SloConfig;
import dev.firn.query.AlertBook;
import dev.firn.query.Queries;
import dev.firn.query.ResultTables;
import dev.firn.query.ResultTables.Row;
import dev.firn.query.SloDefinitions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/// Evaluates all objectives each minute: counts what came, says what holds, decides alerts.
///
/// A round that fails leaves nothing half done: the next one begins from what is stored.
public final class SloEvaluator implements Worker.Duty {
    private static final Logger LOG = LoggerFactory.getLogger(SloEvaluator.class);
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final long PAUSE_MILLIS = 500;
    private static final long MINUTE_MILLIS = 60_000;
    private static final String RESULTS =
            "evaluated_at, slo, group_values, definition, as_of, window_from, window_to, origin,"
                    + " service, environment, metric_name, slo_type, threshold, description, target,"
                    + " status, total, good_lower, good_upper, unknown_baseline, coverage, sli,"
                    + " sli_lower, sli_upper, budget_left, burn_1h, minutes_to_exhaustion, slo_tier,"
                    + " page, ticket, advice, detail";

    private final SloConfig config;
    private final EnginePoints points;
    private final MinuteStore store;
    private final ResultTables tables;
    private final AlertBook alerts;
    private final DefinitionBook book;
    private final Needs needs;
    private final Clock clock;
    private final SloMetrics metrics;
    private final Throttle complaints;
    private final Map<String, Counted> objectives = new LinkedHashMap<>();
    private boolean defined;
    private long evaluated;
    private volatile Map<String, Object> answer = Map.of("objectives", List.of());
    private volatile @Nullable String trouble;

    /// What it must know of the rest of Firn.
    ///
    /// @param completeMillis time up to which the engine has all points that were acknowledged, ms
    ///   since 1970
    /// @param retentionDays that the engine keeps every point
    /// @param firstPointMaxAge `rollup.first_point_max_age`
    public record Needs(
            LongSupplier completeMillis, int retentionDays, Duration firstPointMaxAge) {}

    /// @throws dev.firn.base.InputException if files of definitions have mistakes
    public SloEvaluator(
            SloConfig config,
            Queries queries,
            ResultTables tables,
            SloDefinitions rows,
            AlertBook alerts,
            Needs needs,
            Clock clock,
            OwnMetrics metrics) {
        this.config = config;
        this.points = new EnginePoints(queries);
        this.store = new MinuteStore(queries, tables);
        this.tables = tables;
        this.alerts = alerts;
        this.needs = needs;
        this.clock = clock;
        this.metrics = new SloMetrics(metrics);
        this.complaints = new Throttle(clock, 600);
        this.book = new DefinitionBook(config.definitions(), rows, this::names, clock);
    }

    private List<String> names(String metric) throws InterruptedException {
        var answered = points.ask("read_names", Map.of("name", metric));
        var names = new ArrayList<String>();
        for (int row = 0; row < answered.size(); row++) {
            names.add(answered.text(row, 0));
        }
        return names;
    }

    @Override
    public void run() throws InterruptedException {
        long asOf =
                Math.floorDiv(
                        needs.completeMillis.getAsLong() - config.graceNanos() / 1_000_000,
                        MINUTE_MILLIS);
        if (asOf <= evaluated) {
            Thread.sleep(PAUSE_MILLIS);
            return;
        }
        try {
            evaluate(asOf);
            trouble = null;
        } catch (InterruptedException e) {
            forget();
            throw e;
        } catch (RuntimeException e) {
            forget();
            metrics.round(false);
            trouble = "objectives cannot be evaluated: " + e.getMessage();
            if (complaints.permit() >= 0) {
                LOG.warn("cannot evaluate objectives", e);
            }
            Thread.sleep(4 * PAUSE_MILLIS);
        }
    }

    /// Makes tables and views where they are not there.
    public void define() throws InterruptedException {
        store.define();
        defined = true;
    }

    /// What is in memory may be ahead of what is stored, or the engine may be another.
    private void forget() {
        objectives.clear();
        defined = false;
        alerts.forget();
    }

    /// One round.
    ///
    /// @param asOf minute up to which, exclusive, all points are there
    void evaluate(long asOf) throws InterruptedException {
        long began = clock.ticks();
        if (!defined) {
            define();
        }
        DefinitionBook.All all = book.current();
        adopt(all.objectives(), asOf);
        count(asOf);
        Map<String, List<SloResult>> results = results(asOf);
        publish(all, results, asOf);
        evaluated = asOf;
        metrics.seconds = (clock.ticks() - began) / 1e9;
        metrics.round(true);
    }

    /// Objectives as they are defined now; what was counted of others is forgotten.
    private void adopt(List<Defined> definitions, long asOf) throws InterruptedException {
        var names = new TreeSet<String>();
        for (Defined one : definitions) {
            names.add(one.slo().name());
            Counted known = objectives.get(one.slo().name());
            if (known != null && known.defined().digest() == one.digest()) {
                known.redefine(one);
            } else {
                objectives.put(one.slo().name(), store.load(one, needed(one, asOf)));
            }
        }
        objectives.keySet().retainAll(names);
        long held = objectives.values().stream().mapToLong(Counted::size).sum();
        metrics.minutes = held;
        if (held > config.minutesMax()) {
            throw new IllegalStateException(
                    held
                            + " minutes of objectives and groups are more than slo.minutes_max "
                            + config.minutesMax()
                            + "; count by fewer attributes (groupBy), or raise it");
        }
    }

    /// The first minute that an objective's windows need.
    private static long needed(Defined one, long asOf) {
        long longest = Evaluation.BURN_MINUTES.getLast();
        return Math.min(one.slo().window().at(asOf).from(), asOf - longest);
    }

    private record Alike(
            List<String> metrics, long from, long asOf, long lookedAt, Map<String, Long> cuts) {}

    private void count(long asOf) throws InterruptedException {
        var alike = new LinkedHashMap<Alike, List<Counted>>();
        for (Counted one : objectives.values()) {
            if (one.asOf() < asOf) {
                alike.computeIfAbsent(
                                new Alike(
                                        one.defined().slo().indicator().metrics(),
                                        one.from(),
                                        one.asOf(),
                                        one.lookedAt(),
                                        one.cuts()),
                                _ -> new ArrayList<>())
                        .add(one);
            }
        }
        long oldest =
                Math.floorDiv(clock.millis(), MINUTE_MILLIS) - (needs.retentionDays - 1) * 1440L;
        for (List<Counted> some : alike.values()) {
            long needed =
                    some.stream().mapToLong(one -> needed(one.defined(), asOf)).min().orElse(asOf);
            var counting = new Counting(points, store, needs.firstPointMaxAge, clock, some, oldest);
            counting.upTo(asOf, needed);
            some.forEach(one -> one.dropBefore(needed));
            metrics.counted(counting.recounted(), counting.late());
        }
    }

    private Map<String, List<SloResult>> results(long asOf) {
        var results = new LinkedHashMap<String, List<SloResult>>();
        objectives.forEach((name, one) -> {
            var slo = one.defined().slo();
            var windows = WindowTables.of(slo.window().minutes());
            var of = new ArrayList<SloResult>();
            one.groups()
                    .forEach((group, minutes) ->
                            of.add(Evaluation.at(slo, group, minutes, asOf, windows)));
            if (of.isEmpty() && slo.indicator().groupBy().isEmpty()) {
                of.add(Evaluation.at(slo, Map.of(), new Minutes(), asOf, windows));
            }
            results.put(name, of);
        });
        return results;
    }

    private void publish(DefinitionBook.All all, Map<String, List<SloResult>> results, long asOf)
            throws InterruptedException {
        long now = clock.millis();
        var views = new ArrayList<Map<String, Object>>();
        var rows = new ArrayList<Row>();
        var holding = new ArrayList<AlertBook.Decision>();
        results.forEach((name, of) -> {
            Counted counted = java.util.Objects.requireNonNull(objectives.get(name));
            for (SloResult result : of) {
                Map<String, Object> view = ResultView.of(counted.defined(), result);
                views.add(view);
                rows.add(row(counted.defined(), result, MAPPER.writeValueAsString(view), now));
                holding.addAll(decisions(counted.defined(), result));
            }
        });
        tables.insert("slo_results", RESULTS, rows);
        alerts.decide(AlertBook.Source.SLO, holding, asOf * MINUTE_MILLIS);
        var conflicts = new ArrayList<Map<String, Object>>();
        all.overridden().stream()
                .filter(DefinitionBook.Overridden::differs)
                .forEach(one -> conflicts.add(conflict(one)));
        var body = new LinkedHashMap<String, Object>();
        body.put("as_of", ResultView.minute(asOf));
        body.put("evaluated_at", Instant.ofEpochMilli(now).toString());
        body.put("objectives", views);
        body.put("conflicts", conflicts);
        body.put("problems", all.trouble() == null ? List.of() : List.of(all.trouble()));
        answer = body;
        metrics.asOf = asOf * 60.0;
        metrics.objectives = objectives.size();
        metrics.conflicts = conflicts.size();
        metrics.show(results);
    }

    private static Map<String, Object> conflict(DefinitionBook.Overridden one) {
        var view = new LinkedHashMap<String, Object>();
        view.put("environment", one.row().environment());
        view.put("metric_name", one.row().metricName());
        view.put("slo_type", one.row().sloType());
        view.put("threshold", one.row().threshold());
        view.put("overridden_by", one.by());
        view.put("threshold_in_force", one.definition().threshold());
        return view;
    }

    private static List<AlertBook.Decision> decisions(Defined defined, SloResult result) {
        var decisions = new ArrayList<AlertBook.Decision>();
        for (AlertDecision decision : result.alerts()) {
            List<AlertDecision.PairState> firing = ResultView.firing(decision);
            if (decision.state() != AlertDecision.State.FIRING || firing.isEmpty()) {
                continue;
            }
            AlertDecision.PairState pair = firing.getFirst();
            var subject = new LinkedHashMap<>(defined.slo().labels());
            subject.putAll(result.group());
            subject.put("slo", defined.slo().name());
            subject.put("service", defined.slo().service());
            decisions.add(
                    new AlertBook.Decision(
                            defined.slo().alerting().name().isEmpty()
                                    ? defined.slo().name()
                                    : defined.slo().alerting().name(),
                            switch (decision.severity()) {
                                case PAGE -> AlertBook.Severity.PAGE;
                                case TICKET -> AlertBook.Severity.TICKET;
                            },
                            subject,
                            result.asOf() * MINUTE_MILLIS,
                            pair.longBurn().forAlerts(),
                            pair.factor(),
                            ResultView.summary(defined.slo(), result, pair),
                            MAPPER.writeValueAsString(
                                    ResultView.of(defined, result).get("alerts"))));
        }
        return decisions;
    }

    private static Row row(Defined defined, SloResult result, String detail, long now) {
        var slo = defined.slo();
        SloDefinitions.Definition seed = defined.row();
        double hour =
                result.burns().stream()
                        .filter(burn -> burn.minutes() == 60)
                        .mapToDouble(burn -> burn.rate())
                        .findFirst()
                        .orElse(Double.NaN);
        return new Row()
                .millis(now)
                .text(slo.name())
                .text(MinuteStore.json(result.group()))
                .raw(Long.toUnsignedString(defined.digest()))
                .number(result.asOf() * 60)
                .number(result.window().from() * 60)
                .number(result.window().to() * 60)
                .text(defined.origin())
                .text(slo.service())
                .text(
                        seed == null
                                ? slo.labels().getOrDefault("environment", "")
                                : seed.environment())
                .text(seed == null ? slo.indicator().metrics().getFirst() : seed.metricName())
                .text(seed == null ? "" : seed.sloType())
                .real(seed == null ? Double.NaN : seed.threshold())
                .text(slo.description())
                .raw(slo.target().toPlainString())
                .text(ResultView.lower(result.status()))
                .number(result.events().total())
                .number(result.events().goodLower())
                .number(result.events().goodUpper())
                .number(result.events().unknownBaseline())
                .real(result.coverage())
                .real(result.sli().estimate())
                .real(result.sli().lower())
                .real(result.sli().upper())
                .real(result.budget().soFar().estimate())
                .real(hour)
                .real(result.minutesToExhaustion())
                .text(result.tier())
                .text(state(result, 0))
                .text(state(result, 1))
                .text(result.advice())
                .text(detail);
    }

    private static String state(SloResult result, int severity) {
        return result.alerts().stream()
                .filter(alert -> alert.severity().ordinal() == severity)
                .map(alert -> ResultView.lower(alert.state()))
                .findFirst()
                .orElse("off");
    }

    /// The newest results as JSON-able values.
    public Map<String, Object> answer() {
        return answer;
    }

    /// Why the newest results are old; null if they are not.
    public @Nullable String trouble() {
        return trouble;
    }
}
