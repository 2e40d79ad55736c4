package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.GoNumber;
import dev.firn.query.promql.lang.Quoting;
import dev.firn.query.promql.lang.Span;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What an answer should be read with: warnings and remarks, worded as Prometheus words them. Each
/// text is kept once.
public final class Annotations {
    private static final String WARNING = "PromQL warning: ";
    private static final String INFO = "PromQL info: ";

    private final Map<String, Note> notes = new LinkedHashMap<>();

    private record Note(Span span, Details details) {}

    private sealed interface Details {
        /// Nothing beside the text.
        record None() implements Details {}

        /// How often.
        record Occurrences(int count) implements Details {}

        /// What was repaired in classic histograms.
        record Repair(
                int count, long from, long to, double lowest, double highest, double difference)
                implements Details {}
    }

    private void add(String text, Span span) {
        notes.put(text, new Note(span, new Details.None()));
    }

    /// Takes over all of another one.
    void addAll(Annotations other) {
        notes.putAll(other.notes);
    }

    /// Warnings, with where in the query each arose.
    public List<String> warnings(String query) {
        return texts(query, WARNING);
    }

    /// Remarks, with where in the query each arose.
    public List<String> infos(String query) {
        return texts(query, INFO);
    }

    private List<String> texts(String query, String kind) {
        return notes.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(kind))
                .map(entry -> text(entry.getKey(), entry.getValue(), query))
                .toList();
    }

    private static String text(String text, Note note, String query) {
        String details =
                switch (note.details) {
                    case Details.None _ -> "";
                    case Details.Occurrences occurrences ->
                            occurrences.count > 1 ? " (" + occurrences.count + " occurrences)" : "";
                    case Details.Repair repair ->
                            String.format(
                                    Locale.ROOT,
                                    ", from buckets %s to %s, with a max diff of %s, over %d samples"
                                            + " from %s to %s",
                                    GoNumber.general(repair.lowest),
                                    GoNumber.general(repair.highest),
                                    GoNumber.general(twoDigits(repair.difference)),
                                    repair.count,
                                    time(repair.from),
                                    time(repair.to));
                };
        return text + details + " (" + note.span.position(query) + ")";
    }

    private static double twoDigits(double value) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.1e", value));
    }

    private static Instant time(long millis) {
        return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS);
    }

    private static String named(String text, String metric) {
        return metric.isEmpty() ? text : text + " for metric name " + Quoting.quote(metric);
    }

    void invalidQuantile(double q, Span span) {
        add(WARNING + "quantile value should be between 0 and 1, got " + GoNumber.general(q), span);
    }

    void invalidRatio(double ratio, double capped, Span span) {
        add(
                WARNING
                        + "ratio value should be between -1 and 1, got "
                        + GoNumber.general(ratio)
                        + ", capping to "
                        + GoNumber.general(capped),
                span);
    }

    void badBucketLabel(String label, String metric, Span span) {
        String text =
                "bucket label \"le\" is missing or has a malformed value of "
                        + Quoting.quote(label);
        add(WARNING + named(text, metric), span);
    }

    void mixedFloatsHistograms(String metric, Span span) {
        add(
                WARNING
                        + "encountered a mix of histograms and floats for metric name "
                        + Quoting.quote(metric),
                span);
    }

    void mixedInAggregation(Span span) {
        add(WARNING + "encountered a mix of histograms and floats for aggregation", span);
    }

    void mixedClassicNative(String metric, Span span) {
        add(
                WARNING + named("vector contains a mix of classic and native histograms", metric),
                span);
    }

    void notCounter(String metric, Span span) {
        add(
                WARNING + "this native histogram metric is not a counter: " + Quoting.quote(metric),
                span);
    }

    void notGauge(String metric, Span span) {
        add(
                WARNING + "this native histogram metric is not a gauge: " + Quoting.quote(metric),
                span);
    }

    void mixedBuckets(String metric, Span span) {
        add(
                WARNING
                        + "vector contains a mix of histograms with exponential and custom buckets"
                        + " schemas for metric name "
                        + Quoting.quote(metric),
                span);
    }

    void incompatibleBuckets(String operator, Span span) {
        add(
                WARNING + "incompatible bucket layout encountered for binary operator " + operator,
                span);
    }

    void sortInRange(Span span) {
        add(
                WARNING
                        + "sort is ineffective for range queries since results are always ordered"
                        + " by labels",
                span);
    }

    void possibleNonCounter(String metric, Span span) {
        add(
                INFO
                        + "metric might not be a counter, name does not end in"
                        + " _total/_sum/_count/_bucket: "
                        + Quoting.quote(metric),
                span);
    }

    void possibleNonCounterType(String metric, String type, Span span) {
        add(
                INFO
                        + "metric might not be a counter, __type__ label is not set to \"counter\""
                        + " or \"histogram\", got "
                        + Quoting.quote(type)
                        + ": "
                        + Quoting.quote(metric),
                span);
    }

    void forcedMonotonicity(
            String metric, Span span, long at, double low, double high, double difference) {
        String text =
                INFO
                        + named(
                                "input to histogram_quantile needed to be fixed for monotonicity"
                                        + " (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)",
                                metric);
        var repair = new Details.Repair(1, at, at, low, high, difference);
        Note known = notes.get(text);
        if (known != null && known.details instanceof Details.Repair before) {
            repair =
                    new Details.Repair(
                            before.count + 1,
                            Math.min(at, before.from),
                            Math.max(at, before.to),
                            Math.min(low, before.lowest),
                            Math.max(high, before.highest),
                            Math.max(difference, before.difference));
        }
        notes.put(text, new Note(span, repair));
    }

    void incompatibleTypes(String left, String operator, String right, Span span) {
        add(
                String.format(
                        "%sincompatible sample types encountered for binary operator \"%s\": %s %s"
                                + " %s",
                        INFO, operator, left, operator, right),
                span);
    }

    void histogramIgnoredIn(String aggregation, Span span) {
        add(INFO + "ignored histogram in " + aggregation + " aggregation", span);
    }

    void histogramIgnoredInRange(String metric, Span span) {
        add(
                INFO
                        + "ignored histograms in a range containing both floats and histograms for"
                        + " metric name "
                        + Quoting.quote(metric),
                span);
    }

    void quantileOfNans(String metric, Span span, boolean skewed) {
        String text =
                "input to histogram_quantile has NaN observations, result is "
                        + (skewed ? "skewed higher" : "NaN");
        add(INFO + named(text, metric), span);
    }

    void fractionOfNans(String metric, Span span) {
        add(
                INFO
                        + named(
                                "input to histogram_fraction has NaN observations, which are"
                                        + " excluded from all fractions",
                                metric),
                span);
    }

    /// What was done with histograms when something about them had to be told.
    enum Operation {
        ADDITION,
        SUBTRACTION,
        AGGREGATION;

        private String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    void resetCollision(Operation operation, Span span) {
        add(WARNING + "conflicting counter resets during histogram " + operation.text(), span);
    }

    void mismatchedBounds(Operation operation, Span span) {
        add(INFO + "mismatched custom buckets were reconciled during " + operation.text(), span);
    }

    void startTimeOverlap(String metric, Span span) {
        String text =
                WARNING
                        + "sample has start time that overlaps with previous sample timestamp for"
                        + " metric "
                        + Quoting.quote(metric);
        int count = 1;
        Note known = notes.get(text);
        if (known != null && known.details instanceof Details.Occurrences before) {
            count += before.count;
        }
        notes.put(text, new Note(span, new Details.Occurrences(count)));
    }
}
