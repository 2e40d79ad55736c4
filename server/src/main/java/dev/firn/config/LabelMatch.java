package dev.firn.config;

import com.google.re2j.Pattern;
import dev.firn.base.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;

/// A condition on a label of an alert, as Alertmanager writes it: `severity="page"`,
/// `source!="cost"`, `rule=~"checkout.*"`, `environment!~"dev|test"`. Expressions are RE2 and match
/// the whole value; a label that is not there is empty.
///
/// Source: https://prometheus.io/docs/alerting/latest/configuration/#matcher
///
/// @param text as it was written, quoted
public record LabelMatch(
        String label, String value, boolean negated, Pattern pattern, String text) {
    private static final java.util.regex.Pattern FORM =
            java.util.regex.Pattern.compile(
                    "\\s*([a-zA-Z_][a-zA-Z0-9_]*)\\s*(=~|!~|!=|=)\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\"\\s]*))\\s*");

    /// @throws InputException that names what is wrong
    public static LabelMatch parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new InputException(
                    "\""
                            + text
                            + "\" is no matcher like severity=\"page\" or rule=~\"checkout.*\"");
        }
        String value =
                form.group(3) == null
                        ? form.group(4)
                        : form.group(3).replaceAll("\\\\([\"\\\\])", "$1");
        String operator = form.group(2);
        boolean regular = operator.endsWith("~");
        return new LabelMatch(
                form.group(1),
                value,
                operator.startsWith("!"),
                Regex.compile(regular ? value : Pattern.quote(value)),
                form.group(1)
                        + operator
                        + '"'
                        + value.replace("\\", "\\\\").replace("\"", "\\\"")
                        + '"');
    }

    static List<LabelMatch> read(Section section, String key) {
        var all = new ArrayList<LabelMatch>();
        for (String text : section.texts(key)) {
            try {
                all.add(parse(text));
            } catch (InputException e) {
                section.problem(key, String.valueOf(e.getMessage()));
            }
        }
        return List.copyOf(all);
    }

    /// Whether labels are as it says.
    public boolean fits(Map<String, String> labels) {
        return pattern.matches(labels.getOrDefault(label, "")) != negated;
    }

    /// Whether labels are as all of them say.
    public static boolean allFit(List<LabelMatch> matches, Map<String, String> labels) {
        return matches.stream().allMatch(one -> one.fits(labels));
    }
}
