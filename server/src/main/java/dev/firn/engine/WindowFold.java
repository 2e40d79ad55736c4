package dev.firn.engine;

import static dev.firn.engine.OpenWindows.BY_SQL;
import static dev.firn.engine.OpenWindows.COUNT;
import static dev.firn.engine.OpenWindows.COUNTS;
import static dev.firn.engine.OpenWindows.DELTA;
import static dev.firn.engine.OpenWindows.FIRST_COUNT;
import static dev.firn.engine.OpenWindows.FIRST_START;
import static dev.firn.engine.OpenWindows.FIRST_TIME;
import static dev.firn.engine.OpenWindows.FIRST_VALUE;
import static dev.firn.engine.OpenWindows.FLAGS;
import static dev.firn.engine.OpenWindows.HAS_WINDOW;
import static dev.firn.engine.OpenWindows.INCREASE;
import static dev.firn.engine.OpenWindows.LAST_COUNT;
import static dev.firn.engine.OpenWindows.LAST_START;
import static dev.firn.engine.OpenWindows.LAST_TIME;
import static dev.firn.engine.OpenWindows.LAST_VALUE;
import static dev.firn.engine.OpenWindows.MAX;
import static dev.firn.engine.OpenWindows.MIN;
import static dev.firn.engine.OpenWindows.NAN_STALE;
import static dev.firn.engine.OpenWindows.SUM;
import static dev.firn.engine.OpenWindows.UNKNOWN_RESETS;
import static dev.firn.engine.OpenWindows.UNWRITTEN;
import static dev.firn.engine.OpenWindows.WIDTH;
import static dev.firn.engine.OpenWindows.WINDOW;

import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Summaries;

/// Takes points into their series' windows, one by one, in the order of their times: what the
/// statements `rollup_<kind>.sql` compute, down to the order of additions. A hot path: `firn bench
/// ingest` measures it.
final class WindowFold {
    private static final long NAN = Double.doubleToRawLongBits(Double.NaN);

    private enum How {
        FULL,
        UNKNOWN,
        RESET,
        DIFFERENCE
    }

    private final long unitsPerMilli;
    private final long unitNanos;
    private final long firstPointAgeMaxMillis;

    WindowFold(TimePrecision precision, long firstPointAgeMaxMillis) {
        this.unitNanos = precision.unitNanos();
        this.unitsPerMilli = 1_000_000 / unitNanos;
        this.firstPointAgeMaxMillis = firstPointAgeMaxMillis;
    }

    /// Begins a window in a cell.
    static void begin(OpenWindows cells, int number, long window) {
        long[] cell = cells.chunk(number);
        int at = OpenWindows.offset(number);
        cell[at + WINDOW] = window;
        for (int field = COUNT; field < WIDTH; field++) {
            cell[at + field] = 0;
        }
        cell[at + MIN] = NAN;
        cell[at + MAX] = NAN;
        cell[at + FLAGS] = cell[at + FLAGS] & ~(long) (BY_SQL | UNWRITTEN) | HAS_WINDOW;
        Buckets buckets = cells.buckets(number);
        if (buckets != null) {
            buckets.clear();
        }
    }

    /// Whether a point may be a baseline.
    static boolean usable(CutRows rows, Points points, int row) {
        boolean stale = (points.flags[row] & Points.NO_RECORDED_VALUE) != 0;
        return !stale
                && (points.kind() != Points.Kind.NUMBERS
                        || Double.isFinite(Double.longBitsToDouble(rows.valueBits[row])));
    }

    /// Takes a point into the window of its cell.
    ///
    /// @return false if the window is too much for this way
    boolean add(OpenWindows cells, int number, CutRows rows, Points points, int row) {
        long[] cell = cells.chunk(number);
        int at = OpenWindows.offset(number);
        boolean stale = (points.flags[row] & Points.NO_RECORDED_VALUE) != 0;
        if (stale) {
            cell[at + NAN_STALE]++;
            return true;
        }
        return switch (points) {
            case Histograms histograms -> explicit(cells, number, histograms, row);
            case ExponentialHistograms histograms -> exponential(cells, number, histograms, row);
            case Summaries summaries -> {
                double sum = summaries.sum[row];
                cell[at + COUNT]++;
                How how = how(cell, at, points, row);
                if (how == How.DIFFERENCE && fell(cell, at, summaries.count[row])) {
                    how = How.RESET;
                }
                count(cell, at, how, summaries.count[row], sum);
                last(cell, at, points, row, sum, summaries.count[row]);
                yield true;
            }
            case Numbers numbers -> {
                number(cell, at, numbers, row, Double.longBitsToDouble(rows.valueBits[row]));
                yield true;
            }
        };
    }

