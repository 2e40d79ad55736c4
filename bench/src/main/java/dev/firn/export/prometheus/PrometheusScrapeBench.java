package dev.firn.export.prometheus;

import com.sun.management.ThreadMXBean;
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
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// CPU time and allocation of a scrape, and of taking points, with 10,000 and 100,000 series:
/// counters, gauges, and one histogram of ten buckets in twenty. Run with the class name; no
/// arguments.
public final class PrometheusScrapeBench {
    private static final double[] BOUNDS = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5};
    private static final int ROUNDS = 15;

    private static final class Sink extends OutputStream {
        long bytes;

        @Override
        public void write(int one) {
            bytes++;
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            bytes += length;
        }
    }

    private PrometheusScrapeBench() {}

    /// Prints a line for each size and format.
    public static void main(String[] arguments) throws IOException {
        for (int size : new int[] {10_000, 100_000}) {
            run(size);
        }
    }

    private static void run(int size) throws IOException {
        var registry = new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 10_000_000);
        var config =
                new PrometheusExporterConfig(
                        new Address("127.0.0.1", 0),
                        ListenerSecurityConfig.NONE,
                        "",
                        Map.of(),
                        false,
                        300_000_000_000L,
                        true,
                        false,
                        ResourceLabels.NONE,
                        Translation.UNDERSCORE_ESCAPING_WITH_SUFFIXES);
        var points =
                new LastPoints(
                        "bench",
                        config,
                        10_000_000,
                        new ExporterCounts("bench", new OwnMetrics()),
                        Clock.system());
        Series[] series = series(registry, size);
        long heap = heap();
        var batch = new Batch();
        for (int round = 0; round < ROUNDS; round++) {
            fill(batch, series, round);
            long ticks = cpuNanos();
            points.export(batch);
            if (round == 0 || round == ROUNDS - 1) {
                System.out.printf(
                        "%,7d series  export %-12s %6.1f ms%n",
                        size, round == 0 ? "(first)" : "(known)", (cpuNanos() - ticks) / 1e6);
            }
        }
        batch.clear();
        System.out.printf(
                "%,7d series  heap of the page %,d bytes a series%n", size, (heap() - heap) / size);
        for (String accept :
                List.of(
                        "text/plain",
                        "application/openmetrics-text;version=1.0.0",
                        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                                + "encoding=delimited")) {
            scrape(size, points, PageFormat.negotiate(accept, true));
        }
    }

    private static void scrape(int size, LastPoints points, PageFormat format) throws IOException {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        var nanos = new long[ROUNDS];
        long allocated = 0;
        long bytes = 0;
        for (int round = 0; round < ROUNDS; round++) {
            var sink = new Sink();
            long before = threads.getCurrentThreadAllocatedBytes();
            long ticks = cpuNanos();
            points.write(format, sink);
            nanos[round] = cpuNanos() - ticks;
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
            bytes = sink.bytes;
        }
        Arrays.sort(nanos);
        System.out.printf(
                "%,7d series  scrape %-12s median %6.1f ms  page %,11d bytes  allocated %,d bytes%n",
                size, format.syntax(), nanos[ROUNDS / 2] / 1e6, bytes, allocated);
    }

    /// Of this thread: other work on the machine does not count.
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static Series[] series(SeriesRegistry registry, int size) {
        var series = new Series[size];
        for (int i = 0; i < size; i++) {
            var resource =
                    new Resource(
                            attributes(
                                    "service.name", "shop-" + i / 500 % 20,
                                    "service.instance.id", "instance-" + i / 500,
                                    "host.name", "host-" + i / 500),
                            "",
                            0,
                            "");
            boolean histogram = i % 20 == 0;
            boolean counter = i % 2 == 1;
            var metric =
                    new Metric(
                            resource,
                            new Scope("io.opentelemetry.http", "2.1.0", "{}", "", 0),
                            histogram ? "http.server.request.duration" : "shop.metric." + i % 20,
                            histogram ? "s" : "By",
                            histogram
                                    ? MetricType.HISTOGRAM
                                    : counter ? MetricType.SUM : MetricType.GAUGE,
                            histogram || counter ? Temporality.CUMULATIVE : Temporality.UNSPECIFIED,
                            counter,
                            "What the metric is about",
                            "{}");
            series[i] =
                    registry.intern(
                            metric,
                            attributes(
                                    "http.request.method",
                                    "GET",
                                    "http.route",
                                    "/api/v1/things/" + i % 500));
        }
        return series;
    }

    private static String attributes(String... keysAndValues) {
        var entries = new ArrayList<Attributes.Entry>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            entries.add(
                    new Attributes.Entry(
                            keysAndValues[i], new AttributeValue.Text(keysAndValues[i + 1])));
        }
        return Attributes.of(entries).toJson();
    }

    private static void fill(Batch batch, Series[] series, int round) {
        batch.clear();
        long time = Clock.system().nanos();
        for (int i = 0; i < series.length; i++) {
            if (series[i].metric().type() == MetricType.HISTOGRAM) {
                for (double bound : BOUNDS) {
                    batch.histograms.bounds.push(Double.doubleToRawLongBits(bound));
                    batch.histograms.counts.push(i + round);
                }
                batch.histograms.counts.push(1);
                batch.histograms.add(
                        series[i],
                        time,
                        1_000_000_000L,
                        0,
                        9L * (i + round) + 1,
                        Histograms.HAS_SUM,
                        i * 0.37,
                        0,
                        0);
            } else {
                batch.numbers.add(
                        series[i],
                        time,
                        1_000_000_000L,
                        0,
                        Numbers.DOUBLE,
                        Double.doubleToRawLongBits(i * 1.37 + round));
            }
        }
    }
}
