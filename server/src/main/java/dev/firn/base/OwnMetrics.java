package dev.firn.base;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBucket;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.PrometheusNaming;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// The registry of Firn's own metrics, one a process. Names: `firn_<room>_<what>_<unit>[_total]`,
/// base units, bounded labels; a name that the seed gives stays as it is, and what a Collector
/// measures, too, has the name that it has there (`otelcol_…`: without `_total`, as a Collector
/// serves it by default). A metric is there from the start, with value 0.
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

    private static final String COLLECTOR = "otelcol_";

    /// A Collector's names at the start of a sample, or behind TYPE and HELP, with `_total`.
    private static final Pattern COLLECTOR_COUNTER =
            Pattern.compile("(?m)^((?:# (?:TYPE|HELP) )?otelcol_\\w+?)_total(?=[ {])");

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final List<About> all = new CopyOnWriteArrayList<>();
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();
    private final Map<String, Gauge> gauges = new ConcurrentHashMap<>();

    /// All metrics that were registered, sorted by name; those without a sample so far too.
    public List<About> all() {
        return all.stream().sorted(Comparator.comparing(About::name)).toList();
    }

    /// A counter; `name` without `_total`, which the exposition adds but to the Collector's. A name
    /// that is known is the same counter: several components share it and differ by a label.
    public Counter counter(String name, String help, String... labels) {
        return counters.computeIfAbsent(name, key -> newCounter(key, help, labels));
    }

    private Counter newCounter(String name, String help, String... labels) {
        all.add(new About(exposed(name), "counter", List.of(labels), help));
        Counter counter =
                Counter.builder().name(name).help(help).labelNames(labels).register(registry);
        if (labels.length == 0) {
            counter.inc(0);
        }
        return counter;
    }

    /// A counter that is read at each scrape.
    public void counter(String name, String help, DoubleSupplier value) {
        all.add(new About(exposed(name), "counter", List.of(), help));
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(value.getAsDouble()))
                .register(registry);
    }

    private static String exposed(String name) {
        return name.startsWith(COLLECTOR) ? name : name + "_total";
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

    /// A histogram's state: of each bucket (the last without a bound), not cumulative.
    ///
    /// @param sum of all observations
    public record Counts(long[] counts, double sum) {}

    /// A classic histogram that is read at each scrape.
    ///
    /// @param bounds one fewer than there are counts
    public void histogram(String name, String help, double[] bounds, Supplier<Counts> value) {
        all.add(new About(name, "histogram", List.of(), help));
        double[] uppers = Arrays.copyOf(bounds, bounds.length + 1);
        uppers[bounds.length] = Double.POSITIVE_INFINITY;
        registry.register(
                new Collector() {
                    @Override
                    public MetricSnapshot collect() {
                        Counts now = value.get();
                        var point =
                                HistogramSnapshot.HistogramDataPointSnapshot.builder()
                                        .classicHistogramBuckets(
                                                ClassicHistogramBuckets.of(uppers, now.counts()))
                                        .sum(now.sum())
                                        .build();
                        return HistogramSnapshot.builder()
                                .name(name)
                                .help(help)
                                .dataPoint(point)
                                .build();
                    }

                    @Override
                    public String getPrometheusName() {
                        return name;
                    }
                });
    }

    /// `target_info`: what this process is.
    ///
    /// @param labels names of attributes, with dots, and their values
    public void target(Map<String, String> labels) {
        String[] names =
                labels.keySet().stream()
                        .map(PrometheusNaming::prometheusName)
                        .toArray(String[]::new);
        all.add(new About("target_info", "gauge", List.of(names), "Target metadata"));
        Info.builder()
                .name("target_info")
                .help("Target metadata")
                .labelNames(names)
                .register(registry)
                .setLabelValues(labels.values().toArray(String[]::new));
    }

    /// The sum of a counter's or gauge's samples that have the labels; NaN if there is none.
    ///
    /// @param name as at registration, a counter's without `_total`
    /// @param labels names and values in turn
    public double value(String name, String... labels) {
        double sum = 0;
        boolean found = false;
        for (MetricSnapshot metric : registry.scrape(name::equals)) {
            for (var point : metric.getDataPoints()) {
                double value =
                        switch (point) {
                            case CounterSnapshot.CounterDataPointSnapshot counter ->
                                    counter.getValue();
                            case GaugeSnapshot.GaugeDataPointSnapshot gauge -> gauge.getValue();
                            default -> Double.NaN;
                        };
                if (has(point.getLabels(), labels)) {
                    sum += value;
                    found = true;
                }
            }
        }
        return found ? sum : Double.NaN;
    }

    /// Observations of a classic histogram in buckets that end at or below `bound`; NaN if there is
    /// no such histogram.
    public double countUpTo(String name, double bound) {
        double count = Double.NaN;
        for (MetricSnapshot metric : registry.scrape(name::equals)) {
            for (var point : metric.getDataPoints()) {
                if (point instanceof HistogramSnapshot.HistogramDataPointSnapshot histogram) {
                    count = Double.isNaN(count) ? 0 : count;
                    for (ClassicHistogramBucket bucket : histogram.getClassicBuckets()) {
                        count += bucket.getUpperBound() <= bound ? bucket.getCount() : 0;
                    }
                }
            }
        }
        return count;
    }

    private static boolean has(Labels labels, String[] wanted) {
        for (int i = 0; i < wanted.length; i += 2) {
            if (!wanted[i + 1].equals(labels.get(wanted[i]))) {
                return false;
            }
        }
        return true;
    }

    /// The page in Prometheus text format 0.0.4.
    public byte[] page() {
        return page(name -> true);
    }

    /// The page of those metrics whose name, without `_total`, is wanted.
    public byte[] page(Predicate<String> wanted) {
        var page = new ByteArrayOutputStream(16_384);
        try {
            PrometheusTextFormatWriter.create().write(page, registry.scrape(wanted));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return COLLECTOR_COUNTER
                .matcher(page.toString(StandardCharsets.UTF_8))
                .replaceAll("$1")
                .getBytes(StandardCharsets.UTF_8);
    }
}
