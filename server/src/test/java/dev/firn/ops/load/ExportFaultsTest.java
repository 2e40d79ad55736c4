package dev.firn.ops.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What faults of data do to exports, and that they do nothing else. What is found of them is for
/// the matrix of data quality.
class ExportFaultsTest {
    private static final long FROM = 1_793_577_600L * LoadOptions.SECOND;
    private static final long MINUTE = 60 * LoadOptions.SECOND;
    private static final LoadOptions USUAL =
            LoadOptions.history(3, FROM, FROM + 60 * MINUTE)
                    .withPlanes(Plane.parse("prod"))
                    .withChange(false, true)
                    .withBodies(1_000, 1);

    private static List<Body> bodies(String incident, LedgerSink ledger) {
        LoadOptions options =
                incident.isEmpty()
                        ? USUAL
                        : USUAL.withIncidents(
                                List.of(
                                        Incident.parse(
                                                incident, USUAL.fromNanos(), USUAL.untilNanos())));
        return Reports.bodies(options, ledger);
    }

    private static List<Metric> metrics(List<Body> bodies, String service) {
        var metrics = new ArrayList<Metric>();
        for (Body body : bodies) {
            for (var resource : Reports.parse(body.bytes()).getResourceMetricsList()) {
                boolean its =
                        resource.getResource().getAttributesList().stream()
                                .anyMatch(one -> one.getValue().getStringValue().equals(service));
                resource.getScopeMetricsList().stream()
                        .filter(_ -> its)
                        .forEach(scope -> metrics.addAll(scope.getMetricsList()));
            }
        }
        return metrics;
    }

    @ParameterizedTest
    @EnumSource(Incident.Kind.class)
    void onlyWhatIsNamedIsOtherwiseAndTheLedgerSaysSo(Incident.Kind kind) {
        String where = kind == Incident.Kind.NEGATIVE ? "cart" : "frontend";
        where = kind == Incident.Kind.DELTA_OVERLAP ? "cart" : where;
        var ledger = new Ledger();
        double factor = kind.isOfData() && kind.most == 1 ? 1 : kind.usualFactor;
        String text = kind.label() + "@service=" + where + ",from=+20m,for=20m,factor=" + factor;
        List<Body> with = bodies(text, ledger);
        List<Body> without = bodies("", LedgerSink.none());
        assertThat(metrics(with, where)).isNotEqualTo(metrics(without, where));
        assertThat(metrics(with, "catalog")).isEqualTo(metrics(without, "catalog"));
        Set<String> faults = new HashSet<>();
        ledger.events().stream()
                .filter(event -> event.what().startsWith("fault "))
                .forEach(event -> faults.add(event.where()));
        assertThat(
                        faults.stream()
                                .allMatch(one ->
                                        one.contains("/frontend/") || one.contains("/cart/")))
                .isTrue();
        assertThat(faults).hasSize(kind.isOfData() ? where.equals("cart") ? 2 : 3 : 0);
    }

    private static List<NumberDataPoint> gauges(List<Metric> metrics) {
        return metrics.stream()
                .flatMap(metric -> metric.getGauge().getDataPointsList().stream())
                .toList();
    }

    @Test
    void aShareOfExportsIsHitWhileItLasts() {
        List<NumberDataPoint> points =
                gauges(
                        metrics(
                                bodies("nan@from=+30m,for=30m,factor=0.5", LedgerSink.none()),
                                "frontend"));
        Set<Long> all = new HashSet<>();
        Set<Long> hit = new HashSet<>();
        for (NumberDataPoint point : points) {
            all.add(point.getTimeUnixNano());
            if (Double.isNaN(point.getAsDouble())) {
                hit.add(point.getTimeUnixNano());
                assertThat(point.getTimeUnixNano()).isGreaterThanOrEqualTo(FROM + 30 * MINUTE);
            }
        }
        long within = all.stream().filter(time -> time >= FROM + 30 * MINUTE).count();
        assertThat((double) hit.size() / within).isBetween(0.35, 0.65);
    }

    @Test
    void whatIsLateComesHalfAnHourLaterAndOnce() {
        List<Body> bodies = bodies("late@from=+5m,for=10m,factor=1", LedgerSink.none());
        var times = new ArrayList<Long>();
        for (Body body : bodies) {
            for (NumberDataPoint point : gauges(metrics(List.of(body), "inventory"))) {
                long time = point.getTimeUnixNano();
                boolean late = time >= FROM + 5 * MINUTE && time < FROM + 15 * MINUTE;
                assertThat(late ? time + 30 * MINUTE : time).isLessThanOrEqualTo(body.lastNanos());
                times.add(time);
            }
        }
        List<Long> usual =
                gauges(metrics(bodies("", LedgerSink.none()), "inventory")).stream()
                        .map(NumberDataPoint::getTimeUnixNano)
                        .toList();
        assertThat(times).containsExactlyInAnyOrderElementsOf(usual).isNotEqualTo(usual);
    }
}
