package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The ClickHouse HTTP protocol as curl speaks it, against the real library.
final class EngineProtocolTest {
    @TempDir private static Path data;
    private static EngineProcess engine;
    private static EngineClient client;

    @BeforeAll
    static void start() {
        engine = TestEngine.start(data);
        client = new EngineClient(engine);
        client.run(
                "CREATE TABLE otel_metrics.samples (id UInt32, name String) ENGINE = MergeTree"
                        + " ORDER BY id");
        client.run("INSERT INTO samples SELECT number, toString(number) FROM numbers(1000)");
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    @Test
    void pingAnswersOk() {
        assertThat(client.send(client.request("ping")).body()).isEqualTo("Ok.\n");
        assertThat(client.send(client.request("replicas_status")).body()).isEqualTo("Ok.\n");
        assertThat(client.send(client.request("")).body()).isEqualTo("Ok.\n");
        assertThat(client.send(client.request("nothing")).status()).isEqualTo(404);
    }

    @Test
    void statementMayStandInUrlOrBodyOrBoth() {
        assertThat(client.send(client.request("?query=SELECT%201")).body()).isEqualTo("1\n");
        assertThat(client.read("SELECT 2").body()).isEqualTo("2\n");
        assertThat(client.read("3 + 1", "?query=SELECT").body()).isEqualTo("4\n");
        assertThat(client.read("SELECT 5; -- done;").body()).isEqualTo("5\n");
        assertThat(client.read("  ").code()).isEqualTo("62");
    }

    /// While a statement runs the child looks now and then whether the client is still there; that
    /// look must not disturb the next request on the same connection.
    @Test
    void anAnswerBelongsToItsRequestAlsoAfterSilence() {
        for (int i = 0; i < 3; i++) {
            assertThat(client.read("SELECT sleep(0.6) + " + (100 + i)).body())
                    .isEqualTo(100 + i + "\n");
            assertThat(client.read("SELECT " + i).body()).isEqualTo(i + "\n");
        }
    }

    @Test
    void tablesAreFoundWithAndWithoutTheirDatabase() {
        assertThat(client.read("SELECT count() FROM samples").body()).isEqualTo("1000\n");
        assertThat(client.read("SELECT count() FROM otel_metrics.samples").body())
                .isEqualTo("1000\n");
        assertThat(client.read("SELECT currentDatabase()", "?database=system").body())
                .isEqualTo("system\n");
        assertThat(client.read("SELECT 1", "?database=nowhere").code()).isEqualTo("81");
        assertThat(client.read("SELECT 1", "?database=a%60%3B").code()).isEqualTo("81");
    }

    @Test
    void headersTellWhatRan() {
        var answer = client.read("SELECT id FROM samples LIMIT 3 FORMAT JSON", "?query_id=my-id.1");
        assertThat(answer.header("X-ClickHouse-Query-Id")).isEqualTo("my-id.1");
        assertThat(answer.header("X-ClickHouse-Format")).isEqualTo("JSON");
        assertThat(answer.header("Content-Type")).startsWith("application/json");
        assertThat(answer.header("X-ClickHouse-Summary")).contains("\"result_rows\":\"3\"");
        assertThat(answer.header("X-ClickHouse-Timezone")).isNotEmpty();
        assertThat(answer.header("X-ClickHouse-Server-Display-Name")).isEqualTo("firn");
        assertThat(answer.body()).contains("\"rows\": 3");
    }

    @Test
    void longAnswerIsOneDocument() {
        var answer = client.read("SELECT number FROM numbers(200000) FORMAT JSON");
        assertThat(answer.body()).contains("\"rows\": 200000").containsOnlyOnce("\"meta\"");
        var names = client.read("SELECT number AS n FROM numbers(200000) FORMAT CSVWithNames");
        assertThat(names.body()).containsOnlyOnce("\"n\"").hasLineCount(200_001);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TabSeparated",
                "TSVWithNames",
                "CSV",
                "JSONCompact",
                "JSONEachRow",
                "Pretty",
                "PrettyCompact",
                "Vertical",
                "XML",
                "Markdown",
                "Values",
                "Native",
                "RowBinary",
                "Parquet",
                "Arrow",
                "ArrowStream",
                "ORC",
                "Avro"
            })
    void formatWorks(String format) {
        var answer = client.read("SELECT 42 AS answer", "?default_format=" + format);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.raw().body()).isNotEmpty();
        assertThat(answer.header("X-ClickHouse-Format")).isEqualTo(format);
    }

    @Test
    void nullFormatIsEmptyAndUnknownOneIs404() {
        assertThat(client.read("SELECT 1 FORMAT Null").raw().body()).isEmpty();
        var answer = client.read("SELECT 1 FORMAT Nonsense");
        assertThat(answer.code()).isEqualTo("73");
        assertThat(answer.status()).isEqualTo(404);
    }

    @Test
    void otherReadingStatementsWork() {
        assertThat(client.read("SHOW TABLES").body()).contains("samples");
        assertThat(client.read("DESCRIBE samples FORMAT TSV").body()).startsWith("id\tUInt32");
        assertThat(client.read("EXISTS samples").body()).isEqualTo("1\n");
        assertThat(client.read("EXPLAIN SELECT 1").status()).isEqualTo(200);
        assertThat(client.read("WITH 7 AS x SELECT x").body()).isEqualTo("7\n");
        assertThat(client.read("(SELECT 1) UNION ALL (SELECT 1)").body()).isEqualTo("1\n1\n");
    }

    @Test
    void parametersAreBoundAndNeverInterpolated() {
        String evil = "' OR 1 = 1 --";
        var answer = client.read("SELECT {s:String}", "?param_s=" + EngineClient.encode(evil));
        assertThat(answer.body()).isEqualTo("\\' OR 1 = 1 --\n");
        assertThat(
                        client.read(
                                        "SELECT count() FROM samples WHERE id < {n:UInt32} AND name"
                                                + " = {s:String}",
                                        "?param_n=10&param_s=5")
                                .body())
                .isEqualTo("1\n");
        assertThat(client.read("SELECT {s:String}").code()).isEqualTo("456");
        assertThat(client.read("SELECT count() FROM {t:Identifier}", "?param_t=samples").body())
                .isEqualTo("1000\n");
    }

    @ParameterizedTest
    @CsvSource({
        "SELEC 1, 62, 400",
        "SELECT nope, 47, 404",
        "SELECT * FROM nowhere, 60, 404",
        "SELECT nofunction(), 46, 404",
        "'SELECT throwIf(1, ''boom'')', 395, 500",
        "SELECT 'unclosed, 62, 400"
    })
    void failureHasCodeStatusAndText(String sql, String code, int status) {
        var answer = client.read(sql);
        assertThat(answer.code()).as(answer.body()).isEqualTo(code);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body()).startsWith("Code: " + code + ". DB::Exception: ");
    }

    @Test
    void settingsOnTheListWork() {
        assertThat(client.read("SELECT getSetting('max_threads')", "?max_threads=1").body())
                .isEqualTo("1\n");
        assertThat(
                        client.read(
                                        "SELECT 1 AS a FORMAT JSONEachRow",
                                        "?output_format_json_quote_64bit_integers=1&session_timezone=Europe/Berlin")
                                .status())
                .isEqualTo(200);
        assertThat(
                        client.read(
                                        "SELECT number FROM numbers(100)",
                                        "?max_result_rows=10&result_overflow_mode=throw")
                                .code())
                .isEqualTo("396");
        assertThat(client.read("SELECT getSetting('max_threads') SETTINGS max_threads = 1").body())
                .isEqualTo("1\n");
        assertThat(client.read("SELECT 1 SETTINGS use_query_cache = 1, max_threads=1").body())
                .isEqualTo("1\n");
        assertThat(client.read("SELECT 1 SETTINGS use_query_cache=1 FORMAT JSON").body())
                .contains("\"rows\": 1");
        assertThat(client.read("SELECT 1", "?readonly=1").body()).isEqualTo("1\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "readonly=0",
                "readonly=2",
                "path=/etc",
                "max_threads=10000",
                "max_execution_time=100000",
                "max_execution_time=0",
                "max_memory_usage=999999999999",
                "nonsense=1",
                "output_format_schema=/tmp/x",
                "output_format_nonsense=1",
                "format_schema=x",
                "session_id=1",
                "allow_ddl=1",
                "log_queries_min_type=1"
            })
    void otherSettingsAreRefusedByName(String setting) {
        var answer = client.read("SELECT 1", "?" + setting);
        assertThat(answer.code()).isEqualTo("452");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains(setting.substring(0, setting.indexOf('=')));
    }

    @Test
    void cacheStatementsAreAnsweredHere() {
        assertThat(client.read("SET query_cache_max_size_in_bytes = 1000").status()).isEqualTo(200);
        assertThat(client.read("set use_query_cache=1, query_cache_ttl = 5;").status())
                .isEqualTo(200);
        assertThat(client.read("SYSTEM DROP QUERY CACHE").status()).isEqualTo(200);
        assertThat(client.read("SET use_query_cache=1, readonly=0").code()).isEqualTo("164");
        assertThat(client.read("SELECT 'SYSTEM DROP QUERY CACHE'").body())
                .isEqualTo("SYSTEM DROP QUERY CACHE\n");
    }

    @Test
    void wrongPasswordIsRefused() {
        var answer = client.read("SELECT 1", "?user=firn&password=wrong");
        assertThat(answer.code()).isEqualTo("516");
        assertThat(answer.status()).isEqualTo(403);
        assertThat(client.read("SELECT 1", "?user=default&password=x").code()).isEqualTo("516");
        assertThat(client.read("SELECT 1", "?user=nobody").code()).isEqualTo("516");
        assertThat(client.read("SELECT 1", "?user=firn&password=" + engine.secret()).status())
                .isEqualTo(200);
    }

    @Test
    void answerIsCompressedAsAsked() throws IOException {
        String sql = "SELECT number FROM numbers(100000)";
        byte[] plain = client.read(sql).raw().body();
        byte[] blocks = client.read(sql, "?compress=1").raw().body();
        assertThat(blocks.length).isLessThan(plain.length);
        assertThat(
                        new CompressedBlocks.Input(
                                        new ByteArrayInputStream(blocks),
                                        CompressedBlocks.BLOCK_BYTES_MAX)
                                .readAllBytes())
                .isEqualTo(plain);
        var gzip =
                client.send(
                        client.request("?enable_http_compression=1")
                                .header("Accept-Encoding", "gzip")
                                .POST(HttpRequest.BodyPublishers.ofString(sql)));
        assertThat(gzip.header("Content-Encoding")).isEqualTo("gzip");
        try (var in = new GZIPInputStream(new ByteArrayInputStream(gzip.raw().body()))) {
            assertThat(in.readAllBytes()).isEqualTo(plain);
        }
        var zstd =
                client.send(
                        client.request("?enable_http_compression=1")
                                .header("Accept-Encoding", "gzip, zstd")
                                .POST(HttpRequest.BodyPublishers.ofString(sql)));
        assertThat(zstd.header("Content-Encoding")).isEqualTo("zstd");
        try (var in = new ZstdInputStream(new ByteArrayInputStream(zstd.raw().body()))) {
            assertThat(in.readAllBytes()).isEqualTo(plain);
        }
    }

    @Test
    void bodyMayBeCompressed() throws IOException {
        var gzip = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(gzip)) {
            out.write("SELECT 6".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(
                        client.send(
                                        client.request("")
                                                .header("Content-Encoding", "gzip")
                                                .POST(
                                                        HttpRequest.BodyPublishers.ofByteArray(
                                                                gzip.toByteArray())))
                                .body())
                .isEqualTo("6\n");
        var blocks = new ByteArrayOutputStream();
        try (var out = new CompressedBlocks.Output(blocks)) {
            out.write("SELECT 7".getBytes(StandardCharsets.UTF_8));
        }
        byte[] bytes = blocks.toByteArray();
        assertThat(
                        client.send(
                                        client.request("?decompress=1")
                                                .POST(
                                                        HttpRequest.BodyPublishers.ofByteArray(
                                                                bytes)))
                                .body())
                .isEqualTo("7\n");
        bytes[bytes.length - 1] ^= 1;
        assertThat(
                        client.send(
                                        client.request("?decompress=1")
                                                .POST(
                                                        HttpRequest.BodyPublishers.ofByteArray(
                                                                bytes)))
                                .code())
                .isEqualTo("40");
    }
}
