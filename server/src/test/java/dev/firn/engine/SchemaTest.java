package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.InputException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaTest {
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

    @Test
    void migratingTwiceChangesNothing() throws InterruptedException {
        var schema = new Schema("twice", TimePrecision.MILLIS);
        schema.migrate(engine.client);
        schema.migrate(engine.client);

        assertThat(engine.rows("SELECT name FROM twice.firn_migrations ORDER BY version"))
                .isEqualTo(Schema.MIGRATIONS);
        assertThat(engine.rows("SHOW TABLES FROM twice"))
                .contains("series", "samples", "histograms", "exponential_histograms")
                .contains("summaries", "exemplars", "firn_migrations");
    }

    @Test
    void aMigrationThatWasNotRecordedIsRepeated() throws InterruptedException {
        var schema = new Schema("repeated", TimePrecision.MILLIS);
        schema.migrate(engine.client);
        engine.client.execute("TRUNCATE TABLE repeated.firn_migrations");
        schema.migrate(engine.client);
        assertThat(engine.rows("SELECT count() FROM repeated.firn_migrations"))
                .containsExactly("" + Schema.MIGRATIONS.size());
    }

    @Test
    void aNewerSchemaIsRefused() throws InterruptedException {
        var schema = new Schema("newer", TimePrecision.MILLIS);
        schema.migrate(engine.client);
        engine.client.execute(
                "INSERT INTO newer.firn_migrations VALUES (999, '999_future', now())");
        assertThatThrownBy(() -> schema.migrate(engine.client))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "cannot use database \"newer\": its schema has migration 999"
                                + " (\"999_future\"), this Firn knows up to "
                                + Schema.MIGRATIONS
                                        .getLast()
                                        .substring(0, 3)
                                        .replaceFirst("^0+", "")
                                + "; start a newer Firn,"
                                + " or set engine.database to another name");
    }

    @Test
    void anotherTimePrecisionIsRefused() throws InterruptedException {
        new Schema("precise", TimePrecision.NANOS).migrate(engine.client);
        assertThatThrownBy(() -> new Schema("precise", TimePrecision.MILLIS).migrate(engine.client))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("DateTime64(9, 'UTC'), engine.time_precision: 3 asks");
    }

    @Test
    void aDatabaseNameIsNoStatement() {
        assertThatThrownBy(() -> new Schema("x; DROP", TimePrecision.MILLIS))
                .isInstanceOf(InputException.class);
    }

    @Test
    void farFutureAndOldPointsAreJudgedByTtlAsWritten() throws InterruptedException {
        new Schema("ttl", TimePrecision.MILLIS).migrate(engine.client);
        for (String time : new String[] {"2106-02-10", "2200-01-01", "2261-01-01", "2020-01-01"}) {
            engine.client.execute(
                    "INSERT INTO ttl.samples SETTINGS async_insert = 0 VALUES (1, 1, '"
                            + time
                            + "', 0, 1, 0, 0, 'w', 1, 90)");
        }
        engine.client.execute("OPTIMIZE TABLE ttl.samples FINAL");
        assertThat(engine.rows("SELECT toYear(time) FROM ttl.samples ORDER BY time"))
                .containsExactly("2106", "2200", "2261");
    }

    @Test
    void everyStatementOfTheRoomRuns() throws Exception {
        var schema = new Schema("every", TimePrecision.MICROS);
        schema.migrate(engine.client);
        var parameters =
                Map.ofEntries(
                        Map.entry("database", "every"),
                        Map.entry("time_precision", "6"),
                        Map.entry("table", "samples"),
                        Map.entry("version", "7"),
                        Map.entry("name", "007_test"),
                        Map.entry("src", "w"),
                        Map.entry("shard", "0"),
                        Map.entry("after", "0"),
                        Map.entry("border", "0"),
                        Map.entry("prefix", "nobody"),
                        Map.entry("up_to", "9"),
                        Map.entry("days", "90"),
                        Map.entry("today", "20000"),
                        Map.entry("id", "w-1"),
                        Map.entry("measured", "1"),
                        Map.entry("added", "value"),
                        Map.entry("positions", "1"),
                        Map.entry("condition", "seq <= 9"),
                        Map.entry("series", "metric_name = 'x'"),
                        Map.entry("rows", "seq <= 9"),
                        Map.entry("from", "0"),
                        Map.entry("kind", "samples"),
                        Map.entry("keys", "1"),
                        Map.entry("marks", "1"),
                        Map.entry("limit", "9"),
                        Map.entry("live", "1"),
                        Map.entry("before", "1"),
                        Map.entry("recent", "1"),
                        Map.entry("stored", "1"),
                        Map.entry("age_max", "1"),
                        Map.entry("keep_days", "1"),
                        Map.entry("usable", "1"),
                        Map.entry("source", "every.rollup_5m FINAL"),
                        Map.entry("window", "toStartOfHour"),
                        Map.entry("columns", "metric_id, series_id"),
                        Map.entry("unit", "Micro"),
                        Map.entry("slot", "toStartOfHour(at)"),
                        Map.entry("to", "1"));
        // Statements that mean other things by a name.
        var others =
                Map.of(
                        "count_windows", Map.of("table", "rollup_5m"),
                        "note_firsts", Map.of("rows", "1"),
                        "write_firsts", Map.of("rows", "('samples',1,1,1,1,0,90)"),
                        "roll_up",
                                Map.of(
                                        "table",
                                        "rollup_5m",
                                        "rows",
                                        "SELECT 1 AS metric_id, 1 AS series_id"),
                        "replace_rollup_now",
                                Map.of(
                                        "view",
                                        "rollup_5m_now",
                                        "table",
                                        "rollup_5m",
                                        "rows",
                                        "SELECT 1 AS metric_id, 1 AS series_id"),
                        "replace_rollup_fine",
                                Map.of(
                                        "rows",
                                        "SELECT 1 AS metric_id, 1 AS series_id, now() AS time"),
                        "empty_rollup", Map.of("table", "rollup_1h", "from", "rollup_5m FINAL"));
        URI at = Objects.requireNonNull(Schema.class.getResource("/sql/engine")).toURI();
        Set<String> migrations = new HashSet<>();
        try (var files = Files.list(Path.of(at))) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString().replace(".sql", "");
                assertThat(Files.readAllLines(file).getFirst()).startsWith("-- ").endsWith(".");
                var all = new HashMap<>(parameters);
                all.putAll(others.getOrDefault(name, Map.of()));
                engine.client.execute(EngineSql.read("engine/" + name, all));
                if (Character.isDigit(name.charAt(0))) {
                    migrations.add(name);
                }
            }
        }
        assertThat(migrations).containsExactlyInAnyOrderElementsOf(Schema.MIGRATIONS);
    }
}
