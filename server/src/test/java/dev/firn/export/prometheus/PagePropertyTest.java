package dev.firn.export.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Forall;
import dev.firn.config.PrometheusExporterConfig.ResourceLabels;
import dev.firn.config.PrometheusExporterConfig.Translation;
import dev.firn.export.prometheus.PageFixture.Spec;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Temporality;
import dev.firn.model.prometheus.Escaping;
import dev.firn.receive.OtlpProtobufDecoder;
import dev.firn.receive.RandomOtlp;
import dev.firn.receive.ReceiveLimits;
import dev.firn.receive.SeriesCache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Whatever comes in, each page is one that Prometheus reads, and all formats say the same.
class PagePropertyTest {
    private static final String[] NAMES = {
        "a",
        "a.b",
        "a_b",
        "a_total",
        "a.sum",
        "a_count",
        "a.bucket",
        "1x",
        "日本",
        "😀.x",
        "a\nb",
        "a\"b",
        "a b",
        "created",
        "a_created",
        "target",
        "target_info",
        "__",
        "\u0000"
    };
    private static final String[] UNITS = {"", "s", "ms", "By/s", "1", "{x}", "%", "m/{y}", "é"};
    private static final String[] VALUES = {"", "x", "y", "\"\\\n", "\u0000", "é😀", "x;y"};

    /// Where a copy of every page goes for a look with other readers; normally nowhere.
    private static final String COPIES = System.getProperty("firn.test.pages", "");

    private int copies;

    @Test
    void randomPointsMakePagesThatParseAndAgree() {
        Forall.of(
                60,
                11,
                random -> {
                    var page = fixture(random);
                    for (int round = random.nextInt(3); round >= 0; round--) {
                        for (int i = 0; i < 40; i++) {
                            randomPoint(page, random);
                        }
                        page.export();
                    }
                    agree(page);
                });
    }

    @Test
    void randomRequestsMakePagesThatParseAndAgree() {
        Forall.of(
                40,
                12,
                random -> {
                    var page = fixture(random);
                    var cache = new SeriesCache(new Random(1), 1 << 24);
                    var decoder =
                            new OtlpProtobufDecoder(
                                    cache, page.registry, ReceiveLimits.defaults(), page.clock);
                    for (int i = 0; i < 3; i++) {
                        byte[] body = new RandomOtlp(random).request().toByteArray();
                        decoder.decode(body, body.length, "test", page.batch);
                        page.export();
                    }
                    agree(page);
                });
    }

    private static PageFixture fixture(Random random) {
        return new PageFixture(
                PageFixture.config(
                        random.nextInt(3) == 0 ? "n.s" : "",
                        random.nextBoolean() ? Map.of("a.b", "c", "le", "1") : Map.of(),
                        random.nextBoolean()
                                ? ResourceLabels.NONE
                                : new ResourceLabels(List.of("*"), List.of()),
                        Translation.values()[random.nextInt(4)],
                        random.nextInt(4) == 0));
    }

