package dev.firn.config;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The Collector's `${env:NAME}`, `${NAME}`, `${env:NAME:-default}` and `$$`. The older
/// `${env:NAME:default}` works too, with a warning.
final class Expansion {
    private static final Pattern REFERENCE =
            Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)(?:(:-?)(.*))?", Pattern.DOTALL);

    private final Function<String, @Nullable String> environment;
    private final List<String> problems;
    private final List<String> warnings;
    private final boolean literal;

    Expansion(
            Function<String, @Nullable String> environment,
            List<String> problems,
            List<String> warnings) {
        this(false, environment, problems, warnings);
    }

    private Expansion(
            boolean literal,
            Function<String, @Nullable String> environment,
            List<String> problems,
            List<String> warnings) {
        this.literal = literal;
        this.environment = environment;
        this.problems = problems;
        this.warnings = warnings;
    }

    /// Leaves all text as it is written: for documents that are not the Collector's.
    static Expansion none() {
        return new Expansion(true, name -> null, new ArrayList<>(), new ArrayList<>());
    }

    /// Whether nothing is expanded.
    boolean literal() {
        return literal;
    }

    /// True if the text is nothing but one reference.
    static boolean isOneReference(String text) {
        return text.startsWith("${") && end(text, 0) == text.length() - 1;
    }

    /// @param place `file:line`
    /// @param path of the key
    String expand(String place, String path, String text) {
        if (literal || text.indexOf('$') < 0) {
            return text;
        }
        var out = new StringBuilder(text.length());
        int at = 0;
        while (at < text.length()) {
            if (text.startsWith("$$", at)) {
                out.append('$');
                at += 2;
            } else if (text.startsWith("${", at)) {
                int end = end(text, at);
                if (end < 0) {
                    problems.add(
                            place
                                    + ": "
                                    + path
                                    + ": \""
                                    + text
                                    + "\": the \"${\" is never closed; write $$ for a $");
                    return "";
                }
                String inner = expand(place, path, text.substring(at + 2, end));
                out.append(value(place, path, text, inner));
                at = end + 1;
            } else {
                out.append(text.charAt(at));
                at++;
            }
        }
        return out.toString();
    }

    /// The brace that closes the one at `start`, or -1.
    private static int end(String text, int start) {
        int open = 0;
        for (int at = start; at < text.length(); at++) {
            if (text.startsWith("${", at)) {
                open++;
            } else if (text.charAt(at) == '}' && --open == 0) {
                return at;
            }
        }
        return -1;
    }

    private String value(String place, String path, String text, String reference) {
        boolean named = reference.startsWith("env:");
        Matcher matcher = REFERENCE.matcher(named ? reference.substring(4) : reference);
        if (!matcher.matches() || (!named && ":".equals(matcher.group(2)))) {
            problems.add(
                    place
                            + ": "
                            + path
                            + ": \"${"
                            + reference
                            + "}\": write ${env:NAME} or ${env:NAME:-default}");
            return "";
        }
        String name = matcher.group(1);
        String otherwise = matcher.group(3);
        if (":".equals(matcher.group(2))) {
            String right =
                    text.replace("${" + reference + "}", "${env:" + name + ":-" + otherwise + "}");
            warnings.add(
                    place
                            + ": "
                            + path
                            + ": a Collector refuses ${env:NAME:default}; write "
                            + line(path, right));
        }
        String value = environment.apply(name);
        if (value != null && !value.isEmpty()) {
            return value;
        }
        if (otherwise == null) {
            warnings.add(
                    place
                            + ": "
                            + path
                            + ": the environment variable "
                            + name
                            + " is not set, so that it is empty here; set it, or write "
                            + line(
                                    path,
                                    text.replace(
                                            "${" + reference + "}", "${env:" + name + ":-...}")));
            return "";
        }
        return otherwise;
    }

    /// The line of the file with `text` as its value.
    private static String line(String path, String text) {
        if (path.endsWith("]")) {
            return "- " + text;
        }
        return path.substring(path.lastIndexOf('.') + 1) + ": " + text;
    }
}
