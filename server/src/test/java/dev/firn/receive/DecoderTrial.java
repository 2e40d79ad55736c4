package dev.firn.receive;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.firn.base.Clock;
import dev.firn.model.Batch;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/// A decoder with everything it needs, and its comparison with protobuf's generated parser.
final class DecoderTrial {
    static final Clock CLOCK =
            new Clock() {
                @Override
                public long nanos() {
                    return RandomOtlp.NOW;
                }

                @Override
                public long ticks() {
                    return 0;
                }
            };

    final SeriesRegistry registry = new SeriesRegistry(SeriesIdentity.SHA_256, CLOCK, 10_000_000);
    final SeriesCache cache = new SeriesCache(new Random(1), 1 << 26);
    final OtlpProtobufDecoder decoder =
            new OtlpProtobufDecoder(cache, registry, ReceiveLimits.defaults(), CLOCK);
    final OtlpJsonDecoder json = new OtlpJsonDecoder(decoder);
    final Batch batch = new Batch();

    /// Holds if the decoder finds exactly what the generated parser finds, or both refuse.
    void matchesReference(byte[] body) {
        ExportMetricsServiceRequest reference;
        try {
            reference = ExportMetricsServiceRequest.parseFrom(body);
        } catch (InvalidProtocolBufferException e) {
            try {
                redecode(body);
            } catch (Receiver.MalformedBody malformed) {
                return;
            }
            throw new AssertionError("protobuf refuses what we accept", e);
        }
        long refused;
        try {
            refused = redecode(body);
        } catch (Receiver.MalformedBody malformed) {
            if (String.valueOf(malformed.getMessage()).contains("more than 10 bytes")) {
                return; // protobuf-java takes some overlong varints if the buffer goes on behind
            }
            throw new AssertionError(
                    "protobuf accepts what we refuse: "
                            + malformed.getMessage()
                            + ": "
                            + HexFormat.of().formatHex(body),
                    malformed);
        }
        holds(reference, refused);
    }

    /// Decodes into the empty batch.
    long redecode(byte[] body) {
        batch.clear();
        return decoder.decode(body, body.length, "test", batch);
    }

    /// Holds if the batch is `reference` but for `refused` points.
    void holds(ExportMetricsServiceRequest reference, long refused) {
        FlatOtlp wanted = FlatOtlp.of(reference, DecoderTrial::refuses);
        FlatOtlp found = FlatOtlp.of(BatchToOtlp.expand(batch), metric -> false);
        same(found.numbers, wanted.numbers);
        same(found.histograms, wanted.histograms);
        same(found.exponential, wanted.exponential);
        same(found.summaries, wanted.summaries);
        assertThat(refused).isEqualTo(wanted.refused);
    }

    private static void same(List<ByteString> found, List<ByteString> wanted) {
        for (int i = 0; i < Math.min(found.size(), wanted.size()); i++) {
            if (!found.get(i).equals(wanted.get(i))) {
                var before = FlatOtlp.text(wanted.get(i)).lines().toList();
                var after = FlatOtlp.text(found.get(i)).lines().toList();
                assertThat(after.stream().filter(line -> !before.contains(line)).toList())
                        .as("lines of point %s that differ", i)
                        .isEqualTo(before.stream().filter(line -> !after.contains(line)).toList());
                assertThat(after).isEqualTo(before);
            }
        }
        assertThat(found).hasSameSizeAs(wanted);
    }

    static boolean refuses(Metric metric) {
        return refuses(metric, RandomOtlp.NOW);
    }

    /// The checks again, naively, at a clock's time.
    static boolean refuses(Metric metric, long now) {
        if (metric.getName().isEmpty()) {
            return true;
        }
        return switch (metric.getDataCase()) {
            case GAUGE -> {
                var point = metric.getGauge().getDataPoints(0);
                yield badTime(point.getTimeUnixNano(), point.getStartTimeUnixNano(), now);
            }
            case SUM -> {
                var point = metric.getSum().getDataPoints(0);
                yield badTime(point.getTimeUnixNano(), point.getStartTimeUnixNano(), now);
            }
            case HISTOGRAM -> {
                var point = metric.getHistogram().getDataPoints(0);
                yield badTime(point.getTimeUnixNano(), point.getStartTimeUnixNano(), now)
                        || badShape(point);
            }
            case EXPONENTIAL_HISTOGRAM -> {
                var point = metric.getExponentialHistogram().getDataPoints(0);
                yield badTime(point.getTimeUnixNano(), point.getStartTimeUnixNano(), now)
                        || badShape(point);
            }
            case SUMMARY -> {
                var point = metric.getSummary().getDataPoints(0);
                yield badTime(point.getTimeUnixNano(), point.getStartTimeUnixNano(), now);
            }
            case DATA_NOT_SET -> throw new AssertionError("no point");
        };
    }

    private static boolean badTime(long time, long start, long now) {
        return time <= 0 || start < 0 || time > now + 86_400_000_000_000L;
    }

    private static boolean badShape(HistogramDataPoint point) {
        int counts = point.getBucketCountsCount();
        int bounds = point.getExplicitBoundsCount();
        if (counts != bounds + 1 && !(counts == 0 && bounds == 0)) {
            return true;
        }
        for (int i = 0; i < bounds; i++) {
            double bound = point.getExplicitBounds(i);
            if (Double.isNaN(bound) || (i > 0 && !(bound > point.getExplicitBounds(i - 1)))) {
                return true;
            }
        }
        return false;
    }

    private static boolean badShape(ExponentialHistogramDataPoint point) {
        return point.getScale() < -11
                || point.getScale() > 20
                || overflows(point.getPositive())
                || overflows(point.getNegative());
    }

    private static boolean overflows(ExponentialHistogramDataPoint.Buckets buckets) {
        return (long) buckets.getOffset() + buckets.getBucketCountsCount() > Integer.MAX_VALUE;
    }
}
