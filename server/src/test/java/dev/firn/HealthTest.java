package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.ops.health.Section;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `firn health` and `/health` of a running Firn.
class HealthTest {
    @TempDir Path data;

    private static Map<String, Double> planesOfThePage(Served firn) {
        var points = new HashMap<String, Double>();
        for (String line : firn.get("/metrics").body().split("\n")) {
            if (line.startsWith("firn_receive_plane_points_total{")) {
                String labels = line.substring(line.indexOf('{') + 1, line.indexOf('}'));
                points.put(
                        labels.replaceAll(
                                "data_plane=\"([^\"]*)\",environment=\"([^\"]*)\"", "$2/$1"),
                        Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)));
            }
        }
        return points;
    }

    private static Map<String, Double> planesOfTheEngine(Served firn) {
        var points = new HashMap<String, Double>();
        String rows =
                firn.sql(
                        """
                        SELECT concat(environment, '/', data_plane_id), count() FROM
                        (SELECT metric_id, series_id FROM samples
                         UNION ALL SELECT metric_id, series_id FROM histograms
                         UNION ALL SELECT metric_id, series_id FROM exponential_histograms
                         UNION ALL SELECT metric_id, series_id FROM summaries) AS points
                        JOIN (SELECT * FROM series FINAL) AS known USING (metric_id, series_id)
                        GROUP BY ALL
                        """);
        for (String row : rows.split("\n")) {
            if (!row.isEmpty()) {
                points.put(row.split("\t")[0], Double.parseDouble(row.split("\t")[1]));
            }
        }
        return points;
    }

    private static JsonNode check(Served firn, String id) {
        for (JsonNode check : firn.health().get("checks")) {
            if (check.get("id").asString().equals(id)) {
                return check;
            }
        }
        throw new AssertionError("no check " + id);
    }

    /// `--watch` asks again, until it is ended.
    private static void watched(Served firn) {
        try {
            Process watch =
                    Served.builder(
                                    "health",
                                    "--watch",
                                    "--format",
                                    "json",
                                    "--url",
                                    firn.running.url())
                            .start();
            try (var lines = watch.inputReader()) {
                for (int i = 0; i < 3; i++) {
                    assertThat(lines.readLine()).contains("\"checks\":[");
                }
                assertThat(watch.isAlive()).isTrue();
            } finally {
                watch.destroy();
            }
            assertThat(watch.waitFor(30, TimeUnit.SECONDS)).as("it ends").isTrue();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void pageForPeople(Served firn) {
        var request =
                HttpRequest.newBuilder(URI.create(firn.running.url() + "/health"))
                        .header("Accept", "text/html")
                        .build();
        try (var client = HttpClient.newHttpClient()) {
            var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.headers().firstValue("Content-Type").orElse(""))
                    .startsWith("text/html");
            for (Section section : Section.values()) {
                assertThat(answer.body()).contains(section.title());
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void healthIsTold() {
        Map<String, Double> planes;
        try (var firn = new Served(data, "")) {
            // what is told may be a second old
            Served.await(() -> !check(firn, "receivers").toString().contains("starting"));
            Served.Ran empty = Served.command("health", "--url", firn.running.url());
            assertThat(empty.exit()).as(empty.out()).isZero();
            assertThat(empty.out())
                    .contains("1. Receivers (OTEL Collector)")
                    .contains("waiting   receivers: accepting; no point so far")
                    .contains("6. Uploads of the last hour");

            pageForPeople(firn);
            watched(firn);

            Served.Ran load =
                    Served.command("load", "-t", firn.running.otlpHttpUrl(), "--history", "3h");
            assertThat(load.exit()).as(load.err()).isZero();
            Served.await(() -> planesOfTheEngine(firn).equals(planesOfThePage(firn)));
            planes = planesOfThePage(firn);
            assertThat(planes).hasSizeGreaterThan(2);
            String plane = planes.keySet().iterator().next();
            assertThat(check(firn, "freshness " + plane).get("state").asString()).isEqualTo("ok");

            Served.Ran tsv =
                    Served.command("health", "--url", firn.running.url(), "--format", "tsv");
            assertThat(tsv.out()).startsWith("section\tid\tstate\tsince\tfigure\tlimit\tadvice\n");
            String all = Integer.toString(planes.size());
            Served.await(() ->
                    firn.sql(
                                    "SELECT uniqExact(environment, data_plane_id) FROM rollup_5m INNER JOIN"
                                            + " series USING (metric_id, series_id)")
                            .equals(all));
        }
        try (var firn = new Served(data, "")) {
            // planes that do not send any more are known from before
            for (String plane : planes.keySet()) {
                Served.await(() -> firn.get("/health").body().contains("freshness " + plane));
            }
        }
        Served.Ran gone = Served.command("health", "--url", "http://127.0.0.1:1");
        assertThat(gone.exit()).isEqualTo(2);
        assertThat(gone.err()).contains("cannot reach a Firn at http://127.0.0.1:1");
        assertThat(Served.command("health", "--wrong").exit()).isEqualTo(64);
        assertThat(Served.command("health", "--url", "nonsense").exit()).isEqualTo(64);
        assertThat(Served.command("check", "--wrong").exit()).isEqualTo(2);
    }
}
