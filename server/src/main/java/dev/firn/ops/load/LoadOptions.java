package dev.firn.ops.load;

import dev.firn.base.InputException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What to simulate. The same options give the same bytes.
///
/// @param seed of all chance
/// @param rate requests a second over all planes, the mean of a week
/// @param series active series in all; 0 for the shop as it is. With a number, the shop's instances
///   (and from 20,000 series on its routes, eightfold) are repeated until there are exactly as
///   many, every series is exported at each step from the start on, and nothing restarts.
/// @param planes where the shop runs
/// @param incidents what goes wrong
/// @param fromNanos start of the simulation
/// @param liveFromNanos before it, time is history: exported at `historyStepNanos`, sent at full
///   speed
/// @param untilNanos end of the simulation, exclusive; `Long.MAX_VALUE` for none
/// @param historyStepNanos export interval in the past
/// @param liveStepNanos export interval from `liveFromNanos` on
/// @param bodyPoints a body is closed when it has at least as many points
/// @param lanes how many streams of requests are sent side by side (part of what the bytes depend
///   on: an instance always belongs to one lane)
/// @param restarts whether processes crash and are deployed
/// @param flat no daily and weekly rhythm
public record LoadOptions(
        long seed,
        double rate,
        int series,
        List<Plane> planes,
        List<Incident> incidents,
        long fromNanos,
        long liveFromNanos,
        long untilNanos,
        long historyStepNanos,
        long liveStepNanos,
        int bodyPoints,
        int lanes,
        boolean restarts,
        boolean flat) {
    /// A second in nanoseconds.
    public static final long SECOND = 1_000_000_000L;

    private static final long HOUR = 3600 * SECOND;
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)?");

    /// Refuses what cannot be simulated.
    public LoadOptions {
        planes = List.copyOf(planes);
        incidents = List.copyOf(incidents);
        check(rate >= 0 && rate <= 10_000_000, "rate", rate, "0 to 10000000 requests a second");
        check(series >= 0 && series <= 50_000_000, "series", series, "0 to 50000000");
        check(!planes.isEmpty(), "planes", planes, "at least one");
        check(fromNanos > 0 && fromNanos <= liveFromNanos, "from", fromNanos, "before live");
        check(untilNanos > fromNanos, "until", untilNanos, "after from");
        check(stepIsFine(historyStepNanos), "history step", historyStepNanos, "100 ms to 30 m");
        check(stepIsFine(liveStepNanos), "step", liveStepNanos, "100 ms to 30 m");
        check(bodyPoints > 0 && bodyPoints <= 100_000, "body points", bodyPoints, "1 to 100000");
        check(lanes > 0 && lanes <= 256, "lanes", lanes, "1 to 256");
    }

    private static boolean stepIsFine(long nanos) {
        return nanos >= SECOND / 10 && nanos <= HOUR / 2;
    }

    private static void check(boolean fine, String what, Object value, String range) {
        if (!fine) {
            throw new InputException(
                    "cannot generate load with " + what + " \"" + value + "\"; use " + range);
        }
    }

    /// A shop with the usual planes, 100 requests a second, history only.
    public static LoadOptions history(long seed, long fromNanos, long untilNanos) {
        return new LoadOptions(
                seed,
                100,
                0,
                Plane.parse("prod,dev,qa"),
                List.of(),
                fromNanos,
                untilNanos,
                untilNanos,
                60 * SECOND,
                10 * SECOND,
                1000,
                4,
                true,
                false);
    }

    /// The same with another rate.
    public LoadOptions withRate(double newRate) {
        var draft = new Draft(this);
        draft.rate = newRate;
        return draft.done();
    }

    /// The same with as many active series.
    public LoadOptions withSeries(int newSeries) {
        var draft = new Draft(this);
        draft.series = newSeries;
        return draft.done();
    }

    /// The same on other planes.
    public LoadOptions withPlanes(List<Plane> newPlanes) {
        var draft = new Draft(this);
        draft.planes = newPlanes;
        return draft.done();
    }

    /// The same with incidents.
    public LoadOptions withIncidents(List<Incident> newIncidents) {
        var draft = new Draft(this);
        draft.incidents = newIncidents;
        return draft.done();
    }

    /// The same with history up to `newLiveFrom`, then live (paced by the clock) up to `newUntil`.
    public LoadOptions withLive(long newLiveFrom, long newUntil) {
        var draft = new Draft(this);
        draft.liveFromNanos = newLiveFrom;
        draft.untilNanos = newUntil;
        return draft.done();
    }

    /// The same with other export intervals.
    public LoadOptions withSteps(long newHistoryStep, long newLiveStep) {
        var draft = new Draft(this);
        draft.historyStepNanos = newHistoryStep;
        draft.liveStepNanos = newLiveStep;
        return draft.done();
    }

    /// The same in bodies of at least `newBodyPoints` points over `newLanes` lanes.
    public LoadOptions withBodies(int newBodyPoints, int newLanes) {
        var draft = new Draft(this);
        draft.bodyPoints = newBodyPoints;
        draft.lanes = newLanes;
        return draft.done();
    }

    /// The same with or without restarts, and with or without daily and weekly rhythm.
    public LoadOptions withChange(boolean newRestarts, boolean newFlat) {
        var draft = new Draft(this);
        draft.restarts = newRestarts;
        draft.flat = newFlat;
        return draft.done();
    }

    /// Reads `90`, `500ms`, `30s`, `15m`, `6h` or `30d` (a bare number counts seconds) as
    /// nanoseconds.
    public static long duration(String name, String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new InputException(
                    "cannot read "
                            + name
                            + " \""
                            + text
                            + "\": use a number with ms, s, m, h or d, like \"30d\"");
        }
        long unit =
                switch (matcher.group(2)) {
                    case "ms" -> SECOND / 1000;
                    case "m" -> 60 * SECOND;
                    case "h" -> HOUR;
                    case "d" -> 24 * HOUR;
                    case null, default -> SECOND;
                };
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
        } catch (ArithmeticException e) {
            throw new InputException("cannot use " + name + " \"" + text + "\": it is too long");
        }
    }

    long stepAt(long nanos) {
        return nanos < liveFromNanos ? historyStepNanos : liveStepNanos;
    }

    /// All settings but the changed ones: records have no copy with changes.
    private static final class Draft {
        private long seed;
        private double rate;
        private int series;
        private List<Plane> planes;
        private List<Incident> incidents;
        private long fromNanos;
        private long liveFromNanos;
        private long untilNanos;
        private long historyStepNanos;
        private long liveStepNanos;
        private int bodyPoints;
        private int lanes;
        private boolean restarts;
        private boolean flat;

        Draft(LoadOptions from) {
            seed = from.seed;
            rate = from.rate;
            series = from.series;
            planes = from.planes;
            incidents = from.incidents;
            fromNanos = from.fromNanos;
            liveFromNanos = from.liveFromNanos;
            untilNanos = from.untilNanos;
            historyStepNanos = from.historyStepNanos;
            liveStepNanos = from.liveStepNanos;
            bodyPoints = from.bodyPoints;
            lanes = from.lanes;
            restarts = from.restarts;
            flat = from.flat;
        }

        LoadOptions done() {
            return new LoadOptions(
                    seed,
                    rate,
                    series,
                    planes,
                    incidents,
                    fromNanos,
                    liveFromNanos,
                    untilNanos,
                    historyStepNanos,
                    liveStepNanos,
                    bodyPoints,
                    lanes,
                    restarts,
                    flat);
        }
    }
}
