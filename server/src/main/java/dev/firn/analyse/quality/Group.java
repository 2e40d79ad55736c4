package dev.firn.analyse.quality;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Series;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What was seen of a metric of a source in the last minutes, and how it stands.
final class Group {
    /// Minutes that findings speak for.
    static final int MINUTES = 10;

    /// Fields of a minute's counts.
    private static final int MINUTE = 0;

    static final int POINTS = 1;
    static final int LATE = 2;

    /// The most milliseconds that a point was ahead.
    static final int AHEAD = 3;

    static final int NANS = 4;
    static final int INFINITE = 5;
    static final int NEGATIVE = 6;
    static final int BROKEN = 7;
    static final int DUPLICATES = 8;
    static final int CONFLICTS = 9;
    static final int DROPS = 10;
    static final int MISSING = 11;
    static final int DUE = 12;
    static final int OVERLAPS = 13;
    static final int OTHER_BOUNDS = 14;
    static final int OUT_OF_ORDER = 15;
    private static final int FIELDS = 16;

    private static final int NEWCOMERS_MAX = 1_000;

    /// Whichever way a service is named will do.
    private static final String SERVICE_NAME = "service.name";

    /// Where points come from and what they are of.
    record Name(String plane, String environment, String service, String metric) {}

    private record Newcomer(Series series, int minute) {}

    final Name name;
    private final Set<String> required;
    private final @Nullable long[][] minutes = new long[MINUTES][];

    /// Series that are new, as an example of what they have in common.
    private final ArrayDeque<Newcomer> newcomers = new ArrayDeque<>();

    /// Time of the newest point that is not from the future, seconds; 0 for none.
    private long newest;

    private long newestBefore;
    private long take;

    /// Points since the beginning, at least.
    private long points;

    /// What was known of it before the first point that was seen here: interval in seconds, and
    /// series.
    private double formerStep;

    private long formerSeries;

    // of the round that is being made
    private long active;
    private long ended;
    private long old;
    private long fresh;
    private long stepSum;
    private long steps;
    private long resets;
    private long lacking;
    private String lacked = "";

    /// @param required attributes that each of its series must have
    Group(Name name, Set<String> required) {
        this.name = name;
        this.required = required;
    }

    /// The first required attribute that a series lacks; null if it has all.
    @Nullable String lacks(Series series) {
        for (String key : required) {
            boolean has =
                    key.equals(SERVICE_NAME)
                            ? !name.service.isEmpty()
                            : attributes(series).stream().anyMatch(it -> it.find(key).isPresent());
            if (!has) {
                return key;
            }
        }
        return null;
    }

    private static List<Attributes> attributes(Series series) {
        return List.of(
                Attributes.fromJson(series.attributes()),
                Attributes.fromJson(series.metric().resource().attributes()));
    }

    /// It was there before this process.
    void known(long newestSeconds, double stepSeconds, long series, long count) {
        newest = Math.max(newest, newestSeconds);
        formerStep = stepSeconds;
        formerSeries = series;
        points += count;
    }

    static long[] counts() {
        return new long[FIELDS];
    }

    /// Counts of a minute, to be added to.
    long[] minute(long minute) {
        int at = (int) (minute % MINUTES);
        long[] counts = minutes[at];
        if (counts == null) {
            counts = counts();
            minutes[at] = counts;
        }
        if (counts[MINUTE] != minute) {
            Arrays.fill(counts, 0);
            counts[MINUTE] = minute;
        }
        return counts;
    }

    /// Time of the newest point before what is being taken, seconds.
    ///
    /// @param take its number
    long newestBefore(long take) {
        if (take != this.take) {
            this.take = take;
            newestBefore = newest;
        }
        return newestBefore;
    }

    /// Points were seen.
    void seen(long count, long newestSeconds) {
        points += count;
        newest = Math.max(newest, newestSeconds);
    }

    void addNewcomer(Series series, int minute) {
        if (newcomers.size() < NEWCOMERS_MAX) {
            newcomers.add(new Newcomer(series, minute));
        }
    }

    // ---- a round

    void beginRound() {
        active = 0;
        ended = 0;
        old = 0;
        fresh = 0;
        stepSum = 0;
        steps = 0;
        resets = 0;
        lacking = 0;
    }

    /// One of its series.
    ///
    /// @param isNew whether it first came within the last hour
    void count(Stream stream, boolean isNew, long resetsOfHour) {
        active++;
        ended += stream.ended ? 1 : 0;
        old += isNew ? 0 : 1;
        fresh += isNew ? 1 : 0;
        resets = Math.max(resets, resetsOfHour);
        if (stream.lacks != null) {
            lacking++;
            lacked = stream.lacks;
        }
        if (stream.cadence.step() > 0) {
            stepSum += stream.cadence.step();
            steps++;
        }
    }

