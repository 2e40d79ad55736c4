package dev.firn.analyse.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.Forall;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.model.Batch;
import dev.firn.model.Intake.Answer;
import dev.firn.model.Intake.Decoded;
import dev.firn.model.Intake.RequestKey;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.query.AdmittedBook;
import dev.firn.query.CostBook;
import dev.firn.query.StateFile;
import dev.firn.receive.BatchToOtlp;
import dev.firn.wal.RandomBatches;
import dev.firn.wal.Wal;
import dev.firn.wal.WalOptions;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CutMeterTest {
    private static final long HOUR = 3_600_000_000_000L;
    private static final long BEGIN = 500_000 * HOUR;

    @TempDir Path data;

    private final HandClock clock = new HandClock();

    /// Time stands until it is moved.
    private static final class HandClock implements Clock {
        long nanos = BEGIN;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long ticks() {
            return System.nanoTime();
        }
    }

    private static Batch random(Random random) {
        var registry = new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 1_000_000);
        var batch = new Batch();
        new RandomBatches(random, registry, 40).fill(batch, 1 + random.nextInt(60));
        return batch;
    }

    @Test
    void bytesAreThoseOfTheRequestAsProtobufWritesIt() {
        Forall.of(
                1_000,
                71,
                random -> {
                    Batch batch = random(random);
                    var meter = new BatchMeter(new MeteredSeries(1_000), "", 1_000);
                    meter.take(batch, 1_000_000);
                    assertThat(meter.counted().total(Meter.OTLP_BYTES))
                            .as(batch.size() < 3 ? merged(batch).toString() : "a batch")
                            .isEqualTo(merged(batch).getSerializedSize());
                    assertThat(meter.counted().total(Meter.POINTS)).isEqualTo(batch.size());
                });
    }

    /// The request with each resource, scope and metric once.
    private static ExportMetricsServiceRequest merged(Batch batch) {
        var resources =
                new LinkedHashMap<
                        ResourceMetrics, Map<ScopeMetrics, Map<Metric, Metric.Builder>>>();
        for (ResourceMetrics one : BatchToOtlp.expand(batch).getResourceMetricsList()) {
            ScopeMetrics scope = one.getScopeMetrics(0);
            Metric.Builder metric = scope.getMetrics(0).toBuilder();
            Metric.Builder bare = scope.getMetrics(0).toBuilder();
            switch (bare.getDataCase()) {
                case GAUGE -> bare.getGaugeBuilder().clearDataPoints();
                case SUM -> bare.getSumBuilder().clearDataPoints();
                case HISTOGRAM -> bare.getHistogramBuilder().clearDataPoints();
                case EXPONENTIAL_HISTOGRAM -> {
                    withoutEmpty(metric.getExponentialHistogramBuilder().getDataPointsBuilder(0));
                    bare.getExponentialHistogramBuilder().clearDataPoints();
                }
                case SUMMARY -> bare.getSummaryBuilder().clearDataPoints();
                case DATA_NOT_SET -> throw new AssertionError();
            }
            resources
                    .computeIfAbsent(
                            one.toBuilder().clearScopeMetrics().build(),
                            key -> new LinkedHashMap<>())
                    .computeIfAbsent(
                            scope.toBuilder().clearMetrics().build(), key -> new LinkedHashMap<>())
                    .merge(bare.build(), metric, (all, more) -> all.mergeFrom(points(more)));
        }
        var request = ExportMetricsServiceRequest.newBuilder();
        resources.forEach((resource, scopes) -> {
            ResourceMetrics.Builder both = resource.toBuilder();
            scopes.forEach((scope, metrics) -> {
                ScopeMetrics.Builder its = scope.toBuilder();
                metrics.values().forEach(its::addMetrics);
                both.addScopeMetrics(its);
            });
            request.addResourceMetrics(both);
        });
        return request.build();
    }

    private static Metric points(Metric.Builder metric) {
        return metric.clone().clearMetadata().build();
    }

    private static void withoutEmpty(ExponentialHistogramDataPoint.Builder point) {
        if (point.getPositive().getSerializedSize() == 0) {
            point.clearPositive();
        }
        if (point.getNegative().getSerializedSize() == 0) {
            point.clearNegative();
        }
    }

    @Test
    void partsAddUpAndAreNearTheirShares() {
        Forall.of(
                1_000,
                72,
                random -> {
                    var weights = new long[1 + random.nextInt(20)];
                    long sum = 0;
                    for (int i = 0; i < weights.length; i++) {
                        weights[i] = random.nextLong(1L << 1 + random.nextInt(50));
                        sum += weights[i];
                    }
                    weights[0]++;
                    sum++;
                    long total = random.nextLong(1L << 1 + random.nextInt(60));
                    long[] parts = LargestRemainder.divide(total, weights);
                    long all = 0;
                    for (int i = 0; i < parts.length; i++) {
                        all += parts[i];
                        double share = (double) total * weights[i] / sum;
                        assertThat(Math.abs(parts[i] - share)).isLessThan(1 + share * 1e-9);
                    }
                    assertThat(all).isEqualTo(total);
                });
    }

    /// What a log's requests come to, counted naively.
    private static final class Naive {
        final Map<List<Object>, Long> quantities = new HashMap<>();
        final Map<Long, Integer> seen = new HashMap<>();
        final Map<Long, Map<AdmittedBook.Place, Long>> admitted = new HashMap<>();

        void admit(Batch batch, long cut) {
            var places = new HashMap<AdmittedBook.Place, Long>();
            for (Points.Kind kind : Points.Kind.values()) {
                Points points = batch.points(kind);
                for (int row = 0; row < points.size(); row++) {
                    var place =
                            new AdmittedBook.Place(
                                    points.series[row].wellKnown().dataPlaneId(),
                                    Math.floorDiv(points.time[row], 24 * HOUR));
                    places.merge(place, 1L, Long::sum);
                }
            }
            admitted.put(cut, places);
        }

        void take(Batch batch, int hour) {
            for (Points.Kind kind : Points.Kind.values()) {
                Points points = batch.points(kind);
                for (int row = 0; row < points.size(); row++) {
                    Series series = points.series[row];
                    long weight = OtlpSizes.weight(batch, kind, row);
                    add(hour, "points", series, 1);
                    add(hour, "samples", series, weight);
                    int before = seen.getOrDefault(series.id(), Integer.MIN_VALUE / 2);
                    if (before < hour) {
                        add(hour, "active_series_hours", series, 1);
                        add(hour, "new_series", series, before < hour - 2160 ? weight : 0);
                        seen.put(series.id(), hour);
                    }
                }
            }
        }

        private void add(int hour, String meter, Series series, long quantity) {
            if (quantity > 0) {
                quantities.merge(
                        List.of(
                                hour * 3_600L,
                                meter,
                                series.wellKnown().serviceName(),
                                series.metric().name()),
                        quantity,
                        Long::sum);
            }
        }
    }

    private Map<List<Object>, Long> booked(CostBook book) {
        var all = new HashMap<List<Object>, Long>();
        for (CostBook.Entry one : book.entries(0, Long.MAX_VALUE)) {
            if (!one.meter().equals("otlp_bytes")) {
                all.merge(
                        List.of(one.period(), one.meter(), one.serviceName(), one.metric()),
                        one.quantity(),
                        Long::sum);
            }
        }
        return all;
    }

    @Test
    void eachAcknowledgedPointCountsOnceThoughTheMeterIsKilledAgainAndAgain()
            throws InterruptedException {
        var random = new Random(73);
        var naive = new Naive();
        var bytes = new ArrayList<Long>();
        var cuts = new HashSet<Long>();
        for (int life = 0; life < 12; life++) {
            var registry = new SeriesRegistry(SeriesIdentity.SHA_256, clock, 1_000_000);
            try (Wal wal =
                    Wal.open(
                            data,
                            new NioDisk(),
                            clock,
                            random,
                            registry,
                            new OwnMetrics(),
                            WalOptions.of(CutMeter.SINK)
                                    .withSizes(64 << 10, 1L << 30, 0)
                                    .withCuts(
                                            Long.MAX_VALUE / 2_000_000,
                                            Long.MAX_VALUE,
                                            Long.MAX_VALUE))) {
                var book = new CostBook(StateFile.open(data));
                var meter = new CutMeter(wal, book, "", 1_000, true, clock, new OwnMetrics());
                for (long i = book.place(wal.writer()).cut(); i < wal.newest(); i++) {
                    meter.run(); // what the last life had not written
                }
                for (int i = random.nextInt(6); i >= 0; i--) {
                    var batch = new Batch();
                    new RandomBatches(random, registry, 60).fill(batch, 40);
                    if (random.nextInt(3) == 0) {
                        meter.write(); // so that no cut waits over the hour's end
                        clock.nanos += random.nextInt(3) * HOUR;
                    }
                    wal.accept(
                            new RequestKey(random.nextLong(), 1),
                            () -> new Decoded(batch, Answer.OK));
                    cuts.add(wal.cutNow());
                    naive.take(batch, (int) (clock.nanos / HOUR));
                    naive.admit(batch, wal.newest());
                    bytes.add((long) merged(batch).getSerializedSize());
                    meter.run();
                }
                if (random.nextBoolean()) {
                    meter.write();
                    assertThat(booked(book)).isEqualTo(naive.quantities);
                } // else what it counted is lost with it
            }
        }
        try (Wal wal = reopened(random)) {
            var book = new CostBook(StateFile.open(data));
            var meter = new CutMeter(wal, book, "", 1_000, true, clock, new OwnMetrics());
            for (int i = 0; i < 100; i++) {
                if (wal.newest() > book.place(wal.writer()).cut()) {
                    meter.run();
                }
                meter.write();
            }
            assertThat(book.place(wal.writer()))
                    .isEqualTo(new CostBook.Place(cuts.size(), (int) (clock.nanos / HOUR), 0));
            var admitted = new AdmittedBook(StateFile.open(data));
            for (long cut : cuts) {
                assertThat(admitted.admitted(wal.writer(), cut - 1, cut))
                        .isEqualTo(naive.admitted.get(cut));
            }
            assertThat(total(book, "points")).isEqualTo(naiveTotal(naive, "points"));
            assertThat(total(book, "samples")).isEqualTo(naiveTotal(naive, "samples"));
            assertThat(total(book, "new_series")).isEqualTo(naiveTotal(naive, "new_series"));
            assertThat(total(book, "otlp_bytes"))
                    .isEqualTo(bytes.stream().mapToLong(one -> one).sum());

            // days are the sums of their hours
            List<CostBook.Entry> before = book.entries(0, Long.MAX_VALUE);
            assertThat(book.age(clock.nanos / 1_000_000_000 + 40 * 86_400)).isTrue();
            List<CostBook.Entry> after = book.entries(0, Long.MAX_VALUE);
            assertThat(after)
                    .allMatch(one -> one.seconds() == 86_400 && one.period() % 86_400 == 0);
            assertThat(after.stream().mapToLong(CostBook.Entry::quantity).sum())
                    .isEqualTo(before.stream().mapToLong(CostBook.Entry::quantity).sum());
            assertThat(book.age(clock.nanos / 1_000_000_000 + 40 * 86_400)).isFalse();
        }
    }

    private Wal reopened(Random random) {
        return Wal.open(
                data,
                new NioDisk(),
                clock,
                random,
                new SeriesRegistry(SeriesIdentity.SHA_256, clock, 1_000_000),
                new OwnMetrics(),
                WalOptions.of(CutMeter.SINK));
    }

    private static long total(CostBook book, String meter) {
        return book.entries(0, Long.MAX_VALUE).stream()
                .filter(one -> one.meter().equals(meter))
                .mapToLong(CostBook.Entry::quantity)
                .sum();
    }

    private static long naiveTotal(Naive naive, String meter) {
        return naive.quantities.entrySet().stream()
                .filter(one -> one.getKey().get(1).equals(meter))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
