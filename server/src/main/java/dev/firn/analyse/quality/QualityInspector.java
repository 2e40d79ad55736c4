package dev.firn.analyse.quality;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.base.Worker;
import dev.firn.base.WorldException;
import dev.firn.config.QualityConfig;
import dev.firn.model.PointWatch;
import dev.firn.query.AlertBook;
import dev.firn.query.Answer;
import dev.firn.query.Queries;
import dev.firn.query.ResultTables;
import io.prometheus.metrics.core.metrics.Counter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/// Looks each minute at what [StreamWatch] saw, and less often at the engine's tables. What it
/// finds wrong are incidents, which last until it is not found any more.
public final class QualityInspector implements Worker.Duty {
    private static final Logger LOG = LoggerFactory.getLogger(QualityInspector.class);
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final long PAUSE_MILLIS = 500;
    private static final long MINUTE = 60;

    /// Share of the time that rounds may take; after a long one the next waits.
    private static final double SHARE_MAX = 0.1;

    private static final long WINDOW = 300;
    private static final long HOUR = 3_600;

    /// An hour's rollups are there so long after its end.
    private static final long HOUR_DONE_SECONDS = 600;

    private static final int SUSPECT_MINUTES = 10;

    /// So many series are asked for at a time, about: what a question holds in memory is by series.
    private static final int SERIES_MAX = 1 << 17;

    private static final int PARTS_MAX = 1 << 10;

    /// With fewer in an hour chance alone spreads them otherwise.
    private static final int DISTRIBUTION_EVENTS_MIN = 1_000;

    private static final List<String> SOURCE =
            List.of("data_plane_id", "environment", "service_name");

    /// Over the rollups' views.
    private static final List<String> VIEWS =
            List.of(
                    "quality/replace_v_data_quality_gaps",
                    "quality/replace_v_data_quality_duplicates",
                    "anomaly/create_anomalies",
                    "quality/replace_v_data_quality_anomalies",
                    "quality/replace_v_data_freshness");

    private final QualityRules rules;
    private final StreamWatch watch;
    private final Queries queries;
    private final ResultTables tables;
    private final AlertBook alerts;
    private final LongSupplier completeMillis;
    private final @Nullable Reconciliation reconciliation;
    private final Clock clock;
    private final Throttle complaints;
    private final Counter rounds;
    private final QualityMetrics metrics;

    /// When series were last suspected to have points stored twice, seconds.
    private final Map<StreamWatch.Suspect, Long> suspects = new LinkedHashMap<>();

    private List<Finding> volume = List.of();
    private List<Finding> distribution = List.of();
    private List<Finding> metadata = List.of();
    private List<Finding> reconciled = List.of();
    private Answer sources = new Answer(List.of(), List.of(), List.of(), 0, false);
    private boolean defined;
    private boolean knowsFormer;
    private long formerAt;
    private long nextTicks = Long.MIN_VALUE / 2;
    private long looked;
    private long slowAt;
    private long volumeHour;
    private volatile Map<String, Object> answer = Map.of("incidents", List.of());
    private volatile List<Map<String, Object>> scores = List.of();
    private volatile @Nullable String trouble;

    /// @param completeMillis time up to which the engine has all points that were acknowledged
    /// @param reconciliation null where nothing tells what was admitted
    public QualityInspector(
            QualityConfig config,
            QualityRules rules,
            Queries queries,
            ResultTables tables,
            AlertBook alerts,
            LongSupplier completeMillis,
            @Nullable Reconciliation reconciliation,
            Clock clock,
            OwnMetrics metrics) {
        this.rules = rules;
        this.watch = new StreamWatch(config, rules, clock);
        this.queries = queries;
        this.tables = tables;
        this.alerts = alerts;
        this.completeMillis = completeMillis;
        this.reconciliation = reconciliation;
        this.clock = clock;
        this.complaints = new Throttle(clock, 600);
        this.metrics = new QualityMetrics(metrics);
        this.rounds =
                metrics.counter("firn_quality_rounds", "Rounds of data quality checks.", "outcome");
    }

    /// What is to see each point that is stored.
    public PointWatch watch() {
        return watch;
    }

    @Override
    public void run() throws InterruptedException {
        long now = Math.floorDiv(completeMillis.getAsLong(), MINUTE * 1_000) * MINUTE;
        if (now <= looked || clock.ticks() - nextTicks < 0) {
            Thread.sleep(PAUSE_MILLIS);
            return;
        }
        try {
            inspect(now);
            rounds.labelValues("done").inc();
            trouble = null;
        } catch (RuntimeException e) {
            defined = false;
            rounds.labelValues("failed").inc();
            trouble = "data quality cannot be checked: " + e.getMessage();
            if (complaints.permit() >= 0) {
                LOG.warn("cannot check data quality", e);
            }
            Thread.sleep(4 * PAUSE_MILLIS);
        }
    }

