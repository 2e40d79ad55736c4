package dev.firn.base;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;

/// The registry of Firn's own metrics, one a process. Names: `firn_<room>_<what>_<unit>[_total]`,
/// base units, bounded labels; a name that the seed gives stays as it is. A metric is there from
/// the start, with value 0.
public final class OwnMetrics {
    /// What is said about a metric.
    ///
    /// @param name as it is exposed; of a histogram, the part before `_bucket`, `_sum`, `_count`
    /// @param type `counter`, `gauge` or `histogram`
    public record About(String name, String type, List<String> labels, String help) {
        public About {
            labels = List.copyOf(labels);
        }
    }

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final List<About> all = new CopyOnWriteArrayList<>();
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();
    private final Map<String, Gauge> gauges = new ConcurrentHashMap<>();

    /// All metrics that were registered, sorted by name; those without a sample so far too.
    public List<About> all() {
        return all.stream().sorted(Comparator.comparing(About::name)).toList();
    }

    /// A counter; `name` without `_total`, which the exposition adds. A name that is known is the
    /// same counter: several components share it and differ by a label.
    public Counter counter(String name, String help, String... labels) {
        return counters.computeIfAbsent(name, key -> newCounter(key, help, labels));
    }

    private Counter newCounter(String name, String help, String... labels) {
        all.add(new About(name + "_total", "counter", List.of(labels), help));
        Counter counter =
                Counter.builder().name(name).help(help).labelNames(labels).register(registry);
        if (labels.length == 0) {
            counter.inc(0);
        }
        return counter;
    }

    /// A gauge that its owner sets; shared as [#counter].
    public Gauge gauge(String name, String help, String... labels) {
        return gauges.computeIfAbsent(name, key -> newGauge(key, help, labels));
    }

    private Gauge newGauge(String name, String help, String... labels) {
        all.add(new About(name, "gauge", List.of(labels), help));
        return Gauge.builder().name(name).help(help).labelNames(labels).register(registry);
    }

    /// A gauge whose value is read at each scrape.
    public void gauge(String name, String help, DoubleSupplier value) {
        all.add(new About(name, "gauge", List.of(), help));
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(value.getAsDouble()))
                .register(registry);
    }

    /// A classic histogram with the given upper bounds, in the unit that the name ends with.
    public Histogram histogram(String name, String help, double[] bounds, String... labels) {
        all.add(new About(name, "histogram", List.of(labels), help));
        return Histogram.builder()
                .name(name)
                .help(help)
                .classicOnly()
                .classicUpperBounds(bounds)
                .labelNames(labels)
                .register(registry);
    }

    /// The page in Prometheus text format 0.0.4.
    public byte[] page() {
        var page = new ByteArrayOutputStream(16_384);
        try {
            PrometheusTextFormatWriter.create().write(page, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return page.toByteArray();
    }
}
