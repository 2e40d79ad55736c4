package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Collectors;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.TypeUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Field ids and types are for ever: this test may only ever grow at the end.
class TablesTest {
    private static final String POINTS =
            """
            1 metric_name string
            2 metric_type string
            3 unit string
            4 temporality string
            5 is_monotonic boolean
            6 service_name string
            7 environment string
            8 data_plane_id string
            9 cluster_id string
            10 region string
            11 http_method string
            12 http_route string
            13 http_status_code string
            14 resource string
            15 scope string
            16 attributes string
            17 series_id long
            18 plane string
            19 src string
            20 seq long
            21 time timestamptz
            22 time_nanos int
            23 start_time timestamptz?
            24 start_time_nanos int?
            25 flags int
            26 value double?
            27 value_int long?
            28 count long?
            29 sum double?
            30 min double?
            31 max double?
            32 bucket_counts list<long>?
            33 explicit_bounds list<double>?
            34 scale int?
            35 zero_count long?
            36 zero_threshold double?
            37 positive_offset int?
            38 positive_bucket_counts list<long>?
            39 negative_offset int?
            40 negative_bucket_counts list<long>?
            41 quantiles list<double>?
            42 quantile_values list<double>?
            43 exemplars list<struct<...>>?
            44 bucket_counts.element long
            45 explicit_bounds.element double
            46 positive_bucket_counts.element long
            47 negative_bucket_counts.element long
            48 quantiles.element double
            49 quantile_values.element double
            50 exemplars.element struct<...>
            51 exemplars.element.time timestamptz?
            52 exemplars.element.time_nanos int?
            53 exemplars.element.value double?
            54 exemplars.element.value_int long?
            55 exemplars.element.trace_id string
            56 exemplars.element.span_id string
            57 exemplars.element.attributes string
            """;

    private static final String SERIES =
            """
            1 fingerprint fixed[16]
            2 series_id long
            3 revision long
            4 metric_id long
            5 metric_name string
            6 metric_type string
            7 unit string
            8 temporality string
            9 is_monotonic boolean
            10 description string
            11 metadata string
            12 service_name string
            13 environment string
            14 data_plane_id string
            15 cluster_id string
            16 region string
            17 http_method string
            18 http_route string
            19 http_status_code string
            20 resource string
            21 resource_map map<string, string>
            22 resource_schema_url string
            23 resource_dropped_attributes long
            24 entity_refs string
            25 scope string
            26 scope_name string
            27 scope_version string
            28 scope_map map<string, string>
            29 scope_schema_url string
            30 scope_dropped_attributes long
            31 attributes string
            32 attributes_map map<string, string>
            33 src string
            34 seq long
            35 first_seen timestamptz
            36 resource_map.key string
            37 resource_map.value string
            38 scope_map.key string
            39 scope_map.value string
            40 attributes_map.key string
            41 attributes_map.value string
            """;

    @TempDir Path folder;

    @Test
    void fieldIdsArePinned() {
        assertThat(text(PointsTable.SCHEMA)).isEqualTo(POINTS);
        assertThat(text(SeriesTable.SCHEMA)).isEqualTo(SERIES);
    }

    @Test
    void aCreatedTableKeepsThem() {
        try (var lake = new TestLake(folder)) {
            assertThat(text(lake.catalog.load(LakePaths.POINTS).schema())).isEqualTo(POINTS);
            assertThat(text(lake.catalog.load(LakePaths.SERIES).schema())).isEqualTo(SERIES);
            assertThat(lake.catalog.load(LakePaths.POINTS).spec())
                    .hasToString(PointsTable.SPEC.toString());
            assertThat(lake.catalog.load(LakePaths.POINTS).sortOrder())
                    .hasToString(PointsTable.SORT.toString());
        }
    }

    private static String text(Schema schema) {
        return TypeUtil.indexById(schema.asStruct()).entrySet().stream()
                .sorted(java.util.Map.Entry.comparingByKey())
                .map(field ->
                        field.getKey()
                                + " "
                                + schema.findColumnName(field.getKey())
                                + " "
                                + field.getValue()
                                        .type()
                                        .toString()
                                        .replaceFirst("struct<[^<>]*>", "struct<...>")
                                + (field.getValue().isOptional() ? "?" : "")
                                + "\n")
                .collect(Collectors.joining());
    }
}
