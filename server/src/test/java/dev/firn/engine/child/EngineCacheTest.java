package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.OwnMetrics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `use_query_cache=1` at the engine's HTTP interface. A row that comes between two questions shows
/// whether ClickHouse was asked a second time.
final class EngineCacheTest {
    private static final String CACHED = "?use_query_cache=1";
    private static final String COUNT = "SELECT count() FROM t";

    @TempDir static Path data;
    private static final OwnMetrics METRICS = new OwnMetrics();
    private static EngineProcess engine;
    private static EngineClient client;

    @BeforeAll
    static void start() {
        engine =
                EngineProcess.start(
                        TestEngine.config(data, 0),
                        METRICS,
                        _ -> {},
                        new EngineProbe(50, 2_000, 100));
        client = new EngineClient(engine);
        client.run("CREATE DATABASE IF NOT EXISTS otel_metrics");
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    @BeforeEach
    void oneRow() {
        client.run("CREATE OR REPLACE TABLE t (x UInt64) ENGINE = MergeTree ORDER BY x");
        client.run("INSERT INTO t VALUES (1)");
        assertThat(client.read("SYSTEM DROP QUERY CACHE").status()).isEqualTo(200);
    }

    private static void another() {
        client.run("INSERT INTO t VALUES (2)");
    }

    private static String read(String sql, String search) {
        var answer = client.read(sql, search);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.body().strip() + (answer.header("Age").isEmpty() ? "" : " cached");
    }

    @Test
    void secondAskingDoesNotReachTheEngine() {
        assertThat(read(COUNT, CACHED)).isEqualTo("1");
        another();
        assertThat(read(COUNT, CACHED)).isEqualTo("1 cached");
        assertThat(read(COUNT + " SETTINGS use_query_cache = 1", "")).isEqualTo("1 cached");
        assertThat(read(COUNT, "")).as("nobody asked for the cache").isEqualTo("2");
        assertThat(client.read(COUNT, CACHED).header("X-ClickHouse-Summary"))
                .contains("\"read_rows\":\"0\"")
                .contains("\"result_rows\":\"1\"");
        assertThat(read("SYSTEM DROP QUERY CACHE", "")).isEmpty();
        assertThat(read(COUNT, CACHED)).isEqualTo("2");
    }

    @Test
    void differentQuestionsHaveDifferentAnswers() {
        String one = "SELECT count() + {p:UInt64} FROM t";
        assertThat(read(one, CACHED + "&param_p=0")).isEqualTo("1");
        assertThat(read(one, CACHED + "&param_p=1")).isEqualTo("2");
        assertThat(read(one, CACHED + "&param_p=1&max_threads=1")).isEqualTo("2");
        assertThat(read(one + " FORMAT JSONEachRow", CACHED + "&param_p=0")).startsWith("{");
        var internal =
                client.send(
                        client.internal(CACHED + "&param_p=0&query=" + EngineClient.encode(one)));
        assertThat(internal.header("Age")).as("another user's answer").isEmpty();
        assertThat(read(one, CACHED + "&param_p=0")).isEqualTo("1 cached");
        assertThat(read(one, CACHED + "&param_p=0&query_cache_tag=x")).isEqualTo("1");
    }

    @Test
    void settingsOfClickHouseAreObeyed() {
        assertThat(read(COUNT, CACHED + "&enable_writes_to_query_cache=0")).isEqualTo("1");
        assertThat(read(COUNT, CACHED + "&query_cache_min_query_duration=60000")).isEqualTo("1");
        another();
        assertThat(read(COUNT, CACHED)).isEqualTo("2");
        another();
        assertThat(read(COUNT, CACHED + "&enable_reads_from_query_cache=0")).isEqualTo("3");
        assertThat(read(COUNT, CACHED)).isEqualTo("3 cached");
        assertThat(read(COUNT, CACHED + "&query_cache_ttl=0")).isEqualTo("3");
        assertThat(client.read(COUNT, CACHED + "&query_cache_nonsense=1").code()).isEqualTo("452");
        assertThat(client.read(COUNT, "?use_query_cache=2").code()).isEqualTo("452");
    }

    @Test
    void whatDependsOnTheMomentIsKeptOnRequestOnly() {
        String handling = "&query_cache_nondeterministic_function_handling=";
        for (String moment :
                new String[] {"now()", "today()", "NOW", "`now`()", "rand()", "now64(3)"}) {
            String sql = "SELECT count(), " + moment + " FROM t";
            assertThat(read(sql, CACHED)).doesNotContain("cached");
            assertThat(read(sql, CACHED)).as(moment).doesNotContain("cached");
            assertThat(client.read(sql, CACHED + handling + "throw").code()).isEqualTo("704");
            assertThat(read(sql, CACHED + handling + "save")).doesNotContain("cached");
            assertThat(read(sql, CACHED + handling + "save")).contains("cached");
        }
    }

    @Test
    void systemTablesAreKeptOnRequestOnly() {
        String handling = "&query_cache_system_table_handling=";
        String sql = "SELECT count() > 0 FROM system.tables";
        String named = "SELECT count() > 0 FROM {d:Identifier}.tables";
        for (int i = 0; i < 2; i++) {
            assertThat(read(sql, CACHED)).isEqualTo("1");
            assertThat(read("SELECT count() > 0 FROM tables", CACHED + "&database=system"))
                    .isEqualTo("1");
            assertThat(read(named, CACHED + "&param_d=system")).isEqualTo("1");
            assertThat(read("SELECT 'system', count() FROM t", CACHED)).startsWith("system");
        }
        assertThat(client.read(sql, CACHED + handling + "throw").code()).isEqualTo("719");
        assertThat(read(sql, CACHED + handling + "save")).isEqualTo("1");
        assertThat(read(sql, CACHED + handling + "save")).isEqualTo("1 cached");
    }

    @Test
    void failuresAreNotKept() {
        String sql = "SELECT throwIf(count() = 1) FROM t";
        assertThat(client.read(sql, CACHED).code()).isEqualTo("395");
        another();
        assertThat(read(sql, CACHED)).isEqualTo("0");
    }

    @Test
    void answersTooLargeStreamAsEver() {
        String sql = "SELECT number, toString(number) FROM numbers(200000)";
        String first = read(sql, CACHED);
        assertThat(first.length()).isGreaterThan((int) CacheLimits.USUAL.entryBytesMax());
        assertThat(read(sql, CACHED)).isEqualTo(first);
    }

    @Test
    void seedsSettingsAreTakenWithAWarningThatNamesTheKey() {
        for (var told :
                java.util.Map.of(
                                "query_cache_max_size_in_bytes = 5368709120",
                                "engine.cache.memory_max",
                                "query_cache_max_entries = 10000",
                                "engine.cache.entries_max",
                                "query_cache_ttl = 300",
                                "engine.cache.ttl")
                        .entrySet()) {
            var answer = client.read("SET " + told.getKey() + ";");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("Warning")).contains("299").contains(told.getValue());
        }
        assertThat(client.read(COUNT, CACHED + "&query_cache_max_entries=1").header("Warning"))
                .contains("engine.cache.entries_max");
        assertThat(client.read(COUNT, CACHED).header("Warning")).isEmpty();
        assertThat(client.read("SET query_cache_nonsense = 1").code()).isEqualTo("452");
    }

    @Test
    void slowQuestionIsAnsweredTwentyTimesFaster() {
        String sql = "SELECT sum(sipHash64(number)) FROM numbers(200000000) SETTINGS max_threads=1";
        long from = System.nanoTime();
        String first = read(sql, CACHED);
        long slow = System.nanoTime() - from;
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            from = System.nanoTime();
            assertThat(read(sql, CACHED)).isEqualTo(first + " cached");
            best = Math.min(best, System.nanoTime() - from);
        }
        assertThat(best * 20).isLessThan(slow);
    }

    @Test
    void countsReachTheParentsMetrics() {
        read(COUNT, CACHED);
        read(COUNT, CACHED);
        Deadline.await(
                "the child's counts",
                () -> {
                    String page = new String(METRICS.page(), StandardCharsets.UTF_8);
                    return page.contains("clickhouse_query_duration_seconds_bucket{le=\"60.0\"} ")
                            && !page.contains("firn_engine_cache_hits_total 0.0")
                            && !page.contains("firn_engine_cache_misses_total 0.0")
                            && !page.contains("firn_engine_cache_entries 0.0")
                            && !page.contains("clickhouse_query_duration_seconds_count 0");
                });
    }
}
