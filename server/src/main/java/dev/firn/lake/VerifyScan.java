package dev.firn.lake;

import dev.firn.model.Points;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/// Counts and sums of the lake by hour and metric, after de-duplication, read through Iceberg's own
/// reader. Memory is bounded: hours of more rows than fit are read in several passes, each taking
/// the series of one share of the ids.
final class VerifyScan {
    private static final List<String> COLUMNS =
            List.of(
                    "metric_name",
                    "series_id",
                    "src",
                    "seq",
                    "time",
                    "time_nanos",
                    "start_time",
                    "start_time_nanos",
                    "flags",
                    "value",
                    "value_int",
                    "count",
                    "sum");
    private static final long HOUR_MICROS = 3_600_000_000L;
    private static final long HOUR_NANOS = HOUR_MICROS * 1000;

    private final Table table;
    private final long snapshot;
    private final Map<String, Long> positions;
    private final long unitNanos;
    private final Map<String, Integer> srcRanks = new HashMap<>();
    private final VerifyTable points = new VerifyTable();
    private final Map<String, Integer> metricNumbers = new HashMap<>();
    private final List<String> metrics = new ArrayList<>();
    private long rowsRead;

    VerifyScan(Table table, long snapshot, Map<String, Long> positions, long unitNanos) {
        this.table = table;
        this.snapshot = snapshot;
        this.positions = positions;
        this.unitNanos = unitNanos;
        for (String src : new TreeSet<>(positions.keySet())) {
            srcRanks.put(src, srcRanks.size());
        }
    }

    /// Rows read so far, all passes.
    long rowsRead() {
        return rowsRead;
    }

    /// Its rows, added up by hour and metric; hours without rows are missing.
    Map<Long, Map<String, LakeVerify.Sum>> read(VerifyPlan.Stretch stretch) {
        var sums = new HashMap<Long, Map<String, LakeVerify.Sum>>();
        for (int pass = 0; pass < stretch.passes(); pass++) {
            points.clear();
            read(stretch, pass);
            for (int i = 0; i < points.size(); i++) {
                sums.computeIfAbsent(
                                Math.floorDiv(points.time(i), HOUR_NANOS), hour -> new HashMap<>())
                        .computeIfAbsent(
                                metrics.get(points.metric(i)), name -> new LakeVerify.Sum())
                        .add(points.measurements(i), points.value(i));
            }
        }
        return sums;
    }

    private void read(VerifyPlan.Stretch stretch, int pass) {
        long from = stretch.fromHour() * HOUR_MICROS;
        long to = stretch.toHour() * HOUR_MICROS;
        try (CloseableIterable<Record> rows =
                IcebergGenerics.read(table)
                        .useSnapshot(snapshot)
                        .select(COLUMNS)
                        .where(
                                Expressions.and(
                                        Expressions.greaterThanOrEqual("time", from),
                                        Expressions.lessThan("time", to)))
                        .reuseContainers()
                        .build()) {
            @Nullable Fields fields = null;
            for (Record row : rows) {
                if (fields == null) {
                    fields = new Fields(row.struct().asSchema());
                }
                rowsRead++;
                add(row, fields, stretch, pass);
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(
                    "cannot finish reading lake table " + table.name() + ": " + e.getMessage(), e);
        }
    }

    private void add(Record row, Fields at, VerifyPlan.Stretch stretch, int pass) {
        long series = row.get(at.series, Long.class);
        if (Long.remainderUnsigned(series, stretch.passes()) != pass) {
            return;
        }
        long time =
                rounded(
                        micros(row.get(at.time, OffsetDateTime.class)) * 1000
                                + row.get(at.timeNanos, Integer.class));
        String src = row.get(at.src, String.class);
        long seq = row.get(at.seq, Long.class);
        Long position = positions.get(src);
        Integer srcRank = srcRanks.get(src);
        if (position == null || srcRank == null || seq > position) {
            return;
        }
        OffsetDateTime start = row.get(at.start, OffsetDateTime.class);
        long startNanos =
                start == null
                        ? 0
                        : rounded(micros(start) * 1000 + row.get(at.startNanos, Integer.class));
        boolean stale = (row.get(at.flags, Integer.class) & Points.NO_RECORDED_VALUE) != 0;
        Long count = row.get(at.count, Long.class);
        points.add(
                series,
                time,
                startNanos,
                srcRank,
                seq,
                metric(row.get(at.metric, String.class)),
                stale || count == null ? 0 : count,
                stale ? Double.NaN : addend(row, at));
    }

    private long rounded(long nanos) {
        return Math.floorDiv(nanos, unitNanos) * unitNanos;
    }

    private static double addend(Record row, Fields at) {
        Double value = row.get(at.value, Double.class);
        if (value != null) {
            return value;
        }
        Long integer = row.get(at.valueInt, Long.class);
        if (integer != null) {
            return integer;
        }
        Double sum = row.get(at.sum, Double.class);
        return sum == null ? Double.NaN : sum;
    }

    private int metric(String name) {
        Integer known = metricNumbers.get(name);
        if (known == null) {
            known = metrics.size();
            metrics.add(name);
            metricNumbers.put(name, known);
        }
        return known;
    }

    private static long micros(OffsetDateTime instant) {
        return instant.toEpochSecond() * 1_000_000 + instant.getNano() / 1000;
    }

    /// Places of the columns in a row.
    private static final class Fields {
        final int metric;
        final int series;
        final int src;
        final int seq;
        final int time;
        final int timeNanos;
        final int start;
        final int startNanos;
        final int flags;
        final int value;
        final int valueInt;
        final int count;
        final int sum;

        Fields(Schema schema) {
            List<String> names = schema.columns().stream().map(field -> field.name()).toList();
            metric = names.indexOf("metric_name");
            series = names.indexOf("series_id");
            src = names.indexOf("src");
            seq = names.indexOf("seq");
            time = names.indexOf("time");
            timeNanos = names.indexOf("time_nanos");
            start = names.indexOf("start_time");
            startNanos = names.indexOf("start_time_nanos");
            flags = names.indexOf("flags");
            value = names.indexOf("value");
            valueInt = names.indexOf("value_int");
            count = names.indexOf("count");
            sum = names.indexOf("sum");
        }
    }
}
