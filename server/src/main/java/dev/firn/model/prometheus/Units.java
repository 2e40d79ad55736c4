package dev.firn.model.prometheus;

import java.util.Map;
import java.util.regex.Pattern;

/// UCUM units as words: the specification's table (prometheus_and_openmetrics.md, "Metric
/// Metadata"), and `KBy`, which senders write for `kBy`.
///
/// @param main `bytes` of `By/s`; empty if there is none
/// @param per `per_second` of `By/s`; empty if there is none
public record Units(String main, String per) {
    private static final Pattern OTHERS = Pattern.compile("[^a-zA-Z0-9:]+");

    private static final Map<String, String> WORDS =
            Map.ofEntries(
                    Map.entry("d", "days"),
                    Map.entry("h", "hours"),
                    Map.entry("min", "minutes"),
                    Map.entry("s", "seconds"),
                    Map.entry("ms", "milliseconds"),
                    Map.entry("us", "microseconds"),
                    Map.entry("ns", "nanoseconds"),
                    Map.entry("By", "bytes"),
                    Map.entry("KiBy", "kibibytes"),
                    Map.entry("MiBy", "mebibytes"),
                    Map.entry("GiBy", "gibibytes"),
                    Map.entry("TiBy", "tebibytes"),
                    Map.entry("kBy", "kilobytes"),
                    Map.entry("KBy", "kilobytes"),
                    Map.entry("MBy", "megabytes"),
                    Map.entry("GBy", "gigabytes"),
                    Map.entry("TBy", "terabytes"),
                    Map.entry("m", "meters"),
                    Map.entry("V", "volts"),
                    Map.entry("A", "amperes"),
                    Map.entry("J", "joules"),
                    Map.entry("W", "watts"),
                    Map.entry("g", "grams"),
                    Map.entry("Cel", "celsius"),
                    Map.entry("Hz", "hertz"),
                    Map.entry("1", ""),
                    Map.entry("%", "percent"));

    /// After a stroke, units are singular.
    private static final Map<String, String> PER_WORDS =
            Map.of(
                    "s", "second",
                    "m", "minute",
                    "h", "hour",
                    "d", "day",
                    "w", "week",
                    "mo", "month",
                    "y", "year");

    /// Parts in braces are dropped.
    public static Units of(String unit) {
        int stroke = unit.indexOf('/');
        String main = part(stroke < 0 ? unit : unit.substring(0, stroke));
        String per = stroke < 0 ? "" : part(unit.substring(stroke + 1));
        return new Units(
                WORDS.getOrDefault(main, main),
                per.isEmpty() ? "" : "per_" + PER_WORDS.getOrDefault(per, per));
    }

    private static String part(String text) {
        String bare = text.strip();
        return bare.indexOf('{') >= 0 || bare.indexOf('}') >= 0 ? "" : bare;
    }

    /// The same in letters, digits, colons and single underscores.
    public Units clean() {
        return new Units(clean(main), clean(per));
    }

    private static String clean(String word) {
        String text = OTHERS.matcher(word).replaceAll("_");
        text = text.startsWith("_") ? text.substring(1) : text;
        text = text.endsWith("_") ? text.substring(0, text.length() - 1) : text;
        return text.equals("per") ? "" : text;
    }

    /// Both parts: `bytes_per_second`.
    public String joined() {
        return main.isEmpty() || per.isEmpty() ? main + per : main + "_" + per;
    }
}
