package dev.firn.ops.bench.analytics;

import dev.firn.ops.bench.analytics.NabFile.NabWindow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/// NAB's scoring (Lavin and Ahmad 2015, and its `sweeper.py`): the earliest hit in a window earns
/// most, a miss costs one, a false alarm costs more the farther it is behind a window; one
/// threshold for all files; 0 for a detector that never fires and 100 for a perfect one.
final class NabScore {
    /// What hits, false alarms and misses weigh.
    record Profile(String name, double hit, double falseAlarm, double miss) {
        static final Profile STANDARD = new Profile("standard", 1, 0.11, 1);
        static final Profile LOW_FALSE_ALARMS = new Profile("low FP", 1, 0.22, 1);
        static final Profile LOW_MISSES = new Profile("low FN", 1, 0.11, 2);
        static final List<Profile> ALL = List.of(STANDARD, LOW_FALSE_ALARMS, LOW_MISSES);
    }

    /// A file and a detector's scores of its rows.
    record Scored(NabFile file, double[] scores) {}

    /// A threshold and the normalised score that it gives.
    record Best(double threshold, double score) {}

    /// A row that counts: the window it is in, or −1, and what it earns there.
    private record Row(double score, int window, double worth) {}

    private NabScore() {}

    /// Normalised score where a row fires whose score is `threshold` or more.
    static double at(double threshold, Collection<Scored> all, Profile profile) {
        double raw = 0;
        int windows = 0;
        for (Scored scored : all) {
            raw += raw(threshold, scored, profile);
            windows += scored.file().windows().size();
        }
        return normalised(raw, windows, profile);
    }

    /// Raw score of one file, as NAB publishes it.
    static double raw(double threshold, Scored scored, Profile profile) {
        List<Row> rows = new ArrayList<>();
        double[] best = rows(scored, profile, 0, rows);
        double total = 0;
        for (Row row : rows) {
            if (row.score >= threshold) {
                if (row.window < 0) {
                    total += row.worth;
                } else {
                    best[row.window] = Math.max(best[row.window], row.worth);
                }
            }
        }
        return total + sum(best);
    }

    /// The threshold that is best on these files, and the score there.
    static Best best(Collection<Scored> all, Profile profile) {
        List<Row> rows = new ArrayList<>();
        List<double[]> parts = new ArrayList<>();
        int windows = 0;
        for (Scored scored : all) {
            parts.add(rows(scored, profile, windows, rows));
            windows += scored.file().windows().size();
        }
        double[] best = parts.stream().flatMapToDouble(java.util.Arrays::stream).toArray();
        rows.sort(Comparator.comparingDouble((Row row) -> row.score).reversed());
        double total = sum(best);
        double top = total;
        double threshold = Double.POSITIVE_INFINITY;
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            if (row.window < 0) {
                total += row.worth;
            } else if (row.worth > best[row.window]) {
                total += row.worth - best[row.window];
                best[row.window] = row.worth;
            }
            boolean last = i + 1 == rows.size() || rows.get(i + 1).score != row.score;
            if (last && total > top) {
                top = total;
                threshold = row.score;
            }
        }
        return new Best(threshold, normalised(top, windows, profile));
    }

    private static double normalised(double raw, int windows, Profile profile) {
        double none = -windows * profile.miss;
        return 100 * (raw - none) / (windows * profile.hit - none);
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }

    /// Adds the rows that count; gives what each window is worth when missed.
    private static double[] rows(Scored scored, Profile profile, int firstWindow, List<Row> into) {
        NabFile file = scored.file();
        double[] missed = new double[file.windows().size()];
        int next = 0;
        int left = 0;
        int right = -1;
        boolean inside = false;
        for (int i = 0; i < file.times().length; i++) {
            if (next < missed.length && file.times()[i] == file.windows().get(next).from()) {
                NabWindow window = file.windows().get(next++);
                left = i;
                right = first(file.times(), window.to());
                inside = true;
            }
            double worth =
                    inside
                            ? profile.hit * hit(left, right, i)
                            : profile.falseAlarm * past(left, right, i);
            if (i >= file.probation()) {
                int window = inside ? next - 1 : -1;
                if (inside) {
                    missed[window] = -profile.miss;
                }
                into.add(new Row(scored.scores()[i], inside ? firstWindow + window : -1, worth));
            }
            inside &= file.times()[i] != file.times()[Math.max(right, 0)];
        }
        return missed;
    }

    private static int first(long[] times, long time) {
        for (int i = 0; i < times.length; i++) {
            if (times[i] == time) {
                return i;
            }
        }
        throw new IllegalArgumentException("no row at " + java.time.Instant.ofEpochMilli(time));
    }

    private static double hit(int left, int right, int i) {
        return sigmoid(-(right - i + 1) / (double) (right - left + 1)) / sigmoid(-1);
    }

    private static double past(int left, int right, int i) {
        return right < 0 ? -1 : sigmoid(Math.abs(right - i) / (double) (right - left));
    }

    private static double sigmoid(double position) {
        return position > 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
    }
}
