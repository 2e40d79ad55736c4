package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// One request that spans 1,000 days, most of them beyond the engine's retention: 1,000 partitions
/// of the lake in one commit, and nothing stops.
class ManyDaysTest {
    private static final int DAYS = 1_000;
    private static final int RETENTION_DAYS = 90;
    private static final long DAY_NANOS = 86_400_000_000_000L;

    /// The engine takes in what will not expire within two days.
    private static final int KEPT = RETENTION_DAYS - 2;

    @Test
    void allIsInTheLakeAndTheEngineHasWhatItKeeps(@TempDir Path folder) {
        try (var firn = TestFirn.start(folder, "")) {
            long newest = Clock.system().nanos() - DAY_NANOS / 2;
            assertThat(firn.postProtobuf(days(newest, "first")).rejected()).isZero();
            firn.verify();
            assertThat(lakeRows(firn)).isEqualTo(DAYS);
            inEngine(firn, "first");
            assertThat(firn.metric("firn_engine_points_past_ttl_total")).isEqualTo(DAYS - KEPT);

            assertThat(firn.postProtobuf(days(newest, "second")).rejected()).isZero();
            firn.verify();
            assertThat(lakeRows(firn)).isEqualTo(2 * DAYS);
            inEngine(firn, "second");
            assertThat(firn.metric("firn_engine_points_past_ttl_total"))
                    .isEqualTo(2 * (DAYS - KEPT));
            assertThat(firn.health().get("troubles")).isEmpty();
            eachDayOnce(LakeRows.read(folder));
        }
    }

    /// A point a day; the day's number is its value.
    private static ExportMetricsServiceRequest days(long newest, String name) {
        var request = ExportMetricsServiceRequest.newBuilder();
        var metric =
                request.addResourceMetricsBuilder()
                        .addScopeMetricsBuilder()
                        .addMetricsBuilder()
                        .setName(name);
        for (int day = 0; day < DAYS; day++) {
            metric.getGaugeBuilder()
                    .addDataPointsBuilder()
                    .setTimeUnixNano(newest - day * DAY_NANOS)
                    .setAsInt(day);
        }
        return request.build();
    }

    private static void inEngine(TestFirn firn, String name) {
        JsonNode row =
                firn.sql(
                                "SELECT toString(count()) AS points, toString(sum(value_int)) AS days,"
                                        + " toString(max(value_int)) AS oldest FROM samples"
                                        + " INNER JOIN (SELECT * FROM series FINAL) AS s"
                                        + " USING (metric_id, series_id) WHERE metric_name = '"
                                        + name
                                        + "'")
                        .getFirst();
        assertThat(row.get("points").asString()).isEqualTo(Integer.toString(KEPT));
        assertThat(row.get("oldest").asString()).isEqualTo(Integer.toString(KEPT - 1));
        assertThat(row.get("days").asString()).isEqualTo(Integer.toString(KEPT * (KEPT - 1) / 2));
    }

    private static long lakeRows(TestFirn firn) {
        return firn.json("/api/firn/v1/lake")
                .valueStream()
                .filter(table -> table.get("name").asString().equals("points"))
                .mapToLong(table -> table.get("rows").asLong())
                .sum();
    }

    private static void eachDayOnce(LakeRows lake) {
        assertThat(
                        lake.points().stream()
                                .map(point ->
                                        LakeRows.text(point, "metric_name")
                                                + " "
                                                + LakeRows.field(point, "value_int"))
                                .distinct())
                .hasSize(2 * DAYS);
        assertThat(lake.points()).hasSize(2 * DAYS);
    }
}
