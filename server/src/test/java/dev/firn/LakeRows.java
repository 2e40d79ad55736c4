package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.NioDisk;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePaths;
import dev.firn.lake.LakeReader;
import dev.firn.lake.PointsToOtlp;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;

/// All rows of a lake through Iceberg's own reader, each point with its row of `series`.
///
/// @param points rows of `points`
/// @param series the row that counts of each series, by `series_id`
record LakeRows(List<Record> points, Map<Long, Record> series) {
    private static final List<String> REPEATED =
            List.of(
                    "metric_name",
                    "metric_type",
                    "unit",
                    "temporality",
                    "is_monotonic",
                    "service_name",
                    "environment",
                    "data_plane_id",
                    "cluster_id",
                    "region",
                    "http_method",
                    "http_route",
                    "http_status_code",
                    "resource",
                    "scope",
                    "attributes");

    /// Reads through a catalog that is opened for this.
    static LakeRows read(Path data) {
        try (LakeCatalog catalog = LakeCatalog.sqlite(data, new NioDisk())) {
            return read(catalog.load(LakePaths.POINTS), catalog.load(LakePaths.SERIES));
        }
    }

    static LakeRows read(Table pointsTable, Table seriesTable) {
        var series = new HashMap<Long, Record>();
        new LakeReader(seriesTable)
                .read(
                        Expressions.alwaysTrue(),
                        List.of(),
                        row -> series.merge((Long) field(row, "series_id"), row, LakeRows::newer));
        var points = new ArrayList<Record>();
        new LakeReader(pointsTable).read(Expressions.alwaysTrue(), List.of(), points::add);
        return new LakeRows(points, series);
    }

    private static Record newer(Record one, Record other) {
        if (!ByteBuffer.wrap((byte[]) field(one, "fingerprint"))
                .equals(ByteBuffer.wrap((byte[]) field(other, "fingerprint")))) {
            throw new AssertionError("two series share an id: " + one + " and " + other);
        }
        return (Long) field(one, "seq") >= (Long) field(other, "seq") ? one : other;
    }

    /// The series of a point.
    Record seriesOf(Record point) {
        return Objects.requireNonNull(series.get((Long) field(point, "series_id")));
    }

    /// Holds if what points repeat of their series is what the series says.
    void pointsAreAsTheirSeries() {
        for (Record point : points) {
            Record series = seriesOf(point);
            for (String column : REPEATED) {
                assertThat(field(point, column)).as(column).isEqualTo(field(series, column));
            }
            assertThat(text(point, "plane")).isEqualTo(text(point, "data_plane_id"));
            assertThat(text(point, "src")).isNotEmpty();
            assertThat((Long) field(point, "seq")).isPositive();
        }
    }

    /// All points as OTLP.
    ExportMetricsServiceRequest otlp() {
        var all = ExportMetricsServiceRequest.newBuilder();
        points.forEach(point -> all.addResourceMetrics(PointsToOtlp.of(point, seriesOf(point))));
        return all.build();
    }

    static Object field(Record row, String column) {
        return Objects.requireNonNull(row.getField(column), column);
    }

    static String text(Record row, String column) {
        return (String) field(row, column);
    }
}
