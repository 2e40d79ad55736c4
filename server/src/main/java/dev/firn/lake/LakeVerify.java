package dev.firn.lake;

import dev.firn.base.WorldException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;

/// Compares the lake with an engine by metric and hour, at a stated position, and names each
/// difference. Both sides count a (series, time, start) once; a conflict is won by the highest
/// (src, seq). What each compares:
///
/// - `points`: number of points, stale markers included;
/// - `measurements`: sum of `count` of histograms, exponential histograms and summaries, modulo
///   2^64;
/// - `sum`: of finite values (numbers) or sums (the others); stale markers add nothing. Sums of
///   doubles depend on their order, so two are equal if they differ by no more than 1e-9 of the sum
///   of the absolute values.
public final class LakeVerify {
    /// Greatest difference of two equal sums, as a share of the sum of absolute values.
    public static final double TOLERANCE = 1e-9;

    private static final long HOUR_SECONDS = 3600;
    private static final long HOUR_MICROS = 3_600_000_000L;
    private static final long HOUR_NANOS = HOUR_MICROS * 1_000;

    /// What is compared.
    ///
    /// @param fromHour first hour, in hours since 1970; within the engine's TTL
    /// @param toHour the hour after the last
    /// @param positions greatest `seq` that counts, by `src`; other writers' rows do not count
    public record Scope(long fromHour, long toHour, Map<String, Long> positions) {
        public Scope {
            positions = Map.copyOf(positions);
            if (fromHour > toHour) {
                throw new IllegalArgumentException("hours go from " + fromHour + " to " + toHour);
            }
        }
    }

    /// One metric's hour.
    ///
    /// @param hour hours since 1970, of the engine's time
    public record Hour(String metricName, long hour, long points, long measurements, double sum) {}

    /// The engine's side: the hours of a scope, de-duplicated, in any order; none is empty.
    @FunctionalInterface
    public interface Engine {
        /// Hands out each (metric, hour) of the scope once.
        void hours(Scope scope, Consumer<Hour> each);
    }

    /// A number that differs.
    ///
    /// @param what `points`, `measurements` or `sum`
    public record Difference(
            String metricName, long hour, String what, String lake, String engine) {
        @Override
        public String toString() {
            return "metric \"%s\" in the hour of %s: %s is %s in the lake, %s in the engine"
                    .formatted(
                            metricName,
                            Instant.ofEpochSecond(hour * HOUR_SECONDS),
                            what,
                            lake,
                            engine);
        }
    }

    /// What a comparison found.
    ///
    /// @param differences the first of them, at most `differencesMax`
    /// @param differenceCount all of them
    /// @param metricHours pairs of metric and hour compared
    /// @param rowsRead rows of the lake read, duplicates and repeated passes included
    public record Result(
            List<Difference> differences, long differenceCount, long metricHours, long rowsRead) {
        public Result {
            differences = List.copyOf(differences);
        }

        /// True if nothing differs.
        public boolean equal() {
            return differenceCount == 0;
        }
    }

    /// A sum that keeps what rounding loses (Neumaier), with the sum of absolute values.
    static final class Sum {
        private long points;
        private long measurements;
        private double sum;
        private double lost;
        private double absolute;

        void add(long count, double value) {
            points++;
            measurements += count;
            if (!Double.isFinite(value)) {
                return;
            }
            double next = sum + value;
            lost += Math.abs(sum) >= Math.abs(value) ? (sum - next) + value : (value - next) + sum;
            sum = next;
            absolute += Math.abs(value);
        }

        double value() {
            double value = sum + lost;
            return Double.isFinite(value) ? value : sum;
        }
    }

    private final Table table;
    private final int rowsMax;
    private final int differencesMax;
    private final long unitNanos;

    /// @param points table `points`, loaded by the calling thread
    /// @param rowsMax rows held in memory at once, some 100 bytes each (`lake.verify_rows_max`)
    /// @param differencesMax differences that a result names
    /// @param unitNanos to which the engine rounds times down; it divides an hour, so that no row
    ///   changes its hour
    public LakeVerify(Table points, int rowsMax, int differencesMax, long unitNanos) {
        this.table = points;
        this.rowsMax = rowsMax;
        this.differencesMax = differencesMax;
        this.unitNanos = unitNanos;
        if (unitNanos <= 0 || HOUR_NANOS % unitNanos != 0) {
            throw new IllegalArgumentException(unitNanos + " ns do not divide an hour");
        }
    }

