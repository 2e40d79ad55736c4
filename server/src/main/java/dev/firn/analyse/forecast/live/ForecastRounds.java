package dev.firn.analyse.forecast.live;

import dev.firn.analyse.cost.CostHistory;
import dev.firn.analyse.forecast.Forecast;
import dev.firn.analyse.forecast.Forecaster;
import dev.firn.analyse.forecast.live.History.Of;
import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.base.Worker;
import dev.firn.config.ForecastConfig;
import dev.firn.query.Answer;
import dev.firn.query.ForecastCoverage;
import dev.firn.query.KeptRows;
import dev.firn.query.Queries;
import dev.firn.query.ResultTables;
import dev.firn.query.StateFile;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Forecasts once an hour, and once a day, when the hour or day before is whole in the engine.
public final class ForecastRounds implements Worker.Duty {
    private static final Logger LOG = LoggerFactory.getLogger(ForecastRounds.class);
    private static final long PAUSE_MILLIS = 500;
    private static final long HOUR = 3_600;
    private static final long DAY = 86_400;

    /// An hour's rollups are there so long after its end.
    private static final long HOUR_DONE = 600;

    /// Until an engine without any request is looked at again.
    private static final long EMPTY_NANOS = 120_000_000_000L;

    private static final int HOURS_BACK = 42 * 24;
    private static final int SERIES_HOURS_BACK = 21 * 24;
    private static final int COST_HOURS_BACK = 4 * 24;
    private static final int DAYS_BACK = 180;
    private static final int HOURS_AHEAD = 7 * 24;
    private static final int DAYS_AHEAD = 91;

    /// Between two looks for history from before, and how much of it is worth a new forecast.
    private static final long LOOK_NANOS = 120_000_000_000L;

    private static final long BEFORE_HOURS = 6;
    private static final Of ALL = new Of("", "");

    private final Queries queries;
    private final ResultTables tables;
    private final KeptRows kept;
    private final Issuer issuer;
    private final @Nullable CostHistory costs;
    private final boolean lakeOnDisk;
    private final LongSupplier completeMillis;
    private final LongSupplier freeBytes;
    private final Clock clock;
    private final Throttle complaints;
    private final Counter rounds;
    private volatile double seconds = Double.NaN;
    private boolean defined;
    private long hour;
    private long day;
    private long first;
    private long lookedTicks;
    private long hoursBefore = -1;
    private final Map<Issued, Forecast> longest = new WeakHashMap<>();
    private volatile List<Outlook.Spent> budgets = List.of();
    private long nextTicks = Long.MIN_VALUE / 2;
    private volatile @Nullable String trouble;

    /// @param completeMillis time up to which the engine has all points that were acknowledged
    /// @param costs null where nothing is metered
    /// @param lakeOnDisk whether the lake's files are on the disk of the data directory
    /// @param freeBytes of that disk
    public ForecastRounds(
            ForecastConfig config,
            Queries queries,
            ResultTables tables,
            StateFile state,
            @Nullable CostHistory costs,
            boolean lakeOnDisk,
            LongSupplier completeMillis,
            LongSupplier freeBytes,
            Clock clock,
            OwnMetrics metrics) {
        this.queries = queries;
        this.tables = tables;
        this.kept = new KeptRows(state, tables);
        this.issuer = new Issuer(config.seriesMax(), queries, kept, new ForecastCoverage(state));
        this.costs = costs;
        this.lakeOnDisk = lakeOnDisk;
        this.completeMillis = completeMillis;
        this.freeBytes = freeBytes;
        this.clock = clock;
        this.complaints = new Throttle(clock, 600);
        this.rounds = metrics.counter("firn_forecast_rounds", "Rounds of forecasts.", "outcome");
        rounds.labelValues("done").inc(0);
        rounds.labelValues("failed").inc(0);
        metrics.gauge(
                "firn_forecast_round_seconds",
                "Duration of the last round of forecasts.",
                () -> seconds);
    }

    @Override
    public void run() throws InterruptedException {
        long done = completeMillis.getAsLong() / 1_000 - HOUR_DONE;
        boolean next = done > 0 && !isDone(done) && clock.ticks() - nextTicks >= 0;
        boolean looks = hour > 0 && clock.ticks() - lookedTicks > LOOK_NANOS;
        if (!next && !looks) {
            Thread.sleep(PAUSE_MILLIS);
            return;
        }
        try {
            if (looks) {
                lookBack();
            }
            if (next) {
                round(done);
                rounds.labelValues("done").inc();
            }
            trouble = null;
        } catch (RuntimeException e) {
            defined = false;
            rounds.labelValues("failed").inc();
            trouble = "nothing can be forecast: " + e.getMessage();
            if (complaints.permit() >= 0) {
                LOG.warn("cannot forecast", e);
            }
            Thread.sleep(20 * PAUSE_MILLIS);
        }
    }

    /// Whether the forecasts of an hour, or of one after it, were issued.
    boolean isDone(long done) {
        return done / HOUR * HOUR <= hour;
    }

