package dev.firn.analyse.slo.exchange;

import dev.firn.analyse.slo.Indicator;
import dev.firn.analyse.slo.Indicator.Good;
import dev.firn.analyse.slo.Matcher;
import dev.firn.analyse.slo.exchange.PromQuery.Selector;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/// Indicators from Prometheus' selectors, and back.
final class PromIndicator {
    private static final Map<String, String> UNITS =
            Map.of("s", "seconds", "ms", "milliseconds", "By", "bytes");

    private PromIndicator() {}

    /// All but the events of `bad`, which must be some of those of `total`.
    static Indicator ratio(Selector bad, Selector total, List<String> groupBy) {
        if (!bad.metric().equals(total.metric())) {
            throw new IllegalArgumentException(
                    "errors of \""
                            + bad.metric()
                            + "\" are not events of \""
                            + total.metric()
                            + "\"; both must be one metric");
        }
        var more = new java.util.ArrayList<>(bad.matchers());
        for (Matcher one : total.matchers()) {
            if (!more.remove(one)) {
                throw new IllegalArgumentException(
                        "errors lack the condition on \""
                                + one.attributes().getFirst()
                                + "\" that all events have");
            }
        }
        if (more.isEmpty()) {
            throw new IllegalArgumentException("errors have no condition of their own");
        }
        boolean histogram = total.metric().endsWith("_count");
        return indicator(
                histogram ? Indicator.Type.HISTOGRAM : Indicator.Type.COUNTER,
                histogram ? base(total.metric(), "_count") : total.metric(),
                total.matchers(),
                new Good.AllBut(more),
                groupBy);
    }

    /// Those of a bucket, of all that its histogram counts.
    static Indicator within(Selector bucket, Selector total, List<String> groupBy) {
        String metric = base(bucket.metric(), "_bucket");
        if (!base(total.metric(), "_count").equals(metric)) {
            throw new IllegalArgumentException(
                    "\"" + bucket.metric() + "\" is not a bucket of \"" + total.metric() + "\"");
        }
        List<String> bounds =
                bucket.matchers().stream()
                        .filter(one -> one.attributes().contains("le"))
                        .filter(one -> one.op() == Matcher.Op.EQUALS)
                        .map(Matcher::value)
                        .toList();
        if (bounds.size() != 1 || !bounds.getFirst().matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) {
            throw new IllegalArgumentException("a bucket needs le=\"a number\"");
        }
        if (!List.copyOf(bucket.without("le")).equals(total.matchers())) {
            throw new IllegalArgumentException("bucket and count have other conditions");
        }
        return indicator(
                Indicator.Type.HISTOGRAM,
                metric,
                total.matchers(),
                new Good.Within(new BigDecimal(bounds.getFirst())),
                groupBy);
    }

    /// Samples above zero.
    static Indicator up(Selector gauge, List<String> groupBy) {
        return indicator(
                Indicator.Type.GAUGE, gauge.metric(), gauge.matchers(), new Good.Up(), groupBy);
    }

    /// Measurements of a native histogram.
    static Indicator within(Selector histogram, BigDecimal seconds, List<String> groupBy) {
        return indicator(
                Indicator.Type.HISTOGRAM,
                histogram.metric(),
                histogram.matchers(),
                new Good.Within(seconds),
                groupBy);
    }

    private static Indicator indicator(
            Indicator.Type type,
            String metric,
            List<Matcher> where,
            Good good,
            List<String> groupBy) {
        return new Indicator(
                List.of(metric), type, "", where, good, groupBy.stream().map(List::of).toList());
    }

    private static String base(String metric, String suffix) {
        if (!metric.endsWith(suffix)) {
            throw new IllegalArgumentException("\"" + metric + "\" does not end in " + suffix);
        }
        return metric.substring(0, metric.length() - suffix.length());
    }

    /// The rate of bad events over a window, in PromQL.
    static String bad(Indicator indicator, String window) {
        String all = total(indicator, window);
        return switch (indicator.good()) {
            case Good.AllBut(var matchers) ->
                    sum(counted(indicator), selector(indicator, matchers, ""), window);
            case Good.Those(var matchers) ->
                    all
                            + "\n-\n"
                            + sum(counted(indicator), selector(indicator, matchers, ""), window);
            case Good.Within(BigDecimal threshold) ->
                    all
                            + "\n-\n"
                            + sum(
                                    name(indicator) + "_bucket",
                                    selector(
                                            indicator,
                                            List.of(),
                                            "le=\"" + inUnit(indicator, threshold) + "\""),
                                    window);
            case Good.Up _ ->
                    all
                            + "\n-\nsum(sum_over_time("
                            + name(indicator)
                            + selector(indicator, List.of(), "")
                            + "["
                            + window
                            + "]))";
        };
    }

    /// The rate of all events over a window.
    static String total(Indicator indicator, String window) {
        String selector = selector(indicator, List.of(), "");
        return indicator.type() == Indicator.Type.GAUGE
                ? "sum(count_over_time(" + name(indicator) + selector + "[" + window + "]))"
                : sum(counted(indicator), selector, window);
    }

    private static String inUnit(Indicator indicator, BigDecimal seconds) {
        return (indicator.unit().equals("ms") ? seconds.movePointRight(3) : seconds)
                .stripTrailingZeros()
                .toPlainString();
    }

    private static String sum(String metric, String selector, String window) {
        return "sum(rate(" + metric + selector + "[" + window + "]))";
    }

    private static String counted(Indicator indicator) {
        String name = name(indicator);
        return switch (indicator.type()) {
            case HISTOGRAM -> name + "_count";
            case COUNTER ->
                    isTranslated(indicator) || name.endsWith("_total") ? name : name + "_total";
            case GAUGE -> name;
        };
    }

    /// A name without dots and unit is one of Prometheus already.
    private static boolean isTranslated(Indicator indicator) {
        return indicator.unit().isEmpty() && !indicator.metrics().getFirst().contains(".");
    }

    /// The name at the Prometheus edge: the first metric's, with its unit.
    private static String name(Indicator indicator) {
        String name = label(indicator.metrics().getFirst());
        String unit = UNITS.getOrDefault(indicator.unit(), "");
        return unit.isEmpty() || name.endsWith("_" + unit) ? name : name + "_" + unit;
    }

    /// A name with what Prometheus does not take replaced.
    static String label(String name) {
        return name.replaceAll("[^a-zA-Z0-9_:]", "_");
    }

    private static String selector(Indicator indicator, List<Matcher> more, String last) {
        var parts = new java.util.ArrayList<String>();
        for (List<Matcher> matchers : List.of(indicator.where(), more)) {
            for (Matcher one : matchers) {
                parts.add(
                        label(one.attributes().getFirst())
                                + one.op().sign()
                                + "\""
                                + one.value().replace("\\", "\\\\").replace("\"", "\\\"")
                                + "\"");
            }
        }
        if (!last.isEmpty()) {
            parts.add(last);
        }
        return parts.isEmpty() ? "" : "{" + String.join(",", parts) + "}";
    }
}
