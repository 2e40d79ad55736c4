package dev.firn.analyse.quality;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.analyse.quality.FaultyFleet.Fault;
import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.config.QualityConfig;
import dev.firn.config.QueryClassesConfig;
import dev.firn.query.AlertBook;
import dev.firn.query.Answer;
import dev.firn.query.EngineQueries;
import dev.firn.query.Queries;
import dev.firn.query.ResultTables;
import dev.firn.query.StateFile;
import dev.firn.query.StoreViews;
import dev.firn.query.TestStore;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each fault in five strengths, among services that are fine: what is found and what is not.
class FaultMatrixTest {
    private static final int STRENGTHS = 5;
    private static final int FINE = 40;

    @TempDir Path data;
    private TestStore store;
    private AlertBook alerts;
    private QualityInspector inspector;
    private AdmittedFleet admitted;
    private final HandClock clock = new HandClock();
    private long now;
    private volatile boolean refuses;

    @BeforeEach
    void start() throws InterruptedException {
        store = new TestStore(data.resolve("engine"));
        StoreViews.define(store.client, TestStore.DATABASE, false);
        now = Clock.system().millis() / 1_000;
        var tables = new ResultTables(store.client, TestStore.DATABASE);
        StateFile state = StateFile.open(data);
        alerts = new AlertBook(state, tables);
        var queries =
                new EngineQueries(
                        store.client,
                        TestStore.DATABASE,
                        QueryClassesConfig.DEFAULT,
                        Clock.system(),
                        new OwnMetrics());
        admitted = new AdmittedFleet(store, state, now);
        inspector =
                new QualityInspector(
                        QualityConfig.DEFAULTS,
                        QualityRules.read(
                                "q.yaml", "rules: [{required_attributes: [service.name, tenant]}]"),
                        refusing(queries),
                        tables,
                        alerts,
                        () -> now * 1_000,
                        admitted.reconciliation(queries),
                        clock,
                        store.metrics);
    }

    /// Asks on, but where an engine short of memory refuses.
    private Queries refusing(Queries queries) {
        return new Queries() {
            @Override
            public Answer ask(Question question) throws InterruptedException {
                if (refuses && question.file().equals("quality/check_freshness")) {
                    throw new WorldException("memory limit exceeded");
                }
                return queries.ask(question);
            }

            @Override
            public Answer askText(String name, String sql, Map<String, String> parameters)
                    throws InterruptedException {
                return queries.askText(name, sql, parameters);
            }
        };
    }

    /// Up to there rollups are what is stored; later ones are computed from points.
    private void close(long seconds) throws InterruptedException {
        store.client.execute(
                "INSERT INTO otel_metrics.firn_rollup_state VALUES (toDateTime(%d, 'UTC'), 18446744073709551615)"
                        .formatted(seconds / 300 * 300));
    }

    @AfterEach
    void stop() {
        store.close();
    }

    private TreeSet<String> open() {
        var open = new TreeSet<String>();
        alerts.open(AlertBook.Source.QUALITY)
                .forEach(one ->
                        open.add(
                                one.rule()
                                        + " "
                                        + one.subject()
                                                .getOrDefault(
                                                        "service_name",
                                                        one.subject().get("data_plane_id"))));
        return open;
    }

    @Test
    void faultsAreFoundAndNothingElse() throws InterruptedException {
        close(now - 600);
        var fleet = new FaultyFleet(store, clock, inspector.watch(), now);
        var expected = new TreeSet<String>();
        for (Fault fault : Fault.values()) {
            for (int strength = 0; strength < STRENGTHS; strength++) {
                fleet.play(fault, strength, FaultyFleet.service(fault, strength));
                if (fault == Fault.VOLUME) {
                    fleet.weeks(strength);
                }
                fleet.latencies(fault, strength);
                admitted.play(fault, strength);
                if (fault != Fault.NONE) {
                    expected.add(fault.check() + " " + FaultyFleet.service(fault, strength));
                }
            }
            fleet.flush();
        }
        fleet.deliver();
        admitted.deliver();
        inspector.inspect(now);
        var found = open();
        var missed = new TreeSet<>(expected);
        missed.removeAll(found);
        var wrong = new TreeSet<>(found);
        wrong.removeAll(expected);
        double recall = 1 - (double) missed.size() / expected.size();
        double precision = 1 - (double) wrong.size() / found.size();
        assertThat(expected).hasSize((Fault.values().length - 1) * STRENGTHS);
        assertThat(recall).as("missed %s", missed).isGreaterThanOrEqualTo(0.98);
        assertThat(precision).as("wrong %s", wrong).isGreaterThanOrEqualTo(0.95);
    }

