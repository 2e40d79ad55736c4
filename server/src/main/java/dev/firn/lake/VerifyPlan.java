package dev.firn.lake;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Divides the hours that have rows into stretches that are read at once. A file is opened for each
/// stretch that it touches, and its rows are sorted by series, so that reading one hour of a file
/// of a day costs as much as reading the day: a stretch goes on as long as that needs no more
/// passes.
final class VerifyPlan {
    /// Neighbouring hours.
    ///
    /// @param fromHour the first
    /// @param toHour the one after the last
    /// @param passes over its files, so that a pass has no more rows than fit
    record Stretch(long fromHour, long toHour, int passes) {}

    private final long fromHour;
    private final long toHour;
    private final TreeMap<Long, Rows> hours = new TreeMap<>();

    /// Of the files that touch an hour.
    ///
    /// @param all of all of them
    /// @param first of those that touch none before
    private record Rows(long all, long first) {
        Rows plus(Rows other) {
            return new Rows(all + other.all, first + other.first);
        }
    }

    /// For these hours only.
    VerifyPlan(long fromHour, long toHour) {
        this.fromHour = fromHour;
        this.toHour = toHour;
    }

    /// A file with rows in some of these hours.
    ///
    /// @param last its last hour, inclusive
    void file(long first, long last, long rows) {
        long begin = Math.max(first, fromHour);
        for (long hour = begin; hour <= Math.min(last, toHour - 1); hour++) {
            hours.merge(hour, new Rows(rows, hour == begin ? rows : 0), Rows::plus);
        }
    }

    /// In order of time; hours that no file touches are in none.
    ///
    /// @param rowsMax rows of a pass
    List<Stretch> stretches(int rowsMax) {
        var stretches = new ArrayList<Stretch>();
        @Nullable Long from = hours.isEmpty() ? null : hours.firstKey();
        while (from != null) {
            Stretch stretch = from(from, rowsMax);
            stretches.add(stretch);
            from = hours.ceilingKey(stretch.toHour());
        }
        return stretches;
    }

    /// As long as it needs no more passes, and then no longer than to a border that no file
    /// crosses, if there is one.
    private Stretch from(long first, int rowsMax) {
        long rows = 0;
        long to = first;
        @Nullable Stretch atBorder = null;
        for (var hour : hours.tailMap(first).entrySet()) {
            boolean border = to > first && hour.getValue().first() == hour.getValue().all();
            if (border && hour.getKey() == to) {
                atBorder = new Stretch(first, to, passes(rows, rowsMax));
            }
            long more = rows + (to == first ? hour.getValue().all() : hour.getValue().first());
            boolean fits = to == first || passes(more, rowsMax) == passes(rows, rowsMax);
            if (hour.getKey() != to || !fits) {
                return fits || atBorder == null
                        ? new Stretch(first, to, passes(rows, rowsMax))
                        : atBorder;
            }
            rows = more;
            to++;
        }
        return new Stretch(first, to, passes(rows, rowsMax));
    }

    private static int passes(long rows, int rowsMax) {
        return (int) (rows / rowsMax) + 1;
    }
}
