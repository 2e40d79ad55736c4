package dev.firn.lake.keep;

import static dev.firn.lake.keep.KeepFixture.decided;
import static dev.firn.lake.keep.KeepFixture.metrics;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.config.LakeKeepConfig;
import dev.firn.config.LakeKeepConfig.Rule;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakePaths;
import dev.firn.lake.PointsTable;
import dev.firn.lake.RandomPoints;
import dev.firn.lake.TestLake;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.DataFile;
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
}
