package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.EngineRetentionRule;
import dev.firn.model.Batch;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Series;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Points of all kinds through the sink, in any order and splitting, with the worker between.
class RollupsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long START = 1_795_132_800L * SECOND; // midnight UTC
    private static final long SPAN = 6 * 3_600 * SECOND;
    private static final int POINTS = 2_000;

    @TempDir static Path folder;
    private static EngineFixture engine;

    /// A point to be; the batch it goes into is decided by the test.
    private record Spec(int kind, int series, long time, long start, int size, boolean stale) {}

    @BeforeAll
    static void start() {
        engine = new EngineFixture(folder);
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    private static List<Spec> points(long seed) {
        var random = new Random(seed);
        var specs = new ArrayList<Spec>();
        for (int i = 0; i < POINTS; i++) {
            long time =
                    START
                            + 1_000_000L
                                    * (random.nextInt((int) (SPAN / 1_000_000L / POINTS))
                                            + i * (SPAN / 1_000_000L / POINTS));
            long start = random.nextInt(5) == 0 ? 0 : START + random.nextInt(3) * SPAN / 5;
            start = Math.min(start, time);
            specs.add(
                    new Spec(
                            random.nextInt(5),
                            random.nextInt(12),
                            time,
                            start,
                            (int) ((time - Math.max(start, START)) / SECOND) + random.nextInt(300),
                            random.nextInt(20) == 0));
        }
        return specs;
    }

    private static void add(PointMaker maker, Batch batch, Spec spec) {
        int flags = spec.stale() ? 1 : 0;
        long size = spec.size();
        switch (spec.kind()) {
            case 0, 1 -> {
                Series series =
                        maker.series(
                                spec.kind() == 0 ? MetricType.GAUGE : MetricType.SUM,
                                spec.series());
                batch.numbers.add(
                        series,
                        spec.time(),
                        spec.start(),
                        flags,
                        Numbers.DOUBLE,
                        Double.doubleToRawLongBits(size * 0.5));
            }
            case 2 -> {
                boolean other = size % 7 == 0;
                for (double bound : other ? new double[] {1, 3} : new double[] {1, 2, 3}) {
                    batch.histograms.bounds.push(Double.doubleToRawLongBits(bound));
                    batch.histograms.counts.push(size);
                }
                batch.histograms.counts.push(size);
                batch.histograms.add(
                        maker.series(MetricType.HISTOGRAM, spec.series()),
                        spec.time(),
                        spec.start(),
                        flags,
                        size * (other ? 3 : 4),
                        (byte) 7,
                        size * 1.5,
                        0.5,
                        size);
            }
            case 3 -> {
                for (int i = 0; i < 6; i++) {
                    batch.exponential.positive.push(size);
                    batch.exponential.negative.push(size);
                }
                var to = batch.exponential;
                int row =
                        to.add(
                                maker.series(MetricType.EXPONENTIAL_HISTOGRAM, spec.series()),
                                spec.time(),
                                spec.start(),
                                flags);
                to.count[row] = size * 13;
                to.has[row] = 7;
                to.sum[row] = size * 0.5;
                to.min[row] = -size;
                to.max[row] = size;
                to.scale[row] = (int) (size % 3);
                to.zeroCount[row] = size;
                to.zeroThreshold[row] = 0.25;
                to.positiveOffset[row] = -3;
                to.negativeOffset[row] = 2;
            }
            default -> {
                batch.summaries.quantiles.push(Double.doubleToRawLongBits(0.5));
                batch.summaries.values.push(Double.doubleToRawLongBits(1.0));
                batch.summaries.add(
                        maker.series(MetricType.SUMMARY, spec.series()),
                        spec.time(),
                        spec.start(),
                        flags,
                        size,
                        size * 0.5);
            }
        }
    }

    private static final class Run {
        final RollupRun run;
        final PointMaker maker = new PointMaker(1);

        Run(String database) throws InterruptedException {
            run = new RollupRun(engine, database, START + 3_600 * SECOND);
        }

        void store(List<Spec> specs) throws InterruptedException {
            var batch = new Batch();
            specs.forEach(spec -> add(maker, batch, spec));
            run.store(batch);
        }

        void pass() {
            run.passTo(START + 5 * SPAN); // the day is over
        }

        void workOff() throws InterruptedException {
            run.workOff();
        }

        List<String> rows(String table) throws InterruptedException {
            return run.rows(table);
        }
    }

    private static List<String> reference(String database, List<Spec> specs, String table)
            throws InterruptedException {
        var run = new Run(database);
        run.pass();
        run.store(specs);
        run.workOff();
        return run.rows(table);
    }

    /// More marks than one statement may hold.
    @Test
    void manySeriesThatCameLateAreRolledUp() throws InterruptedException {
        var run = new Run("many");
        run.pass();
        var specs = new ArrayList<Spec>();
        for (int series = 0; series < 9_000; series++) {
            specs.add(new Spec(0, series, START + series * 1_000_000L, 0, series, false));
        }
        run.store(specs);
        run.workOff();
        assertThat(
                        engine.rows(
                                "SELECT count(), uniqExact(series_id), sum(count), sum(sum) FROM"
                                        + " many.rollup_5m FINAL"))
                .containsExactly("9000|9000|9000|" + 9_000L * 8_999 / 4);
    }

    @Test
    void anyOrderAndSplittingGivesTheSameRowsAndViewsAreRightAtOnce() throws InterruptedException {
        var specs = points(5);
        var whole = new Run("whole");
        whole.pass();
        whole.store(specs);
        whole.workOff();
        assertThat(whole.rows("rollup_5m FINAL")).hasSizeGreaterThan(500);

        var random = new Random(8);
        var shuffled = new ArrayList<>(specs);
        Collections.shuffle(shuffled, random);
        var run = new Run("shuffled");
        for (int from = 0; from < shuffled.size(); ) {
            int to = Math.min(shuffled.size(), from + 1 + random.nextInt(700));
            run.store(shuffled.subList(from, to));
            run.run.clock.advance(random.nextInt(4_000) * SECOND);
            for (int steps = random.nextInt(4); steps > 0; steps--) {
                run.run.rollups.step();
            }
            from = to;
        }
        for (String table : List.of("rollup_5m", "rollup_1h", "rollup_1d")) {
            assertThat(run.rows(table + "_now")).as(table).isEqualTo(whole.rows(table + "_now"));
        }
        run.pass();
        run.workOff();
        for (String table : List.of("rollup_5m", "rollup_1h", "rollup_1d")) {
            assertThat(run.rows(table + " FINAL"))
                    .as(table)
                    .isEqualTo(whole.rows(table + " FINAL"));
            assertThat(run.rows(table + "_now")).as(table).isEqualTo(whole.rows(table + " FINAL"));
        }
    }

    @Test
    void anEndAtAnyStepLeavesNoHarm() throws InterruptedException {
        var specs = points(6).subList(0, 400);
        List<String> expected = reference("unharmed", specs, "rollup_5m FINAL");
        List<String> days = reference("unharmed2", specs, "rollup_1d FINAL");
        var run = new Run("killed");
        var random = new Random(3);
        int kills = 0;
        Collections.shuffle(specs, random);
        for (int from = 0; from < specs.size(); from += 200) {
            run.store(specs.subList(from, from + 200));
            run.run.clock.advance(7_200 * SECOND);
            for (int crash = 0; crash < 3; crash++) {
                int[] left = {random.nextInt(14)};
                boolean hard = crash == 0;
                run.run.failpoint =
                        step -> {
                            if (left[0]-- == 0) {
                                throw new IllegalStateException("killed at " + step);
                            }
                        };
                try {
                    run.workOff();
                } catch (IllegalStateException e) {
                    kills++;
                    if (hard) {
                        engine.kill();
                        engine.awaitAlive();
                    }
                }
                run.run.failpoint = Failpoint.NONE;
                run.run.restart();
            }
        }
        assertThat(kills).isGreaterThan(2);
        run.pass();
        run.workOff();
        assertThat(run.rows("rollup_5m FINAL")).isEqualTo(expected);
        assertThat(run.rows("rollup_1d FINAL")).isEqualTo(days);
    }

    @Test
    void aMarkIsLeftWhereTheSeriesOwnPointsMayHaveExpired() throws InterruptedException {
        var test = new Run("expired");
        test.run.retention =
                Retention.rules(90, List.of(new EngineRetentionRule("", "", "gauge1", 10)));
        test.run.restart();
        test.pass();
        test.store(List.of(gauge(1, 600), gauge(2, 600)));
        test.workOff();
        test.store(List.of(gauge(1, 500), gauge(2, 500))); // late: both are marked
        test.run.clock.advance(11 * 86_400 * SECOND);
        test.workOff();
        assertThat(engine.rows("SELECT metric_id, time, count FROM expired.rollup_5m FINAL"))
                .hasSize(3);
        // Its own window, and the newest one, which the late point may have changed.
        assertThat(test.run.metric("firn_rollup_windows_left_total")).isEqualTo(2);
    }

    /// Thirty days later the points of half a day, and their rows of 5 minutes, are gone.
    @Test
    void latePointsDoNotHarmRowsThatOutliveTheirPoints() throws InterruptedException {
        var test = new Run("outlived");
        test.run.retention =
                Retention.rules(90, List.of(new EngineRetentionRule("", "", "gauge1", 30)));
        test.run.restart();
        test.pass();
        var specs = new ArrayList<Spec>();
        for (long time = 60; time < 86_400; time += 600) {
            specs.add(gauge(1, time));
            specs.add(gauge(2, time));
        }
        test.store(specs);
        test.workOff();
        long border = START / SECOND + 12 * 3_600 + 1_800;
        for (String table : List.of("samples", "rollup_5m")) {
            engine.client.execute(
                    "DELETE FROM outlived.%s WHERE time < toDateTime(%d, 'UTC') AND metric_id IN (SELECT metric_id FROM outlived.series WHERE metric_name = 'gauge1')"
                            .formatted(table, border));
        }
        // A window that was emptied, in an hour of which the other series has nothing any more.
        engine.client.execute(
                "INSERT INTO outlived.rollup_5m (metric_id, series_id, time, retention_days, version, deleted) SELECT metric_id, series_id, toDateTime(%d, 'UTC'), 90, 1, 1 FROM outlived.series WHERE metric_name = 'gauge2'"
                        .formatted(START / SECOND + 8 * 3_600 + 900));
        test.run.passTo(START + (30 * 86_400L + 12 * 3_600 + 1_800) * SECOND);
        test.run.restart();
        String kept =
                " FINAL WHERE metric_id IN (SELECT metric_id FROM outlived.series WHERE metric_name = 'gauge1')";
        var before = new ArrayList<List<String>>();
        for (String table : List.of("rollup_5m", "rollup_1h", "rollup_1d")) {
            before.add(test.rows(table + kept));
        }
        assertThat(before.get(1)).hasSize(24);
        test.store(List.of(gauge(1, 500), gauge(1, 12 * 3_600 + 500), gauge(2, 500)));
        var history = new ArrayList<Spec>(); // of a series that was not there: from memory
        for (long time = 90; time < 86_400; time += 600) {
            history.add(gauge(7, time));
        }
        test.store(history);
        test.workOff();
        assertThat(
                        engine.rows(
                                "SELECT count() FROM (SELECT series_id FROM outlived.rollup_1h FINAL GROUP BY series_id HAVING sum(count) IN (144, 145))"))
                .containsExactly("3");
        for (String table : List.of("rollup_5m", "rollup_1h", "rollup_1d")) {
            assertThat(test.rows(table + kept)).as(table).isEqualTo(before.removeFirst());
        }
    }

    private static Spec gauge(int series, long seconds) {
        return new Spec(0, series, START + seconds * SECOND, 0, 1, false);
    }
}
