package dev.firn.bench;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Cut;
import dev.firn.model.Intake;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import dev.firn.wal.Wal;
import dev.firn.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/// Points a second into the write-ahead log and out of it, and bytes a point, for few series and
/// for many at one point a minute each. Batches of 1,000 number points, two in three doubles.
///
/// `java -cp … dev.firn.bench.WalBench [FOLDER] [SERIES_MANY] [ROUNDS_MANY]`
public final class WalBench {
    private static final int BATCH = 1000;

    private WalBench() {}

    /// Runs it.
    public static void main(String[] arguments) throws Exception {
        Path folder =
                arguments.length > 0
                        ? Path.of(arguments[0])
                        : Files.createTempDirectory("wal-bench");
        int many = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000_000;
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 10;
        run("warm-up", folder.resolve("warm"), 1_000, 2_000, 1);
        run("1,000 series, 1 sender", folder.resolve("few1"), 1_000, 2_000, 1);
        run("1,000 series, 16 senders", folder.resolve("few16"), 1_000, 8_000, 16);
        run(many + " series once a minute", folder.resolve("many"), many, rounds * many / BATCH, 8);
    }

    private static void run(String name, Path data, int seriesCount, int batches, int senders)
            throws Exception {
        Clock clock = Clock.system();
        var registry = new SeriesRegistry(SeriesIdentity.SHA_256, clock, Long.MAX_VALUE);
        List<Series> series = series(registry, seriesCount);
        WalOptions options = WalOptions.of("engine");
        Files.createDirectories(data);
        var metrics = new OwnMetrics();
        long points = (long) batches * BATCH;
        try (Wal wal =
                Wal.open(data, new NioDisk(), clock, new Random(1), registry, metrics, options)) {
            long cpu = cpuNanos();
            long began = System.nanoTime();
            append(wal, series, batches, senders);
            wal.cutNow();
            double seconds = (System.nanoTime() - began) / 1e9;
            double cpuSeconds = (cpuNanos() - cpu) / 1e9;
            var live = wal.inspect();
            long bytes = live.segments().stream().mapToLong(one -> one.bytes()).sum();
            System.out.printf(
                    Locale.ROOT,
                    "%s: append %,.0f points/s, %.3f µs CPU/point (all threads), %.1f bytes/point,"
                            + " %d segments, %d cuts%n",
                    name,
                    points / seconds,
                    cpuSeconds * 1e6 / points,
                    (double) bytes / points,
                    live.segments().size(),
                    wal.newest());
            for (int i = 0; i < 2; i++) {
                read(name, wal, points);
            }
        }
        long began = System.nanoTime();
        Wal.open(data, new NioDisk(), clock, new Random(2), registry, new OwnMetrics(), options)
                .close();
        System.out.printf(
                Locale.ROOT,
                "%s: open with replay %.2f s%n",
                name,
                (System.nanoTime() - began) / 1e9);
        delete(data);
    }

    private static void append(Wal wal, List<Series> series, int batches, int senders)
            throws InterruptedException {
        var next = new AtomicLong();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < senders; i++) {
            threads.add(Thread.startVirtualThread(() -> send(wal, series, batches, next)));
        }
        for (Thread one : threads) {
            one.join();
        }
    }

    private static void send(Wal wal, List<Series> series, int batches, AtomicLong next) {
        var batch = new Batch();
        for (long number = next.getAndIncrement(); number < batches; ) {
            long id = number;
            wal.accept(
                    new Intake.RequestKey(id * 0x9E3779B97F4A7C15L, id),
                    () -> {
                        fill(batch, series, id);
                        return new Intake.Decoded(batch, Intake.Answer.OK);
                    });
            number = next.getAndIncrement();
        }
    }

    private static void fill(Batch batch, List<Series> series, long number) {
        batch.clear();
        int from = (int) (number * BATCH % series.size());
        long time = 1_800_000_000_000_000_000L + number * 1_000_000L;
        for (int i = 0; i < BATCH; i++) {
            boolean real = i % 3 != 0;
            long bits = real ? Double.doubleToRawLongBits(number * 0.37 + i) : number * 17 + i;
            batch.numbers.add(
                    series.get(from + i),
                    time + i / 100,
                    1_799_999_000_000_000_000L + i / 250,
                    0,
                    real ? Numbers.DOUBLE : Numbers.INT,
                    bits);
        }
    }

    private static void read(String name, Wal wal, long points) throws InterruptedException {
        var read = new AtomicLong();
        long began = System.nanoTime();
        for (long at = 0; at < wal.newest(); at++) {
            Cut cut = wal.next(at, 0);
            if (cut != null) {
                cut.read(batch -> read.addAndGet(batch.size()));
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        if (read.get() != points) {
            throw new IllegalStateException("read " + read.get() + " of " + points);
        }
        System.out.printf(
                Locale.ROOT,
                "%s: read %,.0f points/s (%.3f µs each)%n",
                name,
                points / seconds,
                seconds * 1e6 / points);
    }

    private static List<Series> series(SeriesRegistry registry, int count) {
        var result = new ArrayList<Series>(count);
        Metric metric = null;
        for (int i = 0; i < count; i++) {
            if (metric == null || i % 100 == 0) {
                var resource =
                        new Resource(
                                "{\"host.name\":\"node-"
                                        + i / 1000
                                        + "\",\"service.instance.id\":\"3f1c8a52-77aa-4d05-9c1e-"
                                        + i / 1000
                                        + "\",\"service.name\":\"checkout\"}",
                                "",
                                0,
                                "");
                var scope = new Scope("io.opentelemetry.http", "2.1.0", "{}", "", 0);
                metric =
                        new Metric(
                                resource,
                                scope,
                                "http.server.active_requests." + i / 100 % 10,
                                "{request}",
                                MetricType.SUM,
                                Temporality.CUMULATIVE,
                                true,
                                "Number of active HTTP server requests.",
                                "{}");
            }
            Attributes attributes =
                    Attributes.of(
                            List.of(
                                    text("http.request.method", i % 2 == 0 ? "GET" : "POST"),
                                    text("http.route", "/api/v1/things/" + i % 100),
                                    text("customer", Integer.toHexString(i * 0x9E3779B9))));
            result.add(registry.intern(metric, attributes));
        }
        return result;
    }

    private static Attributes.Entry text(String key, String value) {
        return new Attributes.Entry(key, new AttributeValue.Text(value));
    }

    private static long cpuNanos() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }

    private static void delete(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            for (Path one : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(one);
            }
        }
    }
}
