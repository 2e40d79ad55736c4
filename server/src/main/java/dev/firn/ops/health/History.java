package dev.firn.ops.health;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;

/// Figures of the last hour, so that a check can speak of increases and of speed. One thread at a
/// time.
public final class History {
    private static final long KEPT_NANOS = 3_600_000_000_000L;

    private record Sample(long ticks, Map<String, Double> values) {}

    private final Map<String, DoubleSupplier> sources = new LinkedHashMap<>();
    private final Deque<Sample> samples = new ArrayDeque<>();

    /// Has a figure noted from now on.
    void watch(String name, DoubleSupplier source) {
        sources.put(name, source);
    }

    /// Has a counter noted from now on, which stands at zero before it has a sample.
    void watchCounter(String name, DoubleSupplier source) {
        watch(
                name,
                () -> {
                    double value = source.getAsDouble();
                    return Double.isNaN(value) ? 0 : value;
                });
    }

    /// Notes all figures.
    void note(long ticks) {
        var values = new LinkedHashMap<String, Double>();
        sources.forEach((name, source) -> values.put(name, source.getAsDouble()));
        samples.addLast(new Sample(ticks, values));
        while (samples.size() > 2 && ticks - samples.getFirst().ticks > KEPT_NANOS) {
            samples.removeFirst();
        }
    }

    /// By how much a figure grew in the last seconds, or since the first note if that is later; 0
    /// if it is not known.
    public double increase(String name, long seconds) {
        if (samples.isEmpty()) {
            return 0;
        }
        double grown = value(samples.getLast(), name) - value(from(seconds), name);
        return Double.isNaN(grown) ? 0 : grown;
    }

    /// The time that [#increase] speaks of, s.
    public double seconds(long seconds) {
        return samples.isEmpty() ? 0 : (samples.getLast().ticks - from(seconds).ticks) / 1e9;
    }

    private Sample from(long seconds) {
        long after = samples.getLast().ticks - seconds * 1_000_000_000L;
        for (Sample sample : samples) {
            if (sample.ticks >= after) {
                return sample;
            }
        }
        return samples.getLast();
    }

    private static double value(Sample sample, String name) {
        return sample.values.getOrDefault(name, Double.NaN);
    }
}
