package dev.firn.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a rollup's rows must say of a series of numbers: the plain reading of DESIGN §8.
final class RollupModel {
    static final long WINDOW = 300_000;

    /// A stored point; times in ms, start 0 if unknown, `seq` its place among writers.
    record Point(long time, long start, double value, boolean stale, boolean unknown, long seq) {}

    enum Form {
        GAUGE,
        CUMULATIVE,
        UP_DOWN,
        DELTA
    }

    private static final class Row {
        long count;
        long nan;
        long stale;
        long duplicates;
        long conflicts;
        long unknown;
        long resets;
        double sum;
        double increase;
        double min = Double.NaN;
        double max = Double.NaN;
        @Nullable Point first;
        @Nullable Point last;

        String text() {
            return count
                    + "|"
                    + sum
                    + "|"
                    + min
                    + "|"
                    + max
                    + "|"
                    + text(first)
                    + "|"
                    + text(last)
                    + "|"
                    + nan
                    + "|"
                    + stale
                    + "|"
                    + increase
                    + "|"
                    + duplicates
                    + "|"
                    + conflicts
                    + "|"
                    + unknown
                    + "|"
                    + resets;
        }

        private static String text(@Nullable Point point) {
            return point == null ? "0|0|0.0" : point.time + "|" + point.start + "|" + point.value;
        }
    }

    private RollupModel() {}

    /// Windows with points, by their start in seconds.
    static Map<Long, String> rows(Form form, List<Point> stored, long ageMax) {
        var sorted = new ArrayList<>(stored);
        sorted.sort(
                Comparator.comparingLong(Point::time)
                        .thenComparing(Point::start)
                        .thenComparing(Point::seq));
        var rows = new TreeMap<Long, Row>();
        @Nullable Point before = null;
        for (int i = 0; i < sorted.size(); ) {
            int from = i;
            Point one = sorted.get(i);
            while (i < sorted.size() && same(sorted.get(i), one)) {
                i++;
            }
            List<Point> twins = sorted.subList(from, i);
            Point point = twins.getLast();
            Row row = rows.computeIfAbsent(point.time / WINDOW * 300, key -> new Row());
            row.duplicates += twins.size() - 1;
            row.conflicts += twins.stream().allMatch(twin -> equal(twin, point)) ? 0 : 1;
            if (point.stale) {
                row.stale++;
            } else if (Double.isNaN(point.value)) {
                row.nan++;
            } else {
                row.count++;
                row.min = Double.isNaN(row.min) ? point.value : Math.min(row.min, point.value);
                row.max = Double.isNaN(row.max) ? point.value : Math.max(row.max, point.value);
                if (Double.isFinite(point.value)) {
                    row.sum += point.value;
                    row.first = row.first == null ? point : row.first;
                    row.last = point;
                    row.increase += increase(form, before, point, row, ageMax);
                    before = point;
                }
            }
        }
        var texts = new TreeMap<Long, String>();
        rows.forEach((window, row) -> texts.put(window, row.text()));
        return texts;
    }

    private static double increase(
            Form form, @Nullable Point before, Point point, Row row, long ageMax) {
        if (form == Form.GAUGE || form == Form.UP_DOWN) {
            return 0;
        }
        if (form == Form.DELTA) {
            return point.value;
        }
        boolean young = point.start > 0 && point.time - point.start <= ageMax;
        if (point.unknown || before == null && !young) {
            row.unknown++;
            return 0;
        }
        if (before == null) {
            return point.value;
        }
        boolean restarted =
                point.start > 0 && point.start > (before.start > 0 ? before.start : before.time);
        if (restarted || point.value < before.value) {
            row.resets++;
            return point.value;
        }
        return point.value - before.value;
    }

    private static boolean same(Point a, Point b) {
        return a.time == b.time && a.start == b.start;
    }

    private static boolean equal(Point a, Point b) {
        return Double.doubleToRawLongBits(a.value) == Double.doubleToRawLongBits(b.value)
                && a.stale == b.stale
                && a.unknown == b.unknown;
    }
}
