package dev.firn.lake;

import dev.firn.model.Series;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The order in which a run's rows go to files: by partition (day, plane), then metric name, series
/// id and time; rows of equal time stay in the order of arrival. Linear in the rows: two counting
/// sorts, and a comparison sort only within series whose points came out of order.
final class RunOrder {
    /// Working memory for each row.
    static final int ROW_BYTES = 16;

    private static final long DAY_NANOS = 86_400_000_000_000L;
    static final Comparator<Series> BY_NAME_AND_ID =
            Comparator.<Series, String>comparing(s -> s.metric().name(), RunOrder::compareUtf8)
                    .thenComparingLong(Series::id)
                    .thenComparingLong(s -> s.fingerprint().low());

    /// Rows of one partition: `rows[from..to)`.
    record Part(int day, String plane, int from, int to) {}

    /// Row numbers in order.
    final int[] rows;

    /// Partitions in order, none empty.
    final Part[] parts;

    private RunOrder(int[] rows, Part[] parts) {
        this.rows = rows;
        this.parts = parts;
    }

    /// @param planes the planes that have partitions of their own
    static RunOrder of(RunRows run, Set<String> planes) {
        int[] rank = ranks(run.series);
        int[] bySeries = byRank(run, rank);
        sortTimes(run, rank, bySeries);
        return partition(run, bySeries, planeNumbers(run.series, planes));
    }

    /// Iceberg and Parquet order text by its UTF-8 bytes, which is code-point order.
    private static int compareUtf8(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char left = a.charAt(i);
            char right = b.charAt(i);
            if (left != right) {
                boolean alike = Character.isSurrogate(left) == Character.isSurrogate(right);
                return alike ? left - right : Character.isSurrogate(left) ? 1 : -1;
            }
        }
        return a.length() - b.length();
    }

    /// Rank by series number; descriptions (revisions) of one identity share a rank, so that their
    /// points are one run in time.
    private static int[] ranks(RunSeries series) {
        var sorted = new Integer[series.size()];
        Arrays.setAll(sorted, i -> i);
        Arrays.sort(sorted, (a, b) -> BY_NAME_AND_ID.compare(series.at(a), series.at(b)));
        int[] rank = new int[sorted.length];
        int next = -1;
        Series last = null;
        for (int index : sorted) {
            Series one = series.at(index);
            if (last == null || !last.fingerprint().equals(one.fingerprint())) {
                next++;
            }
            rank[index] = next;
            last = one;
        }
        return rank;
    }

    private static int[] byRank(RunRows run, int[] rank) {
        int[] at = new int[rank.length + 1];
        for (int row = 0; row < run.size; row++) {
            at[rank[run.seriesIndex[row]] + 1]++;
        }
        for (int i = 1; i < at.length; i++) {
            at[i] += at[i - 1];
        }
        int[] sorted = new int[run.size];
        for (int row = 0; row < run.size; row++) {
            sorted[at[rank[run.seriesIndex[row]]]++] = row;
        }
        return sorted;
    }

    private static void sortTimes(RunRows run, int[] rank, int[] rows) {
        int from = 0;
        while (from < rows.length) {
            int one = rank[run.seriesIndex[rows[from]]];
            long last = run.time[rows[from]];
            boolean sorted = true;
            int to = from + 1;
            while (to < rows.length && rank[run.seriesIndex[rows[to]]] == one) {
                long time = run.time[rows[to]];
                sorted &= time >= last;
                last = time;
                to++;
            }
            if (!sorted) {
                sortByTime(run.time, rows, from, to);
            }
            from = to;
        }
    }

    private static void sortByTime(long[] time, int[] rows, int from, int to) {
        var boxed = new Integer[to - from];
        Arrays.setAll(boxed, i -> rows[from + i]);
        Arrays.sort(boxed, Comparator.comparingLong(row -> time[row])); // stable
        for (int i = 0; i < boxed.length; i++) {
            rows[from + i] = boxed[i];
        }
    }

    private record PlaneNumbers(String[] names, int[] bySeries) {}

    private static PlaneNumbers planeNumbers(RunSeries series, Set<String> planes) {
        var sorted = new TreeSet<String>();
        for (int i = 0; i < series.size(); i++) {
            sorted.add(plane(series.at(i), planes));
        }
        String[] names = sorted.toArray(String[]::new);
        int[] bySeries = new int[series.size()];
        for (int i = 0; i < bySeries.length; i++) {
            bySeries[i] = Arrays.binarySearch(names, plane(series.at(i), planes));
        }
        return new PlaneNumbers(names, bySeries);
    }

    /// Column `plane`: the plane, or `other` where it has no partition of its own.
    static String plane(Series series, Set<String> planes) {
        String plane = series.wellKnown().dataPlaneId();
        return plane.isEmpty() || planes.contains(plane) ? plane : PointsTable.OTHER_PLANE;
    }

    private static RunOrder partition(RunRows run, int[] rows, PlaneNumbers planes) {
        int planeCount = Math.max(1, planes.names.length);
        Map<Long, Integer> counts = new HashMap<>();
        int[] partOf = new int[rows.length]; // by position in rows
        long lastKey = -1;
        int lastNumber = -1;
        var keys = new long[16];
        var sizes = new int[16];
        for (int i = 0; i < rows.length; i++) {
            int row = rows[i];
            long key =
                    run.time[row] / DAY_NANOS * planeCount + planes.bySeries[run.seriesIndex[row]];
            if (key != lastKey) {
                lastKey = key;
                lastNumber = counts.computeIfAbsent(key, k -> counts.size());
                if (lastNumber == keys.length) {
                    keys = Arrays.copyOf(keys, keys.length * 2);
                    sizes = Arrays.copyOf(sizes, sizes.length * 2);
                }
                keys[lastNumber] = key;
            }
            partOf[i] = lastNumber;
            sizes[lastNumber]++;
        }
        return distribute(rows, partOf, Arrays.copyOf(keys, counts.size()), sizes, planes);
    }

    private static RunOrder distribute(
            int[] rows, int[] partOf, long[] keys, int[] sizes, PlaneNumbers planes) {
        long[] inOrder = keys.clone();
        Arrays.sort(inOrder);
        int planeCount = Math.max(1, planes.names.length);
        var parts = new Part[keys.length];
        int[] at = new int[keys.length];
        var numberOf = new HashMap<Long, Integer>();
        for (int i = 0; i < keys.length; i++) {
            numberOf.put(keys[i], i);
        }
        int from = 0;
        for (int i = 0; i < inOrder.length; i++) {
            int number = java.util.Objects.requireNonNull(numberOf.get(inOrder[i]));
            at[number] = from;
            parts[i] =
                    new Part(
                            (int) (inOrder[i] / planeCount),
                            planes.names[(int) (inOrder[i] % planeCount)],
                            from,
                            from + sizes[number]);
            from += sizes[number];
        }
        int[] sorted = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            sorted[at[partOf[i]]++] = rows[i];
        }
        return new RunOrder(sorted, parts);
    }
}
