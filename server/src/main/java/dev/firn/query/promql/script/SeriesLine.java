package dev.firn.query.promql.script;

import dev.firn.query.promql.lang.Durations;
import dev.firn.query.promql.lang.GoNumber;
import dev.firn.query.promql.lang.Parser;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.StaleNan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A series and its values: `name{label="x"} 1 2 _ 4+2x10 stale {{…}}x3`.
record SeriesLine(Labels labels, List<SequenceValue> values) {
    private static final String NUMBER =
            "(?:[0-9]*\\.?[0-9]+(?:[eE][+-]?[0-9]+)?[a-wyz]*|[0-9]+\\.|(?i:inf|nan))";
    private static final Pattern ITEM =
            Pattern.compile("([+-]?" + NUMBER + ")(?:([+-]" + NUMBER + ")?x([0-9]+))?");
    private static final Pattern GAP = Pattern.compile("_(?:x([0-9]+))?");
    private static final Pattern HISTOGRAM =
            Pattern.compile("\\{\\{(.*?)\\}\\}(?:(?:([+-])\\{\\{(.*?)\\}\\})?x([0-9]+))?(?=\\s|$)");

    static SeriesLine parse(String line) {
        int end = metricEnd(line);
        return new SeriesLine(labels(line.substring(0, end)), values(line.substring(end)));
    }

    /// Where the metric ends: behind its braces, or its name.
    private static int metricEnd(String line) {
        int at = 0;
        while (at < line.length() && "{ \t".indexOf(line.charAt(at)) < 0) {
            at++;
        }
        if (at == line.length() || line.charAt(at) != '{') {
            return at;
        }
        char quote = 0;
        while (++at < line.length()) {
            char c = line.charAt(at);
            if (quote != 0) {
                if (c == '\\' && quote != '`') {
                    at++;
                } else if (c == quote) {
                    quote = 0;
                }
            } else if (c == '"' || c == '\'' || c == '`') {
                quote = c;
            } else if (c == '}') {
                return at + 1;
            }
        }
        throw new IllegalArgumentException("unexpected end of input inside braces");
    }

    static Labels labels(String metric) {
        var labels = new HashMap<String, String>();
        Parser.parseMetric(metric).forEach(matcher -> labels.put(matcher.name(), matcher.value()));
        return Labels.of(labels);
    }

    private static List<SequenceValue> values(String text) {
        var values = new ArrayList<SequenceValue>();
        String rest = text.strip();
        while (!rest.isEmpty()) {
            Matcher histogram = HISTOGRAM.matcher(rest);
            if (histogram.lookingAt()) {
                histograms(histogram, values);
                rest = rest.substring(histogram.end()).strip();
            } else {
                String[] split = rest.split("\\s+", 2);
                item(split[0], values);
                rest = split.length == 1 ? "" : split[1].strip();
            }
        }
        return values;
    }

    private static void item(String item, List<SequenceValue> values) {
        Matcher gap = GAP.matcher(item);
        if (gap.matches()) {
            int times = gap.group(1) == null ? 1 : Integer.parseInt(gap.group(1));
            for (int i = 0; i < times; i++) {
                values.add(SequenceValue.OMITTED);
            }
            return;
        }
        if (item.equals("stale")) {
            values.add(SequenceValue.of(StaleNan.VALUE));
            return;
        }
        Matcher number = ITEM.matcher(item);
        if (!number.matches()) {
            throw new IllegalArgumentException("bad value in series sequence: \"" + item + "\"");
        }
        double value = number(number.group(1));
        double step = number.group(2) == null ? 0 : number(number.group(2));
        int times = number.group(3) == null ? 0 : Integer.parseInt(number.group(3));
        for (int i = 0; i <= times; i++) {
            values.add(SequenceValue.of(value));
            value = number.group(2) == null ? value : value + step;
        }
    }

    private static double number(String text) {
        OptionalDouble value = GoNumber.parse(text);
        if (value.isPresent()) {
            return value.getAsDouble();
        }
        boolean negative = text.startsWith("-");
        OptionalLong millis = Durations.parseMillis(text.replaceFirst("^[+-]", ""));
        double seconds =
                millis.orElseThrow(() -> new IllegalArgumentException("no number: " + text))
                        / 1000.0;
        return negative ? -seconds : seconds;
    }

    private static void histograms(Matcher matcher, List<SequenceValue> values) {
        HistogramLiteral base = HistogramLiteral.parse(matcher.group(1));
        int times = matcher.group(4) == null ? 0 : Integer.parseInt(matcher.group(4));
        boolean hintSet = base.hintSet();
        NativeHistogram step = null;
        if (matcher.group(3) != null) {
            HistogramLiteral literal = HistogramLiteral.parse(matcher.group(3));
            step = literal.histogram();
            hintSet = literal.hintSet();
        }
        NativeHistogram current = base.histogram();
        for (int i = 0; i <= times; i++) {
            values.add(new SequenceValue(false, 0, current, hintSet));
            if (step != null) {
                boolean plus = "+".equals(matcher.group(2));
                current = (plus ? current.plus(step) : current.minus(step)).result();
            }
        }
    }
}
