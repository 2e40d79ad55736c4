package dev.firn.export.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.security.ServerSecurity;
import dev.firn.model.Batch;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PrometheusExporterTest {
    private final PageFixture fixture = new PageFixture();
    private final PrometheusExporter exporter =
            new PrometheusExporter(
                    "prometheus/test",
                    PageFixture.PLAIN,
                    ServerSecurity.NONE,
                    1_000_000,
                    fixture.metrics,
                    fixture.clock);
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        client.close();
        exporter.close();
    }

    private HttpResponse<byte[]> get(String path, String... headers) throws Exception {
        var request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + exporter.port() + path))
                        .timeout(Duration.ofSeconds(60));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    @Test
    void scrapersGetTheFormatThatTheyAskFor() throws Exception {
        fixture.add(PageFixture.counter("c"), 1, 0, 1);
        exporter.export(fixture.batch);

        HttpResponse<byte[]> plain = get("/metrics");
        assertThat(plain.headers().firstValue("content-type"))
                .contains("text/plain; version=0.0.4; charset=utf-8; escaping=underscores");
        assertThat(new String(plain.body(), StandardCharsets.UTF_8)).contains("c_total 1\n");

        String prometheus3 =
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                        + "application/openmetrics-text;version=0.0.1;q=0.4,"
                        + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
                        + "text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
        HttpResponse<byte[]> open = get("/metrics", "Accept", prometheus3);
        assertThat(open.headers().firstValue("content-type").orElseThrow())
                .startsWith("application/openmetrics-text; version=1.0.0;")
                .endsWith("escaping=allow-utf-8");
        HttpResponse<byte[]> binary =
                get("/metrics", "Accept", PageFixture.PROTOBUF + ";q=0.6," + prometheus3);
        assertThat(new ProtobufReader(binary.body()).families).hasSize(1);

        HttpResponse<byte[]> zipped = get("/metrics", "Accept-Encoding", "gzip");
        assertThat(zipped.headers().firstValue("content-encoding")).contains("gzip");
        try (var in = new GZIPInputStream(new ByteArrayInputStream(zipped.body()))) {
            assertThat(in.readAllBytes()).isEqualTo(plain.body());
        }
        assertThat(get("/other").statusCode()).isEqualTo(404);
        assertThat(get("/metrics", "Sec-Fetch-Site", "cross-site").statusCode()).isEqualTo(403);
    }

    @Test
    void openMetricsIsOfferedOnlyWhereItIsOn() {
        assertThat(PageFormat.negotiate(PageFixture.OPEN_METRICS, false).syntax())
                .isEqualTo(PageFormat.Syntax.TEXT);
        assertThat(PageFormat.negotiate("text/html, */*;q=0.1", true).version()).isEqualTo("0.0.4");
        assertThat(PageServer.wantsGzip("br, gzip;q=0")).isFalse();
    }

    @Test
    void pagesStayWholeWhileBatchesComeAndSeriesGo() throws Exception {
        var stop = new AtomicBoolean();
        var failures = new CopyOnWriteArrayList<Throwable>();
        List<Thread> threads = new ArrayList<>();
        for (int writer = 0; writer < 3; writer++) {
            int number = writer;
            // platform threads: virtual ones that never wait keep each other, and with them the
            // reader of a slot that they stand in line for, from ever running on two cores
            threads.add(
                    Thread.ofPlatform()
                            .daemon()
                            .uncaughtExceptionHandler((t, e) -> failures.add(e))
                            .start(() -> write(number, stop)));
        }
        try {
            for (int i = 0; i < 30; i++) {
                fixture.clock.advance(Duration.ofSeconds(100));
                if (i % 5 == 0) {
                    fixture.exporter.sweep();
                }
                PageParser.parse(fixture.page(PageFixture.OPEN_METRICS), true);
                new ProtobufReader(fixture.bytes(PageFixture.PROTOBUF)).samples();
            }
        } finally {
            stop.set(true);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }

    /// Buckets always agree with their count: a page that mixed two points would show it.
    private void write(int number, AtomicBoolean stop) {
        var mine = new PageFixture();
        for (long round = 1; !stop.get(); round++) {
            for (int i = 0; i < 20; i++) {
                String name = "m" + (i + round) % 50;
                mine.addHistogram(
                        PageFixture.histogram(name + ".h"),
                        round,
                        1,
                        round,
                        new double[] {1, 2},
                        new long[] {round, round, round},
                        "w",
                        number % 2);
                mine.add(PageFixture.counter(name).delta(), round, round - 1, 1, "i", i);
                mine.addExponential(
                        PageFixture.exponential(name + ".e"),
                        round,
                        1,
                        (int) (round % 9),
                        0,
                        1,
                        3,
                        new long[] {round, round},
                        0,
                        new long[] {});
            }
            Batch batch = mine.batch;
            fixture.exporter.export(batch);
            mine.batch.exemplars.truncate(0);
            mine.export();
        }
    }
}
