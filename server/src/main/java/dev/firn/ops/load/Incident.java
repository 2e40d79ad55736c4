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
    /// Those from [#DUPLICATES] on are faults of data: the shop is well, and its exports are not.
    public enum Kind {
        /// Durations times `factor`.
        LATENCY(5, 64),
        /// A share `factor` of requests ends in 5xx.
        ERRORS(0.25, 1),
        /// Requests times `factor`.
        TRAFFIC_DROP(0.1, 64),
        /// Memory grows, durations with it up to times `factor`; at the end the process is killed.
        SLOW_LEAK(3, 64),
        /// A new version with a share `factor` of 5xx and durations doubled; rolled back at the
        /// end.
        BAD_DEPLOY(0.1, 1),
        /// Nothing is exported, though requests go on: cumulative streams catch up, deltas are
        /// lost.
        SILENCE(1, 64),
        /// Exports come `factor` times as often.
        VOLUME(0.2, 64),
        /// The process crashes `factor` times an hour.
        RESTARTS(6, 120),

        /// A share `factor` of exports is sent twice.
        DUPLICATES(0.1, 1),
        /// A share `factor` of exports is sent again two minutes later, after others.
        REPEATS(0.1, 1),
        /// A share `factor` of exports is sent twice, numbers with other values the second time.
        CONFLICTS(0.1, 1),
        /// A share `factor` of exports is sent half an hour late.
        LATE(0.2, 1),
        /// A share `factor` of exports is overtaken: sent 150 seconds late.
        OUT_OF_ORDER(0.2, 1),
        /// Times are `factor` seconds ahead.
        CLOCK_SKEW(60, 86_400),
        /// In a share `factor` of exports gauges are NaN.
        NAN(0.1, 1),
        /// In a share `factor` of exports gauges are infinite.
        INFINITE(0.1, 1),
        /// In a share `factor` of exports increases (monotonic sums that are deltas) are negative.
        NEGATIVE(0.1, 1),
        /// In a share `factor` of exports cumulative counters are halved, though nothing began
        /// anew.
        COUNTER_DROP(0.1, 1),
        /// In a share `factor` of exports deltas begin before the end of those before them.
        DELTA_OVERLAP(0.1, 1),
        /// In a share `factor` of exports buckets of histograms do not add up to the count.
        HISTOGRAM_COUNTS(0.1, 1),
        /// In a share `factor` of exports sums of histograms are a thousandth.
        HISTOGRAM_SUMS(0.1, 1),
        /// In a share `factor` of exports the last bound of histograms is another.
        BOUNDS_DRIFT(0.1, 1),
        /// Each export has `factor` points of series that there were never before.
        CARDINALITY(20, 10_000),
        /// Another process sends a share `factor` of the gauges as sums.
        TYPE_CONFLICT(0.2, 1),
        /// Another process sends a share `factor` of the metrics in another unit.
        UNIT_CONFLICT(0.2, 1),
        /// Another process sends a share `factor` of the metrics with another description.
        DESCRIPTION_CONFLICT(0.2, 1),
        /// Another process sends a share `factor` of the cumulative sums as deltas.
        TEMPORALITY_FLIP(0.2, 1),
        /// Another process sends a share `factor` of the counters as sums that may fall.
        MONOTONICITY_FLIP(0.2, 1),
        /// Another process sends a share `factor` of the histograms with bounds that do not rise.
        HISTOGRAM_BOUNDS(0.2, 1),
        /// Another process sends a share `factor` of the metrics without `host.name`.
        MISSING_ATTRIBUTES(0.2, 1);

        final double usualFactor;
        final int most;

        Kind(double usualFactor, int most) {
            this.usualFactor = usualFactor;
            this.most = most;
        }

        /// Whether it is a fault of data.
        public boolean isOfData() {
            return compareTo(DUPLICATES) >= 0;
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
        if (toNanos <= fromNanos || !(factor >= 0) || factor > kind.most) {
            throw new InputException(
                    "cannot run incident \""
                            + kind.label()
                            + "\": it needs a positive duration and a factor from 0 to "
                            + kind.most);
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
