package dev.firn.alert.template;

import dev.firn.query.promql.lang.GoNumber;
import dev.firn.query.promql.lang.Quoting;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Values as Go's fmt prints them.
final class GoFormat {
    private static final Pattern VERB =
            Pattern.compile("%([-+# 0]*)([0-9]{0,4})(?:\\.([0-9]{0,4}))?([a-zA-Z%])");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private GoFormat() {}

    /// As `%v`.
    static String print(@Nullable Object value) {
        return switch (value) {
            case null -> "<no value>";
            case String text -> text;
            case Double number -> GoNumber.general(number);
            case Instant time -> time(time);
            case Duration duration -> duration(duration);
            case List<?> list ->
                    list.stream().map(GoFormat::print).collect(Collectors.joining(" ", "[", "]"));
            case Map<?, ?> map -> {
                var sorted = new TreeMap<String, String>();
                map.forEach((key, one) -> sorted.put(String.valueOf(key), print(one)));
                yield sorted.entrySet().stream()
                        .map(one -> one.getKey() + ":" + one.getValue())
                        .collect(Collectors.joining(" ", "map[", "]"));
            }
            default -> value.toString();
        };
    }

    /// As Print: spaces between operands of which neither is a string.
    static String print(List<@Nullable Object> values) {
        var out = new StringBuilder();
        for (int i = 0; i < values.size(); i++) {
            if (i > 0
                    && !(values.get(i) instanceof String)
                    && !(values.get(i - 1) instanceof String)) {
                out.append(' ');
            }
            out.append(print(values.get(i)));
        }
        return out.toString();
    }

    static String time(Instant time) {
        int nanos = time.getNano();
        String fraction = nanos == 0 ? "" : ("." + "%09d".formatted(nanos)).replaceAll("0+$", "");
        return TIME.format(time) + fraction + " +0000 UTC";
    }

    /// `1h2m3.5s`, `1.5ms`.
    private static String duration(Duration duration) {
        long nanos = duration.toNanos();
        String sign = nanos < 0 ? "-" : "";
        long rest = Math.abs(nanos);
        if (rest == 0) {
            return "0s";
        }
        if (rest < 1_000) {
            return sign + rest + "ns";
        }
        if (rest < 1_000_000) {
            return sign + GoNumber.plain(rest / 1e3) + "µs";
        }
        if (rest < 1_000_000_000) {
            return sign + GoNumber.plain(rest / 1e6) + "ms";
        }
        long minutes = rest / 60_000_000_000L;
        String seconds =
                BigDecimal.valueOf(rest % 60_000_000_000L, 9).stripTrailingZeros().toPlainString()
                        + "s";
        if (minutes == 0) {
            return sign + seconds;
        }
        return sign + (minutes >= 60 ? minutes / 60 + "h" : "") + minutes % 60 + "m" + seconds;
    }

    /// As `%.Ng`.
    static String significant(double value, int digits) {
        if (!Double.isFinite(value) || value == 0) {
            return GoNumber.plain(value);
        }
        int precision = Math.max(1, digits);
        var rounded =
                new BigDecimal(value)
                        .round(new MathContext(precision, RoundingMode.HALF_EVEN))
                        .stripTrailingZeros();
        int exponent = rounded.precision() - rounded.scale() - 1;
        return exponent < -4 || exponent >= precision
                ? exponential(rounded, rounded.precision() - 1)
                : rounded.toPlainString();
    }

    private static String exponential(BigDecimal value, int decimals) {
        if (value.signum() == 0) {
            return new BigDecimal(0).setScale(decimals).toPlainString() + "e+00";
        }
        var rounded = value.round(new MathContext(decimals + 1, RoundingMode.HALF_EVEN));
        int exponent = rounded.precision() - rounded.scale() - 1;
        var mantissa = rounded.movePointLeft(exponent).setScale(decimals, RoundingMode.UNNECESSARY);
        return mantissa.toPlainString()
                + "%s%02d".formatted(exponent < 0 ? "e-" : "e+", Math.abs(exponent));
    }

