package dev.firn.analyse.forecast;

import java.util.Arrays;

/// A series without gaps: a missing value is that of a season earlier, else of a season later, else
/// on the line between its neighbours. Filled values are marked, for they are no evidence.
record Filled(double[] values, boolean[] known) {
    /// @param raw NaN where nothing is known; the first known value starts the series and the last
    ///   ends it
    static Filled of(double[] raw, int season) {
        int from = 0;
        int to = raw.length;
        while (from < to && !Double.isFinite(raw[from])) {
            from++;
        }
        double[] values = Arrays.copyOfRange(raw, from, to);
        boolean[] known = new boolean[values.length];
        for (int i = 0; i < values.length; i++) {
            known[i] = Double.isFinite(values[i]);
        }
        for (int i = 0; i < values.length; i++) {
            if (!known[i]) {
                values[i] = substitute(values, known, i, season);
            }
        }
        return new Filled(values, known);
    }

    private static double substitute(double[] values, boolean[] known, int i, int season) {
        if (i >= season) {
            return values[i - season];
        }
        for (int later = i + season; later < values.length; later += season) {
            if (known[later]) {
                return values[later];
            }
        }
        int next = i;
        while (next < values.length && !known[next]) {
            next++;
        }
        // The first value is known, so that there is always one before.
        return next == values.length
                ? values[i - 1]
                : values[i - 1] + (values[next] - values[i - 1]) / (next - i + 1);
    }

    int count() {
        int count = 0;
        for (boolean each : known) {
            count += each ? 1 : 0;
        }
        return count;
    }
}
