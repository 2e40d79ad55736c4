package dev.firn.model.prometheus;

import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Names of metrics and labels, from OTLP's by the configured translation and then by the scraper's
/// escaping. The rules about words that a name has already are those of the Collector and of
/// Prometheus' own OTLP receiver, so that a metric has one name wherever it comes in.
///
/// @param suffixes units and types are added
/// @param utf8 special characters stay
public record Names(String namespace, boolean suffixes, boolean utf8, Escaping escaping) {
    private static final Pattern NO_LETTERS_DIGITS = Pattern.compile("[^a-zA-Z0-9]+");
    private static final Pattern BETWEEN_WORDS = Pattern.compile("[^a-zA-Z0-9:]+");
    private static final Pattern BETWEEN_SPACED_WORDS = Pattern.compile("[^a-zA-Z0-9:_]+");
    private static final Pattern UNDERSCORES = Pattern.compile("_+");

    /// The same with another escaping.
    public Names with(Escaping other) {
        return new Names(namespace, suffixes, utf8, other);
    }

    /// Name of the metric's family, with its unit and `_total`; null if nothing of it is left.
    public @Nullable String metric(Metric metric) {
        if (metric.name().isEmpty()) {
            return null;
        }
        String name =
                utf8 ? kept(metric) : suffixes ? translated(metric) : underscored(metric.name());
        boolean empty =
                name.isEmpty()
                        || (UNDERSCORES.matcher(name).matches() && !name.equals(metric.name()));
        return empty ? null : escaping.escape(printable(name));
    }

    /// Name of a family that Firn makes, in the configured namespace.
    public String own(String name) {
        String space = utf8 ? namespace : String.join("_", words(namespace, true));
        return escaping.escape(space.isEmpty() ? name : space + "_" + name);
    }

    /// Unit as metadata; empty if none is known. It is one only where the name ends with it.
    public String unit(Metric metric, String family) {
        if (!suffixes) {
            return "";
        }
        String unit = Units.of(metric.unit()).clean().joined();
        String stem = stem(family);
        return !unit.isEmpty() && stem.endsWith("_" + unit) ? unit : "";
    }

    /// A family's name without `_total`.
    public static String stem(String family) {
        return family.endsWith("_total") && family.length() > 6
                ? family.substring(0, family.length() - 6)
                : family;
    }

    private static boolean counter(Metric metric) {
        return metric.type() == MetricType.SUM && metric.monotonic();
    }

    private static boolean ratio(Metric metric) {
        return metric.type() == MetricType.GAUGE && metric.unit().equals("1");
    }

    private String translated(Metric metric) {
        List<String> words = words(metric.name(), false);
        Units unit = Units.of(metric.unit()).clean();
        if (!unit.main().isEmpty() && !words.contains(unit.main())) {
            words.add(unit.main());
        }
        if (!unit.per().isEmpty() && !words.contains(unit.per())) {
            words.add(unit.per());
        }
        if (counter(metric)) {
            words.removeIf("total"::equals);
            words.add("total");
        }
        if (ratio(metric)) {
            words.removeIf("ratio"::equals);
            words.add("ratio");
        }
        return undigited(String.join("_", spaced(words)));
    }

    private String underscored(String name) {
        return undigited(String.join("_", spaced(new ArrayList<>(words(name, true)))));
    }

    private List<String> spaced(List<String> words) {
        if (!namespace.isEmpty()) {
            words.addAll(0, words(namespace, true));
        }
        return words;
    }

    /// The runs of characters that may stand in a name.
    private static List<String> words(String text, boolean keepUnderscores) {
        var words = new ArrayList<String>();
        Pattern others = keepUnderscores ? BETWEEN_SPACED_WORDS : BETWEEN_WORDS;
        for (String word : others.split(text)) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }

    private static String undigited(String name) {
        return !name.isEmpty() && Character.isDigit(name.charAt(0)) ? "_" + name : name;
    }

    private String kept(Metric metric) {
        String name = namespace.isEmpty() ? metric.name() : namespace + "_" + metric.name();
        if (!suffixes) {
            return name;
        }
        Units unit = Units.of(metric.unit());
        String after = counter(metric) ? "_total" : ratio(metric) ? "_ratio" : "";
        if (!after.isEmpty()) {
            name = without(name, after.substring(1));
        }
        if (!unit.per().isEmpty()) {
            name = without(name, unit.per());
            after = "_" + unit.per() + after;
        }
        if (!unit.main().isEmpty() && !name.endsWith(unit.main())) {
            name = name + "_" + unit.main();
        }
        return name + after;
    }

    private static String without(String name, String word) {
        return name.endsWith(word) && name.length() > word.length() + 1
                ? name.substring(0, name.length() - word.length() - 1)
                : name;
    }

    /// Name of a label. `_` stands for every run of other characters than letters and digits; a
    /// digit or `_` at the start gets `key` before it, as Prometheus' own OTLP receiver and the
    /// Collector have it, so that no label begins with the `__` that Prometheus reserves.
    public String label(String key) {
        String name = utf8 ? key : translatedLabel(key);
        if (name.isEmpty()) {
            return "_";
        }
        return name.equals("__name__") ? "_name_" : escaping.escape(printable(name));
    }

    private static String translatedLabel(String key) {
        String name = NO_LETTERS_DIGITS.matcher(key).replaceAll("_");
        if (name.isEmpty()) {
            return name;
        }
        char first = name.charAt(0);
        return Character.isDigit(first) ? "key_" + name : first == '_' ? "key" + name : name;
    }

    /// Prometheus' lexer ends at a NUL outside of values.
    private static String printable(String name) {
        return name.replace('\u0000', '\ufffd');
    }
}
