package dev.firn.export.prometheus;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.Config.Address;
import dev.firn.config.ListenerSecurityConfig;
import dev.firn.config.PrometheusExporterConfig;
import dev.firn.config.PrometheusExporterConfig.ResourceLabels;
import dev.firn.config.PrometheusExporterConfig.Translation;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// An exporter with everything it needs, and points for it.
final class PageFixture {
    static final String OPEN_METRICS =
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8";
    static final String TEXT = "text/plain;version=1.0.0;escaping=allow-utf-8";
    static final String PROTOBUF =
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                    + "encoding=delimited;escaping=allow-utf-8";
    static final long SECOND = 1_000_000_000L;

    /// 2025-10-09T08:53:20Z, when tests begin.
    static final long NOW = 1_760_000_000 * SECOND;

    /// A clock that moves when told to.
    static final class StepClock implements Clock {
        private volatile long nanos = NOW;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long ticks() {
            return nanos - NOW;
        }

        void advance(Duration by) {
            nanos += by.toNanos();
        }
    }

    static final PrometheusExporterConfig PLAIN = config("", Map.of(), ResourceLabels.NONE);

    final StepClock clock = new StepClock();
    final SeriesRegistry registry = new SeriesRegistry(SeriesIdentity.SHA_256, clock, 1_000_000);
    final OwnMetrics metrics = new OwnMetrics();
    final LastPoints exporter;
    final Batch batch = new Batch();

    PageFixture() {
        this(PLAIN);
    }

    PageFixture(PrometheusExporterConfig config) {
        this(config, 1_000_000);
    }

    PageFixture(PrometheusExporterConfig config, long seriesMax) {
        exporter =
                new LastPoints(
                        "prometheus",
                        config,
                        seriesMax,
                        new ExporterCounts("prometheus", metrics),
                        clock);
    }

    static PrometheusExporterConfig config(
            String namespace, Map<String, String> constant, ResourceLabels resourceLabels) {
        return config(
                namespace,
                constant,
                resourceLabels,
                Translation.UNDERSCORE_ESCAPING_WITH_SUFFIXES,
                false);
    }

    static PrometheusExporterConfig config(
            String namespace,
            Map<String, String> constant,
            ResourceLabels resourceLabels,
            Translation translation,
            boolean timestamps) {
        return new PrometheusExporterConfig(
                new Address("127.0.0.1", 0),
                ListenerSecurityConfig.NONE,
                namespace,
                constant,
                timestamps,
                300 * SECOND,
                true,
                false,
                resourceLabels,
                translation);
    }

    static PrometheusExporterConfig translated(Translation translation) {
        return config("", Map.of(), ResourceLabels.NONE, translation, false);
    }

    /// A metric to be.
    record Spec(
            Resource resource,
            Scope scope,
            String name,
            String unit,
            MetricType type,
            Temporality temporality,
            boolean monotonic,
            String description,
            String metadata) {
        Spec unit(String other) {
            return new Spec(
                    resource,
                    scope,
                    name,
                    other,
                    type,
                    temporality,
                    monotonic,
                    description,
                    metadata);
        }

        Spec description(String other) {
            return new Spec(
                    resource, scope, name, unit, type, temporality, monotonic, other, metadata);
        }

        Spec of(Object... resourceAttributes) {
            return new Spec(
                    new Resource(attributes(resourceAttributes), "", 0, ""),
                    scope,
                    name,
                    unit,
                    type,
                    temporality,
                    monotonic,
                    description,
                    metadata);
        }

        Spec in(Scope other) {
            return new Spec(
                    resource,
                    other,
                    name,
                    unit,
                    type,
                    temporality,
                    monotonic,
                    description,
                    metadata);
        }

        Spec delta() {
            return new Spec(
                    resource,
                    scope,
                    name,
                    unit,
                    type,
                    Temporality.DELTA,
                    monotonic,
                    description,
                    metadata);
        }

        Spec metadata(String json) {
            return new Spec(
                    resource, scope, name, unit, type, temporality, monotonic, description, json);
        }

        Metric metric() {
            return new Metric(
                    resource,
                    scope,
                    name,
                    unit,
                    type,
                    temporality,
                    monotonic,
                    description,
                    metadata);
        }
    }

    private static Spec spec(String name, MetricType type, Temporality temporality, boolean up) {
        return new Spec(
                new Resource("{}", "", 0, ""),
                new Scope("", "", "{}", "", 0),
                name,
                "",
                type,
                temporality,
                up,
                "",
                "{}");
    }

