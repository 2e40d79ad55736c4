package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.OwnMetrics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Computations that the engine has too little memory for are done by parts, with the same rows, or
/// end.
class RollupMemoryTest {
    private static final long FROM = 1_795_132_800L; // midnight UTC
    private static final long WINDOW = RollupMark.WINDOW_SECONDS;
    private static final long TO = FROM + 4 * WINDOW;
    private static final int SERIES = 8_000;
    private static final long MIB = 1L << 20;
    private static final RollupSql.Kind KIND = RollupSql.Kind.named("samples");

    @TempDir static Path folder;
    private static EngineFixture engine;

    @BeforeAll
    static void start() {
        engine = new EngineFixture(folder);
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    private static void fill(String database) throws InterruptedException {
        new Schema(database, TimePrecision.MILLIS).migrate(engine.client);
        engine.client.execute(
                "INSERT INTO %s.series (metric_id, series_id, metric_name, type, temporality, monotonic)"
                                .formatted(database)
                        + " SELECT 1, number, 'c', 'sum', 'cumulative', 1 FROM numbers("
                        + SERIES
                        + ")");
        engine.client.execute(
                "INSERT INTO %s.samples (metric_id, series_id, time, start_time, value, src, seq, retention_days)"
                                .formatted(database)
                        + " SELECT 1, number %% %1$d, fromUnixTimestamp(%2$d + intDiv(number, %1$d) * 10), fromUnixTimestamp(%2$d), number, 'w', 1, 3650 FROM numbers(%1$d * 120)"
                                .formatted(SERIES, FROM));
    }

    private static final class Limited {
        final OwnMetrics metrics = new OwnMetrics();
        final String database;
        private final RollupStatements statements;
        private final RollupSql sql;

        Limited(String database, long memory, Failpoint failpoint) throws InterruptedException {
            this.database = database;
            fill(database);
            sql = new RollupSql(database, 600_000, 730, 3650);
            statements =
                    new RollupStatements(
                            statement ->
                                    engine.client.execute(
                                            statement.strip()
                                                    + ", max_untracked_memory = 0, max_memory_usage = "
                                                    + memory),
                            new TestClock(TO * 1_000_000_000L),
                            metrics,
                            failpoint);
        }

        void run(long to) throws InterruptedException {
            statements.run(
                    "rollup_5m",
                    sql.series(KIND),
                    FROM,
                    to,
                    WINDOW,
                    (keys, from, end) -> sql.rollUp(KIND, keys, from, end, 1));
        }

        double metric(String name) {
            String page = new String(metrics.page(), StandardCharsets.UTF_8);
            var found = Pattern.compile("^" + name + " (\\S+)$", Pattern.MULTILINE).matcher(page);
            assertThat(found.find()).as("%s on%n%s", name, page).isTrue();
            return Double.parseDouble(found.group(1));
        }

        List<String> rows() throws InterruptedException {
            return engine.rows(
                    "SELECT %s FROM %s.rollup_5m FINAL ORDER BY metric_id, series_id, time"
                            .formatted(RollupSql.ALL, database));
        }
    }

    @Test
    void whatIsTooMuchAtOnceIsDoneByParts() throws InterruptedException {
        var whole = new Limited("whole", 1_024 * MIB, Failpoint.NONE);
        whole.run(TO);
        assertThat(whole.metric("firn_rollup_divided_total")).isZero();
        for (long memory = 512 * MIB; ; memory /= 2) {
            var parts = new Limited("parts_" + memory, memory, Failpoint.NONE);
            parts.run(TO);
            assertThat(parts.rows()).hasSize(4 * SERIES).isEqualTo(whole.rows());
            assertThat(parts.metric("firn_rollup_windows_aside_total")).isZero();
            if (parts.metric("firn_rollup_divided_total") > 0) {
                return;
            }
        }
    }

    @Test
    void oneWindowThatIsTooMuchIsSetAside() throws InterruptedException {
        var little = new Limited("little", 1_000, Failpoint.NONE);
        little.run(FROM + WINDOW);
        assertThat(little.rows()).isEmpty();
        assertThat(little.metric("firn_rollup_windows_aside_total")).isPositive();
    }

    /// More may be free later.
    @Test
    void nothingIsSetAsideWhereAllStatementsTogetherHaveTooMuch() throws InterruptedException {
        var busy =
                new Limited(
                        "busy",
                        1_024 * MIB,
                        _ -> {
                            throw EngineException.answered(
                                    241, "(total) memory limit exceeded: would use 2 GiB");
                        });
        assertThatThrownBy(() -> busy.run(TO)).isInstanceOf(EngineException.class);
        assertThat(busy.metric("firn_rollup_windows_aside_total")).isZero();
    }
}
