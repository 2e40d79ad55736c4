package dev.firn;

import dev.firn.base.InputException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;

/// Parameters of what is asked of the API.
final class Parameters {
    private static final int CHARS_MAX = 1_000;

    private Parameters() {}

    static String required(Map<String, String> parameters, String name) {
        String value = parameters.getOrDefault(name, "");
        if (value.isBlank() || value.length() > CHARS_MAX) {
            throw new InputException(
                    name + " is missing, or longer than " + CHARS_MAX + " characters");
        }
        return value;
    }

    static String optional(Map<String, String> parameters, String name) {
        String value = parameters.getOrDefault(name, "");
        if (value.length() > CHARS_MAX) {
            throw new InputException(name + " is longer than " + CHARS_MAX + " characters");
        }
        return value;
    }

    /// A required time, as ms since 1970.
    static long millis(Map<String, String> parameters, String name) {
        try {
            return Instant.parse(required(parameters, name)).toEpochMilli();
        } catch (DateTimeParseException e) {
            throw new InputException(name + " is no time like 2026-11-01T12:00:00Z");
        }
    }
}
