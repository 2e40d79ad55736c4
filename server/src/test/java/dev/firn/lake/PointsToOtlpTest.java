package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.firn.base.Clock;
import dev.firn.model.Batch;
import dev.firn.model.Histograms;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every field of OTLP's descriptors comes back from the lake, but for the list below.
class PointsToOtlpTest {
    private static final Set<String> EXCEPTIONS =
            Set.of(
                    // Profiles' string tables: never on the wire of metrics.
                    "opentelemetry.proto.common.v1.AnyValue.string_value_strindex",
                    "opentelemetry.proto.common.v1.KeyValue.key_strindex");
    private static final String ATTRIBUTES =
            "{\"a\":\"text\",\"b\":true,\"c\":7,\"d\":1.5,\"e\":{\"$bytes\":\"AQI=\"},"
                    + "\"f\":[1,\"2\"],\"g\":{\"h\":{\"$double\":\"NaN\"}}}";
    private static final String ENTITIES =
            "[{\"descriptionKeys\":[\"b\"],\"idKeys\":[\"a\"],\"schemaUrl\":\"https://e\","
                    + "\"type\":\"service\"}]";
    private static final long TIME = 1_700_000_000_123_456_789L;

    private final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 100);

    @TempDir Path folder;

    private Series series(MetricType type) {
        return registry.intern(
                new Metric(
                        new Resource(ATTRIBUTES, "https://a", 3, ENTITIES),
                        new Scope("scope", "2", ATTRIBUTES, "https://b", 4),
                        "metric",
                        "ms",
                        type,
                        Temporality.DELTA,
                        type == MetricType.SUM,
                        "described",
                        ATTRIBUTES),
                ATTRIBUTES);
    }

    private Batch everything() {
        var batch = new Batch();
        long start = TIME - 17;
        batch.numbers.add(series(MetricType.GAUGE), TIME, start, 5, Numbers.DOUBLE, bits(0.25));
        batch.numbers.add(series(MetricType.SUM), TIME, start, 5, Numbers.INT, Long.MIN_VALUE);
        batch.histograms.bounds.push(bits(2));
        batch.histograms.counts.push(3);
        batch.histograms.counts.push(4);
        byte all = Histograms.HAS_SUM | Histograms.HAS_MIN | Histograms.HAS_MAX;
        batch.histograms.add(series(MetricType.HISTOGRAM), TIME, start, 5, 7, all, 9.5, 1, 4);
        var exponential = batch.exponential;
        exponential.positive.push(1);
        exponential.negative.push(2);
        int row = exponential.add(series(MetricType.EXPONENTIAL_HISTOGRAM), TIME, start, 5);
        exponential.count[row] = 6;
        exponential.has[row] = all;
        exponential.sum[row] = 1;
        exponential.min[row] = -2;
        exponential.max[row] = 3;
        exponential.scale[row] = -4;
        exponential.zeroCount[row] = 3;
        exponential.zeroThreshold[row] = 0.5;
        exponential.positiveOffset[row] = -9;
        exponential.negativeOffset[row] = 8;
        batch.summaries.quantiles.push(bits(0.5));
        batch.summaries.values.push(bits(12));
        batch.summaries.add(series(MetricType.SUMMARY), TIME, start, 5, 2, 24);
        for (Points.Kind kind : Points.Kind.values()) {
            for (byte form : new byte[] {Numbers.DOUBLE, Numbers.INT}) {
                batch.exemplars.add(
                        kind, 0, TIME - 3, form, 42, new byte[16], new byte[8], ATTRIBUTES);
            }
        }
        return batch;
    }

    private static long bits(double value) {
        return Double.doubleToRawLongBits(value);
    }

    @Test
    void everyFieldOfTheDescriptorsComesBack() {
        var found = new HashSet<String>();
        var reachable = new TreeSet<String>();
        try (var lake = new TestLake(folder)) {
            lake.write(List.of(everything()));
            List<Record> series = lake.series();
            for (ResourceMetrics one : otlp(lake, series)) {
                walk(one, found, reachable);
                assertThat(one.getResource().getAttributesList())
                        .isEqualTo(PointsToOtlp.attributes(ATTRIBUTES));
            }
        }
        reachable.removeAll(found);
        reachable.removeAll(EXCEPTIONS);
        assertThat(reachable).isEmpty();
    }

    private static List<ResourceMetrics> otlp(TestLake lake, List<Record> series) {
        var answer = new ArrayList<ResourceMetrics>();
        for (Record point : lake.points(Expressions.alwaysTrue())) {
            Record own =
                    series.stream()
                            .filter(row ->
                                    row.getField("series_id").equals(point.getField("series_id")))
                            .findFirst()
                            .orElseThrow();
            answer.add(PointsToOtlp.of(point, own));
        }
        assertThat(answer).hasSize(5);
        return answer;
    }

    private static void walk(Message message, Set<String> found, Set<String> reachable) {
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            reachable.add(field.getFullName());
        }
        message.getAllFields()
                .forEach((field, value) -> {
                    found.add(field.getFullName());
                    List<?> each = value instanceof List<?> list ? list : List.of(value);
                    for (Object one : each) {
                        if (one instanceof Message nested) {
                            walk(nested, found, reachable);
                        }
                    }
                });
    }
}
