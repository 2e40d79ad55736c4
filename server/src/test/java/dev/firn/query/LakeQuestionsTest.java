package dev.firn.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Forall;
import dev.firn.base.InputException;
import dev.firn.lake.LakePaths;
import dev.firn.lake.RandomPoints;
import dev.firn.lake.TestLake;
import dev.firn.lake.scan.AsOf;
import dev.firn.model.Series;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakeQuestionsTest {
    private static final String COUNT = "SELECT count(), sum(seq) FROM points";

    @TempDir private Path folder;

    private static String ask(TestLakeEngine engine, LakeQuestions lake, String sql, AsOf asOf)
            throws InterruptedException {
        try (var opened = lake.open(sql, asOf)) {
            TestLakeEngine.Answer answer = engine.ask(sql, "?database=" + opened.database());
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            return answer.text();
        }
    }

    private static long snapshot(TestLake lake) {
        return Objects.requireNonNull(lake.catalog.load(LakePaths.POINTS).currentSnapshot())
                .snapshotId();
    }

    @Test
    void anAnswerFromPlannedFilesIsThatOfAllFiles() throws Exception {
        var left = new AtomicLong();
        try (var lake = new TestLake(folder.resolve("lake"));
                var engine = new TestLakeEngine(folder.resolve("engine"), lake.catalog)) {
            var source = new RandomPoints(new Random(4), 10, 5);
            for (int commit = 0; commit < 6; commit++) {
                lake.write(List.of(source.batch(25)));
            }
            var questions =
                    new LakeQuestions(lake.catalog, engine.internal, engine.files, "otel_metrics");
            Forall.of(
                    40,
                    20261127L,
                    random -> {
                        String where = where(random, source.series());
                        String what = "SELECT count(), sum(seq), sum(series_id) FROM points WHERE ";
                        String pruned = ask(engine, questions, what + where, AsOf.NEWEST);
                        String whole =
                                ask(
                                        engine,
                                        questions,
                                        what + "materialize((" + where + "))",
                                        AsOf.NEWEST);
                        assertThat(pruned).as(where).isEqualTo(whole);
                        var planned = questions.plan(what + where, AsOf.NEWEST);
                        left.addAndGet(planned.filesTotal() - planned.files().size());
                    });
            assertThat(engine.answer("SELECT count() FROM system.databases WHERE name LIKE '%q%'"))
                    .isEqualTo("0");
        }
        assertThat(left.get()).isGreaterThan(150);
    }

    private static String where(Random random, List<Series> series) {
        Series one = series.get(random.nextInt(series.size()));
        String text =
                Instant.ofEpochSecond(
                                (RandomPoints.EPOCH + random.nextLong(5 * RandomPoints.DAY))
                                        / 1_000_000_000)
                        .toString()
                        .replace("T", " ")
                        .replace("Z", "");
        String[] some = {
            "time >= '" + text + "'",
            "time <= toDateTime('" + text + "', 'UTC')",
            "time >= toDate('" + text.substring(0, 10) + "')",
            "metric_name = '" + one.metric().name() + "'",
            "data_plane_id IN ('" + one.wellKnown().dataPlaneId() + "', 'x')",
            "data_plane_id = '" + one.wellKnown().dataPlaneId() + "'",
            "series_id = " + one.id()
        };
        return some[random.nextInt(some.length)] + " AND " + some[random.nextInt(some.length)];
    }

    @Test
    void theLakeAnswersAsItWasKnownThen() throws Exception {
        try (var lake = new TestLake(folder.resolve("lake"));
                var engine = new TestLakeEngine(folder.resolve("engine"), lake.catalog)) {
            var source = new RandomPoints(new Random(4), 4, 2);
            lake.write(List.of(source.batch(10)));
            long first = snapshot(lake);
            lake.write(List.of(source.batch(10)));
            lake.compact();
            var questions =
                    new LakeQuestions(lake.catalog, engine.internal, engine.files, "otel_metrics");
            assertThat(ask(engine, questions, COUNT, new AsOf.Id(first))).isEqualTo("10\t10");
            assertThat(ask(engine, questions, COUNT, AsOf.NEWEST)).isEqualTo("20\t20");
            assertThat(ask(engine, questions, COUNT, AsOf.parse("2001-01-01"))).isEqualTo("0\t0");
            assertThat(
                            ask(
                                    engine,
                                    questions,
                                    "SELECT count() FROM metric_parquet AS p WHERE 1 = (SELECT"
                                            + " count() > 0 FROM series)",
                                    new AsOf.Id(first)))
                    .isEqualTo("10");
            assertThatThrownBy(() -> questions.plan("SELEKT 1", AsOf.NEWEST))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("cannot read the statement");
        }
    }

    @Test
    void aDiffNamesWhatCameByMetricAndHourAndCompactionIsNoChange() throws Exception {
        try (var lake = new TestLake(folder.resolve("lake"));
                var engine = new TestLakeEngine(folder.resolve("engine"), lake.catalog)) {
            var source = new RandomPoints(new Random(4), 4, 2);
            var questions =
                    new LakeQuestions(lake.catalog, engine.internal, engine.files, "otel_metrics");
            AsOf empty = AsOf.parse("2001-01-01");
            lake.write(List.of(source.batch(30)));
            AsOf first = new AsOf.Id(snapshot(lake));
            lake.write(List.of(source.batch(7)));
            AsOf second = new AsOf.Id(snapshot(lake));
            lake.compact();
            var moved = questions.diff(second, AsOf.NEWEST);
            assertThat(moved.filesRemoved()).isPositive();
            assertThat(moved.changes()).isEmpty();

            var came = questions.diff(first, AsOf.NEWEST);
            assertThat(came.changes()).isNotEmpty();
            assertThat(came.changes().stream().mapToLong(LakeDiff.Change::rowsAdded).sum())
                    .isEqualTo(7);
            assertThat(came.changes()).allMatch(change -> change.rowsRemoved() == 0);
            // The points are of 2023: their hours were over at the first commit.
            assertThat(came.changes()).allMatch(change -> change.rowsLate() == change.rowsAdded());

            var back = questions.diff(AsOf.NEWEST, first);
            assertThat(back.changes().stream().mapToLong(LakeDiff.Change::rowsRemoved).sum())
                    .isEqualTo(7);
            var all = questions.diff(empty, first);
            assertThat(all.from()).isNull();
            assertThat(all.changes().stream().mapToLong(LakeDiff.Change::rowsAdded).sum())
                    .isEqualTo(30);
        }
    }
}
