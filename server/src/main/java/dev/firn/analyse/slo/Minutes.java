package dev.firn.analyse.slo;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// The minutes of one objective and group. Windows are sums over them: what two windows beside each
/// other count is what both together count. A minute that is put again replaces what it was, so
/// that late points change their minutes and nothing else.
///
/// A late point changes counts in its minute and in the next one with a point of its series, and
/// what is measured back to the one before; one that shows that its stream was being watched also
/// the first minute of the stream's other series.
///
/// Not safe for several threads at once.
public final class Minutes {
    /// Two leap years; older minutes are to be dropped by whoever keeps them.
    static final int MINUTES_MAX = 732 * 1440;

    private final TreeMap<Long, MinuteCounts> minutes = new TreeMap<>();

    /// Sums over whole days, made when first asked for.
    private final TreeMap<Long, MinuteCounts> days = new TreeMap<>();

    private static final long DAY = 1440;

    /// Sets a minute.
    ///
    /// @throws IllegalStateException if that were more than [#MINUTES_MAX]
    public void put(long minute, MinuteCounts counts) {
        minutes.put(minute, counts);
        days.remove(Math.floorDiv(minute, DAY));
        if (minutes.size() > MINUTES_MAX) {
            throw new IllegalStateException("more than " + MINUTES_MAX + " minutes of one group");
        }
    }

    /// Forgets what is known of a range and takes other minutes instead.
    public void replace(SloWindow.Span span, Map<Long, MinuteCounts> by) {
        minutes.subMap(span.from(), span.to()).clear();
        days.subMap(Math.floorDiv(span.from(), DAY), Math.floorDiv(span.to(), DAY) + 1).clear();
        by.forEach(this::put);
    }

    /// Forgets minutes before one.
    public void dropBefore(long minute) {
        minutes.headMap(minute).clear();
        days.headMap(Math.floorDiv(minute, DAY) + 1).clear();
    }

    /// The sum over a window.
    public MinuteCounts sum(SloWindow.Span span) {
        long firstDay = Math.floorDiv(span.from() + DAY - 1, DAY);
        long endDay = Math.floorDiv(span.to(), DAY);
        if (firstDay >= endDay) {
            return scan(span.from(), span.to());
        }
        MinuteCounts sum = scan(span.from(), firstDay * DAY);
        for (long day = firstDay; day < endDay; day++) {
            sum = sum.plus(day(day));
        }
        return sum.plus(scan(endDay * DAY, span.to()));
    }

    private MinuteCounts day(long day) {
        return days.computeIfAbsent(day, d -> scan(d * DAY, (d + 1) * DAY));
    }

    private MinuteCounts scan(long from, long to) {
        MinuteCounts sum = MinuteCounts.NONE;
        for (MinuteCounts one : minutes.subMap(from, to).values()) {
            sum = sum.plus(one);
        }
        return sum;
    }

    /// Its minutes in order.
    public NavigableMap<Long, MinuteCounts> all() {
        return java.util.Collections.unmodifiableNavigableMap(minutes);
    }
}