    /// Makes views where they are not there.
    public void define() throws InterruptedException {
        tables.define(VIEWS);
        alerts.show(clock.millis());
        tables.define(List.of("quality/replace_quality_incidents"));
        tables.run(
                "quality/replace_v_data_quality_daily",
                Map.of("checks", Integer.toString(Check.values().length)));
        defined = true;
    }

    /// One round.
    ///
    /// @param now seconds since 1970, up to which all points are there
    void inspect(long now) throws InterruptedException {
        long began = clock.ticks();
        if (!defined) {
            define();
        }
        if (!knowsFormer && now >= formerAt) {
            tryLearnFormer(now);
        }
        StreamWatch.Round round = watch.round(now);
        metrics.leftOut(round.leftOut());
        if (now - slowAt >= WINDOW || sources.size() == 0) {
            metadata = ask("check_metadata", Map.of("now", Long.toString(now)));
            sources = queries.ask(question("read_sources", Map.of()));
            if (reconciliation != null) {
                reconciled = reconciliation.round(now);
            }
            slowAt = now;
        }
        long hour = (now - HOUR_DONE_SECONDS) / HOUR * HOUR - HOUR;
        if (hour > volumeHour) {
            volume = ask("check_volume", Map.of("hour", Long.toString(hour)));
            distribution =
                    ask(
                            "check_distribution",
                            Map.of(
                                    "hour",
                                    Long.toString(hour),
                                    "events_min",
                                    Integer.toString(DISTRIBUTION_EVENTS_MIN)));
            volumeHour = hour;
        }
        var all = new ArrayList<>(round.findings());
        all.addAll(repeated(round, now));
        all.addAll(metadata);
        all.addAll(volume);
        all.addAll(distribution);
        all.addAll(reconciled);
        var found = new ArrayList<>(worst(all));
        found.addAll(Collapse.wrong(round.freshness(), rules::isWrong));
        metrics.found(found); // before alerts, as scores of anomalies are
        publish(found, now);
        looked = now;
        nextTicks = clock.ticks() + (long) ((clock.ticks() - began) * (1 / SHARE_MAX - 1));
        metrics.done((clock.ticks() - began) / 1e9);
    }

    /// An engine with much to do at its start may refuse; the other checks do not wait for this
    /// one.
    private void tryLearnFormer(long now) throws InterruptedException {
        try {
            learnFormer(now);
            knowsFormer = true;
        } catch (WorldException e) {
            boolean again = formerAt > 0;
            formerAt = now + WINDOW;
            if (again && complaints.permit() >= 0) {
                LOG.warn(
                        "cannot learn which sources the engine had before this start, so that those"
                                + " that have ended since are not missed; asking again in {} s",
                        WINDOW,
                        e);
            }
        }
    }

    /// What the engine had before this process, so that what has not come since is missed.
    private void learnFormer(long now) throws InterruptedException {
        long series = queries.ask(question("count_series", Map.of())).number(0, 0);
        int parts = 1;
        while (parts < PARTS_MAX && series > (long) parts * SERIES_MAX) {
            parts *= 2;
        }
        var former = new ArrayList<Finding>();
        for (int part = 0; part < parts; part++) {
            former.addAll(
                    ask(
                            "check_freshness",
                            Map.of(
                                    "now",
                                    Long.toString(now),
                                    "part",
                                    Integer.toString(part),
                                    "mask",
                                    Integer.toString(parts - 1))));
        }
        for (Finding one : former) {
            watch.known(
                    new Group.Name(one.plane(), one.environment(), one.service(), one.metric()),
                    now - (long) one.observed(),
                    one.expected(),
                    one.series(),
                    one.points());
        }
    }

    /// Points stored twice of which memory cannot tell.
    private List<Finding> repeated(StreamWatch.Round round, long now) throws InterruptedException {
        round.suspects().forEach(one -> suspects.put(one, now));
        suspects.values().removeIf(at -> now - at > SUSPECT_MINUTES * MINUTE);
        if (suspects.isEmpty()) {
            return List.of();
        }
        String keys =
                suspects.keySet().stream()
                        .limit(StreamWatch.SUSPECTS_MAX)
                        .map(one ->
                                "(" + Integer.toUnsignedLong(one.metricId()) + "," + one.id() + ")")
                        .collect(Collectors.joining(",", "[", "]"));
        long window = now / WINDOW * WINDOW;
        return ask(
                "check_duplicates",
                Map.of(
                        "suspects",
                        keys,
                        "from",
                        Long.toString(window - WINDOW),
                        "to",
                        Long.toString(window + WINDOW)));
    }

