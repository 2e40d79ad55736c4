package dev.firn.analyse.anomaly.live;

import dev.firn.analyse.anomaly.Verdict;
import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.base.Worker;
import dev.firn.config.AnomalyConfig;
import dev.firn.query.AlertBook;
import dev.firn.query.AnomalyMarks;
import dev.firn.query.Answer;
import dev.firn.query.KeptRows;
import dev.firn.query.Queries;
import dev.firn.query.ResultTables;
import dev.firn.query.ResultTables.Row;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Judges each interval of all signals once, when the engine has it. At the first start it goes
/// through the history that is stored; after a stop it goes on where it was.
///
/// Late data, simply: an interval is judged `anomaly.grace` after its end, with what is there by
/// then; what comes later changes neither what was said nor what was learned. Only history from
/// before the first judged interval (loaded after the start) is gone through anew, all of it, once
/// it stopped growing.
public final class AnomalyInspector implements Worker.Duty {
    private static final Logger LOG = LoggerFactory.getLogger(AnomalyInspector.class);
    private static final long PAUSE_MILLIS = 500;
    private static final long STEP = Signals.STEP_SECONDS;
    private static final long DAY = 86_400;

    /// Of history that is read at once.
    private static final long CHUNK = 43_200;

    /// Share of the time that going through history may take.
    private static final double SHARE_MAX = 0.5;

    /// Between two writes of what detectors know; after a hard end so much is judged again.
    private static final long SAVE_MILLIS = 3_600_000;

    /// Between two looks for history from before.
    private static final long LOOK_MILLIS = 120_000;

    /// Less history from before than this is not worth going through all anew.
    private static final long BEFORE = 6 * 3_600;

    /// As the table's TTL.
    private static final long KEPT_MILLIS = 400 * DAY * 1_000;

    private static final String COLUMNS =
            "time, signal, environment, service_name, http_route, channel, score, actual, expected,"
                    + " expected_low, expected_high, severity, explanation, contributions,"
                    + " data_plane_id, z_score, alerting, version, service_instance_id";
    private static final String BAND_COLUMNS =
            "time, signal, environment, service_name, http_route, data_plane_id, actual, expected,"
                    + " low, high";

    /// Series of an interval whose bands are kept, the heaviest, and how long.
    private static final int BANDS_MAX = 500;

    private static final int BANDS_DAYS = 14;

    /// Intervals of an answer.
    private static final int ANSWER_BANDS_MAX = 20_000;

    private final AnomalyConfig config;
    private final SignalReader reader;
    private final Queries queries;
    private final ResultTables tables;
    private final KeptRows kept;
    private final AlertBook alerts;
    private final AnomalyMarks marks;
    private final WatchFile file;
    private final LongSupplier completeMillis;
    private final Clock clock;
    private final AnomalyMetrics metrics;
    private final Throttle complaints;
    private final AnomalyAnswer answer = new AnomalyAnswer();
    private volatile @Nullable SignalWatch watch;
    private boolean defined;
    private long savedTicks;
    private long lookedTicks;
    private long rowsBefore = -1;
    private long nextTicks = Long.MIN_VALUE / 2;
    private volatile @Nullable String trouble;

    /// @param data the data directory
    /// @param completeMillis time up to which the engine has all points that were acknowledged
    public AnomalyInspector(
            AnomalyConfig config,
            SignalSettings settings,
            Path data,
            Queries queries,
            ResultTables tables,
            KeptRows kept,
            AlertBook alerts,
            AnomalyMarks marks,
            LongSupplier completeMillis,
            Clock clock,
            OwnMetrics metrics) {
        this.config = config;
        this.reader = new SignalReader(queries, settings);
        this.queries = queries;
        this.tables = tables;
        this.kept = kept;
        this.alerts = alerts;
        this.marks = marks;
        this.file = new WatchFile(data);
        this.completeMillis = completeMillis;
        this.clock = clock;
        this.complaints = new Throttle(clock, 600);
        this.metrics = new AnomalyMetrics(metrics);
    }

    @Override
    public void run() throws InterruptedException {
        long end =
                Math.floorDiv(
                                completeMillis.getAsLong() - config.graceNanos() / 1_000_000,
                                STEP * 1_000)
                        * STEP;
        if (end <= 0
                || clock.ticks() - nextTicks < 0
                || (watch != null && end * 1_000 <= watch.until() && !looksBack())) {
            Thread.sleep(PAUSE_MILLIS);
            return;
        }
        try {
            inspect(end);
            trouble = null;
        } catch (RuntimeException e) {
            defined = false;
            metrics.failed();
            trouble = "signals cannot be judged: " + e.getMessage();
            if (complaints.permit() >= 0) {
                LOG.warn("cannot judge signals", e);
            }
            Thread.sleep(4 * PAUSE_MILLIS);
        }
    }