    /// Whether nothing is known that a later round needs.
    boolean isOver(long now, long secondsMax) {
        return active == 0 && now - newest > secondsMax;
    }

    /// What is found of it, wrong or not.
    void findings(long now, List<Finding> into) {
        long[] sum = new long[FIELDS];
        long minute = now / 60;
        for (long[] counts : minutes) {
            if (counts != null && counts[MINUTE] > minute - MINUTES) {
                for (int field = POINTS; field < FIELDS; field++) {
                    sum[field] =
                            field == AHEAD
                                    ? Math.max(sum[field], counts[field])
                                    : sum[field] + counts[field];
                }
            }
        }
        double all = Math.max(1, sum[POINTS]);
        add(into, Check.LATE, sum[LATE] / all, sum);
        add(into, Check.OUT_OF_ORDER, sum[OUT_OF_ORDER] / all, sum);
        add(into, Check.CLOCK_SKEW, sum[AHEAD] / 1_000.0, sum);
        add(into, Check.NAN, sum[NANS] / all, sum);
        add(into, Check.INFINITE, sum[INFINITE], sum);
        add(into, Check.VALUE_RANGE, sum[NEGATIVE], sum);
        add(into, Check.HISTOGRAM_INTEGRITY, sum[BROKEN], sum);
        add(into, Check.DUPLICATES, sum[DUPLICATES], sum);
        add(into, Check.CONFLICTS, sum[CONFLICTS], sum);
        add(into, Check.COUNTER_DROP, sum[DROPS], sum);
        add(into, Check.DELTA_OVERLAP, sum[OVERLAPS], sum);
        add(into, Check.BOUNDS_DRIFT, sum[OTHER_BOUNDS], sum);
        add(into, Check.RESETS, resets, sum);
        add(into, Check.GAPS, sum[MISSING] / (double) Math.max(1, sum[DUE]), sum);
        while (!newcomers.isEmpty()
                && newcomers.getFirst().minute() <= minute - StreamWatch.HOUR_MINUTES) {
            newcomers.removeFirst();
        }
        if (fresh > 0 && old > 0) {
            into.add(finding(Check.CARDINALITY, fresh, old, fresh, sum[POINTS], blamed()));
        }
    }

    /// Of its source: how many series lack an attribute; null if none does.
    @Nullable Finding lacking() {
        return lacking == 0
                ? null
                : new Finding(
                        Check.MISSING_ATTRIBUTES,
                        name.plane,
                        name.environment,
                        name.service,
                        "",
                        lacking,
                        0,
                        lacking,
                        0,
                        lacked + " of " + name.metric);
    }

    private void add(List<Finding> into, Check check, double observed, long[] sum) {
        if (observed > 0) {
            into.add(finding(check, observed, 0, active, sum[POINTS], ""));
        }
    }

    /// How old its newest point is; null if that cannot be judged: too few points, or all its
    /// series have ended with stale markers.
    @Nullable Finding freshness(long now, long secondsMax) {
        boolean over = active > 0 && ended == active;
        if (over || points < 3 || now - newest > secondsMax) {
            return null;
        }
        double step = steps > 0 ? stepSum / 1_000.0 / steps : formerStep;
        return finding(
                Check.FRESHNESS,
                Math.max(0, now - newest),
                step,
                Math.max(active, formerSeries),
                points,
                "");
    }

    private Finding finding(
            Check check,
            double observed,
            double expected,
            long series,
            long count,
            String evidence) {
        return new Finding(
                check,
                name.plane,
                name.environment,
                name.service,
                name.metric,
                observed,
                expected,
                series,
                count,
                evidence);
    }

    /// The attribute with most values among new series, where they are many.
    private String blamed() {
        if (fresh <= old / 2) {
            return "";
        }
        Map<String, Set<AttributeValue>> values = new HashMap<>();
        for (Newcomer one : newcomers) {
            for (Attributes its : attributes(one.series())) {
                for (Attributes.Entry entry : its.entries()) {
                    values.computeIfAbsent(entry.key(), _ -> new HashSet<>()).add(entry.value());
                }
            }
        }
        return values.entrySet().stream()
                .max(Comparator.comparingInt(entry -> entry.getValue().size()))
                .map(Map.Entry::getKey)
                .orElse("");
    }
}
