package dev.firn.receive;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A series as Prometheus has them, with its new samples. Mutable while it is filled.
public final class PrometheusSeries {
    /// The label that holds the metric's name.
    public static final String NAME = "__name__";

    /// All labels with the name, sorted.
    final SortedMap<String, String> labels = new TreeMap<>();

    /// Whether it is known to be a counter.
    boolean counter;

    /// Of its metric; empty if nothing is known.
    String help = "";

    String unit = "";

    /// What kind of metric it is said to be, in OpenMetrics' words; empty if nothing is said.
    String type = "";

    final List<Sample> samples = new ArrayList<>();
    final List<Exemplar> exemplars = new ArrayList<>();

    /// A sample.
    ///
    /// @param histogram in place of the value, if there is one
    /// @param startMillis of the counter; 0 if unknown
    record Sample(long timeMillis, long startMillis, double value, @Nullable Histogram histogram) {}

    /// A native histogram with whole counts; its counts are those of buckets side by side.
    ///
    /// @param gauge whether it is no counter
    /// @param positiveFirst index of the first bucket, as Prometheus counts
    /// @param bounds custom ones; null for an exponential histogram
    public record Histogram(
            boolean gauge,
            int schema,
            double zeroThreshold,
            long zeroCount,
            long count,
            double sum,
            int positiveFirst,
            long[] positive,
            int negativeFirst,
            long[] negative,
            double @Nullable [] bounds) {}

    /// A measurement behind a sample.
    record Exemplar(SortedMap<String, String> labels, double value, long timeMillis) {}

    /// @param labels with the name
    public PrometheusSeries(SortedMap<String, String> labels) {
        this.labels.putAll(labels);
    }

    PrometheusSeries() {}

    String name() {
        return labels.getOrDefault(NAME, "");
    }

    public void add(long timeMillis, double value, @Nullable Histogram histogram) {
        samples.add(new Sample(timeMillis, 0, value, histogram));
    }
}
