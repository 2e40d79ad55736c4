package dev.firn.ops.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.ConfigReader;
import dev.firn.config.ReportConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportScheduleTest {
    private static final long MINUTE = 60_000_000_000L;
    private static final long HOUR = 60 * MINUTE;

    /// 2026-11-28T10:00:00Z.
    private static final long TEN = 1_795_860_000L * 1_000_000_000L;

    @TempDir Path folder;

    private final List<String> asked = new ArrayList<>();
    private final List<String> statements = new ArrayList<>();
    private final InMemoryFileIO s3 = new InMemoryFileIO();
    private long now = TEN + 20 * MINUTE;

    private final Clock clock =
            new Clock() {
                @Override
                public long nanos() {
                    return now;
                }

                @Override
                public long ticks() {
                    return now;
                }
            };

    private ReportSchedule schedule(String reports, OwnMetrics metrics) {
        String yaml =
                "receivers: {otlp: {protocols: {http: }}}\nexporters: {firn: }\n"
                        + "service: {pipelines: {metrics: {receivers: [otlp], exporters: [firn]}}}\nreports:\n"
                        + reports;
        List<ReportConfig> config =
                ConfigReader.parse(Map.of("test.yaml", yaml), name -> null).reports();
        return new ReportSchedule(config, this::answer, s3, folder.resolve("done"), clock, metrics);
    }

    private Table answer(String name, String sql) {
        asked.add(name);
        statements.add(sql);
        return Table.of(
                List.of("slo", "sli_percent"),
                List.of("String", "Float64"),
                List.of(List.of("a<b\u001b", "99.5")));
    }

    private List<String> files() throws IOException {
        try (var files = Files.list(folder.resolve("out"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aReportIsMadeOnceWhenItsTimeHasCome() throws Exception {
        String reports =
                "  - {report: slo, format: text, every: 1h, directory: \"%s\"}\n"
                        .formatted(folder.resolve("out"));
        var metrics = new OwnMetrics();
        ReportSchedule schedule = schedule(reports, metrics);
        schedule.look();
        now = TEN + HOUR + 9 * MINUTE; // `after` is ten minutes
        schedule.look();
        assertThat(folder.resolve("out")).doesNotExist();
        now += MINUTE;
        schedule.look();
        schedule.look();
        assertThat(files()).containsExactly("slo-2026-11-28T110000Z.txt");
        assertThat(folder.resolve("out/slo-2026-11-28T110000Z.txt"))
                .content()
                .contains("a<b", "99.50")
                .doesNotContain("\u001b");

        schedule(reports, new OwnMetrics()).look(); // a restart repeats nothing
        assertThat(asked).hasSize(1);
        now += 5 * HOUR; // and what came due while it was away is made once
        schedule(reports, new OwnMetrics()).look();
        assertThat(files())
                .containsExactly("slo-2026-11-28T110000Z.txt", "slo-2026-11-28T160000Z.txt");
        assertThat(new String(metrics.page(), StandardCharsets.UTF_8))
                .contains("firn_report_runs_total{report=\"slo\",status=\"success\"} 1")
                .contains("firn_report_runs_total{report=\"slo\",status=\"failure\"} 0");
    }

    @Test
    void whatAReceiverDoesNotTakeIsSentAgain() throws Exception {
        var bodies = Collections.synchronizedList(new ArrayList<String>());
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    bodies.add(
                            exchange.getRequestHeaders().getFirst("Content-Type")
                                    + " "
                                    + exchange.getRequestHeaders().getFirst("X-Who")
                                    + " "
                                    + new String(
                                            exchange.getRequestBody().readAllBytes(),
                                            StandardCharsets.UTF_8));
                    exchange.sendResponseHeaders(bodies.size() == 1 ? 500 : 204, -1);
                    exchange.close();
                });
        server.start();
        try {
            ReportSchedule schedule =
                    schedule(
                            "  - {report: slo, every: 1h, after: 0s, webhook: {url: \"http://127.0.0.1:%d/x\", headers: {X-Who: me}}}\n"
                                    .formatted(server.getAddress().getPort()),
                            new OwnMetrics());
            schedule.look();
            now += HOUR;
            schedule.look();
            schedule.look(); // not within a minute
            assertThat(bodies).hasSize(1);
            now += MINUTE;
            schedule.look();
            now += MINUTE;
            schedule.look();
        } finally {
            server.stop(0);
        }
        assertThat(bodies).hasSize(2);
        assertThat(asked).as("it is made once").hasSize(1);
        assertThat(bodies.get(1))
                .startsWith("text/html; charset=utf-8 me <!doctype html>")
                .contains("<td>a&lt;b")
                .doesNotContain("http://", "src=");
    }

    @Test
    void atMidnightAReportIsOfTheDayThatIsOver() throws Exception {
        ReportSchedule schedule =
                schedule(
                        "  - {report: cost, format: text, directory: \"%s\"}\n"
                                        .formatted(folder.resolve("out"))
                                + "  - {report: quality, format: text, directory: \"%s\"}\n"
                                        .formatted(folder.resolve("out")),
                        new OwnMetrics());
        schedule.look();
        now = TEN + 3 * 24 * HOUR; // the first of December
        schedule.look();
        assertThat(statements).anyMatch(sql -> sql.contains("2026-11-30"));
        assertThat(statements).noneMatch(sql -> sql.contains("2026-12-01"));
        assertThat(folder.resolve("out/quality-2026-12-01T000000Z.txt"))
                .content()
                .contains("2026-11-30", "Incidents of the day", "Data freshness");
    }

    @Test
    void aPlaceOnS3IsWrittenByTheLakesFiles() throws Exception {
        ReportSchedule schedule =
                schedule(
                        "  - {report: slo, format: json, every: 1h, after: 0s, directory: \"s3://bucket/reports/\"}\n",
                        new OwnMetrics());
        schedule.look();
        now += HOUR;
        schedule.look();
        try (var in =
                s3.newInputFile("s3://bucket/reports/slo-2026-11-28T110000Z.json").newStream()) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .contains("\"rows\":[{\"slo\":\"a<b\\u001B\",\"sli_percent\":99.5}]");
        }
    }
}
