package dev.firn.analyse.forecast.live;

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
import dev.firn.query.Queries;
import dev.firn.query.ResultTables;
import dev.firn.query.ResultTables.Row;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private static final int DAYS_BACK = 180;
    private static final int HOURS_AHEAD = 7 * 24;
    private static final int DAYS_AHEAD = 91;
    private static final String COLUMNS =
            "issued_at, signal, environment, target_time, value, low80, high80, low95, high95, model,"
                    + " training_from, training_to, holdout_mase, service_name, step, version";

    private final ForecastConfig config;
    private final Queries queries;
    private final ResultTables tables;
    private final LongSupplier completeMillis;
    private final LongSupplier freeBytes;
    private final Clock clock;
    private final Throttle complaints;
    private final Counter rounds;
    private final Map<String, List<Issued>> newest = new LinkedHashMap<>();
    private volatile double seconds = Double.NaN;
    private boolean defined;
    private long hour;
    private long day;
    private long nextTicks = Long.MIN_VALUE / 2;
    private volatile @Nullable String trouble;

    /// @param completeMillis time up to which the engine has all points that were acknowledged
    /// @param freeBytes of the disk that the data directory is on
    public ForecastRounds(
            ForecastConfig config,
            Queries queries,
            ResultTables tables,
            LongSupplier completeMillis,
            LongSupplier freeBytes,
            Clock clock,
            OwnMetrics metrics) {
        this.config = config;
        this.queries = queries;
        this.tables = tables;
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
        if (done <= 0 || done / HOUR * HOUR <= hour || clock.ticks() - nextTicks < 0) {
            Thread.sleep(PAUSE_MILLIS);
            return;
        }
        try {
            round(done);
            rounds.labelValues("done").inc();
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

    /// Makes tables and views where they are not there.
    public void define() throws InterruptedException {
        tables.define(
                List.of(
                        "forecast/create_forecasts",
                        "forecast/replace_v_request_forecast",
                        "forecast/replace_v_forecast_accuracy"));
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
        long toDay = done / DAY * DAY;
        if (toDay > day) {
            History days = requests(toDay - DAYS_BACK * DAY, toDay).days();
            days.dropBeginnings();
            issue("requests", "day", days, toDay, DAYS_AHEAD);
            storage(toDay);
            day = toDay;
        }
        hour = toHour;
        seconds = (clock.ticks() - began) / 1e9;
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

    private void storage(long to) throws InterruptedException {
        long from = to - DAYS_BACK * DAY;
        Answer answer = ask("read_series", range(from, to));
        double bytes = ask("read_bytes", Map.of()).real(0, 0);
        var series = new History(from, to, DAY);
        var storage = new History(from, to, DAY);
        for (int row = 0; row < answer.size(); row++) {
            var of = new Of(answer.text(row, 1), "");
            series.add(of, answer.number(row, 0), answer.real(row, 3));
            storage.add(of, answer.number(row, 0), answer.real(row, 4) * bytes);
            storage.add(new Of("", ""), answer.number(row, 0), answer.real(row, 4) * bytes);
        }
        series.dropBeginnings();
        storage.dropBeginnings();
        issue("active_series", "day", series, to, DAYS_AHEAD);
        issue("storage", "day", storage, to, DAYS_AHEAD);
    }

    private void issue(String signal, String step, History history, long at, int ahead)
            throws InterruptedException {
        var issued = new ArrayList<Issued>();
        for (Of of : history.heaviest(config.seriesMax())) {
            double[] values = history.values(of);
            int first = 0;
            int last = values.length;
            while (first < last && Double.isNaN(values[first])) {
                first++;
            }
            while (last > first && Double.isNaN(values[last - 1])) {
                last--;
            }
            if (first == last) {
                continue;
            }
            // What is not known at the end is a gap that is forecast, too.
            int gap = values.length - last;
            if (gap > ahead) {
                continue;
            }
            double[] known = java.util.Arrays.copyOfRange(values, first, last);
            Forecast forecast =
                    step.equals("hour")
                            ? Forecaster.hourly(known, ahead + gap)
                            : Forecaster.daily(known, ahead + gap);
            issued.add(
                    new Issued(
                            signal,
                            step,
                            of.environment(),
                            of.service(),
                            at,
                            at,
                            history.time(first),
                            history.time(last),
                            after(forecast, gap)));
        }
        write(issued);
        synchronized (newest) {
            newest.put(signal + " " + step, issued);
        }
    }

    private static Forecast after(Forecast all, int gap) {
        return gap == 0
                ? all
                : new Forecast(
                        after(all.values(), gap),
                        after(all.low80(), gap),
                        after(all.high80(), gap),
                        after(all.low95(), gap),
                        after(all.high95(), gap),
                        all.model(),
                        all.holdoutError());
    }

    private static double[] after(double[] values, int gap) {
        return java.util.Arrays.copyOfRange(values, gap, values.length);
    }

    private void write(List<Issued> issued) throws InterruptedException {
        var rows = new ArrayList<Row>();
        long version = clock.millis();
        for (Issued one : issued) {
            Forecast forecast = one.forecast();
            for (int i = 0; i < forecast.values().length; i++) {
                rows.add(
                        new Row()
                                .number(one.issued())
                                .text(one.signal())
                                .text(one.environment())
                                .number(one.first() + i * one.stepSeconds())
                                .real(forecast.values()[i])
                                .real(forecast.low80()[i])
                                .real(forecast.high80()[i])
                                .real(forecast.low95()[i])
                                .real(forecast.high95()[i])
                                .text(forecast.model())
                                .number(one.trainingFrom())
                                .number(one.trainingTo())
                                .real(forecast.holdoutError())
                                .text(one.service())
                                .text(one.step())
                                .number(version));
            }
        }
        tables.insert("forecasts", COLUMNS, rows);
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
    /// (`day`), `environment`, `service_name` and `days` (7, up to 90; of hourly ones 7) choose.
    ///
    /// @throws InputException for `days` that are no such number
    public Map<String, Object> answer(Map<String, String> parameters) {
        String step = parameters.getOrDefault("step", "day");
        int steps = days(parameters) * (step.equals("hour") ? 24 : 1);
        var forecasts = new ArrayList<Map<String, @Nullable Object>>();
        synchronized (newest) {
            for (List<Issued> some : newest.values()) {
                for (Issued one : some) {
                    if (one.step().equals(step)
                            && fits(parameters, "signal", one.signal())
                            && fits(parameters, "environment", one.environment())
                            && fits(parameters, "service_name", one.service())) {
                        forecasts.add(one.view(steps));
                    }
                }
            }
        }
        var body = new LinkedHashMap<String, Object>();
        body.put("forecasts", forecasts);
        body.put("disk_free_bytes", freeBytes.getAsLong());
        Integer full = daysToFull();
        if (full != null) {
            body.put("disk_days_to_full", full);
        }
        return body;
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

    /// Days until what is forecast to be stored fills the disk, though nothing is deleted; null if
    /// that is beyond the forecast.
    private @Nullable Integer daysToFull() {
        List<Issued> storage;
        synchronized (newest) {
            storage = newest.getOrDefault("storage day", List.of());
        }
        for (Issued one : storage) {
            if (one.environment().isEmpty()) {
                double left = freeBytes.getAsLong();
                for (int i = 0; i < one.forecast().values().length; i++) {
                    left -= one.forecast().values()[i];
                    if (left <= 0) {
                        return i;
                    }
                }
            }
        }
        return null;
    }

    /// Why nothing new is forecast; null if it is.
    public @Nullable String trouble() {
        return trouble;
    }
}
