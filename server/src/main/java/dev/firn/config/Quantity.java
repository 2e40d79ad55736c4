package dev.firn.config;

import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Sizes and durations as people write them.
public final class Quantity {
    private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([A-Za-z]*)");
    private static final Pattern DURATION_PART =
            Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|µs|ms|s|m|h|d)");
    private static final Map<String, Long> SIZE_UNITS =
            Map.ofEntries(
                    Map.entry("", 1L),
                    Map.entry("B", 1L),
                    Map.entry("kB", 1_000L),
                    Map.entry("MB", 1_000_000L),
                    Map.entry("GB", 1_000_000_000L),
                    Map.entry("TB", 1_000_000_000_000L),
                    Map.entry("KiB", 1L << 10),
                    Map.entry("MiB", 1L << 20),
                    Map.entry("GiB", 1L << 30),
                    Map.entry("TiB", 1L << 40));
    private static final Map<String, Long> TIME_UNITS =
            Map.of(
                    "ns", 1L,
                    "us", 1_000L,
                    "µs", 1_000L,
                    "ms", 1_000_000L,
                    "s", 1_000_000_000L,
                    "m", 60_000_000_000L,
                    "h", 3_600_000_000_000L,
                    "d", 86_400_000_000_000L);

    private Quantity() {}

    /// `64MiB`, `1.5GB`, `1000`.
    public static long bytes(String text) {
        Matcher matcher = SIZE.matcher(text);
        Long unit = matcher.matches() ? SIZE_UNITS.get(matcher.group(2)) : null;
        if (unit == null) {
            throw new IllegalArgumentException("\"" + text + "\" is not a size such as 64MiB");
        }
        return new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)).longValueExact();
    }

    /// `10s`, `1h30m`, `250ms`, and `7d` beside Go's units.
    public static long nanos(String text) {
        if (text.equals("0")) {
            return 0;
        }
        Matcher matcher = DURATION_PART.matcher(text);
        var total = BigDecimal.ZERO;
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            long unit = java.util.Objects.requireNonNull(TIME_UNITS.get(matcher.group(2)));
            total = total.add(new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)));
            end = matcher.end();
        }
        if (end == 0 || end != text.length()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a duration such as 10s or 1h30m");
        }
        return total.longValueExact();
    }

    /// The size with the largest binary unit that leaves at most two decimals' worth.
    public static String showBytes(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double value = bytes;
        int unit = 0;
        while (Math.abs(value) >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        String number =
                value == Math.rint(value)
                        ? Long.toString((long) value)
                        : String.format(java.util.Locale.ROOT, "%.1f", value);
        return number + units[unit];
    }

    /// The duration in its largest whole unit.
    public static String showNanos(long nanos) {
        if (nanos == 0) {
            return "0s";
        }
        for (String unit : new String[] {"d", "h", "m", "s", "ms", "us"}) {
            long size = java.util.Objects.requireNonNull(TIME_UNITS.get(unit));
            if (nanos % size == 0) {
                return nanos / size + unit;
            }
        }
        return nanos + "ns";
    }
}
