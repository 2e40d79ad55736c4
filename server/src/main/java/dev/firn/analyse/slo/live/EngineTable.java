package dev.firn.analyse.slo.live;

import dev.firn.model.ExponentialValue;
import dev.firn.model.HistogramValue;
import dev.firn.model.NumberValue;
import dev.firn.model.PointValue;
import dev.firn.query.Answer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The engine's tables of points that objectives count from, and their values' columns.
enum EngineTable {
    SAMPLES,
    HISTOGRAMS,
    EXPONENTIAL_HISTOGRAMS;

    /// `SampleFlags.IS_INT`.
    private static final long IS_INT = 1 << 24;

    /// Where a metric's points of a type are; null for summaries, which tell no events.
    static @Nullable EngineTable of(String type) {
        return switch (type) {
            case "gauge", "sum" -> SAMPLES;
            case "histogram" -> HISTOGRAMS;
            case "exponential_histogram" -> EXPONENTIAL_HISTOGRAMS;
            default -> null;
        };
    }

    /// Its name.
    String table() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// A row's value.
    ///
    /// @param first column of values
    PointValue value(Answer answer, int row, int first, long flags) {
        return switch (this) {
            case SAMPLES ->
                    (flags & IS_INT) != 0
                            ? NumberValue.of(answer.number(row, first + 1))
                            : NumberValue.of(answer.real(row, first));
            case HISTOGRAMS ->
                    new HistogramValue(
                            answer.number(row, first),
                            (byte) answer.number(row, first + 4),
                            answer.real(row, first + 1),
                            answer.real(row, first + 2),
                            answer.real(row, first + 3),
                            bits(answer.text(row, first + 5)),
                            counts(answer.text(row, first + 6)));
            case EXPONENTIAL_HISTOGRAMS ->
                    ExponentialValue.of(
                            answer.number(row, first),
                            (byte) answer.number(row, first + 4),
                            answer.real(row, first + 1),
                            answer.real(row, first + 2),
                            answer.real(row, first + 3),
                            (int) answer.number(row, first + 5),
                            answer.number(row, first + 6),
                            answer.real(row, first + 7),
                            (int) answer.number(row, first + 8),
                            counts(answer.text(row, first + 9)),
                            (int) answer.number(row, first + 10),
                            counts(answer.text(row, first + 11)));
        };
    }

    private static long[] counts(String array) {
        String[] items = items(array);
        var counts = new long[items.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = Long.parseUnsignedLong(items[i]);
        }
        return counts;
    }

    private static long[] bits(String array) {
        String[] items = items(array);
        var bits = new long[items.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] =
                    Double.doubleToRawLongBits(
                            switch (items[i]) {
                                case "inf" -> Double.POSITIVE_INFINITY;
                                case "-inf" -> Double.NEGATIVE_INFINITY;
                                default -> Double.parseDouble(items[i]);
                            });
        }
        return bits;
    }

    /// Of `[1,2,3]`.
    private static String[] items(String array) {
        String inner = array.substring(1, array.length() - 1);
        return inner.isEmpty() ? new String[0] : inner.split(",");
    }
}
