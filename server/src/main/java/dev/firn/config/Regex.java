package dev.firn.config;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Regular expressions of the file, which are in Go's syntax (RE2).
final class Regex {
    private static final Pattern NAMED = Pattern.compile("\\(\\?P<([A-Za-z0-9_]+)>");

    private Regex() {}

    /// Adds a mistake if `pattern` is none.
    static void check(Section section, String key, String pattern) {
        try {
            Pattern.compile(
                    NAMED.matcher(pattern)
                            .replaceAll(found -> "(?<g" + found.group(1).replace("_", "") + ">"));
        } catch (PatternSyntaxException e) {
            section.problem(
                    key, "\"" + pattern + "\" is no regular expression: " + e.getDescription());
        }
    }
}
