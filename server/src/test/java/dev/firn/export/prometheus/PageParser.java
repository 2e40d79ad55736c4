package dev.firn.export.prometheus;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// A strict reader of both text formats: their grammars, families in one piece, no series twice,
/// buckets that rise. What it does not expect is an error.
final class PageParser {
    /// Values by `name{label="value",…}`, labels sorted.
    final Map<String, Double> samples = new LinkedHashMap<>();

    /// Types by family.
    final Map<String, String> types = new LinkedHashMap<>();

    private final boolean openMetrics;
    private final Set<String> described = new HashSet<>();
    private String family = "";
    private String line = "";
    private int at;
    private String bucketSeries = "";
    private double bucketBound;
    private double bucketCount;

    private PageParser(boolean openMetrics) {
        this.openMetrics = openMetrics;
    }

    static PageParser parse(String page, boolean openMetrics) {
        var parser = new PageParser(openMetrics);
        check(page.isEmpty() || page.endsWith("\n"), "the last line has no end");
        List<String> lines = new ArrayList<>(List.of(page.split("\n", -1)));
        lines.removeLast();
        if (openMetrics) {
            check(!lines.isEmpty() && lines.removeLast().equals("# EOF"), "no # EOF");
        }
        for (String line : lines) {
            try {
                parser.line(line);
            } catch (AssertionError | IndexOutOfBoundsException e) {
                throw new AssertionError(e.getMessage() + " in line: " + line, e);
            }
        }
        return parser;
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    private void line(String text) {
        line = text;
        at = 0;
        if (text.startsWith("# ")) {
            comment();
        } else {
            sample();
        }
    }

    private void comment() {
        at = 2;
        String kind = word();
        String name = peek() == '"' ? quoted() : rest();
        if (at < line.length()) {
            expect(' ');
        }
        String rest = line.substring(at);
        check(described.add(kind + " " + name), "comment twice");
        if (!name.equals(family)) {
            check(!types.containsKey(name), "family in two pieces");
            family = name;
        }
        switch (kind) {
            case "HELP" -> check(!rest.replaceAll("\\\\[\\\\n\"]", "").contains("\\"), "escape");
            case "UNIT" ->
                    check(
                            openMetrics && !rest.isEmpty() && name.endsWith("_" + rest),
                            "unit is not the name's");
            case "TYPE" -> {
                check(
                        (openMetrics
                                        ? List.of(
                                                "counter",
                                                "gauge",
                                                "histogram",
                                                "summary",
                                                "unknown",
                                                "info")
                                        : List.of(
                                                "counter",
                                                "gauge",
                                                "histogram",
                                                "summary",
                                                "untyped"))
                                .contains(rest),
                        "type");
                check(types.put(name, rest) == null, "type twice");
            }
            default -> throw new AssertionError("comment");
        }
    }

    private void sample() {
        var labels = new TreeMap<String, String>();
        String name = "";
        if (peek() != '{') {
            name = name();
        }
        if (peek() == '{') {
            at++;
            boolean first = true;
            while (peek() != '}') {
                if (!first) {
                    expect(',');
                }
                first = false;
                String key = peek() == '"' ? quoted() : name();
                if (peek() == '=') {
                    at++;
                    String value = quoted();
                    check(!value.isEmpty(), "empty label");
                    check(!key.equals("__name__") && labels.put(key, value) == null, "label twice");
                } else {
                    check(name.isEmpty(), "two names");
                    name = key;
                }
            }
            at++;
        }
        check(!name.isEmpty(), "no name");
        expect(' ');
        double value = number(rest());
        belongs(name);
        check(samples.put(key(name, labels), value) == null, "series twice");
        if (at < line.length() && line.charAt(at + 1) != '#') {
            expect(' ');
            String time = rest();
            check(time.matches(openMetrics ? "[0-9]+\\.[0-9]{3}" : "-?[0-9]+"), "time");
        }
        if (at < line.length()) {
            exemplar(name);
        }
        buckets(name, labels, value);
    }

    private void exemplar(String name) {
        check(openMetrics, "exemplar");
        check(name.endsWith("_total") || name.endsWith("_bucket"), "exemplar here");
        check(line.startsWith(" # {", at), "exemplar");
        at += 4;
        int characters = 0;
        var keys = new HashSet<String>();
        while (peek() != '}') {
            if (!keys.isEmpty()) {
                expect(',');
            }
            String key = name();
            expect('=');
            String value = quoted();
            check(keys.add(key), "exemplar label twice");
            characters += key.codePointCount(0, key.length());
            characters += value.codePointCount(0, value.length());
        }
        at++;
        check(characters <= 128, "exemplar too long");
        expect(' ');
        number(rest());
        if (at < line.length()) {
            expect(' ');
            check(rest().matches("[0-9]+\\.[0-9]{3}"), "exemplar time");
        }
        check(at == line.length(), "more after the exemplar");
    }

    private void belongs(String name) {
        String type = types.getOrDefault(family, "none");
        List<String> suffixes =
                switch (type) {
                    case "counter" -> openMetrics ? List.of("_total", "_created") : List.of("");
                    case "gauge", "unknown", "untyped" -> List.of("");
                    case "info" -> List.of("_info");
                    case "histogram" -> List.of("_bucket", "_sum", "_count", "_created");
                    case "summary" -> List.of("", "_sum", "_count", "_created");
                    default -> List.of();
                };
        check(
                suffixes.stream().anyMatch(suffix -> name.equals(family + suffix)),
                "sample of another family than " + family);
        check(openMetrics || type.equals("gauge") || !name.equals(family + "_created"), "created");
    }

    private void buckets(String name, Map<String, String> labels, double value) {
        if (!types.getOrDefault(family, "").equals("histogram")) {
            return;
        }
        var others = new TreeMap<>(labels);
        String bound = others.remove("le");
        check((bound != null) == name.endsWith("_bucket"), "le");
        String series = family + others;
        if (bound != null) {
            double le = number(bound);
            if (series.equals(bucketSeries)) {
                check(le > bucketBound && value >= bucketCount, "buckets do not rise");
            }
            bucketSeries = series;
            bucketBound = le;
            bucketCount = value;
        } else if (name.endsWith("_count")) {
            check(series.equals(bucketSeries), "count without buckets");
            check(bucketBound == Double.POSITIVE_INFINITY && bucketCount == value, "+Inf bucket");
        }
    }

    static String key(String name, Map<String, String> labels) {
        return name + new TreeMap<>(labels);
    }

    private static double number(String text) {
        return switch (text) {
            case "NaN" -> Double.NaN;
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> {
                check(text.matches("-?[0-9]+(\\.[0-9]+)?(e[+-]?[0-9]+)?"), "number " + text);
                yield Double.parseDouble(text);
            }
        };
    }

    private char peek() {
        return line.charAt(at);
    }

    private void expect(char c) {
        check(peek() == c, "expected " + c + " at " + at);
        at++;
    }

    private String word() {
        String word = rest();
        expect(' ');
        return word;
    }

    private String rest() {
        int from = at;
        while (at < line.length() && line.charAt(at) != ' ') {
            at++;
        }
        return line.substring(from, at);
    }

    private String name() {
        int from = at;
        while (at < line.length() && String.valueOf(line.charAt(at)).matches("[a-zA-Z0-9_:]")) {
            at++;
        }
        String name = line.substring(from, at);
        check(name.matches("[a-zA-Z_:][a-zA-Z0-9_:]*"), "name " + name);
        return name;
    }

    private String quoted() {
        expect('"');
        var text = new StringBuilder();
        while (peek() != '"') {
            char c = line.charAt(at++);
            if (c == '\\') {
                char escaped = line.charAt(at++);
                check("\\n\"".indexOf(escaped) >= 0, "escape");
                text.append(escaped == 'n' ? '\n' : escaped);
            } else {
                text.append(c);
            }
        }
        at++;
        return text.toString();
    }
}
