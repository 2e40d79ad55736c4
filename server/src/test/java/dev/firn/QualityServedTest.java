package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is found is shown: as a picture, by day, and in reports, also when nothing was found.
class QualityServedTest {
    private static final long PATIENCE_NANOS = 240_000_000_000L;

    @TempDir Path data;

    @Test
    void scoresAreShownByDayAndAsAPicture() throws Exception {
        Path firn = data.resolve("firn");
        try (var served = new Served(firn, "")) {
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
        }
        Served.Ran stopped = report("2020-01-01", "--data", firn.toString());
        assertThat(stopped.exit()).as(stopped.err()).isZero();
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
        for (String of : new String[] {"slo", "quality", "cost"}) {
            Served.Ran ran = Served.command("report", of, "--data", firn.toString());
            assertThat(ran.exit()).as(of + ran.err()).isZero();
            assertThat(ran.out()).isNotEmpty();
        }
    }
}