    /// Compares all hours of the scope, in order of time.
    public Result compare(Scope scope, Engine engine) {
        table.refresh();
        var found = new Found();
        Snapshot snapshot = table.currentSnapshot();
        if (snapshot == null) {
            found.hours(Map.of(), engine, scope);
            return found.result(0);
        }
        var scan = new VerifyScan(table, snapshot.snapshotId(), scope.positions(), unitNanos);
        long next = scope.fromHour();
        for (VerifyPlan.Stretch stretch : plan(scope, snapshot).stretches(rowsMax)) {
            if (stretch.fromHour() > next) {
                found.hours(Map.of(), engine, part(scope, next, stretch.fromHour()));
            }
            next = stretch.toHour();
            found.hours(scan.read(stretch), engine, part(scope, stretch.fromHour(), next));
        }
        if (next < scope.toHour()) {
            found.hours(Map.of(), engine, part(scope, next, scope.toHour()));
        }
        return found.result(scan.rowsRead());
    }

    private static Scope part(Scope scope, long fromHour, long toHour) {
        return new Scope(fromHour, toHour, scope.positions());
    }

    private VerifyPlan plan(Scope scope, Snapshot snapshot) {
        var plan = new VerifyPlan(scope.fromHour(), scope.toHour());
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan()
                        .useSnapshot(snapshot.snapshotId())
                        .includeColumnStats()
                        .planFiles()) {
            for (FileScanTask task : tasks) {
                DataFile file = task.file();
                plan.file(
                        Math.floorDiv(bound(file.lowerBounds()), HOUR_MICROS),
                        Math.floorDiv(bound(file.upperBounds()), HOUR_MICROS),
                        file.recordCount());
            }
        } catch (IOException e) {
            throw new WorldException(
                    "cannot plan the lake table " + table.name() + ": " + e.getMessage(), e);
        }
        return plan;
    }

    private long bound(Map<Integer, ByteBuffer> bounds) {
        ByteBuffer bound = bounds.get(PointsTable.TIME);
        if (bound == null) {
            throw new IllegalStateException("a data file of points has no bounds of its time");
        }
        Long micros = Conversions.fromByteBuffer(Types.TimestampType.withZone(), bound);
        return micros;
    }

    /// Differences as they are found.
    private final class Found {
        private final List<Difference> differences = new ArrayList<>();
        private long count;
        private long metricHours;

        /// Compares a stretch of hours.
        ///
        /// @param lake the lake's side, by hour and metric
        void hours(Map<Long, Map<String, Sum>> lake, Engine engine, Scope scope) {
            var byHour = new TreeMap<Long, Map<String, Hour>>();
            lake.keySet().forEach(hour -> byHour.put(hour, new HashMap<>()));
            engine.hours(
                    scope,
                    hour ->
                            byHour.computeIfAbsent(hour.hour(), h -> new HashMap<>())
                                    .put(hour.metricName(), hour));
            byHour.forEach(
                    (hour, metrics) -> compare(hour, lake.getOrDefault(hour, Map.of()), metrics));
        }

        private void compare(long hour, Map<String, Sum> lake, Map<String, Hour> engine) {
            var names = new TreeSet<>(lake.keySet());
            names.addAll(engine.keySet());
            metricHours += names.size();
            for (String name : names) {
                Sum left = lake.getOrDefault(name, new Sum());
                Hour right = engine.getOrDefault(name, new Hour(name, hour, 0, 0, 0));
                compare(left, right);
            }
        }

        private void compare(Sum lake, Hour engine) {
            if (lake.points != engine.points()) {
                add(engine, "points", "" + lake.points, "" + engine.points());
            }
            if (lake.measurements != engine.measurements()) {
                add(
                        engine,
                        "measurements",
                        Long.toUnsignedString(lake.measurements),
                        Long.toUnsignedString(engine.measurements()));
            }
            double value = lake.value();
            boolean bothOverflow = !Double.isFinite(value) && !Double.isFinite(engine.sum());
            if (!bothOverflow && !(Math.abs(value - engine.sum()) <= TOLERANCE * lake.absolute)) {
                add(engine, "sum", "" + value, "" + engine.sum());
            }
        }

        private void add(Hour at, String what, String lake, String engine) {
            count++;
            if (differences.size() < differencesMax) {
                differences.add(new Difference(at.metricName(), at.hour(), what, lake, engine));
            }
        }

        Result result(long rowsRead) {
            return new Result(differences, count, metricHours, rowsRead);
        }
    }
}
