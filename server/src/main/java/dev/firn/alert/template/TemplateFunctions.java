package dev.firn.alert.template;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.firn.query.promql.lang.Durations;
import dev.firn.query.promql.lang.GoNumber;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Functions of Go's templates and of Prometheus' (template/template.go).
final class TemplateFunctions {
    static final Set<String> NAMES =
            Set.of(
                    "and",
                    "or",
                    "not",
                    "eq",
                    "ne",
                    "lt",
                    "le",
                    "gt",
                    "ge",
                    "len",
                    "index",
                    "print",
                    "println",
                    "printf",
                    "html",
                    "urlquery",
                    "query",
                    "first",
                    "label",
                    "value",
                    "strvalue",
                    "args",
                    "reReplaceAll",
                    "safeHtml",
                    "match",
                    "title",
                    "toUpper",
                    "toLower",
                    "graphLink",
                    "tableLink",
                    "sortByLabel",
                    "stripPort",
                    "stripDomain",
                    "humanize",
                    "humanize1024",
                    "humanizeDuration",
                    "humanizePercentage",
                    "humanizeTimestamp",
                    "toTime",
                    "toDuration",
                    "now",
                    "pathPrefix",
                    "externalURL",
                    "parseDuration",
                    "urlQueryEscape");

    private static final Pattern GROUP = Pattern.compile("\\$(?:(\\$)|\\{(\\w+)\\}|(\\w+))");

    private final TemplateData data;

    TemplateFunctions(TemplateData data) {
        this.data = data;
    }

    static boolean isTrue(@Nullable Object value) {
        return switch (value) {
            case null -> false;
            case Boolean truth -> truth;
            case Number number -> number.doubleValue() != 0;
            case String text -> !text.isEmpty();
            case List<?> list -> !list.isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            default -> true;
        };
    }

    /// The arguments of one call.
    private record Given(String function, List<@Nullable Object> all) {
        Given count(int wanted) {
            if (all.size() != wanted) {
                throw new TemplateException(
                        "wrong number of args for %s: want %d got %d"
                                .formatted(function, wanted, all.size()));
            }
            return this;
        }

        String text(int i) {
            return of(i, String.class);
        }

        TemplateSample sample(int i) {
            return of(i, TemplateSample.class);
        }

        List<TemplateSample> vector(int i) {
            return of(i, List.class).stream()
                    .map(one -> {
                        if (one instanceof TemplateSample sample) {
                            return sample;
                        }
                        throw wrong(i);
                    })
                    .toList();
        }

        private TemplateException wrong(int i) {
            return new TemplateException(
                    "wrong type of argument "
                            + (i + 1)
                            + " of "
                            + function
                            + ": "
                            + GoFormat.print(all.get(i)));
        }

        private <T> T of(int i, Class<T> type) {
            Object value = all.get(i);
            if (!type.isInstance(value)) {
                throw wrong(i);
            }
            return type.cast(value);
        }

        double number(int i) {
            return switch (all.get(i)) {
                case Number number -> number.doubleValue();
                case Duration duration -> duration.toNanos() / 1e9;
                case String text ->
                        GoNumber.parse(text)
                                .orElseThrow(() ->
                                        new TemplateException(
                                                "parsing \"" + text + "\": invalid syntax"));
                case null -> throw wrong(i);
                default -> throw wrong(i);
            };
        }
    }

    @Nullable Object call(String name, List<@Nullable Object> arguments) {
        var given = new Given(name, arguments);
        return switch (name) {
            case "not" -> !isTrue(given.count(1).all.getFirst());
            case "eq" -> equal(given);
            case "ne" -> !same(given.count(2).all.get(0), given.all.get(1));
            case "lt" -> compare(given) < 0;
            case "le" -> compare(given) <= 0;
            case "gt" -> compare(given) > 0;
            case "ge" -> compare(given) >= 0;
            case "len" -> length(given);
            case "index" -> index(given);
            case "print" -> GoFormat.print(arguments);
            case "println" ->
                    arguments.stream().map(GoFormat::print).collect(Collectors.joining(" ")) + "\n";
            case "printf" -> GoFormat.format(given.text(0), arguments.subList(1, arguments.size()));
            case "html" -> html(GoFormat.print(arguments));
            case "urlquery" -> query(GoFormat.print(arguments));
            default -> prometheus(name, given);
        };
    }

