package dev.firn.analyse.forecast.live;

import dev.firn.analyse.forecast.live.History.Of;
import dev.firn.query.Answer;
import dev.firn.query.ForecastCoverage;
import dev.firn.query.ForecastCoverage.Count;
import dev.firn.query.Queries;
import java.util.HashMap;
import java.util.Map;

/// Holds what was forecast against what came. Each step is judged once, when it is over; of a step
/// of which nothing is known nothing is said.
final class PastForecasts {
    /// Steps that are judged at most at once, after a stop: a week of hours.
    private static final int STEPS_MAX = 168;

    private final Queries queries;
    private final ForecastCoverage book;

    PastForecasts(Queries queries, ForecastCoverage book) {
        this.queries = queries;
        this.book = book;
    }

    /// What is to be said of a signal's models, not yet written down.
    ///
    /// @param fresh what steps since the last time brought
    /// @param all with what was known before
    record Judged(Map<String, Count> fresh, Map<String, Count> all) {
        Count of(String model) {
            return all.getOrDefault(model, Count.NONE);
        }
    }

    /// Judges steps since the last time.
    ///
    /// @param to end of the last step, seconds since 1970
    Judged judge(String signal, String step, History history, long to) throws InterruptedException {
        var fresh = new HashMap<String, Count>();
        long seconds = history.stepSeconds();
        long until = book.until(signal, step);
        long from =
                until == 0
                        ? to
                        : Math.max(until, Math.max(history.time(0), to - STEPS_MAX * seconds));
        for (long at = from; at < to; at += seconds) {
            step(signal, step, history, at, fresh);
        }
        var all = new HashMap<>(book.of(signal, step));
        fresh.forEach((model, count) -> all.merge(model, count, Count::plus));
        return new Judged(fresh, all);
    }

    private void step(
            String signal, String step, History history, long at, Map<String, Count> counts)
            throws InterruptedException {
        Answer past =
                queries.ask(
                        new Queries.Question(
                                "forecast/read_past",
                                Map.of(
                                        "signal",
                                        signal,
                                        "step",
                                        step,
                                        "from",
                                        Long.toString(at),
                                        "to",
                                        Long.toString(at + history.stepSeconds())),
                                Queries.UserClass.SCHEDULED,
                                false));
        for (int row = 0; row < past.size(); row++) {
            double came = history.at(new Of(past.text(row, 0), past.text(row, 1)), at);
            if (!Double.isNaN(came)) {
                boolean near = came >= past.real(row, 4) && came <= past.real(row, 5);
                boolean far = came >= past.real(row, 6) && came <= past.real(row, 7);
                counts.merge(
                        past.text(row, 3), new Count(1, near ? 1 : 0, far ? 1 : 0), Count::plus);
            }
        }
    }

    /// Writes down what [#judge] said, once what was issued with it is stored.
    void keep(String signal, String step, Judged judged, long to) {
        if (to > book.until(signal, step)) {
            book.add(signal, step, judged.fresh(), to);
        }
    }
}
