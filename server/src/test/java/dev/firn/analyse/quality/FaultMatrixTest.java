package dev.firn.analyse.quality;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.analyse.quality.FaultyFleet.Fault;
import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.QualityConfig;
import dev.firn.config.QueryClassesConfig;
import dev.firn.config.RollupConfig;
import dev.firn.engine.Failpoint;
import dev.firn.engine.Retention;
import dev.firn.engine.Rollups;
import dev.firn.engine.Schema;
import dev.firn.engine.TimePrecision;
import dev.firn.query.AlertBook;
import dev.firn.query.EngineQueries;
import dev.firn.query.ResultTables;
import dev.firn.query.StateFile;
import dev.firn.query.StoreViews;
import dev.firn.query.TestStore;
import java.nio.file.Path;
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
    private long now;

    @BeforeEach
    void start() throws InterruptedException {
        store = new TestStore(data.resolve("engine"));
        StoreViews.define(store.client, TestStore.DATABASE);
        new Rollups(
                        store.client,
                        new Schema(TestStore.DATABASE, TimePrecision.MILLIS),
                        RollupConfig.DEFAULTS,
                        Retention.days(90),
                        Clock.system(),
                        store.metrics,
                        Failpoint.NONE)
                .open();
        long real = Clock.system().millis() / 1_000;
        now = real % 300 < 120 ? real / 300 * 300 - 60 : real; // some of the open window is past
        // what the fleet sends is in windows that are open: they are computed from points
        long closed = (now - FaultyFleet.HISTORY_SECONDS - 600) / 300 * 300;
        store.client.execute(
                "INSERT INTO otel_metrics.firn_rollup_state VALUES (toDateTime(%d, 'UTC'), 18446744073709551615)"
                        .formatted(closed));
        var tables = new ResultTables(store.client, TestStore.DATABASE);
        alerts = new AlertBook(StateFile.open(data), tables);
        inspector =
                new QualityInspector(
                        QualityConfig.DEFAULTS,
                        QualityRules.NONE,
                        new EngineQueries(
                                store.client,
                                TestStore.DATABASE,
                                QueryClassesConfig.DEFAULT,
                                Clock.system(),
                                new OwnMetrics()),
                        tables,
                        alerts,
                        () -> now * 1_000,
                        standing(now),
                        store.metrics);
    }

    @AfterEach
    void stop() {
        store.close();
    }

    private static Clock standing(long seconds) {
        return new Clock() {
            @Override
            public long nanos() {
                return seconds * 1_000_000_000L;
            }

            @Override
            public long ticks() {
                return System.nanoTime();
            }
        };
    }

    private TreeSet<String> open() {
        var open = new TreeSet<String>();
        alerts.open(AlertBook.Source.QUALITY)
                .forEach(one -> open.add(one.rule() + " " + one.subject().get("service_name")));
        return open;
    }

    @Test
    void faultsAreFoundAndNothingElse() throws InterruptedException {
        var fleet = new FaultyFleet(store, now);
        var expected = new TreeSet<String>();
        for (Fault fault : Fault.values()) {
            for (int strength = 0; strength < STRENGTHS; strength++) {
                fleet.play(fault, strength);
                if (fault == Fault.VOLUME) {
                    fleet.weeks(strength);
                }
                if (fault != Fault.NONE) {
                    expected.add(fault.check() + " " + FaultyFleet.service(fault, strength));
                }
            }
            fleet.flush();
        }
        inspector.inspect(now);
        for (Fault fault : Fault.values()) {
            for (int strength = 0; strength < STRENGTHS; strength++) {
                if (fault.comesLater() || fault == Fault.NONE) {
                    fleet.playLater(fault, strength);
                }
            }
        }
        fleet.flush();
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
        var fleet = new FaultyFleet(store, now);
        for (int i = 0; i < FINE; i++) {
            fleet.play(Fault.NONE, i % STRENGTHS);
        }
        fleet.flush();
        inspector.inspect(now);
        inspector.inspect(now);
        assertThat(open()).isEmpty();
        assertThat(String.valueOf(inspector.answer().get("scores"))).contains("score=100.0");
        assertThat(String.valueOf(inspector.answer().get("scores"))).doesNotContain("failing=[a");
    }
}
