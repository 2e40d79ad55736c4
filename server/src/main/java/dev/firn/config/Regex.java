package dev.firn.config;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/// Regular expressions of the file, which are in Go's syntax (RE2).
final class Regex {
    private Regex() {}

    /// Adds a mistake if `pattern` is none.
    static void check(Section section, String key, String pattern) {
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            section.problem(
                    key, "\"" + pattern + "\" is no regular expression: " + e.getDescription());
        }
    }
}
