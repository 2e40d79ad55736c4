package dev.firn.process.ottl;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.SignStyle;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.Map;

/// The strptime directives of Time() and FormatTime(), in English.
final class TimeFormat {
    private final String format;
    private final DateTimeFormatter parsing;
    private final DateTimeFormatter writing;
    private boolean hasYear;

    /// @throws IllegalArgumentException with a message for the user
    TimeFormat(String format) {
        this.format = format;
        parsing = build(true);
        writing = build(false);
    }

    /// Whether texts of this format say which year they mean.
    boolean hasYear() {
        return hasYear;
    }

    ZonedDateTime parse(String text, ZoneId zone) {
        try {
            return ZonedDateTime.from(parsing.withZone(zone).parse(text));
        } catch (DateTimeException e) {
            throw new EvaluationException(
                    "\"" + text + "\" is no time of the format \"" + format + "\"");
        }
    }

    String write(ZonedDateTime time) {
        try {
            return writing.format(time);
        } catch (DateTimeException e) {
            throw new EvaluationException("the time does not fit \"" + format + "\"");
        }
    }

    private DateTimeFormatter build(boolean forParsing) {
        var builder = new DateTimeFormatterBuilder().parseCaseInsensitive();
        add(builder, format, forParsing);
        if (forParsing) {
            for (var field :
                    new ChronoField[] {
                        ChronoField.MONTH_OF_YEAR,
                        ChronoField.DAY_OF_MONTH,
                        ChronoField.MINUTE_OF_HOUR,
                        ChronoField.SECOND_OF_MINUTE,
                        ChronoField.NANO_OF_SECOND
                    }) {
                builder.parseDefaulting(
                        field,
                        field == ChronoField.MONTH_OF_YEAR || field == ChronoField.DAY_OF_MONTH
                                ? 1
                                : 0);
            }
            if (!format.matches(".*%[HIlTXrRc].*")) {
                builder.parseDefaulting(ChronoField.HOUR_OF_DAY, 0);
            }
        }
        return builder.toFormatter(Locale.US);
    }

    private void add(DateTimeFormatterBuilder builder, String text, boolean forParsing) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean fraction =
                    (c == '.' || c == ',')
                            && i + 2 < text.length()
                            && text.charAt(i + 1) == '%'
                            && "Lfs".indexOf(text.charAt(i + 2)) >= 0;
            if (fraction) {
                int digits = forParsing ? 9 : 3 * (1 + "Lfs".indexOf(text.charAt(i + 2)));
                i += 2;
                if (c == ',') {
                    builder.appendLiteral(',');
                }
                builder.appendFraction(
                        ChronoField.NANO_OF_SECOND, c == ',' ? 1 : 0, digits, c == '.');
            } else if (c != '%') {
                builder.appendLiteral(c);
            } else if (++i == text.length()) {
                throw new IllegalArgumentException("the format ends within a directive");
            } else {
                directive(builder, text.charAt(i), forParsing);
            }
        }
    }

    private void directive(DateTimeFormatterBuilder builder, char name, boolean forParsing) {
        switch (name) {
            case 'Y' -> {
                hasYear = true;
                builder.appendValue(ChronoField.YEAR, 4);
            }
            case 'y' -> {
                hasYear = true;
                builder.appendValueReduced(ChronoField.YEAR, 2, 2, 1969);
            }
            case 'm' -> two(builder, ChronoField.MONTH_OF_YEAR, forParsing);
            case 'o' -> padded(builder, ChronoField.MONTH_OF_YEAR, forParsing);
            case 'q' -> free(builder, ChronoField.MONTH_OF_YEAR);
            case 'b', 'h' -> builder.appendText(ChronoField.MONTH_OF_YEAR, TextStyle.SHORT);
            case 'B' -> builder.appendText(ChronoField.MONTH_OF_YEAR, TextStyle.FULL);
            case 'd' -> two(builder, ChronoField.DAY_OF_MONTH, forParsing);
            case 'e' -> padded(builder, ChronoField.DAY_OF_MONTH, forParsing);
            case 'g' -> free(builder, ChronoField.DAY_OF_MONTH);
            case 'a' -> builder.appendText(ChronoField.DAY_OF_WEEK, TextStyle.SHORT);
            case 'A' -> builder.appendText(ChronoField.DAY_OF_WEEK, TextStyle.FULL);
            case 'H' -> two(builder, ChronoField.HOUR_OF_DAY, forParsing);
            case 'I' -> two(builder, ChronoField.CLOCK_HOUR_OF_AMPM, forParsing);
            case 'l' -> free(builder, ChronoField.CLOCK_HOUR_OF_AMPM);
            case 'p' -> builder.appendText(ChronoField.AMPM_OF_DAY, Map.of(0L, "AM", 1L, "PM"));
            case 'P' -> builder.appendText(ChronoField.AMPM_OF_DAY, Map.of(0L, "am", 1L, "pm"));
            case 'M' -> two(builder, ChronoField.MINUTE_OF_HOUR, forParsing);
            case 'S' -> two(builder, ChronoField.SECOND_OF_MINUTE, forParsing);
            case 'Z' -> builder.appendZoneText(TextStyle.SHORT);
            case 'z' -> builder.appendOffset("+HHMM", "Z");
            case 'w' -> builder.appendOffset("+HHMMSS", "+000000");
            case 'i' -> builder.appendOffset("+HH", "+00");
            case 'j' -> builder.appendOffset("+HH:MM", "+00:00");
            case 'k' -> builder.appendOffset("+HH:MM:SS", "+00:00:00");
            case 'D', 'x' -> add(builder, "%m/%d/%Y", forParsing);
            case 'F' -> add(builder, "%Y-%m-%d", forParsing);
            case 'T', 'X' -> add(builder, "%H:%M:%S", forParsing);
            case 'r' -> add(builder, "%I:%M:%S %P", forParsing);
            case 'R' -> add(builder, "%H:%M", forParsing);
            case 'c' -> add(builder, "%a %b %d %H:%M:%S %Y", forParsing);
            case 'n' -> builder.appendLiteral('\n');
            case 't' -> builder.appendLiteral('\t');
            case '%' -> builder.appendLiteral('%');
            case 'L', 'f', 's' ->
                    throw new IllegalArgumentException(
                            "\"%" + name + "\" must stand behind \".\" or \",\"");
            default ->
                    throw new IllegalArgumentException(
                            "the directive \"%" + name + "\" is unknown");
        }
    }

    private static void two(
            DateTimeFormatterBuilder builder, ChronoField field, boolean forParsing) {
        if (forParsing) {
            free(builder, field);
        } else {
            builder.appendValue(field, 2);
        }
    }

    private static void free(DateTimeFormatterBuilder builder, ChronoField field) {
        builder.appendValue(field, 1, 2, SignStyle.NOT_NEGATIVE);
    }

    private static void padded(
            DateTimeFormatterBuilder builder, ChronoField field, boolean forParsing) {
        if (forParsing) {
            builder.optionalStart().appendLiteral(' ').optionalEnd();
            free(builder, field);
            return;
        }
        builder.padNext(2).appendValue(field, 1, 2, SignStyle.NOT_NEGATIVE);
    }
}
