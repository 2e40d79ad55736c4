package dev.firn.analyse.quality;

import dev.firn.base.Clock;
import dev.firn.config.QualityConfig;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import dev.firn.model.Numbers;
import dev.firn.model.PointWatch;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.Summaries;
import dev.firn.model.WellKnown;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Looks at each point once, when it is stored, and remembers little of its series: what most
/// checks need, so that they read no table. A hot path: `firn bench ingest` measures it.
/// Thread-safe.
final class StreamWatch implements PointWatch {
    static final int HOUR_MINUTES = 60;

    /// Series silent for so long are forgotten.
    private static final int IDLE_MINUTES = 120;

    private static final long DAY_SECONDS = 86_400;
    private static final long MINUTE_NANOS = 60_000_000_000L;

    /// Points further ahead do not tell that something is fresh.
    private static final long FUTURE_NANOS = MINUTE_NANOS;

    private static final int GROUPS_MAX = 100_000;

    /// So many suspects at a time are looked for in rollups.
    static final int SUSPECTS_MAX = 500;

    /// A series that may have points stored twice, which memory cannot tell.
    record Suspect(int metricId, long id) {}

    private final QualityRules rules;
    private final long lateNanos;
    private final long aheadNanos;
    private final Clock clock;
    private final Map<Group.Name, Group> groups = new HashMap<>();
    private final List<Stream> streams = new ArrayList<>();
    private final long[] ignored = Group.counts();
    private final Set<Suspect> suspects = new LinkedHashSet<>();
    private long leftOut;

    // of what is being taken
    private long takes;
    private long now;
    private int minute;
    private long lateBefore;
    private long aheadAfter;

    StreamWatch(QualityConfig config, QualityRules rules, Clock clock) {
        this.rules = rules;
        this.lateNanos = config.lateNanos();
        this.aheadNanos = config.aheadNanos();
        this.clock = clock;
    }

    @Override
    public synchronized void stored(Stored points) {
        takes++;
        now = clock.nanos();
        minute = (int) Math.floorDiv(now, MINUTE_NANOS);
        lateBefore = now - lateNanos;
        aheadAfter = now + aheadNanos;
        points.forEach(this::take);
    }

    /// A metric of a source was there before this process.
    synchronized void known(
            Group.Name name, long newestSeconds, double stepSeconds, long series, long points) {
        Group group = group(name);
        if (group != null) {
            group.known(newestSeconds, stepSeconds, series, points);
        }
    }

    private @Nullable Group group(Group.Name name) {
        Group known = groups.get(name);
        if (known == null && groups.size() < GROUPS_MAX) {
            known = new Group(name, rules.required(name));
            groups.put(name, known);
        }
        return known;
    }

    private @Nullable Stream stream(Series series, boolean fresh) {
        if (series.watched instanceof Stream known && !known.retired) {
            return known;
        }
        WellKnown its = series.wellKnown();
        Group group =
                group(
                        new Group.Name(
                                its.dataPlaneId(),
                                its.environment(),
                                its.serviceName(),
                                series.metric().name()));
        if (group == null) {
            return null;
        }
        var stream = new Stream(series, group, fresh ? minute : 0);
        if (fresh) {
            group.addNewcomer(series, minute);
        }
        series.watched = stream;
        streams.add(stream);
        return stream;
    }

    private void take(Series series, boolean fresh, Points points, int[] order, int from, int to) {
        Stream stream = stream(series, fresh);
        if (stream == null) {
            leftOut += to - from;
            return;
        }
        stream.touched = minute;
        long[] counts = stream.group.minute(minute);
        boolean upToDate = stream.group.newestBefore(takes) * 1_000_000_000L >= lateBefore;
        long newest = 0;
        int taken = 0;
        for (int i = from; i < to; i++) {
            int row = order[i];
            long time = points.time[row];
            if ((points.flags[row] & Points.NO_RECORDED_VALUE) != 0) {
                stream.ended |= time >= stream.time;
                continue;
            }
            taken++;
            if (time < lateBefore) {
                counts[Group.LATE] += upToDate ? 1 : 0; // else history is loaded
            } else if (time > aheadAfter) {
                counts[Group.AHEAD] = Math.max(counts[Group.AHEAD], (time - now) / 1_000_000);
            }
            if (time <= now + FUTURE_NANOS) {
                newest = Math.max(newest, time);
            }
            look(stream, points, row, counts);
        }
        counts[Group.POINTS] += taken;
        stream.group.seen(taken, newest / 1_000_000_000L);
    }

    private void look(Stream stream, Points points, int row, long[] counts) {
        switch (points) {
            case Numbers numbers -> {
                double value = numbers.value(row);
                if (Double.isNaN(value)) {
                    counts[Group.NANS]++;
                } else if (Double.isInfinite(value)) {
                    counts[Group.INFINITE]++;
                } else if (value < 0 && stream.monotonic) {
                    counts[Group.NEGATIVE]++;
                }
                boolean fell = value < Double.longBitsToDouble(stream.value);
                long bits = Double.doubleToRawLongBits(value);
                follow(stream, points, row, fell, bits, 0, counts);
            }
            case Histograms histograms -> {
                if (isBroken(histograms, row)) {
                    counts[Group.BROKEN]++;
                }
                int bounds = hash(histograms.bounds, row);
                if (stream.time != 0 && bounds != stream.bounds) {
                    counts[Group.OTHER_BOUNDS]++;
                }
                stream.bounds = bounds;
                follow(stream, points, row, histograms.count[row], histograms.sum[row], counts);
            }
            case ExponentialHistograms histograms -> {
                long sum =
                        total(histograms.positive, row)
                                + total(histograms.negative, row)
                                + histograms.zeroCount[row];
                if (sum != histograms.count[row] || HistogramSums.isWrong(histograms, row)) {
                    counts[Group.BROKEN]++;
                }
                follow(stream, points, row, histograms.count[row], histograms.sum[row], counts);
            }
            case Summaries summaries ->
                    follow(stream, points, row, summaries.count[row], summaries.sum[row], counts);
        }
    }

