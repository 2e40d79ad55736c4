package dev.firn.ops.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.metrics.v1.Metric;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OtlpBodiesTest {
    private static final long FROM = 1_793_577_600L * LoadOptions.SECOND;

    private static OtlpBodies bodies(OtlpBodies.Mix mix, int series, long jitter) {
        return new OtlpBodies(mix, series, 1000, jitter, 5, FROM, 10 * LoadOptions.SECOND);
    }

    @Test
    void bodiesObeyTheProtocolAndHaveAsManyPointsAndSeries() {
        for (OtlpBodies.Mix mix : OtlpBodies.Mix.values()) {
            for (int series : List.of(7, 1000, 2345)) {
                OtlpBodies bodies = bodies(mix, series, 2_000_000);
                Set<Object> seen = new HashSet<>();
                for (long i = 0; i < 3 * bodies.bodiesPerStep(); i++) {
                    var request = Reports.parse(bodies.body(i));
                    assertThat(Reports.check(request)).isEqualTo(bodies.points(i));
                    for (var resource : request.getResourceMetricsList()) {
                        for (Metric metric : resource.getScopeMetrics(0).getMetricsList()) {
                            points(metric)
                                    .forEach(p ->
                                            seen.add(
                                                    List.of(
                                                            resource.getResource(),
                                                            metric.getName(),
                                                            p)));
                        }
                    }
                }
                assertThat(seen).hasSize(series);
            }
        }
    }

    private static Stream<Object> points(Metric metric) {
        return Stream.of(
                        metric.getSum().getDataPointsList().stream()
                                .map(p -> (Object) p.getAttributesList()),
                        metric.getGauge().getDataPointsList().stream()
                                .map(p -> (Object) p.getAttributesList()),
                        metric.getHistogram().getDataPointsList().stream()
                                .map(p -> (Object) p.getAttributesList()))
                .flatMap(s -> s);
    }

    @Test
    void clocksAreAlignedOrOffByInstance() {
        for (long jitter : List.of(0L, 2_000_000L)) {
            OtlpBodies bodies = bodies(OtlpBodies.Mix.GAUGE, 1000, jitter);
            List<Long> times = new ArrayList<>();
            for (var resource : Reports.parse(bodies.body(4)).getResourceMetricsList()) {
                Set<Long> ofInstance = new HashSet<>();
                for (Metric metric : resource.getScopeMetrics(0).getMetricsList()) {
                    metric.getGauge()
                            .getDataPointsList()
                            .forEach(p -> ofInstance.add(p.getTimeUnixNano()));
                }
                assertThat(ofInstance).hasSize(1);
                times.addAll(ofInstance);
            }
            long step = FROM + 4 * 10 * LoadOptions.SECOND;
            assertThat(times).hasSize(10).allMatch(t -> Math.abs(t - step) <= jitter);
            assertThat(new HashSet<>(times)).hasSize(jitter == 0 ? 1 : 10);
        }
    }

    @Test
    void aBodyIsAFunctionOfItsNumber() {
        OtlpBodies first = bodies(OtlpBodies.Mix.MIXED, 5000, 2_000_000);
        OtlpBodies second = bodies(OtlpBodies.Mix.MIXED, 5000, 2_000_000);
        second.body(3);
        assertThat(second.body(17)).isEqualTo(first.body(17));
        assertThat(first.body(18)).isNotEqualTo(first.body(17));
    }

    @Test
    void countersNeverFall() {
        OtlpBodies bodies = bodies(OtlpBodies.Mix.SUM, 100, 0);
        long[] before = new long[100];
        for (long i = 0; i < 50; i++) {
            int at = 0;
            for (Metric metric :
                    Reports.parse(bodies.body(i))
                            .getResourceMetrics(0)
                            .getScopeMetrics(0)
                            .getMetricsList()) {
                for (var point : metric.getSum().getDataPointsList()) {
                    assertThat(point.getAsInt()).isGreaterThanOrEqualTo(before[at]);
                    before[at++] = point.getAsInt();
                }
            }
            assertThat(at).isEqualTo(100);
        }
    }
}
