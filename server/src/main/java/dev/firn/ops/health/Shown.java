package dev.firn.ops.health;

import dev.firn.config.Quantity;
import java.util.Locale;

/// Figures as people read them.
final class Shown {
    private Shown() {}

    static String count(double number) {
        return String.format(Locale.ROOT, "%,.0f", number);
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", share * 100);
    }

    static String bytes(double bytes) {
        return Quantity.showBytes((long) bytes);
    }

    /// `3 s`, `12 min`, `5 h`, `9 d`.
    static String seconds(double seconds) {
        if (seconds < 120) {
            return String.format(Locale.ROOT, "%.0f s", seconds);
        }
        if (seconds < 7_200) {
            return String.format(Locale.ROOT, "%.0f min", seconds / 60);
        }
        return seconds < 172_800
                ? String.format(Locale.ROOT, "%.0f h", seconds / 3_600)
                : String.format(Locale.ROOT, "%.0f d", seconds / 86_400);
    }

    /// When something of this size is full; empty if it does not grow.
    ///
    /// @param left that is free
    /// @param perSecond of growth
    static String untilFull(double left, double perSecond) {
        return perSecond <= 0 ? "" : ", full in " + seconds(left / perSecond) + " at this rate";
    }
}
