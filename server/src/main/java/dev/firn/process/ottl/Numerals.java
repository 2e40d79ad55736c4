package dev.firn.process.ottl;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Texts that are numbers, as Go's strconv reads them.
public final class Numerals {
    private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]+");
    private static final Pattern REAL =
            Pattern.compile("[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?");
    private static final Pattern INFINITE = Pattern.compile("(?i)([-+]?)inf(inity)?");

    private Numerals() {}

    /// Base ten, no spaces; null if it is none or does not fit.
    public static @Nullable Long parseInt(String text) {
        if (!INTEGER.matcher(text).matches()) {
            return null;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /// Decimal, or an infinity, or nan; null if it is none or too large.
    public static @Nullable Double parseReal(String text) {
        if (REAL.matcher(text).matches()) {
            double parsed = Double.parseDouble(text);
            return Double.isInfinite(parsed) ? null : parsed;
        }
        var infinite = INFINITE.matcher(text);
        if (infinite.matches()) {
            return "-".equals(infinite.group(1))
                    ? Double.NEGATIVE_INFINITY
                    : Double.POSITIVE_INFINITY;
        }
        return text.equalsIgnoreCase("nan") ? Double.NaN : null;
    }
}
