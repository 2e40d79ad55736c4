package dev.firn.config;

import dev.firn.config.PrometheusExporterConfig.ResourceLabels;
import dev.firn.config.PrometheusExporterConfig.Translation;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// `promql`: how stored points look to PromQL, and what a query may use.
///
/// @param namespace before each metric's name; empty: none
/// @param promote what becomes a label of each sample: well-known columns by their names, other
///   resource attributes by theirs, with `*` and `?`
/// @param scopeLabels whether the instrumentation scope becomes labels
/// @param histograms in which form histograms with explicit bounds are
/// @param experimental whether experimental functions and syntax are understood
/// @param lookbackNanos how old a sample may be that an instant selector takes
/// @param samplesMax samples that a query may hold at once
/// @param seriesMax series that a selector may find
/// @param timeMaxNanos how long a query may take
/// @param queriesMax queries at once
public record PromqlConfig(
        String namespace,
        List<String> promote,
        Translation translation,
        boolean scopeLabels,
        Histograms histograms,
        boolean experimental,
        long lookbackNanos,
        long samplesMax,
        long seriesMax,
        long timeMaxNanos,
        int queriesMax) {
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY = 86_400 * SECOND;

    /// Columns that `promote` knows by name.
    public static final List<String> WELL_KNOWN =
            List.of("environment", "data_plane_id", "cluster_id", "region", "service_name");

    /// What applies where nothing is set.
    public static final PromqlConfig DEFAULTS =
            new PromqlConfig(
                    "",
                    WELL_KNOWN,
                    Translation.UNDERSCORE_ESCAPING_WITH_SUFFIXES,
                    true,
                    Histograms.CLASSIC,
                    false,
                    300 * SECOND,
                    50_000_000,
                    1_000_000,
                    120 * SECOND,
                    20);

    /// Forms of histograms with explicit bounds.
    public enum Histograms {
        /// `x_bucket`, `x_count`, `x_sum`.
        CLASSIC,
        /// `x`, a native histogram with custom buckets.
        NATIVE,
        /// All four.
        BOTH
    }

    public PromqlConfig {
        promote = List.copyOf(promote);
    }

    /// The well-known columns that become labels.
    public Set<String> promotedColumns() {
        var columns = new LinkedHashSet<>(promote);
        columns.retainAll(WELL_KNOWN);
        return columns;
    }

    /// The resource attributes that become labels.
    public ResourceLabels promotedAttributes() {
        return new ResourceLabels(
                promote.stream().filter(name -> !WELL_KNOWN.contains(name)).toList(), List.of());
    }

    static PromqlConfig read(Section section) {
        var config =
                new PromqlConfig(
                        section.text("namespace", ""),
                        section.has("promote") ? section.texts("promote") : WELL_KNOWN,
                        PrometheusExporterConfig.translation(section, true),
                        section.bool("scope_labels", DEFAULTS.scopeLabels),
                        section.choice("histograms", DEFAULTS.histograms, Histograms.class),
                        section.bool("experimental", DEFAULTS.experimental),
                        section.nanos("lookback", DEFAULTS.lookbackNanos, SECOND, DAY),
                        section.integer("samples_max", DEFAULTS.samplesMax, 1, 10_000_000_000L),
                        section.integer("series_max", DEFAULTS.seriesMax, 1, 100_000_000),
                        section.nanos("time_max", DEFAULTS.timeMaxNanos, SECOND, DAY),
                        (int) section.integer("queries_max", DEFAULTS.queriesMax, 1, 1_000));
        section.close();
        return config;
    }
}