    private void follow(
            Stream stream, Points points, int row, long count, double sum, long[] counts) {
        boolean fell = Long.compareUnsigned(count, stream.value) < 0;
        follow(stream, points, row, fell, count, Double.doubleToRawLongBits(sum), counts);
    }

    /// Compares a point with the one before it.
    ///
    /// @param fell whether its value is smaller
    private void follow(
            Stream stream,
            Points points,
            int row,
            boolean fell,
            long value,
            long second,
            long[] counts) {
        long time = points.time[row];
        if (time > stream.time) {
            long start = points.start[row];
            if (stream.time != 0) {
                // senders of increases leave out what did not happen
                long[] gaps = stream.delta ? ignored : counts;
                long before = gaps[Group.MISSING];
                stream.cadence.next((time - stream.time) / 1_000_000, gaps);
                stream.missed += gaps[Group.MISSING] - before;
                if (stream.delta && start != 0 && start < stream.time) {
                    counts[Group.OVERLAPS]++;
                }
                if (stream.counter) {
                    began(stream, start, fell, counts);
                }
            }
            stream.time = time;
            stream.start = start;
            stream.value = value;
            stream.second = second;
            stream.ended = false;
        } else if (time == stream.time) {
            boolean same = value == stream.value && second == stream.second;
            counts[same ? Group.DUPLICATES : Group.CONFLICTS]++;
        } else {
            if (time >= lateBefore) {
                counts[Group.OUT_OF_ORDER]++;
                if (stream.missed > 0) { // it was taken for one that was left out
                    stream.missed--;
                    counts[Group.MISSING] -= stream.delta ? 0 : 1;
                }
            }
            if (suspects.size() < SUSPECTS_MAX) {
                suspects.add(new Suspect(stream.metricId, stream.id));
            }
        }
    }

    /// Notes whether a counter began anew, or fell without that.
    private void began(Stream stream, long start, boolean fell, long[] counts) {
        if (start != 0 && start > stream.start && stream.start != 0) {
            stream.reset(minute);
        } else if (fell && start != 0 && start == stream.start) {
            counts[Group.DROPS]++;
        } else if (fell) {
            stream.reset(minute);
        }
    }

    private static boolean isBroken(Histograms points, int row) {
        LongLists counts = points.counts;
        if (counts.length(row) > 0 && total(counts, row) != points.count[row]) {
            return true;
        }
        LongLists bounds = points.bounds;
        for (int at = bounds.from(row) + 1; at < bounds.to(row); at++) {
            double before = Double.longBitsToDouble(bounds.values()[at - 1]);
            if (!(Double.longBitsToDouble(bounds.values()[at]) > before)) {
                return true;
            }
        }
        return HistogramSums.isWrong(points, row);
    }

    private static int hash(LongLists bounds, int row) {
        long hash = bounds.length(row);
        long[] values = bounds.values();
        for (int at = bounds.from(row); at < bounds.to(row); at++) {
            hash = (hash ^ values[at]) * 0x9e37_79b9_7f4a_7c15L;
        }
        return (int) (hash >>> 32);
    }

    private static long total(LongLists counts, int row) {
        long sum = 0;
        long[] values = counts.values();
        for (int at = counts.from(row); at < counts.to(row); at++) {
            sum += values[at];
        }
        return sum;
    }

    // ---- a round

    /// What a round finds, wrong or not.
    ///
    /// @param findings of all checks but freshness
    /// @param freshness of everything that is expected
    /// @param suspects that may have points stored twice
    /// @param leftOut points that were not looked at, because there are too many metrics
    record Round(
            List<Finding> findings,
            List<Finding> freshness,
            List<Suspect> suspects,
            long leftOut) {}

    /// Makes a round.
    ///
    /// @param seconds the moment, since 1970
    synchronized Round round(long seconds) {
        int moment = (int) (seconds / 60);
        groups.values().forEach(Group::beginRound);
        streams.removeIf(stream -> {
            stream.retired = moment - stream.touched > IDLE_MINUTES;
            if (!stream.retired) {
                boolean isNew = stream.born > moment - HOUR_MINUTES;
                stream.group.count(stream, isNew, stream.resets(moment - HOUR_MINUTES));
            }
            return stream.retired;
        });
        groups.values().removeIf(group -> group.isOver(seconds, DAY_SECONDS));
        var findings = new ArrayList<Finding>();
        var freshness = new ArrayList<Finding>();
        var lacking = new HashMap<Map<String, String>, Finding>();
        for (Group group : groups.values()) {
            group.findings(seconds, findings);
            Finding lacks = group.lacking();
            if (lacks != null) {
                lacking.merge(lacks.subject(), lacks, Finding::plus);
            }
            Finding fresh = group.freshness(seconds, DAY_SECONDS);
            if (fresh != null) {
                freshness.add(fresh);
            }
        }
        findings.addAll(lacking.values());
        var round = new Round(findings, freshness, List.copyOf(suspects), leftOut);
        suspects.clear();
        leftOut = 0;
        return round;
    }
}
