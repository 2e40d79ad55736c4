package dev.firn.receive;

import dev.firn.base.Clock;
import dev.firn.model.Batch;
import dev.firn.model.MetricType;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;

/// Decodes an ExportMetricsServiceRequest straight into a batch, as protobuf's own parser would
/// understand it: fields in any order, unknown ones skipped, split messages merged, the last of a
/// oneof. Identity bytes go through the [SeriesCache]; a known point allocates nothing. Each
/// message is scanned twice where fields after the nested messages belong to their identity.
///
/// Not thread-safe; reused. Hot path: `DecoderBenchmark` in bench/.
public final class OtlpProtobufDecoder {
    private static final int RESOURCE_METRICS_DEPTH = 1;
    private static final int SCOPE_METRICS_DEPTH = 2;
    private static final int METRIC_DEPTH = 3;
    private static final int DATA_DEPTH = 4;

    private final Clock clock;
    private final WireReader in = new WireReader();
    private final SeriesResolver resolver;
    private final PointFrame frame;
    private final NumberDecoder numbers;
    private final HistogramDecoder histograms;
    private final ExponentialDecoder exponential;
    private final SummaryDecoder summaries;
    private final IdentityRun resourceRun = new IdentityRun();
    private final IdentityRun scopeRun = new IdentityRun();
    private final IdentityRun metricRun = new IdentityRun();
    private int temporality;
    private boolean monotonic;

    /// @param budgets shared by all decoders of a process, as the cache and the registry are
    OtlpProtobufDecoder(
            SeriesCache cache,
            SeriesRegistry registry,
            SenderBudgets budgets,
            ReceiveLimits limits,
            Clock clock) {
        this.clock = clock;
        resolver = new SeriesResolver(cache, registry, budgets, limits);
        frame = new PointFrame(in, resolver, limits);
        numbers = new NumberDecoder(frame);
        histograms = new HistogramDecoder(frame);
        exponential = new ExponentialDecoder(frame);
        summaries = new SummaryDecoder(frame);
    }

    /// For one thread on its own, as benchmarks and tests use it.
    public OtlpProtobufDecoder(
            SeriesCache cache, SeriesRegistry registry, ReceiveLimits limits, Clock clock) {
        this(
                cache,
                registry,
                new SenderBudgets(clock, limits.newSeriesPerSender(), limits.sendersMax()),
                limits,
                clock);
    }