    private @Nullable Object prometheus(String name, Given given) {
        return switch (name) {
            case "now" -> data.nowMillis() / 1000.0;
            case "externalURL" -> data.externalUrl();
            case "pathPrefix" ->
                    Objects.requireNonNullElse(URI.create(data.externalUrl()).getPath(), "");
            case "args" -> {
                var map = new LinkedHashMap<String, @Nullable Object>();
                given.all.forEach(one -> map.put("arg" + map.size(), one));
                yield map;
            }
            case "label" -> given.count(2).sample(1).labels().getOrDefault(given.text(0), "");
            case "sortByLabel" ->
                    given.count(2).vector(1).stream()
                            .sorted(
                                    Comparator.comparing(
                                            one -> one.labels().getOrDefault(given.text(0), "")))
                            .toList();
            case "match" -> regex(given.count(2).text(0)).matcher(given.text(1)).find();
            case "reReplaceAll" -> replaced(given.count(3));
            default -> ofOne(name, given.count(1));
        };
    }

    private Object ofOne(String name, Given given) {
        return switch (name) {
            case "query" -> data.query().apply(given.text(0));
            case "first" ->
                    given.vector(0).stream()
                            .findFirst()
                            .orElseThrow(() ->
                                    new TemplateException(
                                            "first() called on vector with no elements"));
            case "value" -> given.sample(0).value();
            case "strvalue" -> given.sample(0).labels().getOrDefault("__value__", "");
            case "safeHtml" -> given.text(0);
            case "title" -> title(given.text(0));
            case "toUpper" -> given.text(0).toUpperCase(Locale.ROOT);
            case "toLower" -> given.text(0).toLowerCase(Locale.ROOT);
            case "graphLink" -> "/graph?g0.expr=" + query(given.text(0)) + "&g0.tab=0";
            case "tableLink" -> "/graph?g0.expr=" + query(given.text(0)) + "&g0.tab=1";
            case "urlQueryEscape" -> query(given.text(0));
            case "stripPort" -> Hosts.withoutPort(given.text(0));
            case "stripDomain" -> Hosts.withoutDomain(given.text(0));
            case "humanize" -> Humanized.decimal(given.number(0));
            case "humanize1024" -> Humanized.binary(given.number(0));
            case "humanizeDuration" -> Humanized.duration(given.number(0));
            case "humanizePercentage" -> GoFormat.significant(given.number(0) * 100, 4) + "%";
            case "humanizeTimestamp" -> Humanized.timestamp(given.number(0));
            case "toTime" -> Humanized.time(given.number(0));
            case "toDuration" -> Duration.ofNanos((long) (given.number(0) * 1e9));
            case "parseDuration" -> parseDuration(given.text(0));
            default -> throw new TemplateException("function \"" + name + "\" not defined");
        };
    }

    private static double parseDuration(String text) {
        boolean negative = text.startsWith("-");
        long millis =
                Durations.parseMillis(negative ? text.substring(1) : text)
                        .orElseThrow(() ->
                                new TemplateException(
                                        "not a valid duration string: \"" + text + "\""));
        return (negative ? -millis : millis) / 1000.0;
    }

    private static boolean equal(Given given) {
        if (given.all.size() < 2) {
            throw new TemplateException("missing argument for comparison");
        }
        return given.all.stream().skip(1).anyMatch(one -> same(given.all.getFirst(), one));
    }

    private static boolean same(@Nullable Object one, @Nullable Object other) {
        if (one == null || other == null) {
            return one == other;
        }
        if (one.getClass() != other.getClass()) {
            throw new TemplateException("incompatible types for comparison");
        }
        return one instanceof Double a && other instanceof Double b
                ? a.doubleValue() == b.doubleValue()
                : one.equals(other);
    }

