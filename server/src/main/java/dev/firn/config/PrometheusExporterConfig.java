package dev.firn.config;

import dev.firn.config.Config.Address;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `prometheus`: a page at `/metrics` that Prometheus scrapes.
///
/// @param namespace before each name; empty: none
/// @param constLabels of each sample, in the order written; one without a value is none
/// @param sendTimestamps samples carry their points' time
/// @param metricExpirationNanos after which a series without points leaves the page
/// @param enableOpenMetrics OpenMetrics is offered to a scraper that asks for it
/// @param withoutScopeInfo no labels for the scope
/// @param resourceLabels resource attributes that become labels of each sample
public record PrometheusExporterConfig(
        Address endpoint,
        ListenerSecurityConfig security,
        String namespace,
        Map<String, String> constLabels,
        boolean sendTimestamps,
        long metricExpirationNanos,
        boolean enableOpenMetrics,
        boolean withoutScopeInfo,
        ResourceLabels resourceLabels,
        Translation translation)
        implements ExporterConfig {
    private static final long SECOND = 1_000_000_000L;

    public PrometheusExporterConfig {
        constLabels = Collections.unmodifiableMap(new LinkedHashMap<>(constLabels));
    }

    /// Names of resource attributes, with `*` for any text and `?` for any character.
    ///
    /// @param included empty: all if `excluded` names any, else none
    /// @param excluded wins over `included`
    public record ResourceLabels(List<String> included, List<String> excluded) {
        public ResourceLabels {
            included = List.copyOf(included);
            excluded = List.copyOf(excluded);
        }

        /// No attribute becomes a label; they are in `target_info` only.
        public static final ResourceLabels NONE = new ResourceLabels(List.of(), List.of());

        /// True if an attribute of this name becomes a label.
        public boolean takes(String attribute) {
            if (matches(excluded, attribute)) {
                return false;
            }
            return included.isEmpty() ? !excluded.isEmpty() : matches(included, attribute);
        }

        private static boolean matches(List<String> patterns, String attribute) {
            return patterns.stream().anyMatch(pattern -> matches(pattern, 0, attribute, 0));
        }

        private static boolean matches(String pattern, int p, String text, int t) {
            if (p == pattern.length()) {
                return t == text.length();
            }
            if (pattern.charAt(p) == '*') {
                return matches(pattern, p + 1, text, t)
                        || (t < text.length() && matches(pattern, p, text, t + 1));
            }
            return t < text.length()
                    && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))
                    && matches(pattern, p + 1, text, t + 1);
        }
    }

    /// How names become Prometheus names.
    public enum Translation {
        /// `http_requests_total`: special characters become `_`, unit and type are added.
        UNDERSCORE_ESCAPING_WITH_SUFFIXES("UnderscoreEscapingWithSuffixes"),
        /// `http_requests`.
        UNDERSCORE_ESCAPING_WITHOUT_SUFFIXES("UnderscoreEscapingWithoutSuffixes"),
        /// `http.requests_total`.
        NO_UTF8_ESCAPING_WITH_SUFFIXES("NoUTF8EscapingWithSuffixes"),
        /// `http.requests`.
        NO_TRANSLATION("NoTranslation");

        private final String written;

        Translation(String written) {
            this.written = written;
        }

        /// As it stands in the file.
        public String written() {
            return written;
        }

        /// Whether units and types are added.
        public boolean suffixes() {
            return this == UNDERSCORE_ESCAPING_WITH_SUFFIXES
                    || this == NO_UTF8_ESCAPING_WITH_SUFFIXES;
        }

        /// Whether special characters stay.
        public boolean utf8() {
            return this == NO_UTF8_ESCAPING_WITH_SUFFIXES || this == NO_TRANSLATION;
        }
    }

    static PrometheusExporterConfig read(Section section) {
        if (section.text("endpoint", "").isEmpty()) {
            section.problem("endpoint", "missing; write endpoint: 127.0.0.1:8889");
        }
        var config =
                new PrometheusExporterConfig(
                        section.address("endpoint", "127.0.0.1:8889"),
                        ListenerSecurityConfig.read(section),
                        section.text("namespace", ""),
                        section.textMap("const_labels"),
                        section.bool("send_timestamps", false),
                        section.nanos("metric_expiration", 300 * SECOND, SECOND, Long.MAX_VALUE),
                        section.bool("enable_open_metrics", false),
                        section.bool("without_scope_info", false),
                        resourceLabels(section),
                        translation(section));
        ListenerKeys.http(section);
        CorsConfig.read(section)
                .ifPresent(cors ->
                        section.warning("cors", "pages cannot read this page; take this out"));
        section.ignore(
                "Firn answers scrapers with what they ask; take this line out",
                "max_request_body_size");
        section.ignore(
                "this page is written as points come, without a queue; take this out",
                "sending_queue");
        section.close();
        return config;
    }

    private static ResourceLabels resourceLabels(Section section) {
        Section old = section.section("resource_to_telemetry_conversion");
        Section labels = section.section("resource_constant_labels");
        List<String> included = new ArrayList<>(labels.texts("included"));
        List<String> excluded = new ArrayList<>(labels.texts("excluded"));
        labels.close();
        boolean all = old.bool("enabled", false);
        boolean withoutService = old.bool("exclude_service_attributes", false);
        old.close();
        if (!all && !withoutService) {
            return new ResourceLabels(included, excluded);
        }
        if (!included.isEmpty() || !excluded.isEmpty()) {
            section.problem(
                    "resource_to_telemetry_conversion",
                    "cannot stand beside resource_constant_labels, its new name; take it out");
        }
        if (all) {
            included.add("*");
        }
        if (withoutService) {
            excluded.addAll(List.of("service.name", "service.namespace", "service.instance.id"));
        }
        section.warning(
                "resource_to_telemetry_conversion",
                "is the old name of resource_constant_labels; write resource_constant_labels: {"
                        + (all ? "included: [\"*\"]" : "")
                        + (all && withoutService ? ", " : "")
                        + (withoutService
                                ? "excluded: [service.name, service.namespace,"
                                        + " service.instance.id]"
                                : "")
                        + "}");
        return new ResourceLabels(included, excluded);
    }

    private static Translation translation(Section section) {
        return translation(section, section.bool("add_metric_suffixes", true));
    }

    /// @param suffixes of what holds where the file has no strategy
    static Translation translation(Section section, boolean suffixes) {
        String written = section.text("translation_strategy", "");
        if (written.isEmpty()) {
            return suffixes
                    ? Translation.UNDERSCORE_ESCAPING_WITH_SUFFIXES
                    : Translation.UNDERSCORE_ESCAPING_WITHOUT_SUFFIXES;
        }
        for (Translation one : Translation.values()) {
            if (one.written.equals(written)) {
                return one;
            }
        }
        section.problem(
                "translation_strategy",
                "\""
                        + written
                        + "\" is not one of UnderscoreEscapingWithSuffixes,"
                        + " UnderscoreEscapingWithoutSuffixes, NoUTF8EscapingWithSuffixes,"
                        + " NoTranslation");
        return Translation.UNDERSCORE_ESCAPING_WITH_SUFFIXES;
    }
}
