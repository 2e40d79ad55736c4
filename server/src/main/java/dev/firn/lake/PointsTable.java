package dev.firn.lake;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.types.Types;

/// Table `metrics.points`: one row a point of any of OTLP's five types, self-describing.
///
/// Ids are Iceberg field ids and stand for ever: a new column takes the next free id, at the end.
/// They are in the order in which Iceberg hands ids to a fresh table, so that creating one keeps
/// them. `docs/formats/lake.md` has the meaning of each column.
public final class PointsTable {
    /// The partition of every plane beyond `lake.partition_planes_max`.
    public static final String OTHER_PLANE = "other";

    public static final int METRIC_NAME = 1;
    static final int METRIC_TYPE = 2;
    static final int UNIT = 3;
    static final int TEMPORALITY = 4;
    static final int IS_MONOTONIC = 5;
    static final int SERVICE_NAME = 6;
    public static final int ENVIRONMENT = 7;
    public static final int DATA_PLANE_ID = 8;
    static final int CLUSTER_ID = 9;
    static final int REGION = 10;
    static final int HTTP_METHOD = 11;
    static final int HTTP_ROUTE = 12;
    static final int HTTP_STATUS_CODE = 13;
    static final int RESOURCE = 14;
    static final int SCOPE = 15;
    static final int ATTRIBUTES = 16;
    public static final int SERIES_ID = 17;
    static final int PLANE = 18;
    static final int SRC = 19;
    static final int SEQ = 20;
    public static final int TIME = 21;
    public static final int TIME_NANOS = 22;
    static final int START_TIME = 23;
    static final int START_TIME_NANOS = 24;
    static final int FLAGS = 25;
    static final int VALUE = 26;
    static final int VALUE_INT = 27;
    static final int COUNT = 28;
    static final int SUM = 29;
    static final int MIN = 30;
    static final int MAX = 31;
    static final int BUCKET_COUNTS = 32;
    static final int EXPLICIT_BOUNDS = 33;
    static final int SCALE = 34;
    static final int ZERO_COUNT = 35;
    static final int ZERO_THRESHOLD = 36;
    static final int POSITIVE_OFFSET = 37;
    static final int POSITIVE_BUCKET_COUNTS = 38;
    static final int NEGATIVE_OFFSET = 39;
    static final int NEGATIVE_BUCKET_COUNTS = 40;
    static final int QUANTILES = 41;
    static final int QUANTILE_VALUES = 42;
    static final int EXEMPLARS = 43;
    static final int BUCKET_COUNT = 44;
    static final int EXPLICIT_BOUND = 45;
    static final int POSITIVE_BUCKET_COUNT = 46;
    static final int NEGATIVE_BUCKET_COUNT = 47;
    static final int QUANTILE = 48;
    static final int QUANTILE_VALUE = 49;
    static final int EXEMPLAR = 50;
    static final int EXEMPLAR_TIME = 51;
    static final int EXEMPLAR_TIME_NANOS = 52;
    static final int EXEMPLAR_VALUE = 53;
    static final int EXEMPLAR_VALUE_INT = 54;
    static final int EXEMPLAR_TRACE_ID = 55;
    static final int EXEMPLAR_SPAN_ID = 56;
    static final int EXEMPLAR_ATTRIBUTES = 57;

    /// The columns.
    public static final Schema SCHEMA = schema();

    /// One partition a UTC day of the point's time and plane.
    public static final PartitionSpec SPEC =
            PartitionSpec.builderFor(SCHEMA).day("time", "time_day").identity("plane").build();

    /// Rows of one series follow each other, series of one metric too.
    public static final SortOrder SORT =
            SortOrder.builderFor(SCHEMA).asc("metric_name").asc("series_id").asc("time").build();

    /// Columns whose bounds let a reader skip files, row groups or pages.
    public static final List<String> PRUNING =
            List.of(
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
                    "series_id",
                    "plane",
                    "src",
                    "seq",
                    "time");

    private PointsTable() {}

    /// What the table is made with.
    public static LakeTable table() {
        return new LakeTable(LakePaths.POINTS, SCHEMA, SPEC, SORT, properties());
    }

    /// Properties of a new table.
    public static Map<String, String> properties() {
        return properties(PRUNING);
    }