    /// As Sprintf.
    static String format(String format, List<@Nullable Object> arguments) {
        var out = new StringBuilder();
        Matcher verb = VERB.matcher(format);
        int at = 0;
        int next = 0;
        while (verb.find(at)) {
            out.append(format, at, verb.start());
            at = verb.end();
            char letter = verb.group(4).charAt(0);
            if (letter == '%') {
                out.append('%');
            } else if (next >= arguments.size()) {
                out.append("%!").append(letter).append("(MISSING)");
            } else {
                out.append(one(verb, letter, arguments.get(next++)));
            }
        }
        out.append(format.substring(at));
        if (next < arguments.size()) {
            out.append(
                    arguments.subList(next, arguments.size()).stream()
                            .map(one -> type(one) + "=" + print(one))
                            .collect(Collectors.joining(", ", "%!(EXTRA ", ")")));
        }
        return out.toString();
    }

    private static String type(@Nullable Object value) {
        return switch (value) {
            case null -> "<nil>";
            case String _ -> "string";
            case Double _ -> "float64";
            case Long _ -> "int";
            case Boolean _ -> "bool";
            default -> "value";
        };
    }

    private static String one(Matcher verb, char letter, @Nullable Object value) {
        String flags = verb.group(1);
        int width = verb.group(2).isEmpty() ? 0 : Integer.parseInt(verb.group(2));
        String after = verb.group(3);
        int precision = after == null ? -1 : after.isEmpty() ? 0 : Integer.parseInt(after);
        String text = body(letter, value, precision);
        if (text == null) {
            return "%!" + letter + "(" + type(value) + "=" + print(value) + ")";
        }
        boolean number = value instanceof Number && letter != 's' && letter != 'q';
        if (number && flags.contains("+") && !text.startsWith("-") && !text.startsWith("+")) {
            text = "+" + text;
        } else if (number && flags.contains(" ") && !text.startsWith("-")) {
            text = " " + text;
        }
        int missing = width - text.codePointCount(0, text.length());
        if (missing <= 0) {
            return text;
        }
        if (flags.contains("-")) {
            return text + " ".repeat(missing);
        }
        if (number && flags.contains("0") && Character.isDigit(text.charAt(text.length() - 1))) {
            int sign = "+- ".indexOf(text.charAt(0)) >= 0 ? 1 : 0;
            return text.substring(0, sign) + "0".repeat(missing) + text.substring(sign);
        }
        return " ".repeat(missing) + text;
    }

    /// Null where a value has no such form.
    private static @Nullable String body(char letter, @Nullable Object value, int precision) {
        return switch (letter) {
            case 'v' ->
                    value instanceof Double number && precision >= 0
                            ? significant(number, precision)
                            : print(value);
            case 's' -> value instanceof Number ? null : cut(print(value), precision);
            case 'q' -> value instanceof String text ? Quoting.quote(cut(text, precision)) : null;
            case 'd' -> value instanceof Long number ? number.toString() : null;
            case 'x', 'X' -> hex(value, letter);
            case 't' -> value instanceof Boolean truth ? truth.toString() : null;
            case 'T' -> type(value);
            case 'f', 'F', 'e', 'E', 'g', 'G' ->
                    value instanceof Double number ? real(letter, number, precision) : null;
            default -> null;
        };
    }

    private static String cut(String text, int precision) {
        return precision < 0 || text.codePointCount(0, text.length()) <= precision
                ? text
                : text.substring(0, text.offsetByCodePoints(0, precision));
    }

    private static @Nullable String hex(@Nullable Object value, char letter) {
        String hex =
                switch (value) {
                    case Long number ->
                            (number < 0 ? "-" : "") + Long.toHexString(Math.abs(number));
                    case String text ->
                            HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
                    case null -> null;
                    default -> null;
                };
        return hex == null || letter == 'x' ? hex : hex.toUpperCase(Locale.ROOT);
    }

    private static String real(char letter, double value, int precision) {
        if (!Double.isFinite(value)) {
            return GoNumber.plain(value);
        }
        String text =
                switch (letter) {
                    case 'f', 'F' ->
                            new BigDecimal(value)
                                    .setScale(precision < 0 ? 6 : precision, RoundingMode.HALF_EVEN)
                                    .toPlainString();
                    case 'e', 'E' ->
                            exponential(new BigDecimal(value), precision < 0 ? 6 : precision);
                    default ->
                            precision < 0 ? GoNumber.general(value) : significant(value, precision);
                };
        return letter == 'E' || letter == 'G' ? text.toUpperCase(Locale.ROOT) : text;
    }
}