    /// Makes tables and views where they are not there.
    public void define() throws InterruptedException {
        tables.define(
                List.of(
                        "anomaly/create_anomalies",
                        "anomaly/alter_anomalies",
                        "anomaly/create_bands",
                        "anomaly/replace_v_latency_anomalies"));
        kept.restore("anomalies");
        kept.restore("anomaly_bands");
        marks.show();
        alerts.show(clock.millis());
        defined = true;
    }

    private boolean looksBack() {
        SignalWatch now = watch;
        return now != null
                && now.until() - now.from() < config.historyDays() * DAY * 1_000
                && clock.ticks() - lookedTicks > LOOK_MILLIS * 1_000_000;
    }

    /// One round: the next intervals up to `end`, as many as are read at once.
    synchronized void inspect(long end) throws InterruptedException {
        boolean done = false;
        try {
            round(end);
            done = true;
        } finally {
            if (!done) {
                watch = null; // what is in memory may be ahead of what is stored
            }
        }
    }

    private void round(long end) throws InterruptedException {
        long began = clock.ticks();
        if (!defined) {
            define();
        }
        if (watch != null && looksBack()) {
            lookedTicks = began;
            beginAnewWhereHistoryCame(watch);
        }
        SignalWatch now = watch;
        if (now == null) {
            now = begin(end);
            watch = now;
        }
        long from = Math.max(now.until() / 1_000, end - config.historyDays() * DAY);
        long to = Math.min(end, from + CHUNK);
        if (from < to) {
            judge(now, from, to);
        }
        List<Judged> newest = now.newest();
        metrics.judged(now, newest); // before alerts, so that who hears of one finds its score
        boolean caughtUp = to >= end;
        if (caughtUp && now.judged()) {
            publish(now, newest);
        }
        if (caughtUp && clock.ticks() - savedTicks > SAVE_MILLIS * 1_000_000) {
            save();
        }
        double took = (clock.ticks() - began) / 1e9;
        metrics.done(took);
        nextTicks = clock.ticks() + (long) (took * 1e9 * (1 / SHARE_MAX - 1));
    }

    private SignalWatch begin(long end) throws InterruptedException {
        try {
            SignalWatch known = file.read(config.seriesMax());
            if (known != null && known.until() <= end * 1_000) {
                savedTicks = clock.ticks();
                return known;
            }
        } catch (InputException e) {
            LOG.warn("detectors learn anew from what is stored: {}", e.getMessage());
        }
        savedTicks = clock.ticks() - SAVE_MILLIS * 1_000_000;
        long[] extent = reader.extent(end - config.historyDays() * DAY, end);
        rowsBefore = -1;
        lookedTicks = clock.ticks();
        return new SignalWatch(config.seriesMax(), (extent[0] == 0 ? end : extent[0]) * 1_000);
    }

    /// History may be loaded into a Firn that runs: detectors then learn from it what they would
    /// have learned, had it been there.
    private void beginAnewWhereHistoryCame(SignalWatch now) throws InterruptedException {
        long from = now.from() / 1_000;
        long[] extent = reader.extent(now.until() / 1_000 - config.historyDays() * DAY, from);
        boolean much = extent[0] != 0 && from - extent[0] >= BEFORE;
        if (much && extent[1] == rowsBefore) {
            LOG.info("detectors learn anew: there is history from before the first interval");
            file.delete();
            watch = null;
        }
        rowsBefore = extent[1];
    }

    private void judge(SignalWatch now, long from, long to) throws InterruptedException {
        SignalReader.Read read = reader.read(from, to);
        var rows = new ArrayList<Row>();
        var bands = new ArrayList<Row>();
        long version = clock.millis();
        for (long at = from; at < to; at += STEP) {
            List<SignalPoint> here = read.points().getOrDefault(at * 1_000, List.of());
            SignalWatch.Round round =
                    now.interval(
                            at * 1_000,
                            here,
                            read.running().getOrDefault(at * 1_000, List.of()),
                            marks.all());
            metrics.judged(here.size() - round.leftOut(), round.leftOut());
            for (Judged one : round.anomalies()) {
                rows.add(row(one, version));
                answer.add(one);
            }
            if (at * 1_000 > version - BANDS_DAYS * DAY * 1_000) {
                round.judged().stream().limit(BANDS_MAX).forEach(one -> bands.add(band(one)));
            }
        }
        kept.insert(
                "anomaly_bands", BAND_COLUMNS, bands, version + BANDS_DAYS * DAY * 1_000, version);
        kept.insert("anomalies", COLUMNS, rows, version + KEPT_MILLIS, version);
    }

