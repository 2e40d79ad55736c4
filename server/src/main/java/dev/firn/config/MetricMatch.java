package dev.firn.config;

import java.util.List;
import java.util.Optional;

/// `include` and `exclude` of processors: metrics by name and by attributes of their resource.
///
/// @param metricNames one must match; empty: all do
/// @param resourceAttributes all of them must match; empty: all do
public record MetricMatch(
        MatchType type, List<String> metricNames, List<AttributeMatch> resourceAttributes) {
    public MetricMatch {
        metricNames = List.copyOf(metricNames);
        resourceAttributes = List.copyOf(resourceAttributes);
    }

    private static final String OTHER_SIGNAL =
            "does not apply to metrics; match by metric_names or resources";

    /// As `filter` writes it: `match_type`, `metric_names`, `resource_attributes`.
    static Optional<MetricMatch> filter(Section parent, String key) {
        if (!parent.has(key)) {
            return Optional.empty();
        }
        Section section = parent.section(key);
        section.refuse(
                "Firn does not have the expr language; write OTTL conditions under"
                        + " metrics.datapoint, such as attributes[\"my_label\"] == \"abc\"",
                "expressions");
        return Optional.of(read(section, "resource_attributes"));
    }

    /// As `attributes` writes it: `match_type`, `metric_names`, `resources`.
    static Optional<MetricMatch> attributes(Section parent, String key) {
        if (!parent.has(key)) {
            return Optional.empty();
        }
        Section section = parent.section(key);
        section.refuse(
                OTHER_SIGNAL,
                "services",
                "span_names",
                "span_kinds",
                "log_bodies",
                "log_severity_texts",
                "log_severity_number",
                "attributes",
                "libraries");
        return Optional.of(read(section, "resources"));
    }

    private static MetricMatch read(Section section, String resources) {
        MatchType type = matchType(section);
        List<String> names = names(section, "metric_names", type);
        List<AttributeMatch> attributes = AttributeMatch.list(section, resources, type);
        if (names.isEmpty() && attributes.isEmpty() && !section.has("expressions")) {
            section.problem("matches nothing; name metric_names or " + resources);
        }
        regexpCache(section);
        section.close();
        return new MetricMatch(type, names, attributes);
    }

    static MatchType matchType(Section section) {
        if (!section.has("match_type")) {
            section.problem(
                    "match_type", "missing; write match_type: strict or match_type: regexp");
        }
        return section.text("match_type", "").equals("expr")
                ? MatchType.STRICT // the refusal of "expressions" says it
                : section.choice("match_type", MatchType.STRICT, MatchType.class);
    }

    static List<String> names(Section section, String key, MatchType type) {
        List<String> names = section.texts(key);
        if (type == MatchType.REGEXP) {
            names.forEach(name -> Regex.check(section, key, name));
        }
        return names;
    }

    /// Names are compared once per series, so there is nothing to cache: accepted, needed by none.
    static void regexpCache(Section section) {
        Section cache = section.section("regexp");
        cache.bool("cacheenabled", false);
        cache.integer("cachemaxnumentries", 0, 0, Integer.MAX_VALUE);
        cache.close();
    }
}
