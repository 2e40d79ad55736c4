package dev.firn.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.config.QueryClassesConfig;
import dev.firn.config.QueryClassesConfig.Limits;
import dev.firn.engine.EngineException;
import dev.firn.query.Queries.Question;
import dev.firn.query.Queries.UserClass;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What Firn's own queries get and what they do not.
final class EngineQueriesTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir static Path data;
    private static final OwnMetrics METRICS = new OwnMetrics();
    private static TestStore store;
    private static EngineQueries queries;

    @BeforeAll
    static void start() throws InterruptedException {
        store = new TestStore(data);
        var config =
                new QueryClassesConfig(
                        new Limits(2 * SECOND, 100, 1_000_000, 64 << 20, 1),
                        new Limits(60 * SECOND, 1_000, 1_000_000_000, 1 << 30, 1),
                        SECOND / 2);
        queries =
                new EngineQueries(
                        store.client, TestStore.DATABASE, config, Clock.system(), METRICS, 10);
    }

    @AfterAll
    static void stop() {
        store.close();
    }

    private static Answer ask(String file, UserClass userClass, Map<String, String> parameters)
            throws InterruptedException {
        return queries.ask(new Question("test/" + file, parameters, userClass, false));
    }

    private static double metric(String line) {
        return new String(METRICS.page(), StandardCharsets.UTF_8)
                .lines()
                .filter(one -> one.startsWith(line + " "))
                .mapToDouble(one -> Double.parseDouble(one.substring(line.length() + 1)))
                .findFirst()
                .orElse(-1);
    }

    @Test
    void parametersArriveAsTheyAre() throws InterruptedException {
        String text = "a'b\\c\td\ne%{x}ü";
        var answer = ask("ask_parameter", UserClass.INTERACTIVE, Map.of("text", text, "rows", "2"));
        assertThat(answer.columns()).containsExactly("text", "length");
        assertThat(answer.types()).containsExactly("String", "UInt64");
        assertThat(answer.rows()).hasSize(2);
        assertThat(answer.rows().get(1).text(answer.column("text"))).isEqualTo(text);
        assertThat(answer.rows().get(1).number(answer.column("length")))
                .isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
        assertThat(answer.cached()).isFalse();
    }

    @Test
    void aKeptAnswerTellsThatItIsOne() throws InterruptedException {
        var question = new Question("test/count_series", Map.of(), UserClass.INTERACTIVE, true);
        assertThat(queries.ask(question).cached()).isFalse();
        assertThat(queries.ask(question).cached()).isTrue();
        assertThat(queries.ask(question).rows().getFirst().number(0)).isZero();
    }

    @Test
    void eachClassHasItsLimits() throws InterruptedException {
        var rows = Map.of("text", "x", "rows", "101");
        assertThatThrownBy(() -> ask("ask_parameter", UserClass.INTERACTIVE, rows))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("code 396"); // TOO_MANY_ROWS_OR_BYTES
        assertThat(ask("ask_parameter", UserClass.SCHEDULED, rows).rows()).hasSize(101);
        assertThatThrownBy(() ->
                        ask(
                                "ask_parameter",
                                UserClass.INTERACTIVE,
                                Map.of("text", "x", "rows", "1000001")))
                .hasMessageContaining("code 158"); // TOO_MANY_ROWS to read
        assertThatThrownBy(() -> ask("hoard", UserClass.SCHEDULED, Map.of()))
                .hasMessageContaining("code 241"); // MEMORY_LIMIT_EXCEEDED
        assertThatThrownBy(() -> ask("wait", UserClass.INTERACTIVE, Map.of("seconds", "2.9")))
                .hasMessageContaining("code 159"); // TIMEOUT_EXCEEDED
        assertThatThrownBy(() -> ask("write", UserClass.SCHEDULED, Map.of()))
                .hasMessageContaining("code 164"); // READONLY
    }

    @Test
    void oneTooManyIsRefusedAndSlowOnesAreCounted() throws InterruptedException {
        double slow = metric("firn_query_slow_total{class=\"interactive\"}");
        Thread sleeping = sleep(UserClass.INTERACTIVE, "1.5");
        await(() -> metric("firn_query_running{class=\"interactive\"}") == 1);
        assertThatThrownBy(() -> ask("count_series", UserClass.INTERACTIVE, Map.of()))
                .isInstanceOf(WorldException.class)
                .hasMessage(
                        "cannot ask \"test/count_series\": 1 queries of class interactive run"
                                + " already; try again, or raise"
                                + " engine.classes.interactive.queries_max");
        assertThat(ask("count_series", UserClass.SCHEDULED, Map.of()).rows()).hasSize(1);
        sleeping.join();
        assertThat(metric("firn_query_refused_total{class=\"interactive\"}")).isPositive();
        assertThat(metric("firn_query_slow_total{class=\"interactive\"}")).isEqualTo(slow + 1);
    }

    @Test
    void scheduledOnesWaitForEachOther() throws InterruptedException {
        Thread sleeping = sleep(UserClass.SCHEDULED, "2.9");
        await(() -> metric("firn_query_running{class=\"scheduled\"}") == 1);
        assertThat(ask("count_series", UserClass.SCHEDULED, Map.of()).rows()).hasSize(1);
        assertThat(metric("firn_query_refused_total{class=\"scheduled\"}")).isZero();
        sleeping.join();
    }

    private static Thread sleep(UserClass userClass, String seconds) {
        return Thread.ofVirtual()
                .start(() -> {
                    try {
                        ask("wait", userClass, Map.of("seconds", seconds));
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    @Test
    void newestPointIsToldAndTheFutureIsNot() throws InterruptedException {
        var metrics = new OwnMetrics();
        try (var last =
                new LastData(store.client, TestStore.DATABASE, Clock.system(), metrics, 50)) {
            await(() -> page(metrics).contains("clickhouse_last_data_timestamp NaN"));
            insert("samples", "2026-01-02 03:04:05");
            await(() -> page(metrics).contains("clickhouse_last_data_timestamp 1.767323045E9"));
            insert("samples", "2101-01-01 00:00:00");
            insert("samples", "2026-01-02 03:04:06");
            await(() -> page(metrics).contains("clickhouse_last_data_timestamp 1.767323046E9"));
            store.client.execute(
                    "INSERT INTO otel_metrics.samples (time, retention_days) SELECT"
                            + " now64(3) + number * 1000 - 500, 90 FROM numbers(2)");
            await(() -> !page(metrics).contains("clickhouse_last_data_timestamp 1.767323046E9"));
            assertThat(page(metrics)).doesNotContain("clickhouse_last_data_timestamp 4.13");
        }
    }

    private static void insert(String table, String time) throws InterruptedException {
        store.client.execute(
                "INSERT INTO otel_metrics.%s (time, retention_days) VALUES ('%s', 60000)"
                        .formatted(table, time));
    }

    private static String page(OwnMetrics metrics) {
        return new String(metrics.page(), StandardCharsets.UTF_8);
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + 30 * SECOND;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("deadline").isNegative();
            LockSupport.parkNanos(10_000_000);
        }
    }
}
