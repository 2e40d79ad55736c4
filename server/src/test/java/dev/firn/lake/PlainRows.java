package dev.firn.lake;

import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Series;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// The naive model of table `points`: rows as maps, from a batch on one side and from Iceberg's
/// reader on the other. Doubles are compared as raw bits, times as nanoseconds.
public final class PlainRows {
    private PlainRows() {}

    public static List<Map<String, Object>> of(Batch batch, String src, long seq) {
        var rows = new ArrayList<Map<String, Object>>();
        for (Points.Kind kind : Points.Kind.values()) {
            Points points = batch.points(kind);
            for (int i = 0; i < points.size(); i++) {
                Map<String, Object> row = shared(points, i);
                row.put("src", src);
                row.put("seq", seq);
                switch (points) {
                    case Numbers numbers -> number(row, numbers.form[i], numbers.bits[i]);
                    case Histograms h -> {
                        optional(row, h.count[i], h.has[i], h.sum[i], h.min[i], h.max[i]);
                        row.put("bucket_counts", longs(h.counts, i));
                        row.put("explicit_bounds", reals(h.bounds, i));
                    }
                    case dev.firn.model.ExponentialHistograms e -> {
                        optional(row, e.count[i], e.has[i], e.sum[i], e.min[i], e.max[i]);
                        row.put("scale", e.scale[i]);
                        row.put("zero_count", e.zeroCount[i]);
                        row.put("zero_threshold", bits(e.zeroThreshold[i]));
                        row.put("positive_offset", e.positiveOffset[i]);
                        row.put("positive_bucket_counts", longs(e.positive, i));
                        row.put("negative_offset", e.negativeOffset[i]);
                        row.put("negative_bucket_counts", longs(e.negative, i));
                    }
                    case dev.firn.model.Summaries s -> {
                        row.put("count", s.count[i]);
                        row.put("sum", bits(s.sum[i]));
                        row.put("quantiles", reals(s.quantiles, i));
                        row.put("quantile_values", reals(s.values, i));
                    }
                }
                exemplars(row, batch, kind, i);
                rows.add(row);
            }
        }
        return rows;
    }

    private static Map<String, Object> shared(Points points, int i) {
        Series series = points.series[i];
        var row = new TreeMap<String, Object>();
        row.put("metric_name", series.metric().name());
        row.put("metric_type", series.metric().type().label());
        row.put("unit", series.metric().unit());
        row.put("temporality", series.metric().temporality().label());
        row.put("is_monotonic", series.metric().monotonic());
        row.put("service_name", series.wellKnown().serviceName());
        row.put("environment", series.wellKnown().environment());
        row.put("data_plane_id", series.wellKnown().dataPlaneId());
        row.put("plane", series.wellKnown().dataPlaneId());
        row.put("cluster_id", series.wellKnown().clusterId());
        row.put("region", series.wellKnown().region());
        row.put("http_method", series.wellKnown().httpMethod());
        row.put("http_route", series.wellKnown().httpRoute());
        row.put("http_status_code", series.wellKnown().httpStatusCode());
        row.put("resource", Attributes.fromJson(series.metric().resource().attributes()));
        row.put(
                "scope",
                Attributes.fromJson(
                        "{\"attributes\":%s,\"name\":\"%s\",\"version\":\"%s\"}"
                                .formatted(
                                        series.metric().scope().attributes(),
                                        series.metric().scope().name(),
                                        series.metric().scope().version())));
        row.put("attributes", Attributes.fromJson(series.attributes()));
        row.put("series_id", series.id());
        row.put("time", points.time[i]);
        if (points.start[i] != 0) {
            row.put("start_time", points.start[i]);
        }
        row.put("flags", points.flags[i]);
        return row;
    }

    private static void number(Map<String, Object> row, byte form, long bits) {
        if (form != Numbers.NONE) {
            row.put(
                    form == Numbers.INT ? "value_int" : "value",
                    form == Numbers.INT ? bits : "0x" + Long.toHexString(bits));
        }
    }

    private static void optional(
            Map<String, Object> row, long count, byte has, double sum, double min, double max) {
        row.put("count", count);
        if ((has & Histograms.HAS_SUM) != 0) {
            row.put("sum", bits(sum));
        }
        if ((has & Histograms.HAS_MIN) != 0) {
            row.put("min", bits(min));
        }
        if ((has & Histograms.HAS_MAX) != 0) {
            row.put("max", bits(max));
        }
    }

    private static void exemplars(
            Map<String, Object> row, Batch batch, Points.Kind kind, int pointRow) {
        var exemplars = new ArrayList<Map<String, Object>>();
        for (int i = 0; i < batch.exemplars.size(); i++) {
            if (batch.exemplars.pointKind[i] != kind.code()
                    || batch.exemplars.pointRow[i] != pointRow) {
                continue;
            }
            var one = new TreeMap<String, Object>();
            if (batch.exemplars.time[i] != 0) {
                one.put("time", batch.exemplars.time[i]);
            }
            number(one, batch.exemplars.form[i], batch.exemplars.bits[i]);
            one.put("trace_id", HexFormat.of().formatHex(batch.exemplars.traceId(i)));
            one.put("span_id", HexFormat.of().formatHex(batch.exemplars.spanId(i)));
            one.put("attributes", Attributes.fromJson(batch.exemplars.attributes(i)));
            exemplars.add(one);
        }
        if (!exemplars.isEmpty()) {
            row.put("exemplars", exemplars);
        }
    }

    private static List<Object> longs(LongLists lists, int row) {
        var values = new ArrayList<Object>();
        for (long value : lists.row(row)) {
            values.add(value);
        }
        return values;
    }

    private static List<Object> reals(LongLists lists, int row) {
        var values = new ArrayList<Object>();
        for (long value : lists.row(row)) {
            values.add("0x" + Long.toHexString(value));
        }
        return values;
    }

    private static String bits(double value) {
        return "0x" + Long.toHexString(Double.doubleToRawLongBits(value));
    }

    /// A row as Iceberg reads it, in the same form.
    public static Map<String, Object> of(Record row) {
        return struct(row);
    }

    private static Map<String, Object> struct(Record row) {
        var plain = new TreeMap<String, Object>();
        for (Types.NestedField field : row.struct().fields()) {
            Object value = row.getField(field.name());
            if (value == null || field.name().endsWith("_nanos")) {
                continue;
            }
            plain.put(
                    field.name(),
                    switch (field.name()) {
                        case "time", "start_time" ->
                                nanos(value, row.getField(field.name() + "_nanos"));
                        case "resource", "scope", "attributes" ->
                                Attributes.fromJson((String) value);
                        default -> plain(value);
                    });
        }
        return plain;
    }

    private static Object plain(Object value) {
        return switch (value) {
            case Double real -> bits(real);
            case Record nested -> struct(nested);
            case List<?> list -> list.stream().map(PlainRows::plain).toList();
            case ByteBuffer bytes -> HexFormat.of().formatHex(bytes.array());
            default -> value;
        };
    }

    private static long nanos(Object instant, @Nullable Object nanos) {
        Duration since = Duration.between(Instant.EPOCH, ((OffsetDateTime) instant).toInstant());
        return since.toNanos() + (Integer) java.util.Objects.requireNonNull(nanos);
    }
}
