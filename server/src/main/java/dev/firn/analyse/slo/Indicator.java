package dev.firn.analyse.slo;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/// What is counted: the events of some metrics, and which of them are good.
///
/// @param metrics names of metrics; series of any of them count, so that both semantic conventions
///   can be named
/// @param type what the metrics are
/// @param unit the metric's unit for names at the Prometheus edge, empty if unknown; counting takes
///   each series' own
/// @param where conditions on attributes of the point, its scope and its resource, all of which
///   must hold
/// @param good which events are good
/// @param groupBy attributes (each with other names) by whose values events are counted apart
public record Indicator(
        List<String> metrics,
        Type type,
        String unit,
        List<Matcher> where,
        Good good,
        List<List<String>> groupBy) {
    /// What a metric's points are.
    public enum Type {
        /// A monotonic sum: its increases are events.
        COUNTER,
        /// A histogram of either kind: its measurements are events.
        HISTOGRAM,
        /// A gauge or a sum that can fall: each sample is an event.
        GAUGE
    }

    /// Which events are good.
    public sealed interface Good {
        /// Those of series that fulfil all conditions.
        record Those(List<Matcher> matchers) implements Good {
            public Those {
                matchers = List.copyOf(matchers);
            }
        }

        /// All but those of series that fulfil all conditions.
        record AllBut(List<Matcher> matchers) implements Good {
            public AllBut {
                matchers = List.copyOf(matchers);
            }
        }

        /// Measurements of at most this value, in seconds where the metric's unit is a duration.
        record Within(BigDecimal threshold) implements Good {
            public Within {
                if (threshold.signum() <= 0) {
                    throw new IllegalArgumentException("a threshold is positive");
                }
            }
        }

        /// Samples above zero, such as of `up`.
        record Up() implements Good {}
    }

    public Indicator {
        metrics = List.copyOf(metrics);
        where = List.copyOf(where);
        groupBy = groupBy.stream().map(List::copyOf).toList();
        if (metrics.isEmpty()) {
            throw new IllegalArgumentException("an indicator needs a metric");
        }
        if (good instanceof Good.Within != (type == Type.HISTOGRAM)
                && good instanceof Good.Within) {
            throw new IllegalArgumentException("a threshold needs a histogram");
        }
        if (good instanceof Good.Up != (type == Type.GAUGE)) {
            throw new IllegalArgumentException("samples of gauges, and only they, are up or not");
        }
    }

    /// The value of each attribute of [#groupBy], by its first name.
    Map<String, String> group(Map<String, String> attributes) {
        var group = new java.util.LinkedHashMap<String, String>();
        for (List<String> names : groupBy) {
            group.put(names.getFirst(), Matcher.value(names, attributes));
        }
        return java.util.Collections.unmodifiableMap(group);
    }
}
