package dev.firn.ops.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.metrics.v1.Metric;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class ShopTest {
    private static final long HOUR = 3600 * LoadOptions.SECOND;

    /// Monday, 2026-11-02 00:00 UTC.
    private static final long MONDAY = 1_793_577_600L * LoadOptions.SECOND;

    private static LoadOptions hours(int hours) {
        return LoadOptions.history(11, MONDAY, MONDAY + hours * HOUR);
    }

    private static Incident incident(String text, LoadOptions options) {
        return Incident.parse(text, options.fromNanos(), options.untilNanos());
    }

    @Test
    void everyBodyObeysTheProtocol() {
        LoadOptions options = hours(3).withRate(40);
        int points = 0;
        for (Body body : Reports.bodies(options, LedgerSink.none())) {
            int found = Reports.check(Reports.parse(body.bytes()));
            assertThat(found).isEqualTo(body.points());
            points += found;
        }
        assertThat(points).isGreaterThan(50_000);
    }

    @Test
    void everyTypeTemporalityAndConventionOccurs() {
        Set<Metric.DataCase> types = EnumSet.noneOf(Metric.DataCase.class);
        Set<String> kinds = new HashSet<>();
        int exemplars = 0;
        Set<Integer> scales = new HashSet<>();
        boolean zeros = false;
        for (Body body : Reports.bodies(hours(2), LedgerSink.none())) {
            for (var resource : Reports.parse(body.bytes()).getResourceMetricsList()) {
                for (var scope : resource.getScopeMetricsList()) {
                    for (Metric metric : scope.getMetricsList()) {
                        types.add(metric.getDataCase());
                        kinds.add(
                                metric.getName()
                                        + metric.getHistogram().getAggregationTemporality()
                                        + metric.getSum().getAggregationTemporality());
                        for (var p : metric.getHistogram().getDataPointsList()) {
                            exemplars += p.getExemplarsCount();
                        }
                        for (var p : metric.getExponentialHistogram().getDataPointsList()) {
                            scales.add(p.getScale());
                            zeros |= p.getZeroCount() > 0;
                        }
                    }
                }
            }
        }
        assertThat(types).hasSize(5);
        assertThat(kinds).hasSizeGreaterThan(12);
        assertThat(exemplars).isPositive();
        assertThat(scales).hasSizeGreaterThan(1);
        assertThat(zeros).isTrue();
    }

    @Test
    void sameOptionsGiveTheSameBytesAndAnotherSeedOthers() {
        List<Body> first = Reports.bodies(hours(2), LedgerSink.none());
        List<Body> second = Reports.bodies(hours(2), LedgerSink.none());
        assertThat(second).hasSameSizeAs(first);
        for (int i = 0; i < first.size(); i++) {
            assertThat(second.get(i).bytes()).isEqualTo(first.get(i).bytes());
        }
        LoadOptions other = LoadOptions.history(12, MONDAY, MONDAY + 2 * HOUR);
        assertThat(Reports.bodies(other, LedgerSink.none()).getFirst().bytes())
                .isNotEqualTo(first.getFirst().bytes());
    }

    @Test
    void timesOfASeriesOnlyGrow() {
        LoadOptions options = hours(12).withRate(5).withSteps(120 * LoadOptions.SECOND, HOUR / 60);
        Map<Object, Long> last = new HashMap<>();
        for (Body body : Reports.bodies(options, LedgerSink.none())) {
            for (var resource : Reports.parse(body.bytes()).getResourceMetricsList()) {
                for (var scope : resource.getScopeMetricsList()) {
                    for (Metric metric : scope.getMetricsList()) {
                        for (var p : metric.getSum().getDataPointsList()) {
                            var series =
                                    List.of(
                                            resource.getResource(),
                                            metric.getName(),
                                            p.getAttributesList());
                            Long before = last.put(series, p.getTimeUnixNano());
                            assertThat(p.getTimeUnixNano())
                                    .isGreaterThan(before == null ? 0 : before)
                                    .isBetween(body.firstNanos(), body.lastNanos());
                        }
                    }
                }
            }
        }
    }

    @Test
    void ledgerEqualsTheIncreaseOfWhatWasExported() {
        LoadOptions base = hours(60).withRate(20).withSteps(300 * LoadOptions.SECOND, HOUR / 6);
        LoadOptions options =
                base.withIncidents(
                        List.of(
                                incident("latency@service=payment,from=+5h,for=2h", base),
                                incident("silence@plane=qa-1,from=+10h,for=24h", base),
                                incident("bad-deploy@service=cart,from=+40h,for=3h", base),
                                incident("slow-leak@service=catalog,from=+50h,for=4h", base)));
        var ledger = new Ledger();
        var naive = new NaiveIncrease();
        for (Body body : Reports.bodies(options, ledger)) {
            naive.add(Reports.parse(body.bytes()));
        }
        Map<Ledger.RequestKey, NaiveIncrease.Sum> wanted = new HashMap<>();
        Map<Ledger.RequestKey, Long> wantedCounts = new HashMap<>();
        ledger.requests()
                .forEach((key, value) -> {
                    if (value.exported() > 0) {
                        wanted.put(
                                key,
                                new NaiveIncrease.Sum(value.exported(), value.exportedSeconds()));
                        wantedCounts.put(key, value.exported());
                    }
                });
        assertThat(naive.durations).isEqualTo(wanted); // bit for bit: sums of ticks are exact
        Map<Ledger.RequestKey, Long> counts = new HashMap<>();
        naive.counters.forEach((key, value) -> counts.put(key, value.count()));
        assertThat(counts).isEqualTo(wantedCounts);
        assertThat(ledger.events()).anyMatch(e -> e.what().equals("crash"));
        assertThat(ledger.events()).anyMatch(e -> e.what().startsWith("deploy"));
        Ledger.Requests all = ledger.total(key -> true);
        assertThat(all.exported()).isLessThan(all.happened()); // crashes and the silence lost some
        assertThat(all.exported()).isGreaterThan(all.happened() * 9 / 10);
    }

    @Test
    void rateIsKeptAndRhythmIsVisible() {
        LoadOptions options =
                hours(7 * 24).withRate(50).withSteps(600 * LoadOptions.SECOND, HOUR / 6);
        var ledger = new Ledger();
        Reports.bodies(options, ledger);
        double mean = ledger.total(key -> true).happened() / (7 * 24 * 3600.0);
        assertThat(mean).isBetween(49.0, 51.0);
        long night = happened(ledger, k -> k.environment().equals("prod") && hourOfDay(k) == 3);
        long evening = happened(ledger, k -> k.environment().equals("prod") && hourOfDay(k) == 20);
        assertThat(evening).isGreaterThan(5 * night);
        long monday = happened(ledger, k -> k.environment().equals("dev") && day(k) == 0);
        long sunday = happened(ledger, k -> k.environment().equals("dev") && day(k) == 6);
        assertThat(monday).isGreaterThan(3 * sunday);
    }

    private static long hourOfDay(Ledger.RequestKey key) {
        return key.hour() % 24;
    }

    private static long day(Ledger.RequestKey key) {
        return (key.hour() - MONDAY / HOUR) / 24;
    }

    private static long happened(Ledger ledger, Predicate<Ledger.RequestKey> fits) {
        return ledger.total(fits).happened();
    }

    @Test
    void incidentsAreVisible() {
        LoadOptions base = hours(6).withRate(60).withChange(false, true);
        LoadOptions options =
                base.withIncidents(
                        List.of(
                                incident("latency@service=cart,from=+3h,for=3h,factor=4", base),
                                incident("errors@service=payment,from=+3h,for=3h,factor=0.5", base),
                                incident("traffic-drop@service=catalog,from=+3h,for=3h", base),
                                incident("bad-deploy@service=checkout,from=+3h,for=2h", base),
                                incident("silence@plane=dev-1,from=+3h,for=3h", base)));
        var ledger = new Ledger();
        List<Body> bodies = Reports.bodies(options, ledger);
        long border = MONDAY / HOUR + 3;
        assertThat(meanSeconds(ledger, "cart", h -> h > border))
                .isGreaterThan(3.5 * meanSeconds(ledger, "cart", h -> h < border));
        assertThat(errorShare(ledger, "payment", h -> h < border)).isLessThan(0.02);
        assertThat(errorShare(ledger, "payment", h -> h > border)).isBetween(0.45, 0.55);
        assertThat(errorShare(ledger, "checkout", h -> h == border + 1)).isBetween(0.08, 0.12);
        assertThat(requests(ledger, "catalog", h -> h > border))
                .isLessThan(requests(ledger, "catalog", h -> h < border) / 5);
        assertThat(ledger.events()).anyMatch(e -> e.what().endsWith(".1"));
        for (Body body : bodies) {
            for (var resource : Reports.parse(body.bytes()).getResourceMetricsList()) {
                boolean silent =
                        resource.getResource().getAttributesList().stream()
                                .anyMatch(a -> a.getValue().getStringValue().equals("dev-1"));
                assertThat(silent && body.hour() > border).isFalse();
            }
        }
    }

    private static double meanSeconds(Ledger ledger, String service, Predicate<Long> hours) {
        Ledger.Requests all =
                ledger.total(k -> k.service().equals(service) && hours.test(k.hour()));
        return all.happenedSeconds() / all.happened();
    }

    private static double errorShare(Ledger ledger, String service, Predicate<Long> hours) {
        long errors =
                happened(
                        ledger,
                        k -> k.service().equals(service) && k.isError() && hours.test(k.hour()));
        return (double) errors / requests(ledger, service, hours);
    }

    private static long requests(Ledger ledger, String service, Predicate<Long> hours) {
        return happened(ledger, k -> k.service().equals(service) && hours.test(k.hour()));
    }

    @Test
    void seriesAreExactlyAsManyAndEveryOneIsExportedEachStep() {
        for (int series : List.of(200, 5_000, 30_000)) {
            LoadOptions options = hours(1).withSeries(series);
            Map<Object, Integer> pointsBySeries = new HashMap<>();
            long counted = 0;
            for (Body body : Reports.bodies(options, LedgerSink.none())) {
                counted += java.util.Arrays.stream(body.seriesByMetric()).sum();
                if (body.firstNanos() > MONDAY + 4 * LoadOptions.SECOND * 60) {
                    continue; // a few steps tell
                }
                for (Object one : series(body)) {
                    pointsBySeries.merge(one, 1, Integer::sum);
                }
            }
            assertThat(counted).isEqualTo(series);
            assertThat(pointsBySeries).hasSize(series);
            assertThat(pointsBySeries.values()).allMatch(n -> n >= 3);
        }
    }

    private static List<Object> series(Body body) {
        List<Object> all = new ArrayList<>();
        for (var resource : Reports.parse(body.bytes()).getResourceMetricsList()) {
            for (var scope : resource.getScopeMetricsList()) {
                for (Metric metric : scope.getMetricsList()) {
                    List<Object> points = new ArrayList<>();
                    metric.getSum()
                            .getDataPointsList()
                            .forEach(p -> points.add(p.getAttributesList()));
                    metric.getGauge()
                            .getDataPointsList()
                            .forEach(p -> points.add(p.getAttributesList()));
                    metric.getHistogram()
                            .getDataPointsList()
                            .forEach(p -> points.add(p.getAttributesList()));
                    metric.getExponentialHistogram()
                            .getDataPointsList()
                            .forEach(p -> points.add(p.getAttributesList()));
                    metric.getSummary()
                            .getDataPointsList()
                            .forEach(p -> points.add(p.getAttributesList()));
                    String process =
                            resource.getResource().getAttributesList().stream()
                                    .filter(a -> a.getKey().equals("service.instance.id"))
                                    .findFirst()
                                    .orElseThrow()
                                    .getValue()
                                    .getStringValue();
                    points.forEach(p -> all.add(List.of(process, metric.getName(), p)));
                }
            }
        }
        return all;
    }
}
