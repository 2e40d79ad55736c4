package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.OwnMetrics;
import dev.firn.config.RollupConfig;
import dev.firn.model.Batch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/// A database with its sink and its worker of rollups, driven by hand.
final class RollupRun {
    private static final int STEPS_MAX = 20_000;

    final EngineFixture engine;
    final SinkFixture sink;
    final TestClock clock;
    Failpoint failpoint = Failpoint.NONE;
    OwnMetrics metrics = new OwnMetrics();
    Retention retention = Retention.days(Retention.DEFAULT_DAYS);
    Rollups rollups;

    /// @param now nanoseconds
    RollupRun(EngineFixture engine, String database, long now) throws InterruptedException {
        this.engine = engine;
        this.clock = new TestClock(now);
        sink = new SinkFixture(engine, database);
        sink.clock = clock;
        new Schema(database, TimePrecision.MILLIS).migrate(engine.client);
        rollups = restart();
    }

    /// Sink and worker as a new process would make them.
    Rollups restart() throws InterruptedException {
        sink.schema = new Schema(sink.database, TimePrecision.MILLIS);
        sink.retention = retention;
        sink.failpoint = step -> failpoint.reach(step);
        sink.restart();
        metrics = new OwnMetrics();
        rollups =
                new Rollups(
                        engine.client,
                        sink.schema,
                        RollupConfig.DEFAULTS,
                        retention,
                        clock,
                        metrics,
                        step -> failpoint.reach(step));
        rollups.open();
        return rollups;
    }

    void store(Batch batch) throws InterruptedException {
        sink.log.add(batch);
        sink.runToEnd();
    }

    /// Until nothing is left to do; time passes.
    void workOff() throws InterruptedException {
        int steps = 0;
        do {
            clock.advance(RollupHours.HOUR_QUIET_NANOS);
            while (rollups.step()) {
                assertThat(steps++).isLessThan(STEPS_MAX);
            }
            assertThat(steps++).isLessThan(STEPS_MAX);
        } while (!rollups.idle());
    }

    /// Lets time pass up to a moment, if it has not.
    void passTo(long nanos) {
        clock.advance(Math.max(0, nanos - clock.nanos()));
    }

    List<String> rows(String table) throws InterruptedException {
        var rows =
                new ArrayList<>(
                        engine.rows(
                                "SELECT "
                                        + RollupSql.ALL
                                        + " FROM "
                                        + sink.database
                                        + "."
                                        + table));
        Collections.sort(rows);
        return rows;
    }

    /// What the statements alone say of stored points, when all windows are closed: rows of each
    /// table.
    ///
    /// @param of where the points are
    /// @param database to be made
    /// @param from seconds
    static List<List<String>> byStatements(
            EngineFixture engine,
            String of,
            String database,
            List<String> tables,
            long from,
            long to)
            throws InterruptedException {
        new Schema(database, TimePrecision.MILLIS).migrate(engine.client);
        var copied = new ArrayList<String>(List.of("series"));
        for (RollupSql.Kind kind : RollupSql.Kind.values()) {
            copied.add(kind.table());
        }
        for (String table : copied) {
            engine.client.execute(
                    "INSERT INTO %s.%s SELECT * FROM %s.%s".formatted(database, table, of, table));
        }
        var defaults = RollupConfig.DEFAULTS;
        var sql =
                new RollupSql(
                        database,
                        defaults.firstPointAgeMaxNanos() / 1_000_000,
                        defaults.keepHoursDays(),
                        defaults.keepDaysDays());
        var statements = new ArrayList<String>();
        for (RollupSql.Kind kind : RollupSql.Kind.values()) {
            statements.addAll(sql.rollUp(kind, sql.series(kind), from, to, 1));
        }
        statements.addAll(sql.rollUp(RollupSql.Longer.HOUR, "1", from, to, 1, true));
        statements.addAll(sql.rollUp(RollupSql.Longer.DAY, "1", from, to, 1, true));
        for (String statement : statements) {
            engine.client.execute(statement);
        }
        var rows = new ArrayList<List<String>>();
        for (String table : tables) {
            rows.add(
                    engine
                            .rows(
                                    "SELECT "
                                            + RollupSql.ALL
                                            + " FROM "
                                            + database
                                            + "."
                                            + table
                                            + " FINAL")
                            .stream()
                            .sorted()
                            .toList());
        }
        return rows;
    }

    /// The value of one of the worker's metrics.
    double metric(String name) {
        String page = new String(metrics.page(), StandardCharsets.UTF_8);
        var found =
                Pattern.compile("^" + Pattern.quote(name) + " (\\S+)$", Pattern.MULTILINE)
                        .matcher(page);
        assertThat(found.find()).as("metric %s on%n%s", name, page).isTrue();
        return Double.parseDouble(found.group(1));
    }
}
