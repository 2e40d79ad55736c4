package dev.firn.query.promql.script;

import dev.firn.query.promql.lang.GoNumber;
import dev.firn.query.promql.value.Bounds;
import dev.firn.query.promql.value.Buckets;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.ResetHint;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Native histograms as scripts write them: `{{schema:1 count:3 sum:5 buckets:[1 2]}}`.
record HistogramLiteral(NativeHistogram histogram, boolean hintSet) {
    private static final Pattern ITEM =
            Pattern.compile("([a-z_]+):(\\[[^\\]]*\\]|[^\\s\\[\\]]+)(\\s+|$)");

    /// `body` is what stands between the braces.
    static HistogramLiteral parse(String body) {
        Map<String, String> items = items(body.strip());
        String hint = items.getOrDefault("counter_reset_hint", "");
        int schema = (int) number(items, "schema");
        double[] bounds = numbers(items.getOrDefault("custom_values", "[]"));
        var histogram =
                new NativeHistogram(
                        schema,
                        number(items, "z_bucket_w"),
                        number(items, "z_bucket"),
                        number(items, "count"),
                        number(items, "sum"),
                        buckets(items, "buckets", "offset"),
                        buckets(items, "n_buckets", "n_offset"),
                        schema == Bounds.CUSTOM_SCHEMA ? bounds : new double[0],
                        hint(hint));
        return new HistogramLiteral(histogram, !hint.isEmpty());
    }

    private static Map<String, String> items(String body) {
        var items = new LinkedHashMap<String, String>();
        Matcher matcher = ITEM.matcher(body);
        int at = 0;
        while (at < body.length()) {
            if (!matcher.find(at) || matcher.start() != at) {
                throw new IllegalArgumentException(
                        "bad histogram descriptor found: \"" + body.substring(at) + "\"");
            }
            if (items.put(matcher.group(1), matcher.group(2)) != null) {
                throw new IllegalArgumentException(
                        "duplicate key \"" + matcher.group(1) + "\" in histogram");
            }
            at = matcher.end();
        }
        return items;
    }

    private static ResetHint hint(String text) {
        return switch (text) {
            case "", "unknown" -> ResetHint.UNKNOWN;
            case "reset" -> ResetHint.RESET;
            case "not_reset" -> ResetHint.NOT_RESET;
            case "gauge" -> ResetHint.GAUGE;
            default -> throw new IllegalArgumentException("bad counter_reset_hint: " + text);
        };
    }

    private static double number(Map<String, String> items, String key) {
        return number(items.getOrDefault(key, "0"));
    }

    private static double number(String text) {
        return GoNumber.parse(text)
                .orElseThrow(() -> new IllegalArgumentException("no number: " + text));
    }

    private static double[] numbers(String list) {
        String inner = list.substring(1, list.length() - 1).strip();
        return inner.isEmpty()
                ? new double[0]
                : Arrays.stream(inner.split("\\s+"))
                        .mapToDouble(HistogramLiteral::number)
                        .toArray();
    }

    private static Buckets buckets(Map<String, String> items, String key, String offset) {
        return Buckets.from((int) number(items, offset), numbers(items.getOrDefault(key, "[]")));
    }
}
