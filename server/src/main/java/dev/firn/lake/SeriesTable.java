package dev.firn.lake;

import static org.apache.iceberg.types.Types.NestedField.required;

import java.util.List;
import java.util.Map;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.types.Types;

/// Table `metrics.series`: what is known of each series, at least one row for each (fingerprint,
/// revision) and process; readers keep the row with the highest (`src`, `seq`) of a fingerprint.
///
/// Ids are Iceberg field ids and stand for ever, in the order in which Iceberg hands them out.
public final class SeriesTable {
    static final int FINGERPRINT = 1;
    static final int SERIES_ID = 2;
    static final int REVISION = 3;
    static final int METRIC_ID = 4;
    static final int METRIC_NAME = 5;
    static final int METRIC_TYPE = 6;
    static final int UNIT = 7;
    static final int TEMPORALITY = 8;
    static final int IS_MONOTONIC = 9;
    static final int DESCRIPTION = 10;
    static final int METADATA = 11;
    static final int SERVICE_NAME = 12;
    static final int ENVIRONMENT = 13;
    static final int DATA_PLANE_ID = 14;
    static final int CLUSTER_ID = 15;
    static final int REGION = 16;
    static final int HTTP_METHOD = 17;
    static final int HTTP_ROUTE = 18;
    static final int HTTP_STATUS_CODE = 19;
    static final int RESOURCE = 20;
    static final int RESOURCE_MAP = 21;
    static final int RESOURCE_SCHEMA_URL = 22;
    static final int RESOURCE_DROPPED_ATTRIBUTES = 23;
    static final int ENTITY_REFS = 24;
    static final int SCOPE = 25;
    static final int SCOPE_NAME = 26;
    static final int SCOPE_VERSION = 27;
    static final int SCOPE_MAP = 28;
    static final int SCOPE_SCHEMA_URL = 29;
    static final int SCOPE_DROPPED_ATTRIBUTES = 30;
    static final int ATTRIBUTES = 31;
    static final int ATTRIBUTES_MAP = 32;
    static final int SRC = 33;
    static final int SEQ = 34;
    static final int FIRST_SEEN = 35;
    static final int RESOURCE_MAP_KEY = 36;
    static final int RESOURCE_MAP_VALUE = 37;
    static final int SCOPE_MAP_KEY = 38;
    static final int SCOPE_MAP_VALUE = 39;
    static final int ATTRIBUTES_MAP_KEY = 40;
    static final int ATTRIBUTES_MAP_VALUE = 41;

    /// The columns.
    public static final Schema SCHEMA = schema();

    /// Not partitioned.
    public static final PartitionSpec SPEC = PartitionSpec.unpartitioned();

    /// As the points are.
    public static final SortOrder SORT =
            SortOrder.builderFor(SCHEMA).asc("metric_name").asc("series_id").build();

    private static final List<String> PRUNING =
            List.of("series_id", "metric_name", "service_name", "data_plane_id", "src", "seq");

    private SeriesTable() {}

    /// What the table is made with.
    public static LakeTable table() {
        return new LakeTable(LakePaths.SERIES, SCHEMA, SPEC, SORT, properties());
    }

    /// Properties of a new table.
    public static Map<String, String> properties() {
        return PointsTable.properties(PRUNING);
    }

    private static Schema schema() {
        Types.StringType text = Types.StringType.get();
        Types.LongType int64 = Types.LongType.get();
        return new Schema(
                required(FINGERPRINT, "fingerprint", Types.FixedType.ofLength(16)),
                required(SERIES_ID, "series_id", int64),
                required(REVISION, "revision", int64),
                required(METRIC_ID, "metric_id", int64),
                required(METRIC_NAME, "metric_name", text),
                required(METRIC_TYPE, "metric_type", text),
                required(UNIT, "unit", text),
                required(TEMPORALITY, "temporality", text),
                required(IS_MONOTONIC, "is_monotonic", Types.BooleanType.get()),
                required(DESCRIPTION, "description", text),
                required(METADATA, "metadata", text),
                required(SERVICE_NAME, "service_name", text),
                required(ENVIRONMENT, "environment", text),
                required(DATA_PLANE_ID, "data_plane_id", text),
                required(CLUSTER_ID, "cluster_id", text),
                required(REGION, "region", text),
                required(HTTP_METHOD, "http_method", text),
                required(HTTP_ROUTE, "http_route", text),
                required(HTTP_STATUS_CODE, "http_status_code", text),
                required(RESOURCE, "resource", text),
                required(RESOURCE_MAP, "resource_map", map(RESOURCE_MAP_KEY, RESOURCE_MAP_VALUE)),
                required(RESOURCE_SCHEMA_URL, "resource_schema_url", text),
                required(RESOURCE_DROPPED_ATTRIBUTES, "resource_dropped_attributes", int64),
                required(ENTITY_REFS, "entity_refs", text),
                required(SCOPE, "scope", text),
                required(SCOPE_NAME, "scope_name", text),
                required(SCOPE_VERSION, "scope_version", text),
                required(SCOPE_MAP, "scope_map", map(SCOPE_MAP_KEY, SCOPE_MAP_VALUE)),
                required(SCOPE_SCHEMA_URL, "scope_schema_url", text),
                required(SCOPE_DROPPED_ATTRIBUTES, "scope_dropped_attributes", int64),
                required(ATTRIBUTES, "attributes", text),
                required(
                        ATTRIBUTES_MAP,
                        "attributes_map",
                        map(ATTRIBUTES_MAP_KEY, ATTRIBUTES_MAP_VALUE)),
                required(SRC, "src", text),
                required(SEQ, "seq", int64),
                required(FIRST_SEEN, "first_seen", Types.TimestampType.withZone()));
    }

    private static Types.MapType map(int keyId, int valueId) {
        return Types.MapType.ofRequired(
                keyId, valueId, Types.StringType.get(), Types.StringType.get());
    }
}
