package dev.firn.engine;

import dev.firn.model.Batch;
import dev.firn.model.Exemplars;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Summaries;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The engine's rows as text, every field to the bit: what a naive model expects, and what the
/// tables hold.
final class TableRows {
    private static final String HEAD =
            "SELECT metric_id, series_id, toUnixTimestamp64Milli(time),"
                    + " toUnixTimestamp64Milli(start_time), flags, seq, retention_days, ";
    private static final Map<Table, String> FIELDS =
            Map.of(
                    Table.SAMPLES, bits("value") + ", value_int",
                    Table.HISTOGRAMS,
                            "count, "
                                    + bits("sum", "min", "max")
                                    + ", has, "
                                    + bitsOfAll("bounds")
                                    + ", bucket_counts",
                    Table.EXPONENTIAL_HISTOGRAMS,
                            "count, "
                                    + bits("sum", "min", "max")
                                    + ", has, scale, zero_count, "
                                    + bits("zero_threshold")
                                    + ", positive_offset, positive_counts, negative_offset,"
                                    + " negative_counts",
                    Table.SUMMARIES,
                            "count, "
                                    + bits("sum")
                                    + ", "
                                    + bitsOfAll("quantiles")
                                    + ", "
                                    + bitsOfAll("quantile_values"),
                    Table.EXEMPLARS,
                            "ordinal, exemplar_time, "
                                    + bits("value")
                                    + ", value_int, trace_id, span_id, attributes");

    private TableRows() {}

    private static String bits(String... columns) {
        return java.util.Arrays.stream(columns)
                .map(column -> "reinterpretAsUInt64(" + column + ")")
                .collect(Collectors.joining(", "));
    }

    private static String bitsOfAll(String column) {
        return "arrayMap(x -> reinterpretAsUInt64(x), " + column + ")";
    }

    /// All rows of all tables of a database, sorted.
    static Map<Table, List<String>> stored(EngineFixture engine, String database)
            throws InterruptedException {
        var rows = new EnumMap<Table, List<String>>(Table.class);
        for (Table table : Table.values()) {
            var found =
                    new ArrayList<>(
                            engine.rows(
                                    HEAD
                                            + FIELDS.get(table)
                                            + " FROM "
                                            + database
                                            + "."
                                            + table.label()));
            Collections.sort(found);
            rows.put(table, found);
        }
        return rows;
    }

    /// What the engine must hold of cuts, sorted.
    static Map<Table, List<String>> expected(List<MemoryCutLog.MemoryCut> cuts, int retention) {
        var rows = new TreeMap<Table, List<String>>();
        for (Table table : Table.values()) {
            rows.put(table, new ArrayList<>());
        }
        for (var cut : cuts) {
            for (Batch batch : cut.batches()) {
                addAll(rows, batch, "|" + cut.sequence() + "|" + retention + "|");
            }
        }
        rows.values().forEach(Collections::sort);
        return rows;
    }

    private static void addAll(Map<Table, List<String>> rows, Batch batch, String where) {
        for (int row = 0; row < batch.numbers.size(); row++) {
            of(rows, Table.SAMPLES).add(sample(batch.numbers, row, where));
        }
        for (int row = 0; row < batch.histograms.size(); row++) {
            of(rows, Table.HISTOGRAMS).add(histogram(batch.histograms, row, where));
        }
        for (int row = 0; row < batch.exponential.size(); row++) {
            of(rows, Table.EXPONENTIAL_HISTOGRAMS).add(exponential(batch.exponential, row, where));
        }
        for (int row = 0; row < batch.summaries.size(); row++) {
            of(rows, Table.SUMMARIES).add(summary(batch.summaries, row, where));
        }
        for (int i = 0; i < batch.exemplars.size(); i++) {
            of(rows, Table.EXEMPLARS).add(exemplar(batch, i, where));
        }
    }

    private static List<String> of(Map<Table, List<String>> rows, Table table) {
        return rows.computeIfAbsent(table, key -> new ArrayList<>());
    }

    private static String head(Points points, int row, int flags, String where) {
        return Integer.toUnsignedString(points.series[row].metricId())
                + "|"
                + points.series[row].id()
                + "|"
                + points.time[row] / 1_000_000
                + "|"
                + points.start[row] / 1_000_000
                + "|"
                + (flags | (points.time[row] == points.start[row] ? 1 << 26 : 0))
                + where;
    }

    private static String value(byte form, long bits) {
        double real =
                switch (form) {
                    case Numbers.INT -> bits;
                    case Numbers.DOUBLE -> Double.longBitsToDouble(bits);
                    default -> Double.NaN;
                };
        return bits(real) + "|" + (form == Numbers.INT ? bits : 0);
    }

    private static int form(byte form) {
        return form == Numbers.INT ? 1 << 24 : form == Numbers.NONE ? 1 << 25 : 0;
    }

    private static String bits(double value) {
        return Long.toUnsignedString(Double.doubleToRawLongBits(value));
    }

    private static String list(LongLists lists, int row) {
        return java.util.Arrays.stream(lists.row(row))
                .mapToObj(Long::toUnsignedString)
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String optional(byte has, double sum, double min, double max) {
        return bits((has & 1) != 0 ? sum : 0)
                + "|"
                + bits((has & 2) != 0 ? min : 0)
                + "|"
                + bits((has & 4) != 0 ? max : 0)
                + "|"
                + has
                + "|";
    }

    private static String sample(Numbers points, int row, String where) {
        return head(points, row, points.flags[row] | form(points.form[row]), where)
                + value(points.form[row], points.bits[row]);
    }

    private static String histogram(Histograms points, int row, String where) {
        return head(points, row, points.flags[row], where)
                + Long.toUnsignedString(points.count[row])
                + "|"
                + optional(points.has[row], points.sum[row], points.min[row], points.max[row])
                + list(points.bounds, row)
                + "|"
                + list(points.counts, row);
    }

    private static String exponential(ExponentialHistograms points, int row, String where) {
        return head(points, row, points.flags[row], where)
                + Long.toUnsignedString(points.count[row])
                + "|"
                + optional(points.has[row], points.sum[row], points.min[row], points.max[row])
                + points.scale[row]
                + "|"
                + Long.toUnsignedString(points.zeroCount[row])
                + "|"
                + bits(points.zeroThreshold[row])
                + "|"
                + points.positiveOffset[row]
                + "|"
                + list(points.positive, row)
                + "|"
                + points.negativeOffset[row]
                + "|"
                + list(points.negative, row);
    }

    private static String summary(Summaries points, int row, String where) {
        return head(points, row, points.flags[row], where)
                + Long.toUnsignedString(points.count[row])
                + "|"
                + bits(points.sum[row])
                + "|"
                + list(points.quantiles, row)
                + "|"
                + list(points.values, row);
    }

    private static String exemplar(Batch batch, int i, String where) {
        Exemplars from = batch.exemplars;
        Points points = batch.points(Points.Kind.of(from.pointKind[i]));
        int ordinal = 0;
        for (int before = i - 1;
                before >= 0
                        && from.pointKind[before] == from.pointKind[i]
                        && from.pointRow[before] == from.pointRow[i];
                before--) {
            ordinal++;
        }
        return head(points, from.pointRow[i], form(from.form[i]), where)
                + ordinal
                + "|"
                + from.time[i]
                + "|"
                + value(from.form[i], from.bits[i])
                + "|"
                + HexFormat.of().formatHex(from.traceId(i))
                + "|"
                + HexFormat.of().formatHex(from.spanId(i))
                + "|"
                + from.attributes(i);
    }
}
