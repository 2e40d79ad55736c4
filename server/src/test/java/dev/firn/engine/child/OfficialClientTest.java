package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.ServerException;
import com.clickhouse.data.ClickHouseFormat;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The official Java client, with its defaults (compressed answers), against the engine.
final class OfficialClientTest {
    @TempDir private static Path data;
    private static EngineProcess engine;

    @BeforeAll
    static void start() {
        engine = TestEngine.start(data);
        new EngineClient(engine)
                .run(
                        "CREATE TABLE otel_metrics.samples (id UInt32, name String, v Nullable(Float64)) ENGINE ="
                                + " MergeTree ORDER BY id");
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    private static Client.Builder reader() {
        return new Client.Builder()
                .addEndpoint(engine.url())
                .setUsername("default")
                .setPassword("");
    }

    private static Client.Builder internal() {
        return new Client.Builder()
                .addEndpoint(engine.url())
                .setUsername("firn")
                .setPassword(engine.secret());
    }

    @Test
    void pingsAndQueries() {
        try (var client = reader().build()) {
            assertThat(client.ping()).isTrue();
            var rows =
                    client.queryAll(
                            "SELECT {x:UInt32} + 1 AS y, 'é' AS s, number FROM numbers(100000)",
                            Map.of("x", 41));
            assertThat(rows).hasSize(100_000);
            assertThat(rows.get(0).getLong("y")).isEqualTo(42);
            assertThat(rows.get(99_999).getString("s")).isEqualTo("é");
            client.loadServerInfo();
            assertThat(client.getServerVersion()).startsWith("26.");
        }
    }

    @Test
    void seesErrorsWithTheirCode() {
        try (var client = reader().build()) {
            assertThatThrownBy(() -> client.queryAll("SELECT * FROM nowhere"))
                    .hasRootCauseInstanceOf(ServerException.class)
                    .rootCause()
                    .extracting(e -> ((ServerException) e).getCode())
                    .isEqualTo(60);
        }
    }

    @Test
    void insertsAsTheInternalUser() throws Exception {
        for (boolean compressed : new boolean[] {false, true}) {
            try (var client =
                    internal()
                            .compressClientRequest(compressed)
                            .setDefaultDatabase("otel_metrics")
                            .build()) {
                var rows =
                        new ByteArrayInputStream(
                                "1\ta\t1.5\n2\tb\t\\N\n".getBytes(StandardCharsets.UTF_8));
                var answer =
                        client.insert("samples", rows, ClickHouseFormat.TSV)
                                .get(20, TimeUnit.SECONDS);
                assertThat(answer.getWrittenRows()).isEqualTo(2);
                answer.close();
                assertThat(client.getTableSchema("samples").getColumns()).hasSize(3);
            }
        }
        try (var client = reader().setDefaultDatabase("otel_metrics").build()) {
            assertThat(client.queryAll("SELECT * FROM samples")).hasSize(4);
        }
    }

    @Test
    void httpCompressionWorksToo() {
        try (var client = reader().useHttpCompression(true).compressClientRequest(true).build()) {
            assertThat(client.queryAll("SELECT number FROM numbers(1000)")).hasSize(1000);
            assertThat(client.queryAll("SELECT number, randomString(90) FROM numbers(30000)"))
                    .hasSize(30_000);
            assertThat(client.queryAll("SELECT * FROM samples WHERE id > 100")).isEmpty();
        }
    }
}