    @Test
    void aBusyFleetWithoutFaultsHasNoIncidentAndFullScores() throws InterruptedException {
        close(now - 600);
        var fleet = new FaultyFleet(store, clock, inspector.watch(), now);
        for (int i = 0; i < FINE; i++) {
            fleet.play(Fault.NONE, i % STRENGTHS, "fine-" + i);
        }
        fleet.fine("sparse");
        for (int strength = 0; strength < STRENGTHS; strength++) {
            fleet.latencies(Fault.NONE, strength);
            admitted.play(Fault.NONE, strength);
        }
        fleet.flush();
        fleet.deliver();
        admitted.deliver();
        inspector.inspect(now);
        inspector.inspect(now);
        assertThat(open()).isEmpty();
        assertThat(String.valueOf(inspector.answer().get("scores"))).contains("score=100.0");
        assertThat(String.valueOf(inspector.answer().get("scores"))).doesNotContain("failing=[a");
    }

    private void insertFormer(String table, String rows) throws InterruptedException {
        store.client.executeLong(
                "INSERT INTO otel_metrics.series (metric_id, series_id, fingerprint, metric_name, type, service_name, environment, data_plane_id, resource, attributes, retention_days, first_seen, last_seen)"
                        + " VALUES (7, 1, 'x', 'level', 'gauge', 'former', 'prod', 'plane-1', '{}', '{}', 30000, today(), today())");
        store.client.executeLong("INSERT INTO otel_metrics." + table + " " + rows);
        clock.set(now * 1_000_000_000L);
    }

    @Test
    void whatCameBeforeTheProcessIsMissedToo() throws InterruptedException {
        close(now - FaultyFleet.HISTORY_SECONDS);
        insertFormer(
                "samples",
                "(metric_id, series_id, time, value, src, seq, retention_days) SELECT 7, 1, toDateTime64(%d - number * 20, 3, 'UTC'), 1, 'w', 1, 30000 FROM numbers(20)"
                        .formatted(now - 900));
        inspector.inspect(now);
        assertThat(open()).containsExactly("freshness former");
    }

    @Test
    void whatRollupsTellOfTheTimeBeforeTheProcessIsMissedToo() throws InterruptedException {
        close(now);
        long window = (now - 900) / 300 * 300;
        insertFormer(
                "rollup_5m",
                "(metric_id, series_id, time, count, first_time, last_time, retention_days, version) VALUES (7, 1, toDateTime(%d, 'UTC'), 15, toDateTime64(%d, 3, 'UTC'), toDateTime64(%d, 3, 'UTC'), 30000, 1)"
                        .formatted(window, window, window + 280));
        inspector.inspect(now);
        assertThat(open()).containsExactly("freshness former");
    }

    @Test
    void anEngineThatDoesNotTellOfItsSourcesIsAskedAgain() throws InterruptedException {
        close(now - FaultyFleet.HISTORY_SECONDS);
        insertFormer(
                "samples",
                "(metric_id, series_id, time, value, src, seq, retention_days) SELECT 7, 1, toDateTime64(%d - number * 20, 3, 'UTC'), 1, 'w', 1, 30000 FROM numbers(20)"
                        .formatted(now - 900));
        refuses = true;
        inspector.inspect(now);
        assertThat(inspector.answer()).containsKey("as_of");
        assertThat(open()).isEmpty();
        refuses = false;
        inspector.inspect(now + 300);
        assertThat(open()).containsExactly("freshness former");
    }
}
