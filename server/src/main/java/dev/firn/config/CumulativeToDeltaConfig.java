package dev.firn.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// `cumulativetodelta`: cumulative monotonic sums and histograms become deltas.
///
/// @param include absent: all metrics
/// @param exclude wins over `include`
/// @param maxStalenessNanos after which an unused series' state is forgotten; 0: never
public record CumulativeToDeltaConfig(
        Optional<Match> include,
        Optional<Match> exclude,
        long maxStalenessNanos,
        InitialValue initialValue)
        implements ProcessorConfig {
    private static final long HOUR = 3_600_000_000_000L;

    /// What becomes of the first point of a series.
    public enum InitialValue {
        /// Sent if its start time is known and after the start of Firn.
        AUTO,
        /// Sent as the delta.
        KEEP,
        /// Not sent.
        DROP
    }

    /// @param metrics names; empty: all
    /// @param metricTypes of `sum`, `histogram`, `exponentialhistogram`; empty: all
    public record Match(MatchType type, List<String> metrics, List<String> metricTypes) {
        public Match {
            metrics = List.copyOf(metrics);
            metricTypes = List.copyOf(metricTypes);
        }

        private static final List<String> TYPES =
                List.of("sum", "histogram", "exponentialhistogram");

        static Optional<Match> read(Section parent, String key) {
            if (!parent.has(key)) {
                return Optional.empty();
            }
            Section section = parent.section(key);
            MatchType type =
                    section.has("metrics") || section.has("match_type")
                            ? MetricMatch.matchType(section)
                            : MatchType.STRICT;
            List<String> metrics = MetricMatch.names(section, "metrics", type);
            if (section.has("match_type") && metrics.isEmpty()) {
                section.problem("metrics", "missing; name metrics beside match_type");
            }
            List<String> types =
                    section.texts("metric_types").stream()
                            .map(one -> one.toLowerCase(Locale.ROOT))
                            .toList();
            for (String one : types) {
                if (!TYPES.contains(one)) {
                    section.problem(
                            "metric_types",
                            "\"" + one + "\" is not one of " + String.join(", ", TYPES));
                }
            }
            MetricMatch.regexpCache(section);
            section.close();
            return Optional.of(new Match(type, metrics, types));
        }
    }

    static CumulativeToDeltaConfig read(Section section) {
        var config =
                new CumulativeToDeltaConfig(
                        Match.read(section, "include"),
                        Match.read(section, "exclude"),
                        section.nanos("max_staleness", HOUR, 0, Long.MAX_VALUE),
                        section.choice("initial_value", InitialValue.AUTO, InitialValue.class));
        section.close();
        return config;
    }
}