    static Spec gauge(String name) {
        return spec(name, MetricType.GAUGE, Temporality.UNSPECIFIED, false);
    }

    static Spec counter(String name) {
        return spec(name, MetricType.SUM, Temporality.CUMULATIVE, true);
    }

    static Spec histogram(String name) {
        return spec(name, MetricType.HISTOGRAM, Temporality.CUMULATIVE, false);
    }

    static Spec exponential(String name) {
        return spec(name, MetricType.EXPONENTIAL_HISTOGRAM, Temporality.CUMULATIVE, false);
    }

    static Spec summary(String name) {
        return spec(name, MetricType.SUMMARY, Temporality.UNSPECIFIED, false);
    }

    /// Canonical JSON of keys and values: text, long, double, boolean.
    static String attributes(Object... keysAndValues) {
        var entries = new ArrayList<Attributes.Entry>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            AttributeValue value =
                    switch (keysAndValues[i + 1]) {
                        case Long number -> new AttributeValue.Int(number);
                        case Integer number -> new AttributeValue.Int(number);
                        case Double number -> new AttributeValue.Real(number);
                        case Boolean bool -> new AttributeValue.Bool(bool);
                        case byte[] bytes -> new AttributeValue.Binary(bytes);
                        case AttributeValue typed -> typed;
                        case Object other -> new AttributeValue.Text(other.toString());
                    };
            entries.add(new Attributes.Entry((String) keysAndValues[i], value));
        }
        return Attributes.of(entries).toJson();
    }

    Series series(Spec spec, Object... attributes) {
        return registry.intern(spec.metric(), attributes(attributes));
    }

    /// Adds a point with a double; time and start in seconds from [#NOW], start 0 is none.
    void add(Spec spec, double time, double start, double value, Object... attributes) {
        batch.numbers.add(
                series(spec, attributes),
                nanos(time),
                start == 0 ? 0 : nanos(start),
                0,
                Numbers.DOUBLE,
                Double.doubleToRawLongBits(value));
    }

    static long nanos(double seconds) {
        return NOW + Math.round(seconds * 1000) * 1_000_000;
    }

    /// Adds a histogram's point; `counts` one longer than `bounds`.
    void addHistogram(
            Spec spec,
            double time,
            double start,
            double sum,
            double[] bounds,
            long[] counts,
            Object... attributes) {
        long count = 0;
        for (double bound : bounds) {
            batch.histograms.bounds.push(Double.doubleToRawLongBits(bound));
        }
        for (long one : counts) {
            batch.histograms.counts.push(one);
            count += one;
        }
        batch.histograms.add(
                series(spec, attributes),
                nanos(time),
                start == 0 ? 0 : nanos(start),
                0,
                count,
                dev.firn.model.Histograms.HAS_SUM,
                sum,
                0,
                0);
    }

    /// Adds an exponential histogram's point whose count is right.
    void addExponential(
            Spec spec,
            double time,
            double start,
            int scale,
            double threshold,
            long zeros,
            int offset,
            long[] positive,
            int negativeOffset,
            long[] negative,
            Object... attributes) {
        var points = batch.exponential;
        long count = zeros;
        for (long one : positive) {
            points.positive.push(one);
            count += one;
        }
        for (long one : negative) {
            points.negative.push(one);
            count += one;
        }
        int row =
                points.add(series(spec, attributes), nanos(time), start == 0 ? 0 : nanos(start), 0);
        points.has[row] = dev.firn.model.Histograms.HAS_SUM;
        points.sum[row] = count;
        points.min[row] = 0;
        points.max[row] = 0;
        points.count[row] = count;
        points.scale[row] = scale;
        points.zeroCount[row] = zeros;
        points.zeroThreshold[row] = threshold;
        points.positiveOffset[row] = offset;
        points.negativeOffset[row] = negativeOffset;
    }

    /// Exports what was added.
    PageFixture export() {
        exporter.export(batch);
        batch.clear();
        return this;
    }

    byte[] bytes(String accept) {
        var out = new ByteArrayOutputStream();
        try {
            exporter.write(PageFormat.negotiate(accept, true), out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    String page(String accept) {
        return new String(bytes(accept), StandardCharsets.UTF_8);
    }

    /// Lines of samples only.
    List<String> samples(String accept) {
        return page(accept).lines().filter(line -> !line.startsWith("#")).toList();
    }

    /// A line of the own metrics' page.
    String own(String start) {
        return new String(metrics.page(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith(start))
                .findFirst()
                .orElse("");
    }
}
