package dev.firn.ops;

import dev.firn.base.InputException;
import dev.firn.engine.DayRange;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/// UTC dates of commands as days since 1970.
public final class DayText {
    private DayText() {}

    /// The days from one date to the day before another; null leaves that end open.
    ///
    /// @throws InputException if one is no date, or they are in the wrong order
    public static DayRange range(@Nullable String from, @Nullable String to) {
        return new DayRange(
                from == null ? DayRange.ALL.from() : day("--from", from),
                to == null ? DayRange.ALL.to() : day("--to", to));
    }

    private static long day(String option, String text) {
        try {
            return LocalDate.parse(text).toEpochDay();
        } catch (DateTimeParseException e) {
            throw new InputException(
                    option + ": \"" + text + "\" is no UTC date such as 2026-11-26");
        }
    }
}