    /// The wrong ones, of each check and subject the worst.
    private List<Finding> worst(List<Finding> all) {
        var worst = new LinkedHashMap<List<Object>, Finding>();
        for (Finding one : all) {
            if (rules.isWrong(one)) {
                worst.merge(
                        List.of(one.check(), one.subject()),
                        one,
                        (a, b) -> a.observed() >= b.observed() ? a : b);
            }
        }
        // repeated points come after later ones
        worst.keySet()
                .removeIf(key ->
                        key.getFirst() == Check.OUT_OF_ORDER
                                && worst.containsKey(List.of(Check.DUPLICATES, key.getLast())));
        return List.copyOf(worst.values());
    }

    private List<Finding> ask(String file, Map<String, String> parameters)
            throws InterruptedException {
        Answer answer = queries.ask(question(file, parameters));
        var findings = new ArrayList<Finding>();
        for (int row = 0; row < answer.size(); row++) {
            findings.add(
                    new Finding(
                            Check.of(answer.text(row, 0)),
                            answer.text(row, 1),
                            answer.text(row, 2),
                            answer.text(row, 3),
                            answer.text(row, 4),
                            answer.real(row, 5),
                            answer.real(row, 6),
                            answer.number(row, 7),
                            answer.number(row, 8),
                            answer.text(row, 9)));
        }
        return findings;
    }

    private static Queries.Question question(String file, Map<String, String> parameters) {
        return new Queries.Question(
                "quality/" + file, parameters, Queries.UserClass.SCHEDULED, false);
    }

    private void publish(List<Finding> found, long now) throws InterruptedException {
        var holding = new ArrayList<AlertBook.Decision>();
        for (Finding one : found) {
            var detail = new LinkedHashMap<String, Object>();
            detail.put("check", one.check().id());
            detail.put("dimension", one.check().dimension());
            detail.put("status", one.check().fails() ? "fail" : "warn");
            detail.put("series", one.series());
            detail.put("points", one.points());
            if (!one.evidence().isEmpty()) {
                detail.put("evidence", one.evidence());
            }
            holding.add(
                    new AlertBook.Decision(
                            one.check().id(),
                            one.check().fails()
                                    ? AlertBook.Severity.TICKET
                                    : AlertBook.Severity.INFO,
                            one.subject(),
                            now * 1_000,
                            one.observed(),
                            one.expected(),
                            one.check().say(one.observed(), one.expected())
                                    + (one.evidence().isEmpty() ? "" : " (" + one.evidence() + ")"),
                            MAPPER.writeValueAsString(detail)));
        }
        alerts.decide(AlertBook.Source.QUALITY, holding, now * 1_000);
        scores = scores(found);
        var body = new LinkedHashMap<String, Object>();
        body.put("as_of", Instant.ofEpochSecond(now).toString());
        body.put("checks", EnumSet.allOf(Check.class).stream().map(Check::id).toList());
        body.put("scores", scores);
        body.put(
                "incidents",
                alerts.open(AlertBook.Source.QUALITY).stream().map(AlertBook::view).toList());
        answer = body;
        metrics.scores(scores);
    }

    /// Of each source: the share of checks without an incident, a warning weighing half.
    private List<Map<String, Object>> scores(List<Finding> found) {
        var scores = new ArrayList<Map<String, Object>>();
        for (int row = 0; row < sources.size(); row++) {
            String plane = sources.text(row, 0);
            String environment = sources.text(row, 1);
            String service = sources.text(row, 2);
            var worst = new HashMap<Check, Double>();
            for (Finding one : found) {
                boolean here =
                        one.plane().equals(plane)
                                && (one.environment().equals(environment)
                                        || one.check() == Check.RECONCILIATION)
                                && (one.service().equals(service)
                                        || one.service().isEmpty() && one.metric().isEmpty());
                if (here) {
                    worst.merge(one.check(), one.check().fails() ? 1 : 0.5, Math::max);
                }
            }
            double lost = worst.values().stream().mapToDouble(one -> one).sum();
            var score = new LinkedHashMap<String, Object>();
            score.put("data_plane_id", plane);
            score.put("environment", environment);
            score.put("service_name", service);
            score.put("score", 100 * (1 - lost / Check.values().length));
            score.put("failing", worst.keySet().stream().map(Check::id).sorted().toList());
            scores.add(score);
        }
        return scores;
    }

    /// The newest findings as JSON-able values.
    public Map<String, Object> answer() {
        return answer;
    }

    /// The lowest score as an SVG.
    ///
    /// @param where of which sources: some of data_plane_id, environment and service_name
    public String badge(Map<String, String> where) {
        return Badge.svg(
                scores.stream()
                        .filter(score ->
                                SOURCE.stream()
                                        .allMatch(name ->
                                                !where.containsKey(name)
                                                        || Objects.equals(
                                                                where.get(name), score.get(name))))
                        .mapToDouble(
                                score -> score.get("score") instanceof Double value ? value : 0)
                        .min());
    }

    /// Why they are old; null if they are not.
    public @Nullable String trouble() {
        return trouble;
    }
}