    /// Makes tables and views where they are not there.
    public void define() throws InterruptedException {
        tables.define(
                List.of(
                        "forecast/create_forecasts",
                        "forecast/alter_forecasts",
                        "forecast/replace_v_request_forecast",
                        "forecast/replace_v_forecast_accuracy",
                        "forecast/replace_v_forecast_coverage"));
        kept.restore("forecasts");
        defined = true;
    }

    /// One round.
    ///
    /// @param done seconds since 1970: whole hours and days before it are in the rollups
    void round(long done) throws InterruptedException {
        long began = clock.ticks();
        if (!defined) {
            define();
        }
        long toHour = done / HOUR * HOUR;
        History hours = requests(toHour - HOURS_BACK * HOUR, toHour);
        if (hours.heaviest(1).isEmpty()) { // history may be loaded any moment
            nextTicks = clock.ticks() + EMPTY_NANOS;
            return;
        }
        hours.dropBeginnings();
        issue("requests", "hour", hours, toHour, HOURS_AHEAD);
        long seriesFrom = toHour - SERIES_HOURS_BACK * HOUR;
        stored("read_series_hours", "hour", seriesFrom, toHour, HOURS_AHEAD, Set.of());
        hourlyCosts(toHour);
        long toDay = done / DAY * DAY;
        if (toDay > day) {
            first = before(toDay, toHour).number(0, 1);
            History days = requests(toDay - DAYS_BACK * DAY, toDay).days();
            days.dropBeginnings();
            issue("requests", "day", days, toDay, DAYS_AHEAD);
            Set<Long> partial = partialDays(toDay - DAYS_BACK * DAY, toDay);
            stored("read_series", "day", toDay - DAYS_BACK * DAY, toDay, DAYS_AHEAD, partial);
            costs(toDay, partial);
            day = toDay;
        }
        hour = toHour;
        seconds = (clock.ticks() - began) / 1e9;
    }

    /// History may be loaded into a Firn that runs: once it stopped growing, forecasts are made
    /// anew from it, once.
    void lookBack() throws InterruptedException {
        lookedTicks = clock.ticks();
        long hours = before(day, first).number(0, 0);
        if (hours >= BEFORE_HOURS && hours == hoursBefore) {
            LOG.info("forecasts are made anew: there is history from before");
            hour = 0;
            day = 0;
        }
        hoursBefore = hours;
    }

    private Answer before(long someDay, long end) throws InterruptedException {
        return ask("read_before", range(someDay - DAYS_BACK * DAY, end));
    }

    /// Days of which more than a tenth of the usual hours is missing.
    private Set<Long> partialDays(long from, long to) throws InterruptedException {
        Answer answer = ask("read_day_hours", range(from, to));
        long[] usual = new long[answer.size()];
        java.util.Arrays.setAll(usual, row -> answer.number(row, 1));
        java.util.Arrays.sort(usual);
        var partial = new HashSet<Long>();
        for (int row = 0; row < usual.length; row++) {
            if (answer.number(row, 1) < History.WHOLE * usual[usual.length / 2]) {
                partial.add(answer.number(row, 0));
            }
        }
        return partial;
    }

    private History requests(long from, long to) throws InterruptedException {
        Answer answer = ask("read_requests", range(from, to));
        var history = new History(from, to, HOUR);
        for (int row = 0; row < answer.size(); row++) {
            long at = answer.number(row, 0);
            String environment = answer.text(row, 1);
            double value = answer.real(row, 3);
            history.add(new Of(environment, ""), at, value);
            if (!answer.text(row, 2).isEmpty()) {
                history.add(new Of(environment, answer.text(row, 2)), at, value);
            }
        }
        return history;
    }

    private void stored(String file, String step, long from, long to, int ahead, Set<Long> partial)
            throws InterruptedException {
        Answer answer = ask(file, range(from, to));
        double bytes = ask("read_bytes", Map.of()).real(0, 0);
        long seconds = step.equals("hour") ? HOUR : DAY;
        var series = new History(from, to, seconds);
        var storage = new History(from, to, seconds);
        for (int row = 0; row < answer.size(); row++) {
            var of = new Of(answer.text(row, 1), "");
            double its = answer.real(row, 4) * bytes;
            series.add(of, answer.number(row, 0), answer.real(row, 3));
            storage.add(ALL, answer.number(row, 0), its);
            if (!of.environment().isEmpty()) {
                storage.add(of, answer.number(row, 0), its);
            }
        }
        series.dropBeginnings();
        series.forget(partial);
        storage.dropBeginnings();
        storage.forget(partial);
        issue("active_series", step, series, to, ahead);
        issue("storage", step, storage, to, ahead);
    }

    private void hourlyCosts(long to) throws InterruptedException {
        if (costs == null) {
            return;
        }
        long from = to - COST_HOURS_BACK * HOUR;
        try {
            issueCosts(costs.hours(from, to), "hour", from, to, HOURS_AHEAD, Set.of());
        } catch (InputException e) {
            LOG.warn("costs are not forecast this hour: {}", e.getMessage());
        }
    }

