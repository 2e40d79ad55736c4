package dev.firn.lake;

import dev.firn.base.Clock;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Histograms;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// The points of [LakeScaleBench], the same mix as `firn bench ingest`: of ten series five are
/// counters, four gauges and one a cumulative histogram of ten buckets; clocks are off by up to 2
/// ms; a process has twenty series. Attributes are those of an HTTP service.
final class ScalePoints {
    static final long EPOCH = 20_000 * 86_400_000_000_000L;
    private static final double[] BOUNDS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5};
    private static final int OF_A_PROCESS = 20;

    private final Random random = new Random(5);
    private final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 10_000_000);
    private final List<Series> series = new ArrayList<>();
    private final long[] counts;
    private final double[] levels;

    ScalePoints(int count) {
        counts = new long[count * BOUNDS.length * 2];
        levels = new double[count];
        for (int i = 0; i < count; i++) {
            series.add(series(i));
        }
    }

    private Series series(int i) {
        int process = i / OF_A_PROCESS;
        String resource =
                "{\"data_plane_id\":\"plane-%d\",\"deployment.environment\":\"production\",\"host.name\":\"host-%d\",\"k8s.cluster.name\":\"cluster-%d\",\"region\":\"eu-%d\",\"service.name\":\"shop-%d\"}"
                        .formatted(process % 2, process, process % 2, process % 2, process % 10);
        boolean histogram = i % 10 == 9;
        boolean counter = i % 10 < 5;
        var metric =
                new Metric(
                        new Resource(resource, "", 0, ""),
                        new Scope("io.opentelemetry.shop", "1.2.3", "{}", "", 0),
                        histogram
                                ? "http.server.request.duration"
                                : (counter ? "shop.requests." : "shop.level.") + i % 10,
                        histogram ? "s" : "1",
                        histogram
                                ? MetricType.HISTOGRAM
                                : counter ? MetricType.SUM : MetricType.GAUGE,
                        counter || histogram ? Temporality.CUMULATIVE : Temporality.UNSPECIFIED,
                        counter,
                        "",
                        "{}");
        return registry.intern(
                metric,
                Attributes.of(
                        List.of(
                                text("http.request.method", i % 3 == 0 ? "POST" : "GET"),
                                text("http.response.status_code", i % 7 == 0 ? "500" : "200"),
                                text("http.route", "/api/v1/things/{id}/" + i % 30))));
    }

    private static Attributes.Entry text(String key, String value) {
        return new Attributes.Entry(key, new AttributeValue.Text(value));
    }

    /// The next points of each series.
    ///
    /// @param from nanoseconds
    /// @param each points of a series
    /// @param step nanoseconds between them
    Batch batch(long from, int each, long step) {
        var batch = new Batch();
        for (int point = 0; point < each; point++) {
            for (int i = 0; i < series.size(); i++) {
                long offset = (long) (i / OF_A_PROCESS) * 7_919_000_003L % step;
                add(batch, i, from + point * step + offset + random.nextInt(2_000_000));
            }
        }
        return batch;
    }

    private void add(Batch batch, int i, long time) {
        Series of = series.get(i);
        long start = EPOCH - 1_000_000_000L;
        switch (i % 10) {
            case 0, 1, 2, 3, 4 -> {
                counts[i] += random.nextInt(50);
                batch.numbers.add(of, time, start, 0, Numbers.INT, counts[i]);
            }
            case 9 -> histogram(batch, i, time, start);
            default -> {
                levels[i] += Math.rint(random.nextGaussian() * 100) / 100;
                batch.numbers.add(
                        of, time, 0, 0, Numbers.DOUBLE, Double.doubleToRawLongBits(levels[i]));
            }
        }
    }

    private void histogram(Batch batch, int i, long time, long start) {
        long count = 0;
        for (int bucket = 0; bucket <= BOUNDS.length; bucket++) {
            int at = series.size() + i / 10 * (BOUNDS.length + 1) + bucket;
            counts[at] += random.nextInt(1 + 12 / (1 + Math.abs(bucket - 4)));
            count += counts[at];
            batch.histograms.counts.push(counts[at]);
            if (bucket > 0) {
                batch.histograms.bounds.push(Double.doubleToRawLongBits(BOUNDS[bucket - 1]));
            }
        }
        levels[i] += random.nextDouble();
        batch.histograms.add(of(i), time, start, 0, count, Histograms.HAS_SUM, levels[i], 0, 0);
    }

    private Series of(int i) {
        return series.get(i);
    }
}
