package dev.firn.process.state;

import dev.firn.config.CumulativeToDeltaConfig;
import dev.firn.config.CumulativeToDeltaConfig.Match;
import dev.firn.config.DeltaToCumulativeConfig;
import dev.firn.config.MatchType;
import dev.firn.config.ProcessorConfig;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.SeriesRegistry;
import dev.firn.process.Aggregator;
import dev.firn.process.Processor;
import dev.firn.process.Processors;
import dev.firn.process.ottl.Regex;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Makes the processors that remember, each with a place in one [StateRoom].
public final class StatefulProcessors implements Processors.Stateful {
    private final StateRoom room;
    private final SeriesRegistry registry;
    private final Map<String, Integer> stages = new HashMap<>();

    /// @param room not open yet
    public StatefulProcessors(StateRoom room, SeriesRegistry registry) {
        this.room = room;
        this.registry = registry;
    }

    @Override
    public @Nullable Processor processor(String pipeline, String name, ProcessorConfig config) {
        String place = pipeline + ":" + name;
        return switch (config) {
            case CumulativeToDeltaConfig deltas ->
                    new CumulativeToDelta(place, options(deltas), room, registry);
            case DeltaToCumulativeConfig totals ->
                    new DeltaToCumulative(
                            place,
                            new DeltaToCumulative.Options(
                                    totals.maxStaleNanos(), totals.maxStreams()),
                            room,
                            registry);
            default -> null;
        };
    }

    @Override
    public Aggregator aggregator(String pipeline, boolean sources) {
        int stage = stages.merge(pipeline, 1, Integer::sum);
        return new Reaggregation(pipeline + ":stage-" + stage, room, sources);
    }

    private static CumulativeToDelta.Options options(CumulativeToDeltaConfig config) {
        Predicate<Metric> included =
                config.include()
                        .<Predicate<Metric>>map(match -> names(match, true).and(types(match, true)))
                        .orElse(metric -> true);
        Predicate<Metric> excluded =
                config.exclude()
                        .<Predicate<Metric>>map(
                                match -> names(match, false).or(types(match, false)))
                        .orElse(metric -> false);
        return new CumulativeToDelta.Options(
                included.and(excluded.negate()),
                switch (config.initialValue()) {
                    case AUTO -> CumulativeToDelta.InitialValue.AUTO;
                    case KEEP -> CumulativeToDelta.InitialValue.KEEP;
                    case DROP -> CumulativeToDelta.InitialValue.DROP;
                },
                config.maxStalenessNanos());
    }

    private static Predicate<Metric> names(Match match, boolean ifNone) {
        if (match.metrics().isEmpty()) {
            return metric -> ifNone;
        }
        if (match.type() == MatchType.STRICT) {
            Set<String> names = Set.copyOf(match.metrics());
            return metric -> names.contains(metric.name());
        }
        List<Regex> patterns = match.metrics().stream().map(Regex::of).toList();
        return metric -> patterns.stream().anyMatch(one -> one.finds(metric.name()));
    }

    private static Predicate<Metric> types(Match match, boolean ifNone) {
        if (match.metricTypes().isEmpty()) {
            return metric -> ifNone;
        }
        Set<String> types = Set.copyOf(match.metricTypes());
        return metric -> types.contains(label(metric.type()));
    }

    /// As the configuration writes it.
    private static String label(MetricType type) {
        return type.label().replace("_", "");
    }
}