    private void number(long[] cell, int at, Points points, int row, double value) {
        if (Double.isNaN(value)) {
            cell[at + NAN_STALE] += 1L << 32;
            return;
        }
        cell[at + COUNT]++;
        least(cell, at, value);
        greatest(cell, at, value);
        if (!Double.isFinite(value)) {
            return;
        }
        kahan(cell, at + SUM, value);
        if ((cell[at + FLAGS] & COUNTS) != 0) {
            How how = how(cell, at, points, row);
            double before = Double.longBitsToDouble(cell[at + LAST_VALUE]);
            if (how == How.DIFFERENCE && value < before) {
                how = How.RESET;
            }
            note(cell, at, how);
            kahan(
                    cell,
                    at + INCREASE,
                    switch (how) {
                        case FULL, RESET -> value;
                        case DIFFERENCE -> value - before;
                        case UNKNOWN -> 0;
                    });
        }
        last(cell, at, points, row, value, 0);
    }

    private boolean explicit(OpenWindows cells, int number, Histograms points, int row) {
        long[] cell = cells.chunk(number);
        int at = OpenWindows.offset(number);
        ExplicitBuckets buckets = explicit(cells, number);
        cell[at + COUNT]++;
        bounds(cell, at, points.has[row], points.min[row], points.max[row]);
        long[] counts = ExplicitBuckets.counts(points, row);
        long[] bounds = buckets.bounds(points, row);
        How how = how(cell, at, points, row);
        if (how == How.DIFFERENCE
                && (fell(cell, at, points.count[row]) | buckets.subtract(bounds, counts))) {
            how = How.RESET;
        }
        switch (how) {
            case FULL, RESET -> buckets.add(bounds, counts);
            case UNKNOWN -> buckets.add(bounds, new long[counts.length]);
            case DIFFERENCE -> buckets.addGained();
        }
        count(cell, at, how, points.count[row], points.sum[row]);
        buckets.last(bounds, counts);
        last(cell, at, points, row, points.sum[row], points.count[row]);
        return true;
    }

    private boolean exponential(
            OpenWindows cells, int number, ExponentialHistograms points, int row) {
        long[] cell = cells.chunk(number);
        int at = OpenWindows.offset(number);
        ExponentialBuckets buckets = exponential(cells, number);
        cell[at + COUNT]++;
        bounds(cell, at, points.has[row], points.min[row], points.max[row]);
        How how = how(cell, at, points, row);
        if (how == How.DIFFERENCE && fell(cell, at, points.count[row])) {
            how = How.RESET;
        }
        boolean fits = buckets.add(points, row, how != How.UNKNOWN, how == How.DIFFERENCE);
        count(cell, at, how, points.count[row], points.sum[row]);
        buckets.last(points, row);
        last(cell, at, points, row, points.sum[row], points.count[row]);
        return fits;
    }

    private static ExplicitBuckets explicit(OpenWindows cells, int number) {
        if (cells.buckets(number) instanceof ExplicitBuckets its) {
            return its;
        }
        var its = new ExplicitBuckets();
        cells.buckets(number, its);
        return its;
    }

    private static ExponentialBuckets exponential(OpenWindows cells, int number) {
        if (cells.buckets(number) instanceof ExponentialBuckets its) {
            return its;
        }
        var its = new ExponentialBuckets();
        cells.buckets(number, its);
        return its;
    }

    private static void bounds(long[] cell, int at, byte has, double min, double max) {
        if ((has & Histograms.HAS_MIN) != 0) {
            least(cell, at, min);
        }
        if ((has & Histograms.HAS_MAX) != 0) {
            greatest(cell, at, max);
        }
    }

    private static void least(long[] cell, int at, double value) {
        double least = Double.longBitsToDouble(cell[at + MIN]);
        if (value < least || Double.isNaN(least)) {
            cell[at + MIN] = Double.doubleToRawLongBits(value);
        }
    }

    private static void greatest(long[] cell, int at, double value) {
        double greatest = Double.longBitsToDouble(cell[at + MAX]);
        if (value > greatest || Double.isNaN(greatest)) {
            cell[at + MAX] = Double.doubleToRawLongBits(value);
        }
    }