    private void costs(long to, Set<Long> partial) throws InterruptedException {
        if (costs == null) {
            return;
        }
        long from = to - DAYS_BACK * DAY;
        List<CostHistory.Monthly> monthly;
        List<CostHistory.Period> days;
        try {
            monthly = costs.budgets();
            days = costs.days(from, to);
        } catch (InputException e) {
            LOG.warn("costs are not forecast today: {}", e.getMessage());
            return;
        }
        issueCosts(days, "day", from, to, DAYS_AHEAD, partial);
        var known = new ArrayList<Outlook.Spent>();
        for (int i = 0; i < monthly.size(); i++) {
            var budget = new History(from, to, DAY);
            double spent = 0;
            for (CostHistory.Period one : days) {
                double its = one.byBudget().get(i);
                budget.add(ALL, one.start(), its);
                spent += Outlook.month(one.start()).equals(Outlook.month(to)) ? its : 0;
            }
            budget.dropBeginnings();
            budget.forget(partial);
            issue("budget/" + monthly.get(i).name(), "day", budget, to, DAYS_AHEAD);
            known.add(new Outlook.Spent(monthly.get(i), to, spent));
        }
        budgets = List.copyOf(known);
    }

    private void issueCosts(
            List<CostHistory.Period> periods,
            String step,
            long from,
            long to,
            int ahead,
            Set<Long> partial)
            throws InterruptedException {
        long seconds = step.equals("hour") ? HOUR : DAY;
        var cost = new History(from, to, seconds);
        var disk = new History(from, to, seconds);
        for (CostHistory.Period one : periods) {
            if (one.cost() > 0) {
                cost.add(ALL, one.start(), one.cost());
                one.byEnvironment()
                        .forEach((name, its) -> cost.add(new Of(name, ""), one.start(), its));
            }
            double bytes = one.engineBytes() + (lakeOnDisk ? one.lakeBytes() : 0);
            if (bytes > 0) {
                disk.add(ALL, one.start(), bytes);
            }
        }
        cost.dropBeginnings();
        cost.forget(partial);
        disk.dropBeginnings();
        disk.forget(partial);
        issue("cost", step, cost, to, ahead);
        issue(Issuer.DISK, step, disk, to, ahead);
    }

    private void issue(String signal, String step, History history, long at, int ahead)
            throws InterruptedException {
        issuer.issue(signal, step, history, at, ahead, clock.millis());
    }

    private Answer ask(String file, Map<String, String> parameters) throws InterruptedException {
        return queries.ask(
                new Queries.Question(
                        "forecast/" + file, parameters, Queries.UserClass.SCHEDULED, false));
    }

    private static Map<String, String> range(long from, long to) {
        return Map.of("from", Long.toString(from), "to", Long.toString(to));
    }

    /// The newest forecasts, as JSON-able values. Parameters `signal` (default: all), `step`
    /// (`day`), `environment`, `service_name` and `days` (7, up to 90) choose.
    ///
    /// @throws InputException for `days` that are no such number
    public Map<String, Object> answer(Map<String, String> parameters) {
        String step = parameters.getOrDefault("step", "day");
        int steps = days(parameters) * (step.equals("hour") ? 24 : 1);
        var forecasts = new ArrayList<Map<String, @Nullable Object>>();
        for (Issued one : issuer.newest()) {
            if (one.step().equals(step)
                    && fits(parameters, "signal", one.signal())
                    && fits(parameters, "environment", one.environment())
                    && fits(parameters, "service_name", one.service())) {
                forecasts.add(one.view(reaching(one, steps), steps));
            }
        }
        var body = new LinkedHashMap<String, Object>();
        body.put("forecasts", forecasts);
        body.put("disk_free_bytes", freeBytes.getAsLong());
        Integer full = Outlook.daysToFull(issuer, freeBytes.getAsLong());
        if (full != null) {
            body.put("disk_days_to_full", full);
        }
        body.put("budgets", Outlook.budgets(issuer, budgets));
        return body;
    }

    /// What was issued, or where more is asked for a longer one, which is made once, one at a time.
    private Forecast reaching(Issued one, int steps) {
        if (one.forecast().values().length >= steps) {
            return one.forecast();
        }
        synchronized (longest) {
            return longest.computeIfAbsent(one, it -> it.longer(Forecaster.HORIZON_MAX - it.gap()));
        }
    }

    private static int days(Map<String, String> parameters) {
        String text = parameters.getOrDefault("days", "7");
        if (!text.matches("[1-9]|[1-8][0-9]|90")) {
            throw new InputException("days \"" + text + "\" is no number from 1 to 90");
        }
        return Integer.parseInt(text);
    }

    private static boolean fits(Map<String, String> parameters, String name, String value) {
        String asked = parameters.get(name);
        return asked == null || asked.equals(value);
    }

    /// Why nothing new is forecast; null if it is.
    public @Nullable String trouble() {
        return trouble;
    }
}