    private void publish(SignalWatch now, List<Judged> newest) throws InterruptedException {
        var holding = new ArrayList<AlertBook.Decision>();
        for (Judged one : newest) {
            if (one.alerting()) {
                holding.add(decision(one));
            }
        }
        alerts.decide(AlertBook.Source.ANOMALY, holding, now.until());
        answer.publish(now.until(), newest, marks.all());
    }

    private static AlertBook.Decision decision(Judged one) {
        return new AlertBook.Decision(
                one.key().signal(),
                AlertBook.Severity.TICKET,
                one.key().labels(),
                one.since(),
                one.verdict().actual(),
                one.verdict().expected(),
                one.explanation(),
                AnomalyAnswer.json(AnomalyAnswer.view(one)));
    }

    private static Row row(Judged one, long version) {
        Verdict verdict = one.verdict();
        SignalKey key = one.key();
        return new Row()
                .number(verdict.time() / 1_000)
                .text(key.signal())
                .text(key.environment())
                .text(key.service())
                .text(key.route())
                .text(verdict.channel().name().toLowerCase(java.util.Locale.ROOT))
                .real(verdict.score())
                .real(verdict.actual())
                .real(verdict.expected())
                .real(one.low())
                .real(verdict.high())
                .text(one.severity())
                .text(one.explanation())
                .raw(map(one.contributions()))
                .text(key.plane())
                .real(one.zScore())
                .raw(Boolean.toString(one.alerting()))
                .number(version)
                .text(key.instance());
    }

    private static Row band(Judged one) {
        Verdict verdict = one.verdict();
        SignalKey key = one.key();
        return new Row()
                .number(verdict.time() / 1_000)
                .text(key.signal())
                .text(key.environment())
                .text(key.service())
                .text(key.route())
                .text(key.plane())
                .rounded(verdict.actual())
                .rounded(verdict.expected())
                .rounded(one.low())
                .rounded(verdict.high());
    }

    private static String map(Map<String, Double> values) {
        return values.entrySet().stream()
                .map(one -> "'" + one.getKey() + "':" + one.getValue())
                .collect(java.util.stream.Collectors.joining(",", "{", "}"));
    }

    /// Writes down what detectors know. Called between rounds or when there are no more.
    public synchronized void save() {
        SignalWatch now = watch;
        if (now != null && now.size() > 0) {
            file.write(now);
        }
        savedTicks = clock.ticks();
    }

    /// What was said last, as JSON-able values; parameters `signal`, `environment`, `service_name`,
    /// `http_route` choose. With `signal` and `from` (and `to`) also the bands since then, for
    /// charts.
    public Map<String, Object> answer(Map<String, String> parameters) {
        Map<String, Object> body = answer.of(parameters);
        if (parameters.containsKey("from")) {
            body.put("bands", BandAnswer.of(bands(parameters), ANSWER_BANDS_MAX));
        }
        return body;
    }

    private Answer bands(Map<String, String> parameters) {
        var asked = new java.util.HashMap<String, String>();
        for (String name : List.of("signal", "environment", "service_name", "http_route")) {
            asked.put(name, parameters.getOrDefault(name, ""));
        }
        if (parameters.getOrDefault("signal", "").isEmpty()) {
            throw new InputException("bands are of one signal: give signal, such as request_rate");
        }
        long now = clock.millis() / 1_000;
        asked.put("from", Long.toString(BandAnswer.seconds(parameters, "from", now)));
        asked.put("to", Long.toString(BandAnswer.seconds(parameters, "to", now)));
        asked.put("limit", Integer.toString(ANSWER_BANDS_MAX));
        try {
            return queries.ask(
                    new Queries.Question(
                            "anomaly/read_bands", asked, Queries.UserClass.INTERACTIVE, false));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new dev.firn.base.WorldException("cannot read bands: interrupted", e);
        }
    }

    /// Why nothing new is said; null if it is.
    public @Nullable String trouble() {
        return trouble;
    }
}
