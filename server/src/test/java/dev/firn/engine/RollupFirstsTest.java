package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.Forall;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A first point with an old start counts in full if its resource, scope and metric were watched
/// since that start, in whatever order points come; else it counts zero.
class RollupFirstsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long MIDNIGHT = 1_795_132_800L * SECOND;
    private static final long START = MIDNIGHT + 10 * 3_600 * SECOND;
    private static final long HOUR = 3_600 * SECOND;
    private static final long AGE_MAX = 600 * SECOND;
    private static final MetricType[] TYPES = {
        MetricType.SUM, MetricType.HISTOGRAM, MetricType.EXPONENTIAL_HISTOGRAM, MetricType.SUMMARY
    };

    @TempDir static Path folder;
    private static EngineFixture engine;
    private static int databases;

    private final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 1_000_000);

    @BeforeAll
    static void start() {
        engine = new EngineFixture(folder);
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    /// A point that counts `count` since its start.
    private record Point(Series series, int stream, long time, long start, long count) {
        void addTo(Batch batch) {
            switch (series.metric().type()) {
                case GAUGE, SUM -> batch.numbers.add(series, time, start, 0, Numbers.INT, count);
                case HISTOGRAM -> {
                    batch.histograms.bounds.push(Double.doubleToRawLongBits(1));
                    batch.histograms.counts.push(count);
                    batch.histograms.counts.push(0);
                    batch.histograms.add(series, time, start, 0, count, (byte) 0, count, 0, 0);
                }
                case EXPONENTIAL_HISTOGRAM -> {
                    batch.exponential.positive.push(count);
                    int row = batch.exponential.add(series, time, start, 0);
                    batch.exponential.count[row] = count;
                    batch.exponential.sum[row] = count;
                }
                case SUMMARY -> batch.summaries.add(series, time, start, 0, count, count);
            }
        }
    }

    private Series series(int stream, int number) {
        MetricType type = TYPES[stream % TYPES.length];
        boolean sum = type == MetricType.SUM;
        var metric =
                new Metric(
                        new Resource("{\"service.name\":\"shop-" + stream % 3 + "\"}", "", 0, ""),
                        new Scope("scope", "" + stream, "{}", "", 0),
                        "requests." + type.label(),
                        "1",
                        type,
                        type == MetricType.SUMMARY
                                ? Temporality.UNSPECIFIED
                                : Temporality.CUMULATIVE,
                        sum,
                        "",
                        "");
        return registry.intern(
                metric,
                Attributes.of(List.of(new Attributes.Entry("n", new AttributeValue.Int(number)))));
    }

    private static Batch batch(List<Point> points) {
        var batch = new Batch();
        points.forEach(point -> point.addTo(batch));
        return batch;
    }

    /// What came by series and window, by the plain reading of DESIGN §8.
    private static Map<String, Long> expected(List<Point> points) {
        var bySeries = new TreeMap<Long, TreeMap<Long, Point>>();
        for (Point point : points) {
            bySeries.computeIfAbsent(point.series.id(), _ -> new TreeMap<>())
                    .put(point.time, point);
        }
        var expected = new TreeMap<String, Long>();
        bySeries.forEach((id, all) -> {
            Point before = null;
            for (Point point : all.values()) {
                long came = before == null ? 0 : point.count - before.count;
                if (before == null && counts(point, points)) {
                    came = point.count;
                }
                long window = point.time / SECOND / 300 * 300;
                expected.merge(id + "@" + window, came, Long::sum);
                before = point;
            }
        });
        return expected;
    }

    private static boolean counts(Point first, List<Point> points) {
        return first.time - first.start <= AGE_MAX
                || points.stream()
                        .anyMatch(other ->
                                other.stream == first.stream
                                        && other.series != first.series
                                        && other.time >= first.start
                                        && other.time < first.time);
    }

    private static Map<String, Long> found(RollupRun run, String table)
            throws InterruptedException {
        var found = new TreeMap<String, Long>();
        for (var row :
                engine.client.query(
                        "SELECT series_id, toUnixTimestamp(time), toInt64(increase) FROM "
                                + run.sink.database
                                + "."
                                + table)) {
            found.put(row.text(0) + "@" + row.text(1), row.number(2));
        }
        return found;
    }

    private static RollupRun run(long now) throws InterruptedException {
        return new RollupRun(engine, "firsts_" + databases++, now);
    }

    @Test
    void theFirstErrorOfTheDayCountsAtOnce() throws InterruptedException {
        RollupRun run = run(START);
        long began = START - HOUR;
        var points = new ArrayList<Point>();
        for (int stream = 0; stream < TYPES.length; stream++) {
            points.add(new Point(series(stream, 1), stream, START - 30 * SECOND, began, 90));
            points.add(new Point(series(stream, 1), stream, START - 20 * SECOND, began, 94));
            points.add(new Point(series(stream, 2), stream, START - 20 * SECOND, began, 1));
            points.add(new Point(series(stream + 4, 3), stream + 4, START, began, 8));
        }
        run.store(batch(points));
        run.rollups.step();
        assertThat(found(run, "rollup_5m_now")).isEqualTo(expected(points));
        assertThat(expected(points).values()).containsOnly(4L, 1L, 0L);
        run.passTo(START + HOUR);
        run.workOff();
        assertThat(found(run, "rollup_5m FINAL")).isEqualTo(expected(points));
        assertThat(found(run, "rollup_5m_now")).isEqualTo(expected(points));
    }

    /// Sender of a stream: series that begin at any time, starts that are old or young.
    private List<Point> stream(int stream, Random random) {
        var points = new ArrayList<Point>();
        int series = 1 + random.nextInt(4);
        for (int number = 0; number < series; number++) {
            long time = START + random.nextInt(360) * 10 * SECOND;
            long start = time - random.nextInt(40) * 60 * SECOND - SECOND;
            long count = 1 + random.nextInt(9);
            for (int i = random.nextInt(30); i >= 0; i--) {
                points.add(new Point(series(stream, number), stream, time, start, count));
                time += (random.nextInt(12) == 0 ? 900 : 30) * SECOND;
                count += random.nextInt(5);
            }
        }
        return points;
    }

    @Test
    void anyOrderAndAnyEndGiveTheSame() {
        Forall.of(Integer.getInteger("firn.rollup.seeds", 2), 7, this::check);
    }

    private void check(Random random) throws InterruptedException {
        var points = new ArrayList<Point>();
        for (int stream = 0; stream < 24; stream++) {
            points.addAll(stream(stream, random));
        }
        var order = new ArrayList<>(points);
        if (random.nextBoolean()) {
            Collections.shuffle(order, random);
        } else { // most in the order of their times
            order.sort((a, b) -> Long.compare(a.time, b.time));
            for (int i = 0; i < order.size() / 20; i++) {
                Collections.swap(order, random.nextInt(order.size()), random.nextInt(order.size()));
            }
        }
        RollupRun run = run(random.nextBoolean() ? START : START + 12 * HOUR);
        for (int from = 0; from < order.size(); ) {
            int to = Math.min(order.size(), from + 1 + random.nextInt(400));
            List<Point> part = order.subList(from, to);
            run.passTo(part.stream().mapToLong(Point::time).max().orElseThrow());
            run.store(batch(part));
            for (int steps = random.nextInt(4); steps > 0; steps--) {
                run.rollups.step();
                run.clock.advance(random.nextInt(30) * SECOND);
            }
            if (random.nextInt(4) == 0) {
                run.restart();
            }
            from = to;
        }
        run.passTo(START + 14 * HOUR);
        run.workOff();
        Map<String, Long> expected = expected(points);
        assertThat(found(run, "rollup_5m FINAL")).isEqualTo(expected);
        assertThat(found(run, "rollup_5m_now")).isEqualTo(expected);
        assertThat(
                        engine.rows(
                                "SELECT sum(increase) FROM "
                                        + run.sink.database
                                        + ".rollup_1h FINAL"))
                .containsExactly("" + expected.values().stream().mapToLong(Long::longValue).sum());
        assertThat(
                        engine.rows(
                                "SELECT countIf(watched = 1) > 0, countIf(watched = 0) > 0 FROM "
                                        + run.sink.database
                                        + ".firn_rollup_firsts FINAL"))
                .containsExactly("1|1");
    }
}
