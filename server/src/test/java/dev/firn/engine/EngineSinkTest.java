package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.config.EngineRetentionRule;
import dev.firn.model.Batch;
import dev.firn.model.Cut;
import dev.firn.model.Fingerprint;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Retried;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineSinkTest {
    private static final long DAY = 86_400_000_000_000L;
    private static final long NOW = 1_795_132_800_123_456_789L; // 2026-11-20
    private static final long MINUTE = 60_000_000_000L;

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

    private static void add(Batch batch, Series series, long time) {
        batch.numbers.add(series, time, 0, 0, Numbers.INT, 1);
    }

    @Test
    void everyFieldOfEveryKindComesBack() throws InterruptedException {
        var fixture = new SinkFixture(engine, "fields");
        var maker = new PointMaker(1);
        fixture.log.add(
                maker.batch(500, 20, NOW, MINUTE), new Batch(), maker.batch(300, 20, NOW, 5));
        fixture.log.add(maker.batch(1, 1, NOW, MINUTE));
        fixture.log.add(new Batch());
        fixture.runToEnd();

        fixture.assertEqualToLog();
        assertThat(fixture.metric("firn_engine_rows_inserted_total{table=\"samples\"}"))
                .isGreaterThan(300);
        assertThat(fixture.sink.lagSeconds()).isZero();
    }

    @Test
    void aSeriesRowSaysAllThatIsKnown() throws InterruptedException {
        var fixture = new SinkFixture(engine, "described");
        var maker = new PointMaker(2);
        Series series = maker.series(MetricType.SUM, 4);
        var batch = new Batch();
        add(batch, series, NOW);
        add(batch, series, NOW - 3 * DAY);
        fixture.log.add(batch);
        fixture.runToEnd();

        assertThat(engine.rows("SELECT " + SeriesBlock.COLUMNS + " FROM described.series"))
                .hasSize(1);
        assertThat(
                        engine.rows(
                                "SELECT metric_id, series_id, lower(hex(fingerprint)), metric_name,"
                                        + " type, unit, temporality, monotonic, service_name,"
                                        + " http_route, resource, scope_name, scope_version,"
                                        + " scope_attributes, attributes, resource_map, scope_map,"
                                        + " attributes_map, description, metadata,"
                                        + " resource_schema_url, scope_schema_url,"
                                        + " resource_dropped_attributes, scope_dropped_attributes,"
                                        + " entity_refs, revision, retention_days, first_seen,"
                                        + " last_seen FROM described.series"))
                .containsExactly(
                        String.join(
                                "|",
                                Integer.toUnsignedString(series.metricId()),
                                "" + series.id(),
                                series.fingerprint().toString(),
                                "sum4|sum|s|cumulative|1|shop 1|/ü'4|{\"service.name\":\"shop 1\"}",
                                "scope'\t|1.2|{\"scope.key\":true}",
                                "{\"http.route\":\"/ü'4\",\"n\":4}|{'service.name':'shop 1'}",
                                "{'scope.key':'true'}|{'http.route':'/ü'4','n':'4'}",
                                "what it is|{\"m\":1}|https://schema/resource|https://schema/scope",
                                "2|3|[{\"type\":\"service\"}]",
                                Long.toUnsignedString(series.revision()),
                                "90|2026-11-17|2026-11-20"));
    }

    @Test
    void aSeriesIsWrittenOnceADayAndAfterARestartNotAgain() throws InterruptedException {
        var fixture = new SinkFixture(engine, "daily");
        var maker = new PointMaker(3);
        for (int day : new int[] {0, 0, 1, 1, -1}) {
            var batch = new Batch();
            add(batch, maker.series(MetricType.GAUGE, 1), NOW + day * DAY);
            fixture.log.add(batch);
        }
        fixture.runToEnd();
        assertThat(fixture.metric("firn_engine_rows_inserted_total{table=\"series\"}"))
                .isEqualTo(3);

        fixture.sink.onClose();
        fixture.restart();
        var batch = new Batch();
        add(batch, maker.series(MetricType.GAUGE, 1), NOW);
        fixture.log.add(batch);
        fixture.runToEnd();
        assertThat(fixture.metric("firn_engine_rows_inserted_total{table=\"series\"}")).isZero();
        assertThat(fixture.metric("firn_engine_series_known")).isEqualTo(1);
        assertThat(engine.rows("SELECT first_seen, last_seen FROM daily.series FINAL"))
                .containsExactly("2026-11-19|2026-11-21");
    }

    @Test
    void aNewDescriptionIsWrittenOnceADay() throws InterruptedException {
        var fixture = new SinkFixture(engine, "renamed");
        var maker = new PointMaker(4);
        for (String text : new String[] {"a", "b", "a", "b"}) {
            var batch = new Batch();
            add(batch, maker.series(MetricType.GAUGE, 1, text), NOW);
            fixture.log.add(batch);
        }
        fixture.runToEnd();
        assertThat(engine.rows("SELECT description FROM renamed.series FINAL"))
                .containsExactly("b");
        assertThat(fixture.metric("firn_engine_rows_inserted_total{table=\"series\"}"))
                .isEqualTo(2);
    }

    @Test
    void aCollidingSeriesIsKeptOut() throws InterruptedException {
        SeriesIdentity colliding =
                canonical ->
                        new Fingerprint(5, SeriesIdentity.SHA_256.fingerprint(canonical).low());
        var fixture = new SinkFixture(engine, "colliding");
        var maker = new PointMaker(5, colliding);
        var first = new Batch();
        add(first, maker.series(MetricType.GAUGE, 1), NOW);
        add(first, maker.series(MetricType.GAUGE, 2), NOW);
        fixture.log.add(first);
        var second = new Batch();
        add(second, maker.series(MetricType.GAUGE, 2), NOW + 1);
        add(second, maker.series(MetricType.GAUGE, 1), NOW + MINUTE);
        fixture.log.add(second);
        fixture.runToEnd();

        assertThat(engine.rows("SELECT count(), uniqExact(series_id) FROM colliding.samples"))
                .containsExactly("2|1");
        assertThat(engine.rows("SELECT attributes_map['n'] FROM colliding.series"))
                .containsExactly("1");
        assertThat(fixture.metric("firn_engine_series_collisions_total")).isEqualTo(2);

        fixture.restartAtTheBeginning(); // counts again, with the series as loaded
        fixture.runToEnd();
        assertThat(engine.rows("SELECT count() FROM colliding.samples")).containsExactly("2");
        assertThat(fixture.metric("firn_engine_sink_stopped")).isZero();
    }

    @Test
    void aRequestOverAThousandDaysBecomesABlockAMonth() throws InterruptedException {
        var fixture = new SinkFixture(engine, "thousand");
        fixture.retention = Retention.days(3_650);
        fixture.restart();
        var maker = new PointMaker(6);
        var batch = new Batch();
        for (int day = 0; day < 1_000; day++) {
            add(batch, maker.series(MetricType.GAUGE, day % 2), NOW - day * DAY);
        }
        fixture.log.add(batch);
        fixture.runToEnd();
        assertThat(engine.rows("SELECT count(), uniqExact(toYYYYMM(time)) FROM thousand.samples"))
                .containsExactly("1000|34");
        fixture.restartAtTheBeginning();
        fixture.runToEnd();
        assertThat(engine.rows("SELECT count() FROM thousand.samples")).containsExactly("1000");
    }

    @Test
    void pointsAboutToExpireStayOut() throws InterruptedException {
        long now = Clock.system().nanos(); // the engine's own clock judges the TTL
        var fixture = new SinkFixture(engine, "expiring");
        var clock = new TestClock(now);
        fixture.clock = clock;
        fixture.restart();
        var maker = new PointMaker(7);
        var batch = new Batch();
        for (int day = 0; day < 1_000; day++) {
            add(batch, maker.series(MetricType.GAUGE, 1), now - day * DAY);
        }
        add(batch, maker.series(MetricType.GAUGE, 2), now - 89 * DAY);
        fixture.log.add(batch);
        fixture.runToEnd();
        assertThat(engine.rows("SELECT count() FROM expiring.samples")).containsExactly("89");
        assertThat(engine.rows("SELECT count() FROM expiring.series")).containsExactly("1");
        assertThat(fixture.metric("firn_engine_points_past_ttl_total")).isEqualTo(912);

        clock.advance(5 * DAY); // the same cut is judged by a later border
        fixture.restartAtTheBeginning();
        fixture.runToEnd();
        assertThat(fixture.metric("firn_engine_sink_stopped")).isZero();
        assertThat(engine.rows("SELECT count() FROM expiring.samples")).containsExactly("89");
    }

    @Test
    void aPartOfARangeStopsTheSink() throws InterruptedException {
        var fixture = new SinkFixture(engine, "partial");
        fixture.log.add(new PointMaker(8).batch(100, 5, NOW, 1_000));
        fixture.runToEnd();
        engine.client.execute(
                "ALTER TABLE partial.samples DELETE WHERE value_int < 0 SETTINGS mutations_sync=2");
        fixture.restartAtTheBeginning();
        fixture.sink.run();
        fixture.log.add(new PointMaker(9).batch(100, 5, NOW, 1_000));
        fixture.sink.run();
        assertThat(fixture.sink.done()).isZero();
        assertThat(fixture.metric("firn_engine_sink_stopped")).isEqualTo(1);
    }

    @Test
    void rowsOfACutThatTheLogDoesNotHaveStopTheSink() throws InterruptedException {
        var fixture = new SinkFixture(engine, "foreign");
        fixture.log.add(new PointMaker(8).batch(10, 5, NOW, 1_000));
        fixture.log.add(new PointMaker(9).batch(100, 5, NOW, 1_000));
        fixture.runToEnd();
        fixture.log.cuts.removeLast();
        fixture.restartAtTheBeginning();
        fixture.sink.run();
        assertThat(fixture.metric("firn_engine_sink_stopped")).isEqualTo(1);
    }

    @Test
    void aPoisonedCutIsQuarantinedAndTheRestGoesOn() throws InterruptedException {
        var fixture = new SinkFixture(engine, "poison").withFastTime(NOW);
        var maker = new PointMaker(10);
        fixture.log.add(maker.batch(50, 5, NOW, 1_000));
        var poison = new Batch();
        maker.number(poison, 77, NOW, 0);
        fixture.log.add(poison);
        fixture.log.add(maker.batch(50, 5, NOW, 1_000));
        new Schema("poison", TimePrecision.MILLIS).migrate(engine.client);
        engine.client.execute(
                "ALTER TABLE poison.series ADD CONSTRAINT no_poison CHECK"
                        + " attributes_map['n'] != '77'");
        fixture.runToEnd();

        assertThat(fixture.log.quarantined).containsOnlyKeys(2L);
        assertThat(fixture.log.quarantined.get(2L)).contains("VIOLATED_CONSTRAINT");
        assertThat(fixture.metric("firn_engine_cuts_quarantined_total")).isEqualTo(1);
        fixture.log.cuts.set(1, new MemoryCutLog.MemoryCut(2, java.util.List.of()));
        fixture.assertEqualToLog();
    }

    @Test
    void aQuarantinedCutIsTakenOnceAfterItsCauseIsMended() throws Exception {
        var fixture = new SinkFixture(engine, "mended").withFastTime(NOW);
        var maker = new PointMaker(12);
        fixture.log.add(maker.batch(50, 5, NOW, 1_000));
        var poison = new Batch();
        maker.number(poison, 77, NOW, 0);
        fixture.log.add(poison, maker.batch(40, 5, NOW, 1_000));
        new Schema("mended", TimePrecision.MILLIS).migrate(engine.client);
        engine.client.execute(
                "ALTER TABLE mended.series ADD CONSTRAINT no_poison CHECK"
                        + " attributes_map['n'] != '77'");
        fixture.runToEnd();
        assertThat(fixture.log.quarantined).containsOnlyKeys(2L);

        Retried again = retry(fixture, 2);
        assertThat(again.taken()).isFalse();
        assertThat(again.outcome()).contains("refuses it again").contains("VIOLATED_CONSTRAINT");

        engine.client.execute("ALTER TABLE mended.series DROP CONSTRAINT no_poison");
        assertThat(retry(fixture, 2)).isEqualTo(Retried.taken("inserted"));
        fixture.assertEqualToLog();
        assertThat(retry(fixture, 2)).isEqualTo(Retried.taken("it was there already"));
        fixture.assertEqualToLog();
        fixture.restartAtTheBeginning(); // the log gives the cut once more
        fixture.runToEnd();
        fixture.assertEqualToLog();
        assertThat(fixture.metric("firn_engine_sink_stopped")).isZero();
    }

    @Test
    void aRetryBrokenOffAnywhereIsCompletedByTheNext() throws Exception {
        var fixture = new SinkFixture(engine, "broken_off");
        var maker = new PointMaker(13);
        fixture.log.add(maker.batch(200, 20, NOW, 40 * DAY / 200)); // all tables, two months
        var cut = fixture.log.cuts.set(0, new MemoryCutLog.MemoryCut(1, java.util.List.of()));
        fixture.checkpoint = 1; // the sink never looks at the cut itself
        int broken = 0;
        while (true) {
            fixture.failpoint =
                    name -> {
                        if (name.startsWith("after ")) { // one block an attempt
                            throw new dev.firn.base.WorldException("broken off", null);
                        }
                    };
            fixture.restart();
            fixture.runToEnd();
            Retried retried = retry(fixture, cut);
            if (retried.taken()) {
                break;
            }
            broken++;
        }
        assertThat(broken).isGreaterThan(4);
        fixture.log.cuts.set(0, cut);
        fixture.assertEqualToLog();
    }

    @Test
    void aRetryWaitsUntilTheSinkHasPassedTheCut() throws Exception {
        var fixture = new SinkFixture(engine, "early");
        fixture.log.add(new PointMaker(14).batch(10, 5, NOW, 1_000));
        assertThat(fixture.sink.retry(fixture.log.cuts.getFirst(), 1).outcome())
                .contains("stands at cut 0");
        assertThat(retry(fixture, 1)).isEqualTo(Retried.taken("it was there already"));
        fixture.assertEqualToLog();
    }

    @Test
    void aStoppedSinkRefusesARetry() throws Exception {
        var fixture = new SinkFixture(engine, "stopped");
        fixture.log.add(new PointMaker(8).batch(10, 5, NOW, 1_000));
        fixture.log.add(new PointMaker(9).batch(10, 5, NOW, 1_000));
        fixture.runToEnd();
        var cut = fixture.log.cuts.removeLast();
        fixture.restartAtTheBeginning();
        fixture.sink.run();
        assertThat(fixture.sink.retry(cut, 10_000))
                .isEqualTo(
                        Retried.refused(
                                "the engine sink has stopped: the engine has rows of cut 2, the log"
                                        + " ends with cut 1"));
    }

    private static Retried retry(SinkFixture fixture, int sequence) throws Exception {
        return retry(fixture, fixture.log.cuts.get(sequence - 1));
    }

    /// Asks on a thread of its own while the test drives the rounds.
    private static Retried retry(SinkFixture fixture, Cut cut) throws Exception {
        var asked = new FutureTask<>(() -> fixture.sink.retry(cut, 60_000));
        Thread.ofVirtual().start(asked);
        while (!asked.isDone()) {
            fixture.sink.run();
        }
        return asked.get();
    }

    @Test
    void aRunOfRefusalsIsHeldInTheLog() throws InterruptedException {
        var fixture = new SinkFixture(engine, "held").withFastTime(NOW);
        var maker = new PointMaker(15);
        for (int i = 0; i < 5; i++) {
            fixture.log.add(maker.batch(10, 3, NOW, 1_000));
        }
        new Schema("held", TimePrecision.MILLIS).migrate(engine.client);
        engine.client.execute("ALTER TABLE held.series ADD CONSTRAINT never CHECK metric_id < 0");
        for (int i = 0; i < 25; i++) {
            fixture.sink.run();
            fixture.betweenRounds.run();
        }
        assertThat(fixture.log.quarantined).containsOnlyKeys(1L, 2L, 3L);
        assertThat(fixture.sink.troubles()).singleElement().asString().contains("refuses cut 4");
        engine.client.execute("ALTER TABLE held.series DROP CONSTRAINT never");
        fixture.runToEnd();
        assertThat(fixture.sink.troubles()).isEmpty();
        assertThat(fixture.log.quarantined).hasSize(3);
    }

    @Test
    void cutsThatTheLogNoLongerHasAreNamedAndTheRestGoesOn() throws InterruptedException {
        var fixture = new SinkFixture(engine, "lacking");
        var maker = new PointMaker(16);
        for (int i = 0; i < 5; i++) {
            fixture.log.add(maker.batch(10, 3, NOW, 1_000));
        }
        fixture.log.oldest = 4;
        fixture.runToEnd();
        assertThat(fixture.metric("firn_engine_cuts_missing")).isEqualTo(3);
        assertThat(fixture.sink.troubles().getFirst()).startsWith("the engine lacks cuts 1 to 3;");
        fixture.sink.onClose();
        fixture.restart();
        fixture.log.add(maker.batch(10, 3, NOW, 1_000));
        fixture.runToEnd();
        assertThat(fixture.metric("firn_engine_cuts_missing")).isEqualTo(3);
    }

    @Test
    void anotherEngineThanTheCheckpointsIsNoticed() throws InterruptedException {
        var fixture = new SinkFixture(engine, "swapped");
        var maker = new PointMaker(17);
        fixture.log.add(maker.batch(10, 3, NOW, 1_000));
        fixture.log.add(maker.batch(10, 3, NOW, 1_000));
        fixture.runToEnd();
        fixture.sink.onClose();
        fixture.drop();
        fixture.log.released = 0;
        fixture.log.oldest = 2;
        fixture.restart();
        fixture.runToEnd();
        assertThat(fixture.metric("firn_engine_cuts_missing")).isEqualTo(1);
        assertThat(engine.rows("SELECT DISTINCT seq FROM swapped.samples")).containsExactly("2");
    }

    @Test
    void changedRetentionAfterACrashContradictsNothing() throws InterruptedException {
        long now = Clock.system().nanos();
        var fixture = new SinkFixture(engine, "changed");
        fixture.clock = new TestClock(now);
        var maker = new PointMaker(18);
        var batch = new Batch();
        for (int day = 0; day < 60; day++) {
            add(batch, maker.series(MetricType.GAUGE, 1), now - day * DAY);
        }
        fixture.log.add(batch);
        for (int days : new int[] {30, 90, 10, 40}) {
            fixture.retention = Retention.days(days);
            fixture.restartAtTheBeginning();
            fixture.runToEnd();
            assertThat(fixture.metric("firn_engine_sink_stopped")).as("%d", days).isZero();
            assertThat(engine.rows("SELECT count() FROM changed.samples")).containsExactly("29");
        }
    }

    @Test
    void eachSeriesIsKeptByTheFirstRuleThatMatchesIt() throws InterruptedException {
        long now = Clock.system().nanos();
        var maker = new PointMaker(21);
        String name = maker.series(MetricType.GAUGE, 1).metric().name();
        var byName = new EngineRetentionRule("", "", name.substring(0, 3) + "*", 30);
        var nowhere = new EngineRetentionRule("nowhere", "", "*", 10);
        var retention = Retention.rules(60, List.of(nowhere, byName));
        assertThat(retention.daysMin()).isEqualTo(10);
        assertThat(retention.days(maker.series(MetricType.GAUGE, 1))).isEqualTo(30);
        assertThat(
                        Retention.rules(60, List.of(new EngineRetentionRule("", "", "?", 30)))
                                .days(maker.series(MetricType.GAUGE, 1)))
                .isEqualTo(60);

        var fixture = new SinkFixture(engine, "by_rule");
        fixture.clock = new TestClock(now);
        fixture.retention = retention;
        fixture.restart();
        var batch = new Batch();
        for (int day = 0; day < 60; day++) {
            add(batch, maker.series(MetricType.GAUGE, 1), now - day * DAY);
        }
        fixture.log.add(batch);
        fixture.runToEnd();
        assertThat(
                        engine.rows(
                                "SELECT count(), min(retention_days), max(retention_days) FROM"
                                        + " by_rule.samples"))
                .containsExactly("29|30|30");
        assertThat(engine.rows("SELECT retention_days FROM by_rule.series FINAL"))
                .containsExactly("30");
        fixture.restartAtTheBeginning(); // counts again, by another rule
        fixture.retention = Retention.days(90);
        fixture.restart();
        fixture.runToEnd();
        assertThat(fixture.metric("firn_engine_sink_stopped")).isZero();
    }

    @Test
    void aClockSetBackContradictsNothing() throws InterruptedException {
        long now = Clock.system().nanos();
        var fixture = new SinkFixture(engine, "set_back");
        var clock = new TestClock(now);
        fixture.clock = clock;
        fixture.restart();
        var maker = new PointMaker(19);
        var batch = new Batch();
        for (int day = 0; day < 100; day++) {
            add(batch, maker.series(MetricType.GAUGE, 1), now - day * DAY);
        }
        fixture.log.add(batch);
        fixture.runToEnd();
        clock.advance(-10 * DAY);
        fixture.restartAtTheBeginning();
        fixture.runToEnd();
        assertThat(fixture.metric("firn_engine_sink_stopped")).isZero();
        assertThat(engine.rows("SELECT count() FROM set_back.samples")).containsExactly("89");
    }

    @Test
    void theLogIsReleasedOnlyUpToTheCheckpoint() throws InterruptedException {
        var fixture = new SinkFixture(engine, "released");
        var clock = new TestClock(NOW);
        fixture.clock = clock;
        fixture.restart();
        var maker = new PointMaker(11);
        fixture.log.add(maker.batch(5, 5, NOW, 1_000));
        fixture.runToEnd();
        fixture.log.add(maker.batch(5, 5, NOW, 1_000));
        fixture.runToEnd();
        assertThat(fixture.checkpoint).isEqualTo(fixture.log.released);
        clock.advance(10_000_000_000L);
        fixture.sink.run();
        assertThat(fixture.checkpoint).isEqualTo(2);
        assertThat(fixture.log.released).isEqualTo(2);
    }
}
