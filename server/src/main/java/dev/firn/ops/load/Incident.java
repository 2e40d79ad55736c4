package dev.firn.ops.load;

import dev.firn.base.InputException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Something that goes wrong in the shop, on request.
///
/// Written `KIND[@key=value,…]` with keys `plane`, `service`, `route`, `instance` (all, where
/// absent), `from` (an instant, `+2h` after the start of the range or `-6h` before its end), `for`
/// (a duration) and `factor`.
///
/// @param instance number of one in its plane and service
/// @param factor what it means stands at each [Kind]
/// @param fromNanos inclusive
/// @param toNanos exclusive
public record Incident(
        Kind kind,
        @Nullable String plane,
        @Nullable String service,
        @Nullable String route,
        @Nullable Integer instance,
        double factor,
        long fromNanos,
        long toNanos) {
    /// Of all instances.
    public Incident(
            Kind kind,
            @Nullable String plane,
            @Nullable String service,
            @Nullable String route,
            double factor,
            long fromNanos,
            long toNanos) {
        this(kind, plane, service, route, null, factor, fromNanos, toNanos);
    }

    /// What goes wrong. Effects begin and end with the export interval whose middle is inside.
    public enum Kind {
        /// Durations times `factor`.
        LATENCY(5),
        /// A share `factor` of requests ends in 5xx.
        ERRORS(0.25),
        /// Requests times `factor`.
        TRAFFIC_DROP(0.1),
        /// Memory grows, durations with it up to times `factor`; at the end the process is killed.
        SLOW_LEAK(3),
        /// A new version with a share `factor` of 5xx and durations doubled; rolled back at the
        /// end.
        BAD_DEPLOY(0.1),
        /// Nothing is exported, though requests go on: cumulative streams catch up, deltas are
        /// lost.
        SILENCE(1);

        final double usualFactor;

        Kind(double usualFactor) {
            this.usualFactor = usualFactor;
        }

        /// As on the command line.
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final Set<String> KEYS =
            Set.of("plane", "service", "route", "instance", "from", "for", "factor");

    /// Refuses an empty range and a factor that makes no sense.
    public Incident {
        boolean share = kind == Kind.ERRORS || kind == Kind.BAD_DEPLOY;
        if (toNanos <= fromNanos || !(factor >= 0) || factor > (share ? 1 : 64)) {
            throw new InputException(
                    "cannot run incident \""
                            + kind.label()
                            + "\": it needs a positive duration and a factor from 0 to "
                            + (share ? "1" : "64"));
        }
    }

    /// Reads one incident; times are relative to a range of time.
    public static Incident parse(String text, long rangeFromNanos, long rangeToNanos) {
        int at = text.indexOf('@');
        Kind kind = kind(at < 0 ? text : text.substring(0, at), text);
        Map<String, String> keys = at < 0 ? Map.of() : keys(text.substring(at + 1), text);
        long usual = (rangeToNanos - rangeFromNanos) / 3;
        @Nullable String from = keys.get("from");
        @Nullable String length = keys.get("for");
        long fromNanos =
                from == null ? rangeFromNanos + usual : time(from, rangeFromNanos, rangeToNanos);
        long forNanos =
                length == null
                        ? Math.min(usual, 3_600_000_000_000L)
                        : LoadOptions.duration("for", length);
        @Nullable String factor = keys.get("factor");
        return new Incident(
                kind,
                keys.get("plane"),
                keys.get("service"),
                keys.get("route"),
                instance(keys.get("instance"), text),
                factor == null ? kind.usualFactor : number(factor, text),
                fromNanos,
                fromNanos + forNanos);
    }

    private static Kind kind(String label, String text) {
        for (Kind kind : Kind.values()) {
            if (kind.label().equals(label)) {
                return kind;
            }
        }
        List<String> labels = java.util.Arrays.stream(Kind.values()).map(Kind::label).toList();
        throw wrong(text, "there is no kind \"" + label + "\"; use one of " + labels);
    }

    private static Map<String, String> keys(String text, String all) {
        Map<String, String> keys = new HashMap<>();
        for (String pair : text.split(",", -1)) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (equals < 0 || !KEYS.contains(key)) {
                throw wrong(all, "\"" + pair + "\" is not KEY=VALUE with a key of " + KEYS);
            }
            keys.put(key, pair.substring(equals + 1));
        }
        return keys;
    }

    private static @Nullable Integer instance(@Nullable String number, String all) {
        if (number != null && !number.matches("[0-9]{1,6}")) {
            throw wrong(all, "instance \"" + number + "\" is no number from 0 on");
        }
        return number == null ? null : Integer.valueOf(number);
    }

    private static long time(String text, long from, long to) {
        if (text.startsWith("+")) {
            return from + LoadOptions.duration("from", text.substring(1));
        }
        if (text.startsWith("-")) {
            return to - LoadOptions.duration("from", text.substring(1));
        }
        try {
            Instant at = Instant.parse(text);
            return Math.addExact(
                    Math.multiplyExact(at.getEpochSecond(), 1_000_000_000L), at.getNano());
        } catch (DateTimeException | ArithmeticException e) {
            throw wrong(text, "not an instant like 2026-11-01T12:00:00Z, \"+2h\" or \"-6h\"");
        }
    }

    private static double number(String text, String all) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw wrong(all, "factor \"" + text + "\" is not a number");
        }
    }

    private static InputException wrong(String text, String why) {
        return new InputException("cannot read incident \"" + text + "\": " + why);
    }

    boolean touches(String somePlane, String someService, int someInstance) {
        return (instance == null || instance == someInstance)
                && (plane == null || Objects.equals(plane, somePlane))
                && (service == null || Objects.equals(service, someService));
    }

    boolean touchesRoute(String someRoute) {
        return route == null || Objects.equals(route, someRoute);
    }

    boolean covers(long nanos) {
        return nanos >= fromNanos && nanos < toNanos;
    }

    /// From 0 at the start to 1 at the end.
    double progress(long nanos) {
        return Math.clamp((double) (nanos - fromNanos) / (toNanos - fromNanos), 0.0, 1.0);
    }
}
