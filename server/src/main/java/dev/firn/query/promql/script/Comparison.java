package dev.firn.query.promql.script;

import dev.firn.query.promql.eval.QueryValue;
import dev.firn.query.promql.lang.GoNumber;
import dev.firn.query.promql.script.Command.Eval;
import dev.firn.query.promql.script.Command.Expected;
import dev.firn.query.promql.script.Command.Row;
import dev.firn.query.promql.value.Buckets;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.Samples;
import dev.firn.query.promql.value.StaleNan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Holds an answer against what was expected; a difference is an [AssertionError]'s text.
final class Comparison {
    /// Relative difference allowed.
    private static final double TOLERANCE = 1e-6;

    private final Eval eval;
    private final Expected expected;

    Comparison(Eval eval) {
        this.eval = eval;
        this.expected = eval.expected();
    }

    /// A difference.
    static final class Difference extends RuntimeException {
        private static final long serialVersionUID = 1;

        Difference(String message) {
            super(message);
        }
    }

    void check(QueryValue value) {
        switch (value) {
            case QueryValue.Scalar scalar -> scalar(scalar.value());
            case QueryValue.Text text -> {
                if (!text.value().equals(expected.text())) {
                    throw new Difference(
                            "expected string " + expected.text() + " but got " + text.value());
                }
            }
            case QueryValue.Vector vector -> vector(vector.samples());
            case QueryValue.Matrix matrix -> matrix(matrix);
        }
    }

    private void scalar(double value) {
        Double wanted = expected.scalar();
        if (wanted == null) {
            throw new Difference("expected vector or matrix result, but got " + value);
        }
        if (!isNear(wanted, value)) {
            throw new Difference("expected scalar " + wanted + " but got " + value);
        }
    }

    private Row row(Labels labels, String value) {
        if (expected.scalar() != null) {
            throw new Difference("expected scalar result, but got " + labels + " " + value);
        }
        Row row = expected.rows().get(labels);
        if (row == null) {
            throw new Difference("unexpected metric " + labels + " in result, has " + value);
        }
        return row;
    }

    private void missing(HashSet<Labels> seen) {
        for (Labels labels : expected.rows().keySet()) {
            if (!seen.contains(labels)) {
                throw new Difference("expected metric " + labels + " not found");
            }
        }
    }

    private void vector(List<QueryValue.Sample> samples) {
        var seen = new HashSet<Labels>();
        int position = 0;
        for (QueryValue.Sample sample : samples) {
            position++;
            String shown = text(sample.value(), sample.histogram());
            Row row = row(sample.labels(), shown);
            if (expected.ordered() && row.position() != position) {
                throw new Difference(
                        "expected metric "
                                + sample.labels()
                                + " at position "
                                + row.position()
                                + " but was at "
                                + position);
            }
            SequenceValue wanted = row.values().getFirst();
            value(sample.labels(), wanted, sample.value(), sample.histogram());
            seen.add(sample.labels());
        }
        missing(seen);
    }

    private void value(
            Labels labels,
            SequenceValue wanted,
            double value,
            @Nullable NativeHistogram histogram) {
        NativeHistogram other = wanted.histogram();
        boolean same =
                other == null || histogram == null
                        ? other == null && histogram == null && isNear(wanted.number(), value)
                        : isSame(other, histogram, wanted.hintSet());
        if (!same) {
            throw new Difference(
                    "expected "
                            + text(wanted.number(), other)
                            + " for "
                            + labels
                            + " but got "
                            + text(value, histogram));
        }
    }

    private static String text(double value, @Nullable NativeHistogram histogram) {
        return histogram == null
                ? GoNumber.value(value)
                : histogram
                        + " schema "
                        + histogram.schema()
                        + " zero "
                        + histogram.zeroThreshold()
                        + " bounds "
                        + Arrays.toString(histogram.bounds())
                        + " "
                        + histogram.hint();
    }

    private void matrix(QueryValue.Matrix matrix) {
        if (expected.ordered()) {
            throw new Difference("expected ordered result, but query returned a matrix");
        }
        var seen = new HashSet<Labels>();
        for (QueryValue.Series series : matrix.series()) {
            Row row = row(series.labels(), Arrays.toString(series.samples().values()));
            series(series.labels(), row.values(), series.samples());
            seen.add(series.labels());
        }
        missing(seen);
    }

    private void series(Labels labels, List<SequenceValue> wanted, Samples got) {
        var numbers = new ArrayList<Integer>();
        var histograms = new ArrayList<Integer>();
        for (int i = 0; i < wanted.size(); i++) {
            if (wanted.get(i).histogram() != null) {
                histograms.add(i);
            } else if (!wanted.get(i).omitted()) {
                numbers.add(i);
            }
        }
        if (numbers.size() != got.times().length
                || histograms.size() != got.histogramTimes().length) {
            throw new Difference(
                    String.format(
                            "expected %d float points and %d histogram points for %s, but got %s at"
                                    + " %s and %d histograms",
                            numbers.size(),
                            histograms.size(),
                            labels,
                            Arrays.toString(got.values()),
                            Arrays.toString(got.times()),
                            got.histograms().length));
        }
        for (int i = 0; i < numbers.size(); i++) {
            time(labels, numbers.get(i), got.times()[i]);
            value(labels, wanted.get(numbers.get(i)), got.values()[i], null);
        }
        for (int i = 0; i < histograms.size(); i++) {
            time(labels, histograms.get(i), got.histogramTimes()[i]);
            value(labels, wanted.get(histograms.get(i)), 0, got.histograms()[i]);
        }
    }

    private void time(Labels labels, int index, long time) {
        long wanted = eval.startMillis() + index * eval.stepMillis();
        if (wanted != time) {
            throw new Difference(
                    String.format(
                            "expected value %d of %s at time %d, but it is at %d",
                            index, labels, wanted, time));
        }
    }

    private static boolean isSame(NativeHistogram a, NativeHistogram b, boolean hint) {
        NativeHistogram x = a.compact();
        NativeHistogram y = b.compact();
        return x.schema() == y.schema()
                && isNear(x.count(), y.count())
                && isNear(x.sum(), y.sum())
                && Arrays.equals(x.bounds(), y.bounds())
                && x.zeroThreshold() == y.zeroThreshold()
                && isNear(x.zeroCount(), y.zeroCount())
                && isSame(x.positive(), y.positive())
                && isSame(x.negative(), y.negative())
                && (!hint || x.hint() == y.hint());
    }

    private static boolean isSame(Buckets a, Buckets b) {
        if (!Arrays.equals(a.index(), b.index())) {
            return false;
        }
        for (int i = 0; i < a.count().length; i++) {
            if (!isNear(a.count()[i], b.count()[i])) {
                return false;
            }
        }
        return true;
    }

    /// As Prometheus' `almost.Equal`.
    static boolean isNear(double a, double b) {
        if (StaleNan.is(a) || StaleNan.is(b)) {
            return StaleNan.is(a) && StaleNan.is(b);
        }
        if (a == b || (Double.isNaN(a) && Double.isNaN(b))) {
            return true;
        }
        double sum = Math.abs(a) + Math.abs(b);
        double difference = Math.abs(a - b);
        if (a == 0 || b == 0 || sum < Double.MIN_NORMAL) {
            return difference < TOLERANCE * Double.MIN_NORMAL;
        }
        return difference / Math.min(sum, Double.MAX_VALUE) < TOLERANCE;
    }
}
