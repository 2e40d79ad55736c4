package dev.firn.analyse.slo;

import dev.firn.analyse.slo.Indicator.Good;
import dev.firn.analyse.slo.PointSource.SeriesPoints;
import dev.firn.model.EventBounds;
import dev.firn.model.ExponentialValue;
import dev.firn.model.HistogramValue;
import dev.firn.model.NumberValue;
import dev.firn.model.PointValue;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/// Counts an indicator's events by group and minute.
public final class MinuteCounter {
    /// Groups of one objective; what is beyond counts in one group more.
    public static final int GROUPS_MAX = 1000;

    /// The value of all attributes in the group of all groups beyond [#GROUPS_MAX].
    public static final String OTHER = "(other)";

    /// Events of one increase; more is a mistake of the sender, and must not spoil sums.
    private static final long EVENTS_MAX = 1_000_000_000_000L;

    private static final long MINUTE = 60_000_000_000L;

    /// Divisors of a second.
    private static final Map<String, Integer> DURATIONS =
            Map.of("s", 0, "ms", 3, "us", 6, "µs", 6, "ns", 9);

    private final Indicator indicator;
    private final SloWindow.Span span;
    private final Duration firstPointMaxAge;
    private final Map<Map<String, String>, Map<Long, MinuteCounts>> groups = new LinkedHashMap<>();
    private final Map<Map<String, String>, Long> measuredFrom = new LinkedHashMap<>();
    private long duplicates;
    private long conflicts;
    private long overlaps;
    private long groupsBeyond;

    /// Counts what it is given.
    ///
    /// @param firstPointMaxAge `rollup.first_point_max_age`
    public MinuteCounter(Indicator indicator, SloWindow.Span span, Duration firstPointMaxAge) {
        this.indicator = indicator;
        this.span = span;
        this.firstPointMaxAge = firstPointMaxAge;
    }

    /// What was counted.
    ///
    /// @param groups by their attributes' values; without groupBy the one of the empty map
    /// @param duplicates points that were stored twice
    /// @param conflicts points that said something else than the one that holds
    /// @param overlaps deltas that began before the end of the one before
    /// @param seriesBeyondGroups series that found no group of their own
    /// @param measuredFrom of groups that a counter of the range also measured before it: the first
    ///   such minute
    public record Counted(
            Map<Map<String, String>, Map<Long, MinuteCounts>> groups,
            long duplicates,
            long conflicts,
            long overlaps,
            long seriesBeyondGroups,
            Map<Map<String, String>, Long> measuredFrom) {}

    /// Counts the minutes of a range.
    ///
    /// @param firstPointMaxAge `rollup.first_point_max_age`
    public static Counted count(
            Indicator indicator,
            PointSource source,
            SloWindow.Span span,
            Duration firstPointMaxAge) {
        var counter = new MinuteCounter(indicator, span, firstPointMaxAge);
        source.read(indicator, span, counter::add);
        return counter.counted();
    }

    /// What was counted so far.
    public Counted counted() {
        return new Counted(groups, duplicates, conflicts, overlaps, groupsBeyond, measuredFrom);
    }

    /// Counts a series.
    public void add(SeriesPoints series) {
        if (!Matcher.all(indicator.where(), series.attributes())) {
            return;
        }
        Map<String, String> group = group(series);
        Map<Long, MinuteCounts> minutes = groups.computeIfAbsent(group, _ -> new TreeMap<>());
        Increases.Findings found =
                Increases.of(
                        series,
                        firstPointMaxAge,
                        (from, time, increase) -> {
                            cover(minutes, from, time);
                            coverBefore(group, from, time);
                            MinuteCounts counts =
                                    increase == null
                                            ? MinuteCounts.unknown()
                                            : counts(series, increase);
                            merge(minutes, Math.floorDiv(time, MINUTE), counts);
                        });
        duplicates += found.duplicates();
        conflicts += found.conflicts();
        overlaps += found.overlaps();
    }

    private Map<String, String> group(SeriesPoints series) {
        Map<String, String> group = indicator.group(series.attributes());
        if (!groups.containsKey(group) && groups.size() >= GROUPS_MAX) {
            groupsBeyond++;
            var other = new LinkedHashMap<>(group);
            other.replaceAll((name, value) -> OTHER);
            group = other;
        }
        return group;
    }

    private void coverBefore(Map<String, String> group, long from, long time) {
        long first = Math.floorDiv(from, MINUTE) + 1;
        if (first < span.from() && Math.floorDiv(time, MINUTE) >= span.from()) {
            measuredFrom.merge(group, first, Math::min);
        }
    }

    /// A counter that went on over a gap has measured the gap, though not its minutes one by one.
    private void cover(Map<Long, MinuteCounts> minutes, long from, long time) {
        long first = Math.max(span.from(), Math.floorDiv(from, MINUTE) + 1);
        // (from, time] reaches into the minute of `from` unless that is its last nanosecond; the
        // minute counts once it is measured to its end
        for (long minute = first; minute < Math.floorDiv(time, MINUTE); minute++) {
            if (minute < span.to()) {
                minutes.merge(minute, MinuteCounts.QUIET, MinuteCounts::beside);
            }
        }
    }

    private void merge(Map<Long, MinuteCounts> minutes, long minute, MinuteCounts counts) {
        if (minute >= span.from() && minute < span.to()) {
            minutes.merge(minute, counts, MinuteCounts::beside);
        }
    }

    private MinuteCounts counts(SeriesPoints series, PointValue increase) {
        long total = indicator.type() == Indicator.Type.GAUGE ? 1 : events(increase);
        EventBounds good =
                switch (indicator.good()) {
                    case Good.Those(var matchers) ->
                            all(total, Matcher.all(matchers, series.attributes()));
                    case Good.AllBut(var matchers) ->
                            all(total, !Matcher.all(matchers, series.attributes()));
                    case Good.Within(BigDecimal threshold) ->
                            within(increase, inUnit(threshold, series.unit()), total);
                    case Good.Up _ -> EventBounds.exact(events(increase));
                };
        return MinuteCounts.of(total, atMost(good, total));
    }

    /// Buckets of a broken histogram may hold more than its count says.
    private static EventBounds atMost(EventBounds good, long total) {
        return good.upper() <= total
                ? good
                : new EventBounds(
                        Math.min(good.lower(), total),
                        total,
                        Math.min(good.estimate(), total),
                        good.below(),
                        good.above());
    }

    private static EventBounds all(long total, boolean good) {
        return EventBounds.exact(good ? total : 0);
    }

    private static double inUnit(BigDecimal seconds, String unit) {
        return seconds.movePointRight(DURATIONS.getOrDefault(unit, 0)).doubleValue();
    }

    private static EventBounds within(PointValue increase, double threshold, long total) {
        return switch (increase) {
            case HistogramValue histogram -> histogram.atMost(threshold);
            case ExponentialValue exponential -> exponential.atMost(threshold);
            case NumberValue _ -> // a number says nothing of durations
                    new EventBounds(
                            0,
                            total,
                            total / 2.0,
                            Double.NEGATIVE_INFINITY,
                            Double.POSITIVE_INFINITY);
        };
    }

    /// Events are whole: a counter of doubles is rounded, increase by increase.
    private static long events(PointValue increase) {
        long events =
                switch (increase) {
                    case NumberValue number -> Math.round(number.real());
                    case HistogramValue histogram -> histogram.count();
                    case ExponentialValue exponential -> exponential.count();
                };
        return Math.clamp(events, 0, EVENTS_MAX);
    }
}
