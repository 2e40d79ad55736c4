package dev.firn.lake;

import dev.firn.model.Metric;
import dev.firn.model.Series;
import dev.firn.model.WellKnown;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The series of a run, numbered in order of first appearance. Mutable, for the hot path that
/// `LakeWriteBench` measures.
final class RunSeries {
    private static final int SERIES_BYTES = 120;

    private Series[] series = new Series[1024];
    private long[] firstTime = new long[1024];
    private int[] firstSource = new int[1024];
    private int[] metric = new int[1024];
    private int[] wellKnown = new int[1024];
    private int[] slots = new int[4096];
    private int size;
    private final List<Metric> metrics = new ArrayList<>();
    private final List<WellKnown> wellKnowns = new ArrayList<>();
    private final Map<Metric, Integer> metricNumbers = new HashMap<>();
    private final Map<WellKnown, Integer> wellKnownNumbers = new HashMap<>();

    /// The series' number; a new one remembers the point's source. The least time is kept.
    int index(Series one, long time, int source) {
        int hint = one.lakeNumber;
        if (hint < size && series[hint] == one) {
            if (time < firstTime[hint]) {
                firstTime[hint] = time;
            }
            return hint;
        }
        int number = find(one, time, source);
        one.lakeNumber = number;
        return number;
    }

    private int find(Series one, long time, int source) {
        int mask = slots.length - 1;
        int slot = (int) one.id() & mask; // bits of a SHA-256: spread enough
        while (slots[slot] != 0) {
            int known = slots[slot] - 1;
            if (series[known] == one) {
                if (time < firstTime[known]) {
                    firstTime[known] = time;
                }
                return known;
            }
            slot = (slot + 1) & mask;
        }
        slots[slot] = size + 1;
        return append(one, time, source);
    }

    private int append(Series one, long time, int source) {
        if (size == series.length) {
            series = Arrays.copyOf(series, size * 2);
            firstTime = Arrays.copyOf(firstTime, size * 2);
            firstSource = Arrays.copyOf(firstSource, size * 2);
            metric = Arrays.copyOf(metric, size * 2);
            wellKnown = Arrays.copyOf(wellKnown, size * 2);
        }
        series[size] = one;
        firstTime[size] = time;
        firstSource[size] = source;
        metric[size] = number(one.metric(), metricNumbers, metrics);
        wellKnown[size] = number(one.wellKnown(), wellKnownNumbers, wellKnowns);
        size++;
        if (size * 2 > slots.length) {
            rehash();
        }
        return size - 1;
    }

    private static <T> int number(T one, Map<T, Integer> numbers, List<T> all) {
        Integer known = numbers.putIfAbsent(one, all.size());
        if (known == null) {
            all.add(one);
            return all.size() - 1;
        }
        return known;
    }

    private void rehash() {
        slots = new int[slots.length * 2];
        int mask = slots.length - 1;
        for (int i = 0; i < size; i++) {
            int slot = (int) series[i].id() & mask;
            while (slots[slot] != 0) {
                slot = (slot + 1) & mask;
            }
            slots[slot] = i + 1;
        }
    }

    int size() {
        return size;
    }

    Series at(int index) {
        return series[index];
    }

    /// Number of the series' metric among [#metrics]: the text columns that depend on it alone are
    /// looked up once a metric, not once a series.
    int metric(int index) {
        return metric[index];
    }

    /// The metrics of this run, by number.
    List<Metric> metrics() {
        return metrics;
    }

    /// Number of the series' well-known columns among [#wellKnowns].
    int wellKnown(int index) {
        return wellKnown[index];
    }

    /// The well-known columns of this run, by number.
    List<WellKnown> wellKnowns() {
        return wellKnowns;
    }

    /// Least time of the series' points in this run.
    long firstTime(int index) {
        return firstTime[index];
    }

    /// Source of the first point that came.
    int firstSource(int index) {
        return firstSource[index];
    }

    /// Bytes held here and needed for sorting; a series object itself belongs to the registry.
    long bytes() {
        return slots.length * 4L
                + series.length * 28L
                + (long) size * SERIES_BYTES
                + (metrics.size() + wellKnowns.size()) * 80L;
    }
}
