package dev.firn.config;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.firn.base.InputException;

/// Regular expressions of the file, which are in Go's syntax (RE2).
final class Regex {
    private Regex() {}

    /// Adds a mistake if `pattern` is none.
    static void check(Section section, String key, String pattern) {
        try {
            compile(pattern);
        } catch (InputException e) {
            section.problem(key, String.valueOf(e.getMessage()));
        }
    }

    static Pattern compile(String pattern) {
        try {
            return Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw new InputException(
                    "\"" + pattern + "\" is no regular expression: " + e.getDescription());
        }
    }
}
