package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.child.EngineLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// User `admin` keeps `slo_definitions` through :8123 as any ClickHouse client would, and nothing
/// else; what it inserts lives on in `state/firn.db`.
class ObjectivesServedTest {
    private static final String PASSWORD = "correct horse";
    private static final String ROWS =
            "SELECT environment, metric_name, slo_type, threshold FROM slo_definitions ORDER BY ALL";

    @TempDir Path data;

    private static String config() {
        return "engine: {endpoint: \"127.0.0.1:0\", library: \"%s\", users: {admin_password: \"%s\"}}"
                .formatted(EngineLibrary.find(), PASSWORD);
    }

    private static HttpResponse<String> ask(
            Served served, String user, String password, String query, String body)
            throws Exception {
        String url =
                served.running.listening().stream()
                        .filter(line -> line.startsWith("engine"))
                        .map(line -> line.replaceFirst("^engine *(\\S+).*", "$1"))
                        .findFirst()
                        .orElseThrow();
        String basic =
                Base64.getEncoder()
                        .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        try (var client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(
                                    URI.create(
                                            url
                                                    + "/?query="
                                                    + java.net.URLEncoder.encode(
                                                            query, StandardCharsets.UTF_8)))
                            .header("Authorization", "Basic " + basic)
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static void refused(Served served, String sql, String why) throws Exception {
        HttpResponse<String> answer = ask(served, "admin", PASSWORD, "", sql);
        assertThat(answer.statusCode()).as(sql).isGreaterThanOrEqualTo(400);
        assertThat(answer.body()).as(sql).contains(why);
    }

    /// What the audit log has of the engine.
    private List<String> acts() {
        try (var lines = Files.lines(data.resolve("state/audit.jsonl"))) {
            return lines.filter(line -> line.contains("\"from\":\"engine\"")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String inFile() throws Exception {
        try (var connection =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + data.resolve("state/firn.db"));
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT environment || '|' || slo_type || '|' || threshold FROM"
                                        + " slo_definitions ORDER BY 1")) {
            var all = new java.util.ArrayList<String>();
            while (rows.next()) {
                all.add(rows.getString(1));
            }
            return all.stream().collect(Collectors.joining(" "));
        }
    }

    @Test
    void adminKeepsTheObjectivesAndNothingElse() throws Exception {
        String kept;
        try (var served = new Served(data, config())) {
            String four = served.sql(ROWS);
            assertThat(four.lines()).hasSize(4);
            assertThat(
                            ask(
                                            served,
                                            "admin",
                                            PASSWORD,
                                            "INSERT INTO otel_metrics.slo_definitions FORMAT"
                                                    + " JSONEachRow",
                                            "{\"environment\": \"qa\", \"metric_name\": \"x\","
                                                    + " \"slo_type\": \"availability\","
                                                    + " \"threshold\": 99.9, \"description\": \"d\"}")
                                    .statusCode())
                    .isEqualTo(200);
            assertThat(
                            ask(
                                            served,
                                            "admin",
                                            PASSWORD,
                                            "",
                                            "INSERT INTO slo_definitions (environment, metric_name,"
                                                    + " slo_type, threshold, description) VALUES"
                                                    + " ('qa', 'x', 'latency_p99', 0.25, 'a, (b)')")
                                    .statusCode())
                    .isEqualTo(200);
            Served.await(() -> acts().size() == 2);
            assertThat(acts().getFirst())
                    .contains(
                            "\"user\":\"admin\"",
                            "INSERT INTO otel_metrics.slo_definitions",
                            "\"result\":\"done\"");
            assertThat(served.sql(ROWS))
                    .contains("qa\tx\tavailability\t99.9", "qa\tx\tlatency_p99\t0.25");
            Served.await(() -> contains("qa|availability|99.9"));

            refused(
                    served,
                    "INSERT INTO slo_definitions VALUES ('qa', 'y', 'latency_p95', -1, '')",
                    "threshold_is_positive");
            refused(
                    served,
                    "INSERT INTO slo_definitions VALUES ('qa', 'y', 'error_rate', 101, '')",
                    "threshold_of_a_rate_is_percent");
            refused(
                    served,
                    "INSERT INTO slo_definitions VALUES ('', 'y', 'error_rate', 1, '')",
                    "environment_and_metric_are_named");
            refused(
                    served,
                    "INSERT INTO slo_definitions VALUES ('qa', 'y', 'speed', 1, '')",
                    "speed");
            refused(
                    served,
                    "INSERT INTO slo_definitions VALUES ('qa', 'y', 'error_rate', (SELECT 1), '')",
                    "Code: ");
            refused(served, "INSERT INTO slo_definitions SELECT * FROM slo_definitions", "read");
            refused(
                    served,
                    "INSERT INTO slo_definitions FROM INFILE '/etc/passwd' FORMAT TSV",
                    "user admin writes nothing but");
            refused(
                    served,
                    "INSERT INTO series (metric_id) VALUES (1)",
                    "user admin writes nothing but");
            refused(
                    served,
                    "INSERT INTO FUNCTION file('/tmp/x') VALUES (1)",
                    "user admin writes nothing but");
            refused(served, "DROP TABLE slo_definitions", "read");
            refused(served, "DELETE FROM series WHERE 1", "user admin writes nothing but");
            refused(
                    served,
                    "DELETE FROM slo_definitions WHERE environment IN (SELECT environment FROM series)",
                    "user admin writes nothing but");
            HttpResponse<String> reader =
                    ask(
                            served,
                            "default",
                            "",
                            "",
                            "INSERT INTO slo_definitions VALUES ('qa', 'y', 'error_rate', 1, '')");
            assertThat(reader.body()).contains("user default only reads");
            assertThat(ask(served, "admin", "wrong one", "SELECT 1", "").statusCode())
                    .isEqualTo(403);
            assertThat(
                            ask(
                                            served,
                                            "admin",
                                            PASSWORD,
                                            "SELECT count() FROM slo_definitions",
                                            "")
                                    .body())
                    .isEqualTo("6\n");

            assertThat(
                            ask(
                                            served,
                                            "admin",
                                            PASSWORD,
                                            "",
                                            "DELETE FROM slo_definitions WHERE environment = 'dev'"
                                                    + " AND slo_type IN ('error_rate')")
                                    .statusCode())
                    .isEqualTo(200);
            Served.await(() -> !contains("dev|error_rate"));
            kept = served.sql(ROWS);
            assertThat(kept.lines()).hasSize(5);
        }
        try (var served = new Served(data, config())) {
            assertThat(served.sql(ROWS)).isEqualTo(kept);
        }
    }

    private boolean contains(String text) {
        try {
            return inFile().contains(text);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