    /// Adds the good points of `body[0, length)` to `batch`, which the caller has cleared. On a
    /// malformed body the batch holds rubbish and is to be cleared again.
    ///
    /// @return points refused for cause
    /// @throws Receiver.MalformedBody where protobuf's parser would refuse the body
    public long decode(byte[] body, int length, String sender, Batch batch) {
        in.over(body, 0, length);
        resolver.begin(sender);
        frame.beginRequest(batch, clock.nanos());
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag == 10) {
                int outer = in.push();
                resourceMetrics();
                in.pop(outer);
            } else {
                in.skip(tag, 0);
            }
        }
        return frame.refusals.total();
    }

    /// The last body is not kept alive until the next one comes: bodies have megabytes, and a
    /// decoder may be idle for hours.
    void letGo() {
        in.letGo();
        resourceRun.letGo();
        scopeRun.letGo();
        metricRun.letGo();
        frame.letGo();
        resolver.letGo();
    }

    /// What the last call refused, for the answer and the metrics.
    Refusals refusals() {
        return frame.refusals;
    }

    /// What the last call stored but finds noteworthy.
    PointFrame frame() {
        return frame;
    }

    private void resourceMetrics() {
        int from = in.at;
        scan(resourceRun, 10, 26, RESOURCE_METRICS_DEPTH);
        SeriesCache.Node resource = resolver.resource(resourceRun);
        in.at = from;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag == 18) {
                int outer = in.push();
                scopeMetrics(resource);
                in.pop(outer);
            } else {
                in.skip(tag, RESOURCE_METRICS_DEPTH);
            }
        }
    }

    private void scopeMetrics(SeriesCache.Node resource) {
        int from = in.at;
        scan(scopeRun, 10, 26, SCOPE_METRICS_DEPTH);
        SeriesCache.Node scope = resolver.scope(resource, scopeRun);
        in.at = from;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag == 18) {
                int outer = in.push();
                metric(scope);
                in.pop(outer);
            } else {
                in.skip(tag, SCOPE_METRICS_DEPTH);
            }
        }
    }

    /// Collects the fields with two tags, and goes over the others.
    private void scan(IdentityRun run, int tagA, int tagB, int depth) {
        run.reset(in.bytes);
        for (int from = in.at, tag = in.tag(); tag != 0; from = in.at, tag = in.tag()) {
            in.skip(tag, depth);
            if (tag == tagA || tag == tagB) {
                run.add(from, in.at);
            }
        }
        run.end();
    }

    private void metric(SeriesCache.Node scope) {
        int from = in.at;
        int data = 0;
        int dataFrom = from; // where the data field that counts begins: of a oneof the last
        metricRun.reset(in.bytes);
        for (int at = in.at, tag = in.tag(); tag != 0; at = in.at, tag = in.tag()) {
            in.skip(tag, METRIC_DEPTH);
            if (tag == 10 || tag == 18 || tag == 26 || tag == 98) {
                metricRun.add(at, in.at);
            } else if (typeOf(tag) != 0 && tag != data) {
                data = tag;
                dataFrom = at;
            }
        }
        metricRun.end();
        in.at = from;
        if (data == 0) {
            OtlpSchema.METRIC.check(in, METRIC_DEPTH);
            return;
        }
        MetricType type = MetricType.of(typeOf(data));
        scanData(type, data, dataFrom);
        in.at = from;
        SeriesCache.Node metric =
                resolver.metric(scope, type, Temporality.of(temporality), monotonic, metricRun);
        frame.beginMetric(metric);
        for (int at = in.at, tag = in.tag(); tag != 0; at = in.at, tag = in.tag()) {
            if (typeOf(tag) == 0) {
                in.skip(tag, METRIC_DEPTH);
            } else {
                data(type, at >= dataFrom, tag);
            }
        }
    }

    /// The metric type's code for a tag of Metric's oneof `data`; 0 for other tags.
    private static int typeOf(int tag) {
        return switch (tag) {
            case 42 -> 1;
            case 58 -> 2;
            case 74 -> 3;
            case 82 -> 4;
            case 90 -> 5;
            default -> 0;
        };
    }

    private void data(MetricType type, boolean counts, int tag) {
        int outer = in.push();
        if (counts) {
            points(type);
        } else {
            MetricType replaced = MetricType.of(typeOf(tag));
            OtlpSchema.valueOf(replaced.name()).check(in, DATA_DEPTH);
        }
        in.pop(outer);
    }

    /// Temporality and monotonicity, which are identity and mostly stand behind the points.
    private void scanData(MetricType type, int data, int dataFrom) {
        temporality = 0;
        monotonic = false;
        if (type == MetricType.GAUGE || type == MetricType.SUMMARY) {
            return;
        }
        in.at = dataFrom;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag != data) {
                in.skip(tag, METRIC_DEPTH);
                continue;
            }
            int outer = in.push();
            for (int inner = in.tag(); inner != 0; inner = in.tag()) {
                if (inner == 16) {
                    temporality = in.varint32();
                } else if (inner == 24 && type == MetricType.SUM) {
                    monotonic = in.varint64() != 0;
                } else {
                    in.skip(inner, DATA_DEPTH);
                }
            }
            in.pop(outer);
        }
    }

    private void points(MetricType type) {
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag != 10) {
                in.skip(tag, DATA_DEPTH);
                continue;
            }
            int outer = in.push();
            switch (type) {
                case GAUGE, SUM -> numbers.decode();
                case HISTOGRAM -> histograms.decode();
                case EXPONENTIAL_HISTOGRAM -> exponential.decode();
                case SUMMARY -> summaries.decode();
            }
            in.pop(outer);
        }
    }
}
