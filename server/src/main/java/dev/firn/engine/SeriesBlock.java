package dev.firn.engine;

import dev.firn.base.ByteWriter;
import dev.firn.model.Attributes;
import dev.firn.model.Series;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// Writes rows of table `series`. Rare beside points: at most a row a series and day.
final class SeriesBlock {
    /// A row: a series, and the days between which its points lie.
    record Row(Series series, int retentionDays, int firstDay, int lastDay) {}

    /// Names of the columns in the block's order.
    static final String COLUMNS =
            "metric_id, series_id, fingerprint, metric_name, type, unit, temporality, monotonic,"
                    + " service_name, environment, data_plane_id, cluster_id, region, http_method,"
                    + " http_route, http_status_code, resource, scope_name, scope_version,"
                    + " scope_attributes, attributes, resource_map, scope_map, attributes_map,"
                    + " description, metadata, resource_schema_url, scope_schema_url,"
                    + " resource_dropped_attributes, scope_dropped_attributes, entity_refs,"
                    + " revision, retention_days, first_seen, last_seen";

    /// Rows of one block; a first start with a million series sends many.
    static final int ROWS_MAX = 50_000;

    private static final int WIDTH = COLUMNS.split(",").length;

    private final NativeBlock block = new NativeBlock(new ByteWriter(1 << 14));
    private List<Row> rows = List.of();

    /// The block; valid until the next call.
    ByteWriter build(List<Row> of) {
        rows = of;
        int[] order = IntStream.range(0, of.size()).toArray();
        block.begin(WIDTH, order, 0, order.length);
        identity();
        wellKnown();
        attributes();
        description();
        return block.end();
    }

    private void identity() {
        block.uint32("metric_id", ints(row -> row.series.metricId()))
                .int64("series_id", rows.stream().mapToLong(row -> row.series.id()).toArray())
                .fixedString16("fingerprint", i -> rows.get(i).series.fingerprint().toBytes());
        text("metric_name", series -> series.metric().name());
        text("type", series -> series.metric().type().label());
        text("unit", series -> series.metric().unit());
        text("temporality", series -> series.metric().temporality().label());
        var monotonic = new byte[rows.size()];
        for (int i = 0; i < monotonic.length; i++) {
            monotonic[i] = (byte) (rows.get(i).series.metric().monotonic() ? 1 : 0);
        }
        block.uint8("monotonic", monotonic);
    }

    private void wellKnown() {
        text("service_name", series -> series.wellKnown().serviceName());
        text("environment", series -> series.wellKnown().environment());
        text("data_plane_id", series -> series.wellKnown().dataPlaneId());
        text("cluster_id", series -> series.wellKnown().clusterId());
        text("region", series -> series.wellKnown().region());
        text("http_method", series -> series.wellKnown().httpMethod());
        text("http_route", series -> series.wellKnown().httpRoute());
        text("http_status_code", series -> series.wellKnown().httpStatusCode());
    }

    private void attributes() {
        text("resource", series -> series.metric().resource().attributes());
        text("scope_name", series -> series.metric().scope().name());
        text("scope_version", series -> series.metric().scope().version());
        text("scope_attributes", series -> series.metric().scope().attributes());
        text("attributes", Series::attributes);
        map("resource_map", series -> series.metric().resource().attributes());
        map("scope_map", series -> series.metric().scope().attributes());
        map("attributes_map", Series::attributes);
    }

    private void description() {
        text("description", series -> series.metric().description());
        text("metadata", series -> series.metric().metadata());
        text("resource_schema_url", series -> series.metric().resource().schemaUrl());
        text("scope_schema_url", series -> series.metric().scope().schemaUrl());
        block.uint32(
                "resource_dropped_attributes",
                ints(row -> row.series.metric().resource().droppedAttributes()));
        block.uint32(
                "scope_dropped_attributes",
                ints(row -> row.series.metric().scope().droppedAttributes()));
        text("entity_refs", series -> series.metric().resource().entityRefs());
        int[] self = IntStream.range(0, rows.size()).toArray();
        block.uint64("revision", rows.stream().mapToLong(row -> row.series.revision()).toArray())
                .uint16("retention_days", ints(Row::retentionDays), self)
                .date("first_seen", ints(Row::firstDay))
                .date("last_seen", ints(Row::lastDay));
    }

    private void text(String column, Function<Series, String> value) {
        block.string(column, i -> value.apply(rows.get(i).series));
    }

    private void map(String column, Function<Series, String> json) {
        IntFunction<Attributes> attributes =
                i -> Attributes.fromJson(json.apply(rows.get(i).series));
        block.attributeMap(column, attributes);
    }

    private int[] ints(java.util.function.ToIntFunction<Row> value) {
        return rows.stream().mapToInt(value).toArray();
    }
}
