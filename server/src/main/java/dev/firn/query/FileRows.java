package dev.firn.query;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// The rows of `lake_files`: each data file of `points` with the bounds of the columns that prune.
/// What is not known is null, and leaves nothing out.
final class FileRows {
    /// Columns with bounds.
    static final List<String> BOUNDED =
            List.of(
                    "time",
                    "metric_name",
                    "metric_type",
                    "service_name",
                    "environment",
                    "data_plane_id",
                    "cluster_id",
                    "region",
                    "http_method",
                    "http_route",
                    "http_status_code",
                    "series_id");

    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);
    private static final String NULL = "\\N";

    private final Table table;

    FileRows(Table table) {
        this.table = table;
    }

    /// Columns of an insert, in the order of [#row].
    static String columns() {
        var names = new StringBuilder("path, rows, bytes, day, plane");
        for (String column : BOUNDED) {
            names.append(", ").append(column).append("_min, ").append(column).append("_max");
        }
        return names.toString();
    }

    /// One line of tab-separated values.
    String row(DataFile file) {
        var row = new StringBuilder();
        row.append(escaped(file.location())).append('\t').append(file.recordCount());
        row.append('\t').append(file.fileSizeInBytes());
        PartitionSpec spec = table.specs().get(file.specId());
        Object day = partition(file, spec, "time_day");
        row.append('\t').append(day instanceof Integer days ? LocalDate.ofEpochDay(days) : NULL);
        Object plane = partition(file, spec, "plane");
        row.append('\t').append(plane == null ? "" : escaped(plane.toString()));
        for (String column : BOUNDED) {
            row.append('\t').append(bound(column, file.lowerBounds()));
            row.append('\t').append(bound(column, file.upperBounds()));
        }
        return row.append('\n').toString();
    }

    static @Nullable Object partition(DataFile file, @Nullable PartitionSpec spec, String name) {
        if (spec == null) {
            return null;
        }
        for (int i = 0; i < spec.fields().size(); i++) {
            if (spec.fields().get(i).name().equals(name)) {
                return file.partition().get(i, Object.class);
            }
        }
        return null;
    }

    private String bound(String column, @Nullable Map<Integer, ByteBuffer> bounds) {
        Types.NestedField field = table.schema().findField(column);
        ByteBuffer bytes = bounds == null || field == null ? null : bounds.get(field.fieldId());
        if (field == null || bytes == null) {
            return NULL;
        }
        Object value = Conversions.fromByteBuffer(field.type(), bytes);
        if (field.type() instanceof Types.TimestampType && value instanceof Long micros) {
            return MICROS.format(
                    Instant.ofEpochSecond(
                            Math.floorDiv(micros, 1_000_000L),
                            Math.floorMod(micros, 1_000_000L) * 1000));
        }
        return escaped(value.toString());
    }

    /// Microseconds since 1970; null if it is not known.
    static @Nullable Long timeMin(Table table, DataFile file) {
        Types.NestedField field = table.schema().findField("time");
        Map<Integer, ByteBuffer> bounds = file.lowerBounds();
        ByteBuffer bytes = bounds == null || field == null ? null : bounds.get(field.fieldId());
        if (field == null || bytes == null) {
            return null;
        }
        return Conversions.<Long>fromByteBuffer(field.type(), bytes);
    }

    static String escaped(String text) {
        return text.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }
}
