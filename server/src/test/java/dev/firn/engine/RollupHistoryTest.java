package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.model.Batch;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Seven weeks of sparse points that are rolled up from what is stored.
class RollupHistoryTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long MINUTE = 60 * SECOND;
    private static final long MIDNIGHT = 1_795_132_800L * SECOND;
    private static final int DAYS = 49;
    private static final int SERIES = 3;
    private static final List<String> TABLES = List.of("rollup_5m", "rollup_1h", "rollup_1d");

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

    /// A batch for each of some days, with a point of each series in nearly every hour.
    private static List<Batch> days(Random random) {
        var maker = new PointMaker(1);
        var batches = new ArrayList<Batch>();
        long end = MIDNIGHT + DAYS * 1_440 * MINUTE;
        var days = new TreeMap<Long, Batch>();
        for (int series = 0; series < SERIES; series++) {
            long first = MIDNIGHT + series * 7 * MINUTE;
            long count = 0;
            for (long time = first; time < end; time += (30 + random.nextInt(40)) * MINUTE) {
                count = random.nextInt(50) == 0 ? 1 : count + random.nextInt(9);
                Batch day = days.computeIfAbsent(time / (1_440 * MINUTE), key -> new Batch());
                number(day, maker, MetricType.GAUGE, series, time, 0, random.nextInt(100));
                number(day, maker, MetricType.SUM, series, time, first - MINUTE, count);
                day.histograms.bounds.push(Double.doubleToRawLongBits(1.0));
                day.histograms.counts.push(count);
                day.histograms.counts.push(count);
                day.histograms.add(
                        maker.series(MetricType.HISTOGRAM, series),
                        time,
                        first - MINUTE,
                        0,
                        2 * count,
                        (byte) 1,
                        count * 0.5,
                        0,
                        0);
            }
        }
        batches.addAll(days.values());
        return batches;
    }

    private static void number(
            Batch to,
            PointMaker maker,
            MetricType type,
            int series,
            long time,
            long start,
            double value) {
        to.numbers.add(
                maker.series(type, series),
                time,
                start,
                0,
                Numbers.DOUBLE,
                Double.doubleToRawLongBits(value));
    }

    private static RollupRun run(String database) throws InterruptedException {
        return new RollupRun(engine, database, MIDNIGHT + (DAYS + 1) * 1_440 * MINUTE);
    }

    private static void assertAsByStatements(RollupRun run) throws InterruptedException {
        long from = MIDNIGHT / SECOND;
        String database = run.sink.database;
        var expected =
                RollupRun.byStatements(
                        engine,
                        database,
                        database + "_statements",
                        TABLES,
                        from,
                        from + (DAYS + 1) * 86_400);
        assertThat(expected.getLast()).hasSize(DAYS * SERIES * 3);
        for (int i = 0; i < TABLES.size(); i++) {
            assertThat(run.rows(TABLES.get(i) + " FINAL"))
                    .as(TABLES.get(i))
                    .isEqualTo(expected.get(i));
        }
    }

    @Test
    void whatAnEarlierProcessLeftIsComputedInFewStatements() throws InterruptedException {
        var run = run("adopted");
        for (Batch day : days(new Random(1))) {
            run.store(day);
        }
        run.restart();
        var statements = new int[1];
        run.failpoint = step -> statements[0] += step.startsWith("rollup_") ? 1 : 0;
        run.workOff();
        assertAsByStatements(run);
        assertThat(statements[0]).isBetween(10, 60);
    }

    @Test
    void daysThatComeInAnyOrderAreComputedTogether() throws InterruptedException {
        var run = run("backwards");
        var random = new Random(2);
        var batches = days(random);
        Collections.shuffle(batches, random);
        for (Batch day : batches) {
            run.store(day);
        }
        var statements = new int[1];
        run.failpoint = step -> statements[0] += step.startsWith("rollup_") ? 1 : 0;
        run.workOff();
        assertAsByStatements(run);
        assertThat(statements[0]).isBetween(10, 120);
    }

    @Test
    void endsAnywhereDoNoHarm() throws InterruptedException {
        var run = run("ended");
        var random = new Random(3);
        var batches = days(random);
        Collections.shuffle(batches, random);
        int ends = 0;
        for (Batch day : batches) {
            run.store(day);
            if (random.nextInt(4) > 0) {
                continue;
            }
            int[] left = {random.nextInt(24)};
            run.failpoint =
                    step -> {
                        if (left[0]-- == 0) {
                            throw new IllegalStateException("killed at " + step);
                        }
                    };
            try {
                run.workOff();
            } catch (IllegalStateException e) {
                ends++;
            }
            run.failpoint = Failpoint.NONE;
            run.restart();
        }
        assertThat(ends).isGreaterThan(2);
        run.workOff();
        assertAsByStatements(run);
    }
}
