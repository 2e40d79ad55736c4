package dev.firn.receive;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.firn.model.Batch;
import dev.firn.model.Fingerprint;
import dev.firn.model.Series;
import dev.firn.model.SeriesRegistry;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class SeriesCacheTest {
    private final DecoderTrial trial = new DecoderTrial();

    private static KeyValue attribute(String key, String value) {
        var one = KeyValue.newBuilder().setKey(key);
        one.getValueBuilder().setStringValue(value);
        return one.build();
    }

    /// One gauge whose points have an attribute `n` from `from` up to `to`, and all of `more`.
    static byte[] body(int from, int to, KeyValue... more) {
        var metric = Metric.newBuilder().setName("m");
        for (int n = from; n < to; n++) {
            metric.getGaugeBuilder()
                    .addDataPointsBuilder()
                    .setTimeUnixNano(RandomOtlp.NOW)
                    .setAsInt(n)
                    .addAttributes(attribute("n", Integer.toString(n)))
                    .addAllAttributes(List.of(more));
        }
        var request = ExportMetricsServiceRequest.newBuilder();
        request.addResourceMetricsBuilder().addScopeMetricsBuilder().addMetrics(metric);
        return request.build().toByteArray();
    }

    private Series first(byte[] body) {
        trial.redecode(body);
        return trial.batch.numbers.series[0];
    }

    @Test
    void reorderedAttributesAreTheSameSeries() {
        KeyValue a = attribute("a", "1");
        KeyValue b = attribute("b", "2");
        assertThat(first(body(0, 1, a, b))).isSameAs(first(body(0, 1, b, a)));
    }

    @Test
    void ofARepeatedKeyTheFirstCounts() {
        Series one = first(body(0, 1, attribute("a", "1"), attribute("a", "2")));
        assertThat(one.attributes()).isEqualTo("{\"a\":\"1\",\"n\":\"0\"}");
        assertThat(trial.decoder.frame().takeDuplicateKeys()).isEqualTo(1);
    }

    @Test
    void seriesWithCollidingFingerprintsAreOneToTheRegistryButNeverToTheCache() {
        // the registry trusts SHA-256; the cache compares bytes, so both identities reach it
        var registry =
                new SeriesRegistry(
                        canonical -> new Fingerprint(canonical.length, 0), DecoderTrial.CLOCK, 100);
        var decoder =
                new OtlpProtobufDecoder(
                        trial.cache, registry, ReceiveLimits.defaults(), DecoderTrial.CLOCK);
        byte[] body = body(0, 100);
        decoder.decode(body, body.length, "test", trial.batch);
        assertThat(trial.batch.numbers.size()).isEqualTo(100);
        assertThat(registry.size()).isEqualTo(2); // two lengths of the number
        assertThat(trial.cache.size()).isEqualTo(103);
    }

    @Test
    void aHitAllocatesNothing() {
        byte[] body = body(0, 1_000, attribute("service", "shop"), attribute("route", "/cart"));
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 50; round++) {
            trial.batch.clear();
            long before = threads.getCurrentThreadAllocatedBytes();
            trial.decoder.decode(body, body.length, "test", trial.batch);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isLessThan(1_000); // bytes for 1,000 points
    }

    @Test
    void evictedSeriesAreResolvedAnew() {
        Series before = first(body(0, 1));
        assertThat(trial.registry.evictIdle(-10)).isEqualTo(1);
        Series after = first(body(0, 1));
        assertThat(after).isNotSameAs(before);
        assertThat(after.evicted).isFalse();
    }

    @Test
    void sweepDropsWhatIsEvictedOrUnused() {
        trial.redecode(body(0, 100));
        assertThat(trial.cache.size()).isEqualTo(103);
        assertThat(trial.cache.sweep(2)).isZero();
        assertThat(trial.cache.sweep(2)).isZero();
        trial.redecode(body(0, 10));
        trial.cache.sweep(2);
        assertThat(trial.cache.sweep(2)).isEqualTo(90);
        assertThat(trial.cache.size()).isEqualTo(13);
        trial.registry.evictIdle(-10);
        assertThat(trial.cache.sweep(2)).isEqualTo(10);
        assertThat(trial.cache.sweep(0)).isEqualTo(3);
        assertThat(trial.cache.bytes()).isZero();
        trial.redecode(body(0, 10));
        assertThat(trial.batch.numbers.size()).isEqualTo(10);
    }

    @Test
    void whatIsLeftOfManyChunksMovesTogetherAndIsFoundUnchanged() {
        int many = 3 * IdentityChunk.PLACES;
        trial.redecode(body(0, many));
        var before = new ArrayList<Series>();
        for (int n = 0; n < many; n += 1_000) {
            before.add(first(body(n, n + 1)));
        }
        trial.cache.sweep(1);
        for (int n = 0; n < many; n += 1_000) {
            first(body(n, n + 1));
        }
        long bytes = trial.cache.bytes();
        assertThat(trial.cache.sweep(0)).isEqualTo(many - before.size());
        assertThat(trial.cache.bytes()).isLessThan(bytes / 100);
        int size = trial.cache.size();
        for (Series one : before) {
            int n = before.indexOf(one) * 1_000;
            assertThat(first(body(n, n + 1))).isSameAs(one);
        }
        assertThat(trial.cache.size()).isEqualTo(size);
        trial.redecode(body(0, many));
        assertThat(trial.cache.size()).isEqualTo(many + 3);
    }

    @Test
    void aFullCacheStillResolves() {
        var small = new SeriesCache(new Random(3), 2_000);
        var decoder =
                new OtlpProtobufDecoder(
                        small, trial.registry, ReceiveLimits.defaults(), DecoderTrial.CLOCK);
        byte[] body = body(0, 500);
        for (int round = 0; round < 2; round++) {
            trial.batch.clear();
            decoder.decode(body, body.length, "test", trial.batch);
            assertThat(trial.batch.numbers.size()).isEqualTo(500);
        }
        assertThat(small.bytes()).isLessThanOrEqualTo(2_000);
        assertThat(small.refused()).isPositive();
        assertThat(trial.registry.size()).isEqualTo(500);
    }

    @Test
    void threadsAgreeWhileTheTableGrowsAndIsSwept() throws Exception {
        var workers = new ArrayList<Callable<List<Series>>>();
        for (int worker = 0; worker < 4; worker++) {
            int seed = worker;
            workers.add(() -> decodeAtRandom(new Random(seed)));
        }
        var byText = new IdentityHashMap<Series, String>();
        try (var pool = Executors.newFixedThreadPool(4)) {
            for (var done : pool.invokeAll(workers)) {
                done.get().forEach(series -> byText.put(series, series.attributes()));
            }
        }
        assertThat(byText.values()).doesNotHaveDuplicates();
        assertThat(byText).hasSize(5_000);
    }

    private List<Series> decodeAtRandom(Random random) {
        var decoder =
                new OtlpProtobufDecoder(
                        trial.cache, trial.registry, ReceiveLimits.defaults(), DecoderTrial.CLOCK);
        var batch = new Batch();
        var found = new ArrayList<Series>();
        for (int round = 0; round < 150; round++) {
            int from = round < 50 ? 100 * round : random.nextInt(4_900);
            byte[] body = body(from, from + 100);
            batch.clear();
            decoder.decode(body, body.length, "test", batch);
            for (int row = 0; row < 100; row++) {
                Series series = batch.numbers.series[row];
                assertThat(series.attributes()).isEqualTo("{\"n\":\"" + (from + row) + "\"}");
                found.add(series);
            }
            if (round % 20 == 0) {
                trial.cache.sweep(random.nextInt(2));
            }
        }
        return found;
    }
}
