package dev.firn.query.promql.script;

import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A series in the notation of scripts, for other tests that use it.
///
/// @param samples a value each step from 0 on, where there is one
public record TestSeries(Labels labels, List<Sample> samples) {
    /// @param histogram in place of the value, if there is one
    public record Sample(int step, double value, @Nullable NativeHistogram histogram) {}

    /// @param line such as `up{job="x"} 1 1 _ 0+1x10`
    /// @throws IllegalArgumentException or ParseException saying what is wrong
    public static TestSeries parse(String line) {
        SeriesLine series = SeriesLine.parse(line);
        List<SequenceValue> values = series.values();
        return new TestSeries(
                series.labels(),
                IntStream.range(0, values.size())
                        .filter(i -> !values.get(i).omitted())
                        .mapToObj(i ->
                                new Sample(i, values.get(i).number(), values.get(i).histogram()))
                        .toList());
    }

    /// A metric's labels.
    public static Labels labels(String metric) {
        return metric.isBlank() ? Labels.EMPTY : SeriesLine.labels(metric);
    }

    /// A histogram such as `{{count:2 sum:3 buckets:[2]}}`.
    public static NativeHistogram histogram(String text) {
        List<Sample> samples = parse("{} " + text).samples();
        NativeHistogram histogram = samples.size() == 1 ? samples.getFirst().histogram() : null;
        if (histogram == null) {
            throw new IllegalArgumentException("\"" + text + "\" is not one histogram");
        }
        return histogram;
    }
}