    private static boolean fell(long[] cell, int at, long count) {
        return Long.compareUnsigned(count, cell[at + LAST_COUNT]) < 0;
    }

    /// How a point counts, as far as times tell: DIFFERENCE may still be a reset.
    private How how(long[] cell, int at, Points points, int row) {
        if ((cell[at + FLAGS] & DELTA) != 0) {
            return How.FULL;
        }
        if ((points.flags[row] & SampleFlags.START_EQUALS_TIME) != 0) {
            return How.UNKNOWN;
        }
        long began = Math.floorDiv(points.start[row], unitNanos);
        long lastTime = cell[at + LAST_TIME];
        if (lastTime == 0) {
            long time = Math.floorDiv(points.time[row], unitNanos);
            long age = Math.floorDiv(time, unitsPerMilli) - Math.floorDiv(began, unitsPerMilli);
            return began != 0 && age <= firstPointAgeMaxMillis ? How.FULL : How.UNKNOWN;
        }
        long lastStart = cell[at + LAST_START];
        return began != 0 && began > (lastStart != 0 ? lastStart : lastTime)
                ? How.RESET
                : How.DIFFERENCE;
    }

    private static void note(long[] cell, int at, How how) {
        if (how == How.RESET) {
            cell[at + UNKNOWN_RESETS]++;
        } else if (how == How.UNKNOWN) {
            cell[at + UNKNOWN_RESETS] += 1L << 32;
        }
    }

    /// Increases of a count and a sum.
    private static void count(long[] cell, int at, How how, long count, double sum) {
        note(cell, at, how);
        double came =
                switch (how) {
                    case FULL, RESET -> sum;
                    case DIFFERENCE -> sum - Double.longBitsToDouble(cell[at + LAST_VALUE]);
                    case UNKNOWN -> 0;
                };
        cell[at + INCREASE] +=
                switch (how) {
                    case FULL, RESET -> count;
                    case DIFFERENCE -> count - cell[at + LAST_COUNT];
                    case UNKNOWN -> 0;
                };
        if (Double.isFinite(came)) {
            kahan(cell, at + SUM, came);
        }
    }

    private void last(long[] cell, int at, Points points, int row, double value, long count) {
        long time = Math.floorDiv(points.time[row], unitNanos);
        long start = Math.floorDiv(points.start[row], unitNanos);
        long bits = Double.doubleToRawLongBits(value);
        if (cell[at + FIRST_TIME] == 0) {
            cell[at + FIRST_TIME] = time;
            cell[at + FIRST_START] = start;
            cell[at + FIRST_VALUE] = bits;
            cell[at + FIRST_COUNT] = count;
        }
        cell[at + LAST_TIME] = time;
        cell[at + LAST_START] = start;
        cell[at + LAST_VALUE] = bits;
        cell[at + LAST_COUNT] = count;
    }

    /// Makes a point the baseline without counting it.
    void base(OpenWindows cells, int number, CutRows rows, Points points, int row) {
        long[] cell = cells.chunk(number);
        int at = OpenWindows.offset(number);
        switch (points) {
            case Histograms histograms -> {
                ExplicitBuckets buckets = explicit(cells, number);
                buckets.last(
                        buckets.bounds(histograms, row), ExplicitBuckets.counts(histograms, row));
                last(cell, at, points, row, histograms.sum[row], histograms.count[row]);
            }
            case ExponentialHistograms histograms -> {
                ExponentialBuckets buckets = exponential(cells, number);
                buckets.last(histograms, row);
                last(cell, at, points, row, histograms.sum[row], histograms.count[row]);
            }
            case Summaries summaries ->
                    last(cell, at, points, row, summaries.sum[row], summaries.count[row]);
            case Numbers numbers ->
                    last(cell, at, numbers, row, Double.longBitsToDouble(rows.valueBits[row]), 0);
        }
    }

    /// Kahan's summation, as `sumKahan` does it.
    private static void kahan(long[] cell, int field, double value) {
        double sum = Double.longBitsToDouble(cell[field]);
        double rest = Double.longBitsToDouble(cell[field + 1]);
        double compensated = value - rest;
        double next = sum + compensated;
        cell[field + 1] = Double.doubleToRawLongBits((next - sum) - compensated);
        cell[field] = Double.doubleToRawLongBits(next);
    }
}
