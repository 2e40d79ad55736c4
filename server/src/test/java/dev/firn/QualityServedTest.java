package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What is found is shown: as a picture, by day, and in reports, also when nothing was found.
class QualityServedTest {
    private static final long PATIENCE_NANOS = 240_000_000_000L;

    private static final List<String> KINDS =
            List.of("quality", "slo", "cost", "capacity", "daily");

    @TempDir Path data;

    @Test
    void scoresAreShownByDayAndAsAPicture() throws Exception {
        Path firn = data.resolve("firn");
        Path written = data.resolve("written");
        try (var served =
                new Served(
                        firn,
                        "reports: [{report: quality, format: json, every: 1s, after: 0s, directory: \"%s\"}]"
                                .formatted(written))) {
            String badge = "/api/firn/v1/quality/badge.svg";
            assertThat(served.get(badge + "?service_name=nobody").body()).contains("unknown");
            served.sendAll(0, 10);
            Served.patiently(
                    PATIENCE_NANOS,
                    () -> served.json("/api/firn/v1/quality").path("scores").size() > 0);
            HttpResponse<String> picture = served.get(badge);
            assertThat(picture.headers().firstValue("Content-Type")).contains("image/svg+xml");
            assertThat(picture.body()).startsWith("<svg").contains(" %</title>");
            assertThat(served.get(badge + "?service_name=nobody").body()).contains("unknown");

            String day = served.sql("SELECT max(last_seen) FROM series");
            assertThat(
                            served.sql(
                                    "SELECT min(score) >= 0, max(score) <= 100, min((score < 100) = notEmpty(failing))"
                                            + " FROM v_data_quality_daily"))
                    .isEqualTo("1\t1\t1");
            Served.Ran ran = report(day, "--url", served.running.url());
            assertThat(ran.exit()).as(ran.err()).isZero();
            assertThat(ran.out())
                    .contains("Data quality of")
                    .contains("Scores")
                    .contains("incidents");
            assertThat(report("2020-01-01", "--url", served.running.url()).out())
                    .contains("no source had points that day");
            assertThat(report("yesterday", "--url", served.running.url()).exit()).isEqualTo(2);
            everyReportHasEveryForm(served);
            Served.await(() -> scheduled(written).path("rows").size() > 0);
            assertThat(scheduled(written).path("rows").get(0).path("state").asString())
                    .isEqualTo("stale");
        }
        Served.Ran stopped = report("2020-01-01", "--data", firn.toString());
        assertThat(stopped.exit()).as(stopped.err()).isZero();
    }

    private static final String FRESHNESS = "Data freshness";

    private static JsonNode part(JsonNode report, String title) {
        for (JsonNode part : report.path("parts")) {
            if (part.path("title").asString().equals(title)) {
                return part;
            }
        }
        throw new AssertionError("no part " + title + " in " + report);
    }

    /// What the schedule wrote last.
    private static JsonNode scheduled(Path folder) {
        try (var files = Files.list(folder)) {
            Path newest =
                    files.filter(file -> !file.getFileName().toString().startsWith("."))
                            .max(Path::compareTo)
                            .orElseThrow();
            assertThat(newest.getFileName().toString()).startsWith("quality-2").endsWith("Z.json");
            return part(Served.parse(Files.readString(newest)), FRESHNESS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void everyReportHasEveryForm(Served served) {
        String url = served.running.url();
        for (String of : KINDS) {
            Served.Ran text = Served.command("report", of, "--url", url);
            assertThat(text.exit()).as(of + text.err()).isZero();
            Served.Ran markdown =
                    Served.command("report", of, "--url", url, "--format", "markdown");
            assertThat(markdown.out()).startsWith("# ").contains("\n## ");
            Served.Ran html = Served.command("report", of, "--url", url, "--format", "html");
            assertThat(html.exit()).as(html.err()).isZero();
            assertThat(html.out())
                    .startsWith("<!doctype html>")
                    .endsWith("</html>\n")
                    .doesNotContain("http:", "https:", "src=", "<script", "@import");
        }
        String stored = served.sql("SELECT count() FROM samples");
        Served.Ran json = Served.command("report", "capacity", "--url", url, "--format", "json");
        JsonNode storage = part(Served.parse(json.out()), "Storage statistics");
        assertThat(
                        storage.path("rows")
                                .valueStream()
                                .filter(row -> row.path("table").asString().equals("samples"))
                                .map(row -> row.path("stored_rows").asString()))
                .containsExactly(stored);
        assertThat(part(Served.parse(json.out()), "Disk").at("/rows/0/free_bytes").asLong())
                .isPositive();
        assertThat(Served.command("report", "capacity", "--url", url, "--format", "html").out())
                .contains("<svg viewBox");
        Served.Ran quality = Served.command("report", "quality", "--url", url);
        assertThat(quality.out())
                .contains(
                        "Data gaps", "Duplicate records", FRESHNESS, "Storage statistics", "stale");
    }

    private static Served.Ran report(String day, String... where) {
        return Served.command("report", "quality", "--day", day, where[0], where[1]);
    }

    @Test
    void withoutDataReportsEndWell() throws Exception {
        Path firn = data.resolve("empty");
        try (var _ =
                new Served(
                        firn,
                        "quality: {enabled: false}\nslo: {enabled: false}\ncost: {enabled: false}")) {
            // leaves a folder in which nothing was evaluated
        }
        for (String of : KINDS) {
            Served.Ran ran = Served.command("report", of, "--data", firn.toString());
            assertThat(ran.exit()).as(of + ran.err()).isZero();
            assertThat(ran.out()).isNotEmpty();
        }
    }
}