    static Map<String, String> properties(List<String> pruning) {
        var properties = new LinkedHashMap<String, String>();
        properties.put("write.format.default", "parquet");
        properties.put("write.parquet.compression-codec", "zstd");
        properties.put("write.metadata.metrics.default", "none");
        for (String column : pruning) {
            properties.put("write.metadata.metrics.column." + column, "truncate(64)");
        }
        return properties;
    }

    private static Schema schema() {
        Types.StringType text = Types.StringType.get();
        Types.LongType int64 = Types.LongType.get();
        Types.IntegerType int32 = Types.IntegerType.get();
        Types.DoubleType real = Types.DoubleType.get();
        Types.TimestampType instant = Types.TimestampType.withZone();
        return new Schema(
                required(METRIC_NAME, "metric_name", text),
                required(METRIC_TYPE, "metric_type", text),
                required(UNIT, "unit", text),
                required(TEMPORALITY, "temporality", text),
                required(IS_MONOTONIC, "is_monotonic", Types.BooleanType.get()),
                required(SERVICE_NAME, "service_name", text),
                required(ENVIRONMENT, "environment", text),
                required(DATA_PLANE_ID, "data_plane_id", text),
                required(CLUSTER_ID, "cluster_id", text),
                required(REGION, "region", text),
                required(HTTP_METHOD, "http_method", text),
                required(HTTP_ROUTE, "http_route", text),
                required(HTTP_STATUS_CODE, "http_status_code", text),
                required(RESOURCE, "resource", text),
                required(SCOPE, "scope", text),
                required(ATTRIBUTES, "attributes", text),
                required(SERIES_ID, "series_id", int64),
                required(PLANE, "plane", text),
                required(SRC, "src", text),
                required(SEQ, "seq", int64),
                required(TIME, "time", instant),
                required(TIME_NANOS, "time_nanos", int32),
                optional(START_TIME, "start_time", instant),
                optional(START_TIME_NANOS, "start_time_nanos", int32),
                required(FLAGS, "flags", int32),
                optional(VALUE, "value", real),
                optional(VALUE_INT, "value_int", int64),
                optional(COUNT, "count", int64),
                optional(SUM, "sum", real),
                optional(MIN, "min", real),
                optional(MAX, "max", real),
                optional(BUCKET_COUNTS, "bucket_counts", list(BUCKET_COUNT, int64)),
                optional(EXPLICIT_BOUNDS, "explicit_bounds", list(EXPLICIT_BOUND, real)),
                optional(SCALE, "scale", int32),
                optional(ZERO_COUNT, "zero_count", int64),
                optional(ZERO_THRESHOLD, "zero_threshold", real),
                optional(POSITIVE_OFFSET, "positive_offset", int32),
                optional(
                        POSITIVE_BUCKET_COUNTS,
                        "positive_bucket_counts",
                        list(POSITIVE_BUCKET_COUNT, int64)),
                optional(NEGATIVE_OFFSET, "negative_offset", int32),
                optional(
                        NEGATIVE_BUCKET_COUNTS,
                        "negative_bucket_counts",
                        list(NEGATIVE_BUCKET_COUNT, int64)),
                optional(QUANTILES, "quantiles", list(QUANTILE, real)),
                optional(QUANTILE_VALUES, "quantile_values", list(QUANTILE_VALUE, real)),
                optional(
                        EXEMPLARS,
                        "exemplars",
                        list(
                                EXEMPLAR,
                                Types.StructType.of(
                                        optional(EXEMPLAR_TIME, "time", instant),
                                        optional(EXEMPLAR_TIME_NANOS, "time_nanos", int32),
                                        optional(EXEMPLAR_VALUE, "value", real),
                                        optional(EXEMPLAR_VALUE_INT, "value_int", int64),
                                        required(EXEMPLAR_TRACE_ID, "trace_id", text),
                                        required(EXEMPLAR_SPAN_ID, "span_id", text),
                                        required(EXEMPLAR_ATTRIBUTES, "attributes", text)))));
    }

    private static Types.ListType list(int elementId, org.apache.iceberg.types.Type element) {
        return Types.ListType.ofRequired(elementId, element);
    }
}
