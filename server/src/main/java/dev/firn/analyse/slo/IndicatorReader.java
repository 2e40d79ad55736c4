package dev.firn.analyse.slo;

import dev.firn.config.Section;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// OpenSLO's `SLI.spec` with Firn's metric source.
final class IndicatorReader {
    private static final String FIRN = "Firn";

    private IndicatorReader() {}

    /// The indicator, or null with mistakes noted.
    ///
    /// @param threshold of a thresholdMetric, which OpenSLO writes into the objective; null if none
    static @Nullable Indicator read(Section spec, @Nullable BigDecimal threshold) {
        spec.text("description", "");
        boolean ratio = spec.has("ratioMetric");
        if (ratio == spec.has("thresholdMetric")) {
            spec.problem("expected either ratioMetric or thresholdMetric");
            spec.close();
            return null;
        }
        Section metric = spec.section(ratio ? "ratioMetric" : "thresholdMetric");
        spec.close();
        return ratio ? ratio(metric) : threshold(metric, threshold);
    }

    private static @Nullable Indicator threshold(Section metric, @Nullable BigDecimal threshold) {
        Section source = source(metric);
        metric.close();
        if (threshold == null) {
            source.problem("a thresholdMetric needs op: lte and a value in its objective");
        }
        return indicator(
                source,
                Indicator.Type.HISTOGRAM,
                threshold == null ? null : new Indicator.Good.Within(threshold));
    }

    private static @Nullable Indicator ratio(Section metric) {
        metric.bool("counter", true);
        metric.refuse(
                "a ratio has no events to count; write good or bad, and total", "raw", "rawType");
        boolean good = metric.has("good");
        if (good == metric.has("bad")) {
            metric.problem("expected total and either good or bad");
        }
        String key = good ? "good" : "bad";
        Section part = metric.section(key);
        Section which = source(part);
        part.close();
        Section all = metric.section("total");
        Section total = source(all);
        all.close();
        boolean up = good && which.bool("up", false);
        List<Matcher> matchers = up ? List.of() : matchers(which, "where");
        if (!up && matchers.isEmpty()) {
            which.problem(
                    "expected where: a list of conditions on attributes"
                            + (good ? ", or up: true for samples of a gauge" : ""));
        }
        which.close();
        metric.close();
        return indicator(
                total,
                up ? Indicator.Type.GAUGE : Indicator.Type.COUNTER,
                up
                        ? new Indicator.Good.Up()
                        : good
                                ? new Indicator.Good.Those(matchers)
                                : new Indicator.Good.AllBut(matchers));
    }

    /// `metricSource.spec`.
    private static Section source(Section metric) {
        Section source = metric.section("metricSource");
        String type = source.text("type", "");
        if (!type.equals(FIRN)) {
            source.problem(
                    "type",
                    "\""
                            + type
                            + "\" is not \""
                            + FIRN
                            + "\", the only source that is evaluated; firn slo import translates"
                            + " documents of Sloth and Pyrra");
        }
        source.refuse("the only source is Firn itself", "metricSourceRef");
        Section spec = source.section("spec");
        source.close();
        return spec;
    }

    private static @Nullable Indicator indicator(
            Section source, Indicator.Type usual, Indicator.@Nullable Good good) {
        List<String> metrics = metrics(source);
        String type =
                source.word(
                        "type",
                        usual.name().toLowerCase(java.util.Locale.ROOT),
                        "counter",
                        "histogram",
                        "gauge");
        String unit = source.text("unit", "");
        List<Matcher> where = matchers(source, "where");
        List<List<String>> groupBy = groupBy(source);
        source.close();
        if (metrics.isEmpty() || good == null) {
            return null;
        }
        try {
            return new Indicator(
                    metrics,
                    Indicator.Type.valueOf(type.toUpperCase(java.util.Locale.ROOT)),
                    unit,
                    where,
                    good,
                    groupBy);
        } catch (IllegalArgumentException e) {
            source.problem("type", e.getMessage() + "");
            return null;
        }
    }

    private static List<String> metrics(Section source) {
        if (source.has("metrics")) {
            List<String> metrics = source.texts("metrics");
            if (metrics.isEmpty() || source.has("metric")) {
                source.problem("metrics", "expected either metric or a list of metrics");
            }
            return metrics;
        }
        String metric = source.text("metric", "");
        if (metric.isEmpty()) {
            source.problem("expected metric: the name of a metric");
            return List.of();
        }
        return List.of(metric);
    }

    private static List<List<String>> groupBy(Section source) {
        if (!source.has("groupBy") || source.holdsTexts("groupBy")) {
            return source.texts("groupBy").stream().map(List::of).toList();
        }
        var groups = new ArrayList<List<String>>();
        for (Section one : source.sections("groupBy")) {
            groups.add(attributes(one));
            one.close();
        }
        return groups;
    }

    private static List<String> attributes(Section section) {
        List<String> names =
                section.has("attributes")
                        ? section.texts("attributes")
                        : List.of(section.text("attribute", ""));
        if (names.isEmpty() || names.contains("")) {
            section.problem("expected attribute: a name, or attributes: [names of the same]");
            return List.of("?");
        }
        return names;
    }

    /// `- {attribute: http.route, equals: /pay}` and so on.
    static List<Matcher> matchers(Section source, String key) {
        var matchers = new ArrayList<Matcher>();
        for (Section one : source.sections(key)) {
            List<String> attributes = attributes(one);
            int ops = 0;
            for (Matcher.Op op : Matcher.Op.values()) {
                if (one.has(op.key())) {
                    ops++;
                    try {
                        matchers.add(new Matcher(attributes, op, one.text(op.key(), "")));
                    } catch (PatternSyntaxException e) {
                        one.problem(op.key(), "is no regular expression: " + e.getDescription());
                    }
                }
            }
            if (ops != 1) {
                one.problem("expected one of equals, notEquals, matches, notMatches");
            }
            one.close();
        }
        return matchers;
    }
}
