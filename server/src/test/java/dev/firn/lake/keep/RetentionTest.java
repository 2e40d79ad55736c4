package dev.firn.lake.keep;

import static dev.firn.lake.keep.KeepFixture.decided;
import static dev.firn.lake.keep.KeepFixture.metrics;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.LakeKeepConfig;
import dev.firn.config.LakeKeepConfig.Rule;
import dev.firn.lake.Backoff;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakePaths;
import dev.firn.lake.PlainRows;
import dev.firn.lake.PointsTable;
import dev.firn.lake.RandomPoints;
import dev.firn.lake.TestLake;
import dev.firn.lake.compact.Compaction;
import dev.firn.lake.compact.CompactionMetrics;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
    private static final long DAY = RandomPoints.DAY;
    private static final LakePace PACE = LakePace.unlimited();

    /// Half a day after the last of three days with points.
    private static final Clock NOW =
            new Clock() {
                @Override
                public long nanos() {
                    return RandomPoints.EPOCH + 2 * DAY + DAY / 2;
                }

                @Override
                public long ticks() {
                    return 0;
                }
            };

    @TempDir Path data;

    private static Rule rule(String environment, String plane, String metric, long days) {
        return new Rule(
                environment, plane, metric, days == 0 ? LakeKeepConfig.FOREVER : days * DAY);
    }

    private static Retirement retirement(TestLake lake, Rule... rules) {
        return new Retirement(
                lake.catalog, new RetentionRules(List.of(rules)), NOW, decided(1), metrics());
    }

    private static long rows(TestLake lake) {
        return lake.points(Expressions.alwaysTrue(), "seq").size();
    }

    private static long rowsFrom(TestLake lake, long nanos) {
        return lake.points(Expressions.greaterThanOrEqual("time", nanos / 1_000), "seq").size();
    }

    private TestLake threeDays() {
        var lake = new TestLake(data);
        var points = new RandomPoints(new Random(3), 30, 3);
        lake.write(List.of(points.batch(300), points.batch(300)));
        return lake;
    }

    @Test
    void whatIsPastGoesByMetadataAloneAndTheRestStays() throws Exception {
        try (TestLake lake = threeDays()) {
            long young = rowsFrom(lake, NOW.nanos() - DAY);
            Retirement retirement = retirement(lake, rule("", "", "metric.*", 1));
            List<Retirement.Report> planned = retirement.run(true, PACE);
            assertThat(rows(lake)).isEqualTo(600);
            assertThat(retirement.run(false, PACE)).isEqualTo(planned).isNotEmpty();
            assertThat(rows(lake)).isEqualTo(young).isBetween(1L, 599L);
            assertThat(lake.catalog.load(LakePaths.POINTS).currentSnapshot().operation())
                    .isEqualTo("delete");
            assertThat(retirement.run(false, PACE)).isEmpty();
        }
    }

    @Test
    void theFirstRuleThatMatchesDecidesAndNoRuleMeansForEver() throws Exception {
        try (TestLake lake = threeDays()) {
            assertThat(
                            retirement(lake, rule("", "", "metric.*", 0), rule("", "", "*", 1))
                                    .run(false, PACE))
                    .isEmpty();
            assertThat(retirement(lake, rule("none-such", "", "", 1)).run(false, PACE)).isEmpty();
            assertThat(retirement(lake).run(false, PACE)).isEmpty();
            assertThat(rows(lake)).isEqualTo(600);
        }
    }

    @Test
    void aPlanesRuleTakesItsPartitionsOnly() throws Exception {
        try (TestLake lake = threeDays()) {
            long others =
                    lake.points(Expressions.alwaysTrue(), "data_plane_id", "time").stream()
                            .filter(row -> !row.getField("data_plane_id").equals("täxt-1"))
                            .count();
            retirement(lake, rule("", "täxt-1", "", 1)).run(false, PACE);
            long left = rows(lake);
            assertThat(left).isBetween(others, 599L);
            assertThat(
                            lake.points(Expressions.alwaysTrue(), "data_plane_id", "time").stream()
                                    .filter(row -> !row.getField("data_plane_id").equals("täxt-1"))
                                    .count())
                    .isEqualTo(others);
        }
    }

    @Test
    void aHoldWins() throws Exception {
        try (TestLake lake = threeDays()) {
            new Holds(lake.catalog, NOW, decided(1))
                    .add("day-one", Where.parse("time < '2023-11-15'"));
            long before = rows(lake);
            retirement(lake, rule("", "", "*", 1)).run(false, PACE);
            long dayOne =
                    lake.points(Expressions.lessThan("time", 1_700_006_400_000_000L), "seq").size();
            assertThat(dayOne).isPositive();
            assertThat(rows(lake))
                    .isEqualTo(dayOne + rowsFrom(lake, NOW.nanos() - DAY))
                    .isLessThan(before);

            LakeKeep keep =
                    new RetentionRules(List.of(rule("", "", "*", 1)))
                            .at(
                                    NOW.millis(),
                                    PointsTable.SCHEMA,
                                    lake.catalog.load(LakePaths.POINTS).properties());
            assertThat(keep.keeps("m", "e", "p", 1_700_000_000_000_000L)).isTrue();
            assertThat(keep.keeps("m", "e", "p", 1_700_006_400_000_000L)).isFalse();
        }
    }

    @Test
    void compactionAsksRowByRow() throws Exception {
        var rules =
                new RetentionRules(
                        List.of(
                                rule("prod", "", "debug.*", 2),
                                rule("prod", "", "", 0),
                                rule("", "edge", "", 3),
                                rule("", "", "http.?", 1)));
        LakeKeep keep = rules.at(NOW.millis(), PointsTable.SCHEMA, Map.of());
        long now = NOW.millis() * 1_000;
        long day = DAY / 1_000;
        assertThat(keep.keeps("debug.x", "prod", "", now - 2 * day)).isTrue();
        assertThat(keep.keeps("debug.x", "prod", "", now - 2 * day - 1)).isFalse();
        assertThat(keep.keeps("http.1", "prod", "edge", 0)).isTrue();
        assertThat(keep.keeps("http.1", "dev", "edge", now - 3 * day)).isTrue();
        assertThat(keep.keeps("http.1", "dev", "edge", now - 4 * day)).isFalse();
        assertThat(keep.keeps("http.1", "dev", "", now - 2 * day)).isFalse();
        assertThat(keep.keeps("http.12", "dev", "", now - 2 * day)).isTrue();
        assertThat(keep.keeps("httpx1", "dev", "", now - 2 * day)).isTrue();
        try (TestLake lake = threeDays();
                var tasks =
                        lake.catalog
                                .load(LakePaths.POINTS)
                                .newScan()
                                .includeColumnStats()
                                .planFiles()) {
            LakeKeep some =
                    new RetentionRules(List.of(rule("", "", "metric.?.1*", 1)))
                            .at(NOW.millis(), PointsTable.SCHEMA, Map.of());
            for (var task : tasks) {
                DataFile file = task.file();
                int day0 = (int) (RandomPoints.EPOCH / DAY);
                boolean old = file.partition().get(0, Integer.class) < day0 + 2;
                assertThat(some.trims(file)).isEqualTo(old);
                assertThat(keep.trims(file)).isFalse();
            }
        }
    }

    private static List<Compaction.Merge> compact(TestLake lake, Clock clock, Rule... rules)
            throws InterruptedException {
        return compaction(lake, clock, rules).run(Compaction.Scope.ALL, PACE);
    }

    private static Compaction compaction(TestLake lake, Clock clock, Rule... rules) {
        return new Compaction(
                lake.catalog,
                new Compaction.Settings(128 << 20, 64 << 20),
                new CompactionMetrics(new OwnMetrics()),
                new Backoff(new Random(1), 0, 0),
                clock,
                new RetentionRules(List.of(rules)));
    }

    /// Rows and how often each is there.
    private static Map<Map<String, Object>, Integer> all(TestLake lake) {
        var all = new HashMap<Map<String, Object>, Integer>();
        lake.points(Expressions.alwaysTrue())
                .forEach(row -> all.merge(PlainRows.of(row), 1, Integer::sum));
        return all;
    }

    /// What the rules say of the rows, without any of their code.
    private static Map<Map<String, Object>, Integer> naive(TestLake lake, Predicate<Record> stays) {
        var all = new HashMap<Map<String, Object>, Integer>();
        for (Record row : lake.points(Expressions.alwaysTrue())) {
            if (stays.test(row)) {
                all.merge(PlainRows.of(row), 1, Integer::sum);
            }
        }
        return all;
    }

    private static boolean before(Record row, long nanos) {
        OffsetDateTime time = (OffsetDateTime) row.getField("time");
        return time.toInstant().isBefore(Instant.ofEpochSecond(0, nanos));
    }

    private static String text(Record row, String column) {
        return (String) row.getField(column);
    }

    private static Set<String> operations(TestLake lake) {
        var operations = new TreeSet<String>();
        lake.catalog
                .load(LakePaths.POINTS)
                .snapshots()
                .forEach(one -> operations.add(one.operation()));
        return operations;
    }

    /// Commits enough for a merge of every partition.
    private TestLake manyFiles(int seed) {
        var lake = new TestLake(data.resolve("lake-" + seed));
        var points = new RandomPoints(new Random(seed), 40, 3);
        for (int i = 0; i < 6; i++) {
            lake.write(List.of(points.batch(150)));
        }
        return lake;
    }

    @Test
    void aMergeLeavesOutWhatTheRulesSayAndNothingElse() throws Exception {
        for (int seed = 1; seed <= 4; seed++) {
            try (TestLake lake = manyFiles(seed)) {
                var expected =
                        naive(
                                lake,
                                row ->
                                        text(row, "data_plane_id").equals("täxt-1")
                                                || !text(row, "metric_name").contains(".1")
                                                || !before(row, NOW.nanos() - DAY));
                long rows = rows(lake);
                Rule[] rules = {rule("", "täxt-1", "", 0), rule("", "", "metric.?.1*", 1)};
                List<Compaction.Merge> merges = compact(lake, NOW, rules);
                assertThat(merges).extracting(Compaction.Merge::outcome).containsOnly("merged");
                assertThat(all(lake)).isEqualTo(expected);
                assertThat(rows(lake)).isBetween(1L, rows - 1);
                assertThat(operations(lake)).contains("append", "overwrite");
                assertThat(lake.catalog.load(LakePaths.POINTS).properties())
                        .containsKey("firn.writer." + TestLake.WRITER);
                assertThat(compact(lake, NOW, rules)).isEmpty();
            }
        }
    }

    @Test
    void aFileThatIsNotMergedIsWrittenAnewOnceWhenAllOfItIsPast() throws Exception {
        try (TestLake lake = manyFiles(7)) {
            compact(lake, NOW);
            var young = new LaterThan(NOW, 0);
            var old = new LaterThan(NOW, 30 * DAY);
            Rule rule = rule("", "", "*.1*", 20);
            var before = all(lake);
            assertThat(compact(lake, young, rule)).isEmpty();
            var expected = naive(lake, row -> !text(row, "metric_name").contains(".1"));
            Compaction compaction = compaction(lake, old, rule);
            assertThat(compaction.plan(Compaction.Scope.ALL)).isNotEmpty();
            assertThat(all(lake)).isEqualTo(before).isNotEqualTo(expected);
            assertThat(compaction.run(Compaction.Scope.ALL, PACE))
                    .isNotEmpty()
                    .allMatch(merge -> merge.outcome().equals("merged"));
            assertThat(all(lake)).isEqualTo(expected).isNotEmpty();
            assertThat(operations(lake)).contains("overwrite");
            // Bounds still allow such rows; a search finds none, and says so once.
            assertThat(compaction.run(Compaction.Scope.ALL, PACE)).isEmpty();
            assertThat(compaction.plan(Compaction.Scope.ALL)).isEmpty();
        }
    }

    @Test
    void allRowsOfAFileMayGo() throws Exception {
        try (TestLake lake = manyFiles(8)) {
            var later = new LaterThan(NOW, 30 * DAY);
            assertThat(compact(lake, later, rule("", "", "metric*", 1))).isNotEmpty();
            assertThat(rows(lake)).isZero();
        }
    }

    @Test
    void compactionLeavesHeldRowsAndEndsWhenAHoldComes() throws Exception {
        try (TestLake lake = manyFiles(9)) {
            var later = new LaterThan(NOW, 30 * DAY);
            long border = 1_700_006_400_000_000_000L;
            String metric =
                    lake.points(Expressions.lessThan("time", border / 1_000)).stream()
                            .map(row -> text(row, "metric_name"))
                            .findFirst()
                            .orElseThrow();
            String held = "time < '2023-11-15' AND metric_name = '" + metric + "'";
            new Holds(lake.catalog, NOW, decided(1)).add("audit", Where.parse(held));
            var expected =
                    naive(
                            lake,
                            row -> text(row, "metric_name").equals(metric) && before(row, border));
            compact(lake, later, rule("", "", "*", 1));
            assertThat(all(lake)).isEqualTo(expected).isNotEmpty();
        }
        try (TestLake lake = manyFiles(10)) {
            var later = new LaterThan(NOW, 30 * DAY);
            var before = all(lake);
            LakePace holding =
                    LakePace.of(
                            LakePace.Limits.NONE,
                            (what, done, total) -> {
                                if (done == 0 && what.startsWith(LakePaths.POINTS)) {
                                    hold(lake);
                                }
                            },
                            Clock.system());
            List<Compaction.Merge> merges =
                    compaction(lake, later, rule("", "", "*", 1))
                            .run(Compaction.Scope.ALL, holding);
            assertThat(merges.getFirst().outcome()).isEqualTo("lost");
            assertThat(all(lake)).isEqualTo(before);
        }
    }

    private static void hold(TestLake lake) {
        try {
            new Holds(lake.catalog, NOW, decided(1)).add("all", Where.parse("time < '2100-01-01'"));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A clock that stands, this much after another.
    private record LaterThan(Clock of, long by) implements Clock {
        @Override
        public long nanos() {
            return of.nanos() + by;
        }

        @Override
        public long ticks() {
            return 0;
        }
    }
}