    private static Object[] attributes(Random random) {
        String[] keys = {"a.b", "a_b", "le", "quantile", "job", "__name__", "日本", "0", "", "é"};
        var pairs = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            pairs.add(keys[random.nextInt(keys.length)]);
            pairs.add(
                    switch (random.nextInt(5)) {
                        case 0 -> random.nextLong();
                        case 1 -> random.nextDouble();
                        case 2 -> random.nextBoolean();
                        default -> VALUES[random.nextInt(VALUES.length)];
                    });
        }
        return pairs.toArray();
    }

    private static Spec spec(Random random) {
        String name = NAMES[random.nextInt(NAMES.length)];
        Spec spec =
                switch (random.nextInt(6)) {
                    case 0 -> PageFixture.gauge(name);
                    case 1, 2 -> PageFixture.counter(name);
                    case 3 -> PageFixture.histogram(name);
                    case 4 -> PageFixture.exponential(name);
                    default -> PageFixture.summary(name);
                };
        if (spec.temporality() == Temporality.CUMULATIVE && random.nextInt(3) == 0) {
            spec = spec.delta();
        }
        if (random.nextInt(8) == 0) {
            spec = spec.metadata("{\"prometheus.type\":\"unknown\"}");
        }
        String[] services = {"s", "t", "é\n"};
        Resource[] resources = {
            new Resource("{}", "", 0, ""),
            new Resource(
                    PageFixture.attributes(
                            "service.name",
                            services[random.nextInt(3)],
                            "service.instance.id",
                            random.nextInt(2),
                            "job",
                            "x",
                            "v",
                            random.nextInt(3)),
                    "",
                    0,
                    ""),
            new Resource(PageFixture.attributes(attributes(random)), "", 0, "")
        };
        var scope =
                random.nextBoolean()
                        ? new Scope("", "", "{}", "", 0)
                        : new Scope(
                                "lib",
                                VALUES[random.nextInt(VALUES.length)],
                                PageFixture.attributes(attributes(random)),
                                "",
                                0);
        return new Spec(
                resources[random.nextInt(3)],
                scope,
                spec.name(),
                UNITS[random.nextInt(UNITS.length)],
                spec.type(),
                spec.temporality(),
                spec.monotonic(),
                random.nextInt(3) == 0 ? "" : VALUES[random.nextInt(VALUES.length)],
                spec.metadata());
    }

    private static void randomPoint(PageFixture page, Random random) {
        Spec spec = spec(random);
        double time = 1 + random.nextInt(100);
        double start = random.nextInt(3) == 0 ? 0 : random.nextInt((int) time + 1);
        Object[] attributes = attributes(random);
        if (random.nextInt(20) == 0) {
            page.batch.numbers.add(
                    page.series(PageFixture.gauge("a"), attributes),
                    PageFixture.nanos(time),
                    0,
                    Points.NO_RECORDED_VALUE,
                    Numbers.NONE,
                    0);
            return;
        }
        switch (spec.type()) {
            case GAUGE, SUM -> {
                page.add(spec, time, start, real(random), attributes);
                exemplar(page, Points.Kind.NUMBERS, page.batch.numbers.size() - 1, random);
            }
            case HISTOGRAM -> {
                int size = random.nextInt(4);
                var bounds = new double[size];
                for (int i = 0; i < size; i++) {
                    bounds[i] = i == 3 ? Double.POSITIVE_INFINITY : i * 0.25 - 0.25;
                }
                page.addHistogram(
                        spec,
                        time,
                        start,
                        real(random),
                        bounds,
                        counts(random, size + 1),
                        attributes);
                exemplar(page, Points.Kind.HISTOGRAMS, page.batch.histograms.size() - 1, random);
            }
            case EXPONENTIAL_HISTOGRAM -> {
                page.addExponential(
                        spec,
                        time,
                        start,
                        random.nextInt(17) - 5,
                        random.nextInt(3) == 0 ? random.nextDouble() : 0,
                        random.nextInt(3),
                        random.nextInt(40) - 20,
                        counts(random, random.nextInt(12)),
                        random.nextInt(40) - 20,
                        counts(random, random.nextInt(3)),
                        attributes);
                exemplar(
                        page,
                        Points.Kind.EXPONENTIAL_HISTOGRAMS,
                        page.batch.exponential.size() - 1,
                        random);
            }
            case SUMMARY -> {
                var points = page.batch.summaries;
                for (int i = random.nextInt(4); i > 0; i--) {
                    points.quantiles.push(Double.doubleToRawLongBits(random.nextInt(6) / 4.0));
                    points.values.push(Double.doubleToRawLongBits(real(random)));
                }
                points.add(
                        page.series(spec, attributes),
                        PageFixture.nanos(time),
                        start == 0 ? 0 : PageFixture.nanos(start),
                        0,
                        random.nextInt(100),
                        real(random));
            }
        }
    }

    private static void exemplar(PageFixture page, Points.Kind kind, int row, Random random) {
        for (int i = random.nextInt(3); i > 0; i--) {
            var trace = new byte[16];
            random.nextBytes(trace);
            page.batch.exemplars.add(
                    kind,
                    row,
                    random.nextInt(3) == 0 ? 0 : PageFixture.nanos(random.nextInt(9)),
                    (byte) random.nextInt(3),
                    Double.doubleToRawLongBits(real(random)),
                    trace,
                    new byte[8],
                    PageFixture.attributes(attributes(random)));
        }
    }

    private static long[] counts(Random random, int size) {
        return random.longs(size, 0, 5).toArray();
    }

    private static double real(Random random) {
        return switch (random.nextInt(9)) {
            case 0 -> -0.0;
            case 1 -> Double.NaN;
            case 2 -> Double.NEGATIVE_INFINITY;
            case 3 -> Double.longBitsToDouble(random.nextLong());
            case 4 -> random.nextInt();
            case 5 -> 1e300;
            default -> random.nextGaussian();
        };
    }

    private void agree(PageFixture page) throws IOException {
        for (Escaping escaping : Escaping.values()) {
            String text = "text/plain;version=1.0.0;escaping=" + escaping.written();
            PageParser read = PageParser.parse(copied(page, text), false);
            String open = PageFixture.OPEN_METRICS.replace("allow-utf-8", escaping.written());
            PageParser openRead = PageParser.parse(copied(page, open), true);
            String protobuf = PageFixture.PROTOBUF.replace("allow-utf-8", escaping.written());
            copied(page, protobuf);
            Map<String, Double> wanted = new ProtobufReader(page.bytes(protobuf)).samples();
            assertThat(read.samples).isEqualTo(wanted);

            // OpenMetrics: no family that clashes there; start times besides; bounds with a point
            var canonical = new HashMap<String, Double>();
            wanted.forEach(
                    (key, value) -> canonical.put(key.replaceAll("\\.0([,}])", "$1"), value));
            openRead.samples.forEach((key, value) -> {
                String plain = key.replaceAll("\\.0([,}])", "$1");
                if (!key.matches("(?s).*_created\\{.*") || canonical.containsKey(plain)) {
                    assertThat(canonical).containsEntry(plain, value);
                }
            });
        }
    }

    private String copied(PageFixture page, String accept) throws IOException {
        byte[] bytes = page.bytes(accept);
        if (!COPIES.isEmpty()) {
            Path to = Path.of(COPIES, "page" + copies++);
            Files.write(to, bytes);
            Files.writeString(
                    Path.of(to + ".ct"), PageFormat.negotiate(accept, true).contentType());
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
