package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The internal user's inserts: whole or not at all.
final class EngineInsertTest {
    @TempDir private static Path data;
    private static EngineProcess engine;
    private static EngineClient client;

    @BeforeAll
    static void start() {
        engine = TestEngine.start(data);
        client = new EngineClient(engine);
        client.run("CREATE TABLE rows (a UInt64, b String) ENGINE = MergeTree ORDER BY a");
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    private static byte[] nativeBlock(String select) {
        return client.send(
                        client.internal("?max_block_size=1000000")
                                .POST(
                                        java.net.http.HttpRequest.BodyPublishers.ofString(
                                                select + " FORMAT Native")))
                .raw()
                .body();
    }

    /// The number of columns is a Native block's first byte; 9, 10, 13 and 32 look like blanks.
    @ParameterizedTest
    @ValueSource(ints = {1, 9, 10, 13, 32})
    void nativeBlockOfAnyWidthIsStoredAsItIs(int columns) {
        String table = "wide_" + columns;
        String names =
                IntStream.range(0, columns)
                        .mapToObj(i -> "c" + i + " UInt64")
                        .collect(Collectors.joining(", "));
        String values =
                IntStream.range(0, columns)
                        .mapToObj(i -> "number * " + (i + 1) + " AS c" + i)
                        .collect(Collectors.joining(", "));
        client.run("CREATE TABLE " + table + " (" + names + ") ENGINE = MergeTree ORDER BY c0");
        String select = "SELECT " + values + " FROM numbers(60000)";
        byte[] block = nativeBlock(select);
        assertThat(block[0]).isEqualTo((byte) columns);
        var answer = client.insert("INSERT INTO " + table + " FORMAT Native", block);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.header("X-ClickHouse-Summary")).contains("\"written_rows\":\"60000\"");
        String hash = "SELECT count(), sum(cityHash64(*)) FROM ";
        assertThat(client.run(hash + table)).isEqualTo(client.run(hash + "(" + select + ")"));
        assertThat(
                        client.run(
                                "SELECT count() FROM system.parts WHERE active AND table = '"
                                        + table
                                        + "'"))
                .isEqualTo("1\n");
    }

    @Test
    void otherFormatsWork() {
        client.run("CREATE TABLE mixed (a UInt64, b String) ENGINE = MergeTree ORDER BY a");
        assertThat(client.insert("INSERT INTO mixed FORMAT TSV", utf8("1\tone\n2\ttwo\n")).status())
                .isEqualTo(200);
        assertThat(
                        client.insert(
                                        "INSERT INTO mixed FORMAT JSONEachRow",
                                        utf8("{\"a\":3,\"b\":\"thréé\"}"))
                                .status())
                .isEqualTo(200);
        client.run("INSERT INTO mixed (b, a) FORMAT CSV\n\"four\",4\n");
        client.run("INSERT INTO mixed VALUES (5, 'five'), (6, 'six; FORMAT')");
        client.run("INSERT INTO mixed SELECT 7, 'seven'");
        assertThat(client.run("SELECT sum(a), groupArray(b) FROM (SELECT * FROM mixed ORDER BY a)"))
                .isEqualTo("28\t['one','two','thréé','four','five','six; FORMAT','seven']\n");
    }

    @Test
    void wrongRowsAreRefusedWhole() {
        client.run("CREATE TABLE strict (a UInt64) ENGINE = MergeTree ORDER BY a");
        var answer = client.insert("INSERT INTO strict FORMAT TSV", utf8("1\n2\nthree\n"));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.code()).isNotEmpty();
        var missing = client.insert("INSERT INTO nowhere FORMAT TSV", utf8("1\n"));
        assertThat(missing.code()).isEqualTo("60");
        assertThat(client.run("SELECT count() FROM strict")).isEqualTo("0\n");
    }

    @Test
    void truncatedNativeBlockStoresNothing() {
        byte[] block =
                nativeBlock("SELECT number AS a, toString(number) AS b FROM numbers(100000)");
        byte[] half = Arrays.copyOf(block, block.length / 2);
        var answer = client.insert("INSERT INTO rows FORMAT Native", half);
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(client.run("SELECT count() FROM rows")).isEqualTo("0\n");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bodyThatBreaksOffStoresNothing(boolean chunked) throws IOException {
        String table = "broken_" + chunked;
        client.run("CREATE TABLE " + table + " (a UInt64) ENGINE = MergeTree ORDER BY a");
        var url = URI.create(engine.url());
        try (var socket = new Socket(url.getHost(), url.getPort())) {
            var out = socket.getOutputStream();
            String length = chunked ? "Transfer-Encoding: chunked" : "Content-Length: 100000";
            out.write(
                    utf8(
                            "POST /?query="
                                    + EngineClient.encode("INSERT INTO " + table + " FORMAT TSV")
                                    + " HTTP/1.1\r\nHost: localhost\r\nX-ClickHouse-User: firn\r\n"
                                    + "X-ClickHouse-Key: "
                                    + engine.secret()
                                    + "\r\n"
                                    + length
                                    + "\r\n\r\n"));
            // Whole rows, so that only the missing end of the message says that it is not whole.
            out.write(utf8(chunked ? "8\r\n1\n2\n3\n4\n\r\n" : "1\n2\n3\n4\n"));
            out.flush();
            socket.shutdownOutput();
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 400").contains("Code: 33");
        }
        assertThat(client.run("SELECT count() FROM " + table)).isEqualTo("0\n");
    }

    @Test
    void internalSettingsAreFreeButMustExist() {
        var known =
                client.send(
                        client.internal(
                                "?max_block_size=77&query=SELECT+getSetting('max_block_size')"));
        assertThat(known.body()).isEqualTo("77\n");
        var unknown = client.send(client.internal("?nonsense=1&query=SELECT+1"));
        assertThat(unknown.code()).isEqualTo("115");
        var wrong = client.send(client.internal("?max_threads=abc&query=SELECT+1"));
        assertThat(wrong.status()).isEqualTo(400);
    }

    @Test
    void insertsFromSeveralThreadsAreAllStored() throws InterruptedException {
        client.run("CREATE TABLE parallel (a UInt64) ENGINE = MergeTree ORDER BY a");
        byte[] block = nativeBlock("SELECT number AS a FROM numbers(1000)");
        var threads =
                IntStream.range(0, 4)
                        .mapToObj(i ->
                                Thread.ofPlatform()
                                        .start(() -> {
                                            for (int j = 0; j < 5; j++) {
                                                client.insert(
                                                        "INSERT INTO parallel" + " FORMAT Native",
                                                        block);
                                            }
                                        }))
                        .toList();
        for (var thread : threads) {
            thread.join();
        }
        assertThat(client.run("SELECT count() FROM parallel")).isEqualTo("20000\n");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
