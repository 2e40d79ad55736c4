package dev.firn.lake;

import dev.firn.model.Series;
import dev.firn.model.WellKnown;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The order in which a run's rows go to files: by partition (day, plane), then metric name, series
/// id and time; rows of equal time stay in the order of arrival. Linear in the rows: two counting
/// sorts, and a comparison sort only within series whose points came out of order.
final class RunOrder {
    /// Working memory for each row.
    static final int ROW_BYTES = 16;

    private static final long DAY_NANOS = 86_400_000_000_000L;
    private static final Comparator<Series> BY_ID =
            Comparator.comparingLong(Series::id)
                    .thenComparingLong(series -> series.fingerprint().low())
                    .thenComparingLong(Series::revision);

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
        int[] sorted = sorted(series);
        int[] rank = new int[sorted.length];
        int next = -1;
        Series last = null;
        for (int index : sorted) {
            Series one = series.at(index);
            if (last == null || !sameIdentity(last, one)) {
                next++;
            }
            rank[index] = next;
            last = one;
        }
        return rank;
    }

    private static boolean sameIdentity(Series a, Series b) {
        return a.id() == b.id() && a.fingerprint().equals(b.fingerprint());
    }

    /// Series numbers by (metric name, id): metrics by comparison, the many series of each by
    /// sorting primitive keys.
    static int[] sorted(RunSeries series) {
        int[] nameRank = nameRanks(series);
        int names = 0;
        for (int rank : nameRank) {
            names = Math.max(names, rank + 1);
        }
        int[] at = new int[names + 1];
        for (int i = 0; i < series.size(); i++) {
            at[nameRank[series.metric(i)] + 1]++;
        }
        for (int i = 1; i <= names; i++) {
            at[i] += at[i - 1];
        }
        int[] starts = at.clone();
        int[] sorted = new int[series.size()];
        for (int i = 0; i < sorted.length; i++) {
            sorted[at[nameRank[series.metric(i)]]++] = i;
        }
        for (int name = 0; name < names; name++) {
            sortById(series, sorted, starts[name], starts[name + 1]);
        }
        return sorted;
    }

    private static int[] nameRanks(RunSeries series) {
        var byName = new TreeMap<String, Integer>(RunOrder::compareUtf8);
        series.metrics().forEach(metric -> byName.put(metric.name(), 0));
        int next = 0;
        for (Map.Entry<String, Integer> entry : byName.entrySet()) {
            entry.setValue(next++);
        }
        int[] ranks = new int[series.metrics().size()];
        for (int i = 0; i < ranks.length; i++) {
            ranks[i] = Objects.requireNonNull(byName.get(series.metrics().get(i).name()));
        }
        return ranks;
    }

    /// The upper bits of the id and the place in one long sort without objects; the few that the
    /// upper bits leave equal are then put in order by comparison.
    private static void sortById(RunSeries series, int[] sorted, int from, int to) {
        int size = to - from;
        long placeMask = Long.highestOneBit(Math.max(1, size)) * 2 - 1;
        var keys = new long[size];
        for (int i = 0; i < size; i++) {
            keys[i] = series.at(sorted[from + i]).id() & ~placeMask | i;
        }
        Arrays.sort(keys);
        int[] unsorted = Arrays.copyOfRange(sorted, from, to);
        for (int i = 0; i < size; i++) {
            sorted[from + i] = unsorted[(int) (keys[i] & placeMask)];
        }
        for (int i = 1; i < size; i++) {
            for (int j = i; j > 0 && (keys[j] & ~placeMask) == (keys[j - 1] & ~placeMask); j--) {
                int left = sorted[from + j - 1];
                int right = sorted[from + j];
                if (BY_ID.compare(series.at(left), series.at(right)) <= 0) {
                    break;
                }
                sorted[from + j - 1] = right;
                sorted[from + j] = left;
            }
        }
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
        series.wellKnowns().forEach(known -> sorted.add(plane(known, planes)));
        String[] names = sorted.toArray(String[]::new);
        int[] byWellKnown = new int[series.wellKnowns().size()];
        for (int i = 0; i < byWellKnown.length; i++) {
            byWellKnown[i] = Arrays.binarySearch(names, plane(series.wellKnowns().get(i), planes));
        }
        int[] bySeries = new int[series.size()];
        Arrays.setAll(bySeries, i -> byWellKnown[series.wellKnown(i)]);
        return new PlaneNumbers(names, bySeries);
    }

    /// Column `plane`: the plane, or `other` where it has no partition of its own.
    private static String plane(WellKnown known, Set<String> planes) {
        String plane = known.dataPlaneId();
        return plane.isEmpty() || planes.contains(plane) ? plane : PointsTable.OTHER_PLANE;
    }

    private static RunOrder partition(RunRows run, int[] rows, PlaneNumbers planes) {
        int planeCount = Math.max(1, planes.names.length);
        Map<Long, Integer> counts = new HashMap<>();
        int[] partOf = new int[rows.length]; // by position in rows
        var lastDay = new long[planeCount];
        var lastNumber = new int[planeCount];
        Arrays.fill(lastDay, -1);
        var keys = new long[16];
        var sizes = new int[16];
        for (int i = 0; i < rows.length; i++) {
            int row = rows[i];
            int plane = planes.bySeries[run.seriesIndex[row]];
            long day = run.time[row] / DAY_NANOS;
            if (day != lastDay[plane]) {
                long key = day * planeCount + plane;
                int number = counts.computeIfAbsent(key, k -> counts.size());
                if (number == keys.length) {
                    keys = Arrays.copyOf(keys, keys.length * 2);
                    sizes = Arrays.copyOf(sizes, sizes.length * 2);
                }
                keys[number] = key;
                lastDay[plane] = day;
                lastNumber[plane] = number;
            }
            partOf[i] = lastNumber[plane];
            sizes[lastNumber[plane]]++;
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
            int number = Objects.requireNonNull(numberOf.get(inOrder[i]));
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
