package dev.firn.process.ottl;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a statement is about. The order is that of inference: the first that a statement's paths
/// name is its context, and it sees those after it.
public enum Context {
    DATAPOINT,
    METRIC,
    SCOPE,
    RESOURCE;

    private static final Map<String, Long> OF_METRICS =
            Map.of(
                    "AGGREGATION_TEMPORALITY_UNSPECIFIED", 0L,
                    "AGGREGATION_TEMPORALITY_DELTA", 1L,
                    "AGGREGATION_TEMPORALITY_CUMULATIVE", 2L,
                    "METRIC_DATA_TYPE_NONE", 0L,
                    "METRIC_DATA_TYPE_GAUGE", 1L,
                    "METRIC_DATA_TYPE_SUM", 2L,
                    "METRIC_DATA_TYPE_HISTOGRAM", 3L,
                    "METRIC_DATA_TYPE_EXPONENTIAL_HISTOGRAM", 4L,
                    "METRIC_DATA_TYPE_SUMMARY", 5L);
    private static final Map<String, Long> OF_POINTS =
            Map.of("FLAG_NONE", 0L, "FLAG_NO_RECORDED_VALUE", 1L);

    /// The context of this name, null if there is none.
    public static @Nullable Context named(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "datapoint" -> DATAPOINT;
            case "metric" -> METRIC;
            case "scope", "instrumentation_scope" -> SCOPE;
            case "resource" -> RESOURCE;
            default -> null;
        };
    }

    /// As it is written in paths.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Whether statements of this context may name paths of the other.
    boolean sees(Context other) {
        return other.ordinal() >= ordinal();
    }

    List<String> labelsSeen() {
        return List.of(values()).stream().filter(this::sees).map(Context::label).toList();
    }

    /// The value of an enum's symbol, null if this context has none of that name.
    @Nullable Long symbol(String name) {
        Long found = ordinal() <= METRIC.ordinal() ? OF_METRICS.get(name) : null;
        return found == null && this == DATAPOINT ? OF_POINTS.get(name) : found;
    }
}
