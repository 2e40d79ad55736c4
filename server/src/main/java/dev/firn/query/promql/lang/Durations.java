package dev.firn.query.promql.lang;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations as PromQL writes them: `1h30m`, units from years to milliseconds, in this order.
public final class Durations {
    private static final Pattern FORM =
            Pattern.compile(
                    "(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?");
    private static final long[] MILLIS = {
        31_536_000_000L, 604_800_000L, 86_400_000L, 3_600_000L, 60_000L, 1_000L, 1L
    };
    private static final String[] UNITS = {"y", "w", "d", "h", "m", "s", "ms"};

    /// Years and weeks are printed only where they divide the rest: 90d, not 12w6d.
    private static final int UNITS_EXACT = 2;

    private Durations() {}

    /// Milliseconds, or empty if the text is no duration or too long for 64 bits of nanoseconds.
    public static OptionalLong parseMillis(String text) {
        if (text.equals("0")) {
            return OptionalLong.of(0);
        }
        Matcher matcher = FORM.matcher(text);
        if (text.isEmpty() || !matcher.matches()) {
            return OptionalLong.empty();
        }
        long sum = 0;
        try {
            for (int unit = 0; unit < UNITS.length; unit++) {
                String digits = matcher.group(2 * unit + 2);
                if (digits != null) {
                    long part = Math.multiplyExact(Long.parseLong(digits), MILLIS[unit]);
                    sum = Math.addExact(sum, part);
                }
            }
            Math.multiplyExact(sum, 1_000_000L);
        } catch (ArithmeticException | NumberFormatException e) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(sum);
    }

    /// `90000` → `1m30s`; not below zero.
    public static String format(long millis) {
        if (millis == 0) {
            return "0s";
        }
        var text = new StringBuilder();
        long rest = millis;
        for (int unit = 0; unit < UNITS.length; unit++) {
            if (unit < UNITS_EXACT && rest % MILLIS[unit] != 0) {
                continue;
            }
            if (rest / MILLIS[unit] > 0) {
                text.append(rest / MILLIS[unit]).append(UNITS[unit]);
                rest %= MILLIS[unit];
            }
        }
        return text.toString();
    }
}