    private static int compare(Given given) {
        Object one = given.count(2).all.get(0);
        Object other = given.all.get(1);
        if (one instanceof String a && other instanceof String b) {
            return a.compareTo(b);
        }
        if (one instanceof Long a && other instanceof Long b) {
            return Long.compare(a, b);
        }
        if (one instanceof Double a && other instanceof Double b) {
            // like Go, false of NaN; a difference, so that no order is made up
            return a < b ? -1 : a > b ? 1 : a.doubleValue() == b ? 0 : notANumber(given.function);
        }
        throw new TemplateException("incompatible types for comparison");
    }

    private static int notANumber(String function) {
        return function.startsWith("l") ? 1 : -1;
    }

    private static long length(Given given) {
        return switch (given.count(1).all.getFirst()) {
            case String text -> text.getBytes(StandardCharsets.UTF_8).length;
            case List<?> list -> list.size();
            case Map<?, ?> map -> map.size();
            case null -> throw given.wrong(0);
            default -> throw given.wrong(0);
        };
    }

    private static @Nullable Object index(Given given) {
        Object value = given.all.isEmpty() ? null : given.all.getFirst();
        for (int i = 1; i < given.all.size(); i++) {
            Object key = given.all.get(i);
            if (value instanceof Map<?, ?> map) {
                value = map.containsKey(key) ? map.get(key) : "";
            } else if (value instanceof List<?> list && key instanceof Long at) {
                if (at < 0 || at >= list.size()) {
                    throw new TemplateException("index out of range: " + at);
                }
                value = list.get(at.intValue());
            } else {
                throw given.wrong(0);
            }
        }
        return value;
    }

    private static Pattern regex(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new TemplateException("error parsing regexp: " + e.getMessage());
        }
    }

    private static String replaced(Given given) {
        Pattern pattern = regex(given.text(0));
        String by = given.text(1);
        String text = given.text(2);
        var out = new StringBuilder();
        Matcher matcher = pattern.matcher(text);
        int at = 0;
        while (matcher.find()) {
            out.append(text, at, matcher.start()).append(expanded(by, matcher, pattern));
            at = matcher.end();
        }
        return out.append(text.substring(at)).toString();
    }

    /// `$1`, `${name}` and `$$`, as Go's Regexp.Expand has them.
    private static String expanded(String by, Matcher found, Pattern pattern) {
        var out = new StringBuilder();
        Matcher group = GROUP.matcher(by);
        int at = 0;
        while (group.find()) {
            out.append(by, at, group.start());
            at = group.end();
            String name = group.group(2) == null ? group.group(3) : group.group(2);
            if (name == null) {
                out.append('$');
            } else if (name.matches("[0-9]{1,4}")) {
                int number = Integer.parseInt(name);
                String value = number <= found.groupCount() ? found.group(number) : null;
                out.append(value == null ? "" : value);
            } else if (pattern.namedGroups().containsKey(name)) {
                String value = found.group(name);
                out.append(value == null ? "" : value);
            }
        }
        return out.append(by.substring(at)).toString();
    }

    private static String title(String text) {
        var out = new StringBuilder(text);
        boolean within = false;
        for (int i = 0; i < out.length(); i++) {
            char c = out.charAt(i);
            if (!within && Character.isLetter(c)) {
                out.setCharAt(i, Character.toTitleCase(c));
            }
            within = Character.isLetterOrDigit(c) || c == '\'' || c == '_' || (within && c == '.');
        }
        return out.toString();
    }

    private static String query(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    private static String html(String text) {
        var out = new ArrayList<String>();
        for (char c : text.toCharArray()) {
            out.add(
                    switch (c) {
                        case '"' -> "&#34;";
                        case '\'' -> "&#39;";
                        case '&' -> "&amp;";
                        case '<' -> "&lt;";
                        case '>' -> "&gt;";
                        case 0 -> "\uFFFD";
                        default -> Character.toString(c);
                    });
        }
        return String.join("", out);
    }
}
