package dev.firn.analyse.forecast.live;

import dev.firn.analyse.forecast.Forecast;
import dev.firn.analyse.forecast.live.History.Of;
import dev.firn.query.ForecastCoverage;
import dev.firn.query.KeptRows;
import dev.firn.query.Queries;
import dev.firn.query.ResultTables.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes forecasts of what a history holds, and stores them with how far those before them held.
final class Issuer {
    /// Signal of bytes that are kept.
    static final String DISK = "disk";

    private static final long DAY_MILLIS = 86_400_000L;
    private static final long HOURLY_KEPT_MILLIS = 35 * DAY_MILLIS;
    private static final long DAILY_KEPT_MILLIS = 400 * DAY_MILLIS;
    private static final String COLUMNS =
            "issued_at, signal, environment, target_time, value, low80, high80, low95, high95, model,"
                    + " training_from, training_to, holdout_mase, service_name, step, version,"
                    + " judged, covered80, covered95";

    private final int seriesMax;
    private final KeptRows rows;
    private final PastForecasts past;
    private final Map<String, List<Issued>> newest = new LinkedHashMap<>();

    /// @param seriesMax of each signal, the heaviest first
    Issuer(int seriesMax, Queries queries, KeptRows rows, ForecastCoverage coverage) {
        this.seriesMax = seriesMax;
        this.rows = rows;
        this.past = new PastForecasts(queries, coverage);
    }

    /// @param at start of the first step that is forecast, seconds since 1970
    /// @param ahead steps
    /// @param now ms since 1970
    void issue(String signal, String step, History history, long at, int ahead, long now)
            throws InterruptedException {
        PastForecasts.Judged judged = past.judge(signal, step, history, at);
        var issued = new ArrayList<Issued>();
        for (Of of : history.heaviest(seriesMax)) {
            Issued one = issued(signal, step, history, of, at, ahead, judged);
            if (one != null) {
                issued.add(one);
            }
        }
        boolean hourly = step.equals("hour");
        rows.insert(
                "forecasts",
                COLUMNS,
                rows(issued, now),
                now + (hourly ? HOURLY_KEPT_MILLIS : DAILY_KEPT_MILLIS),
                now);
        past.keep(signal, step, judged, at);
        synchronized (newest) {
            newest.put(signal + " " + step, issued);
        }
    }

    private static @Nullable Issued issued(
            String signal,
            String step,
            History history,
            Of of,
            long at,
            int ahead,
            PastForecasts.Judged judged) {
        double[] values = history.values(of);
        int first = 0;
        int last = values.length;
        while (first < last && Double.isNaN(values[first])) {
            first++;
        }
        while (last > first && Double.isNaN(values[last - 1])) {
            last--;
        }
        // What is not known at the end is a gap that is forecast, too.
        int gap = values.length - last;
        if (first == last || gap > ahead) {
            return null;
        }
        double[] known = java.util.Arrays.copyOfRange(values, first, last);
        Forecast forecast = Issued.made(signal, step, known, gap, ahead);
        return new Issued(
                signal,
                step,
                of.environment(),
                of.service(),
                at,
                at,
                history.time(first),
                history.time(last),
                known,
                gap,
                forecast,
                judged.of(forecast.model()));
    }

    private static List<Row> rows(List<Issued> issued, long version) {
        var rows = new ArrayList<Row>();
        for (Issued one : issued) {
            Forecast forecast = one.forecast();
            for (int i = 0; i < forecast.values().length; i++) {
                rows.add(
                        new Row()
                                .number(one.issued())
                                .text(one.signal())
                                .text(one.environment())
                                .number(one.first() + i * one.stepSeconds())
                                .rounded(forecast.values()[i])
                                .rounded(forecast.low80()[i])
                                .rounded(forecast.high80()[i])
                                .rounded(forecast.low95()[i])
                                .rounded(forecast.high95()[i])
                                .text(forecast.model())
                                .number(one.trainingFrom())
                                .number(one.trainingTo())
                                .rounded(forecast.holdoutError())
                                .text(one.service())
                                .text(one.step())
                                .number(version)
                                .number(one.coverage().judged())
                                .rounded(one.covered80())
                                .rounded(one.covered95()));
            }
        }
        return rows;
    }

    /// The newest of a signal and step.
    List<Issued> newest(String signal, String step) {
        synchronized (newest) {
            return newest.getOrDefault(signal + " " + step, List.of());
        }
    }

    /// All of the newest.
    List<Issued> newest() {
        synchronized (newest) {
            return newest.values().stream().flatMap(List::stream).toList();
        }
    }
}
