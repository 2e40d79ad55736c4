package dev.firn.analyse.forecast.live;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Values of several series on a fixed step; what is not known is NaN.
final class History {
    /// Share of a day's hours that must be known for the day to be whole.
    static final double WHOLE = 0.9;

    private static final int DAY_HOURS = 24;

    private final long from;
    private final long stepSeconds;
    private final int length;
    private final Map<Of, double[]> series = new LinkedHashMap<>();

    /// Of which environment and service; an empty service is all of them.
    record Of(String environment, String service) {}

    /// @param from start of the first step, seconds since 1970
    History(long from, long to, long stepSeconds) {
        this.from = from;
        this.stepSeconds = stepSeconds;
        this.length = (int) ((to - from) / stepSeconds);
    }

    /// Adds a value to its step.
    void add(Of of, long at, double value) {
        int step = (int) ((at - from) / stepSeconds);
        if (at < from || step >= length) {
            return;
        }
        double[] values =
                series.computeIfAbsent(
                        of,
                        _ -> {
                            double[] unknown = new double[length];
                            Arrays.fill(unknown, Double.NaN);
                            return unknown;
                        });
        values[step] = Double.isNaN(values[step]) ? value : values[step] + value;
    }

    /// Start of a step.
    long time(int step) {
        return from + step * stepSeconds;
    }

    long stepSeconds() {
        return stepSeconds;
    }

    /// The value of the step at a time; NaN where it is not known.
    double at(Of of, long time) {
        double[] values = series.get(of);
        long step = (time - from) / stepSeconds;
        return values == null || time < from || step >= length ? Double.NaN : values[(int) step];
    }

    double[] values(Of of) {
        return series.getOrDefault(of, new double[0]);
    }

    /// The heaviest series.
    List<Of> heaviest(int max) {
        var all = new ArrayList<>(series.keySet());
        var weights = new LinkedHashMap<Of, Double>();
        series.forEach((of, values) ->
                weights.put(of, Arrays.stream(values).filter(Double::isFinite).sum()));
        all.sort(java.util.Comparator.comparingDouble(of -> -weights.getOrDefault(of, 0.0)));
        return all.subList(0, Math.min(max, all.size()));
    }

    /// The first known value of each series is of a step that may have begun before it: it goes.
    void dropBeginnings() {
        for (double[] values : series.values()) {
            for (int i = 0; i < values.length; i++) {
                if (!Double.isNaN(values[i])) {
                    values[i] = Double.NaN;
                    break;
                }
            }
        }
    }

    /// What is known of these steps, by their start, goes.
    void forget(Set<Long> times) {
        for (long time : times) {
            long step = (time - from) / stepSeconds;
            if (time >= from && step < length) {
                series.values().forEach(values -> values[(int) step] = Double.NaN);
            }
        }
    }

    /// Whole days of an hourly history that begins at midnight: those of which as many hours are
    /// known as of the series' usual day, or nearly.
    History days() {
        var days = new History(from, from + length / DAY_HOURS * 86_400L, 86_400);
        series.forEach((of, hours) -> {
            int[] known = new int[days.length];
            for (int i = 0; i < days.length * DAY_HOURS; i++) {
                known[i / DAY_HOURS] += Double.isNaN(hours[i]) ? 0 : 1;
            }
            int[] some = Arrays.stream(known).filter(n -> n > 0).sorted().toArray();
            double least = some.length == 0 ? 1 : WHOLE * some[some.length / 2];
            for (int day = 0; day < days.length; day++) {
                if (known[day] >= Math.max(1, least)) {
                    double sum = 0;
                    for (int i = day * DAY_HOURS; i < (day + 1) * DAY_HOURS; i++) {
                        sum += Double.isNaN(hours[i]) ? 0 : hours[i];
                    }
                    days.add(of, days.time(day), sum);
                }
            }
        });
        return days;
    }
}
