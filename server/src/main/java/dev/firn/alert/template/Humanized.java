package dev.firn.alert.template;

import java.time.Instant;
import java.util.List;

/// Numbers for people, with four significant digits.
final class Humanized {
    private static final List<String> LARGE = List.of("k", "M", "G", "T", "P", "E", "Z", "Y");
    private static final List<String> SMALL = List.of("m", "u", "n", "p", "f", "a", "z", "y");
    private static final List<String> BINARY =
            List.of("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi");

    private Humanized() {}

    static String decimal(double value) {
        if (value == 0 || !Double.isFinite(value)) {
            return four(value);
        }
        return Math.abs(value) >= 1 ? shrunk(value, 1000, LARGE) : grown(value);
    }

    static String binary(double value) {
        return Math.abs(value) <= 1 || !Double.isFinite(value)
                ? four(value)
                : shrunk(value, 1024, BINARY);
    }

    private static String shrunk(double value, double base, List<String> prefixes) {
        double rest = value;
        String prefix = "";
        for (String next : prefixes) {
            if (Math.abs(rest) < base) {
                break;
            }
            prefix = next;
            rest /= base;
        }
        return four(rest) + prefix;
    }

    private static String grown(double value) {
        double rest = value;
        String prefix = "";
        for (String next : SMALL) {
            if (Math.abs(rest) >= 1) {
                break;
            }
            prefix = next;
            rest *= 1000;
        }
        return four(rest) + prefix;
    }

    static String duration(double seconds) {
        if (!Double.isFinite(seconds)) {
            return four(seconds);
        }
        if (seconds == 0) {
            return four(seconds) + "s";
        }
        if (Math.abs(seconds) < 1) {
            return grown(seconds) + "s";
        }
        String sign = seconds < 0 ? "-" : "";
        long whole = (long) Math.abs(seconds);
        long minutes = whole / 60 % 60;
        long hours = whole / 3600 % 24;
        long days = whole / 86_400;
        if (days != 0) {
            return "%s%dd %dh %dm %ds".formatted(sign, days, hours, minutes, whole % 60);
        }
        if (hours != 0) {
            return "%s%dh %dm %ds".formatted(sign, hours, minutes, whole % 60);
        }
        return minutes != 0
                ? "%s%dm %ds".formatted(sign, minutes, whole % 60)
                : sign + four(Math.abs(seconds)) + "s";
    }

    static String timestamp(double seconds) {
        return Double.isFinite(seconds) ? GoFormat.time(time(seconds)) : four(seconds);
    }

    /// To the millisecond, as Prometheus' times are.
    static Instant time(double seconds) {
        if (!Double.isFinite(seconds)) {
            throw new TemplateException("value is NaN or Inf");
        }
        double nanos = seconds * 1e9;
        if (nanos > Long.MAX_VALUE || nanos < Long.MIN_VALUE) {
            throw new TemplateException(
                    GoFormat.print(seconds)
                            + " cannot be represented as a nanoseconds timestamp since it overflows"
                            + " int64");
        }
        return Instant.ofEpochMilli((long) nanos / 1_000_000);
    }

    private static String four(double value) {
        return GoFormat.significant(value, 4);
    }
}
