package dev.firn.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Forall;
import dev.firn.lake.LakePaths;
import dev.firn.lake.PointsTable;
import dev.firn.lake.RandomPoints;
import dev.firn.lake.TestLake;
import dev.firn.model.Batch;
import dev.firn.model.Numbers;
import dev.firn.model.Series;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakeViewsTest {
    @TempDir private Path folder;

    /// Counts of every view, as a reader gets them.
    private static final String COUNTS =
            "SELECT (SELECT count() FROM lake_points), (SELECT count() FROM lake_series), (SELECT"
                    + " count() FROM metric_parquet), (SELECT count() FROM lake_files)";

    @Test
    void everyViewAnswersTheAnonymousReaderOnAnEmptyLakeAndAfterEachCommit() throws Exception {
        try (var lake = new TestLake(folder.resolve("lake"));
                var engine = new TestLakeEngine(folder.resolve("engine"), lake.catalog)) {
            engine.views.round();
            assertThat(engine.answer(COUNTS)).isEqualTo("0\t0\t0\t0");
            var source = new RandomPoints(new Random(2), 5, 3);
            long files = 0;
            for (int commit = 1; commit <= 3; commit++) {
                files += lake.write(List.of(source.batch(40))).size();
                engine.views.round();
                assertThat(engine.answer(COUNTS).split("\t"))
                        .containsExactly(
                                "" + 40 * commit,
                                engine.answer("SELECT uniqExact(fingerprint) FROM lake_series"),
                                "" + 40 * commit,
                                "" + files);
            }
            long days =
                    Long.parseLong(engine.answer("SELECT uniqExact(day, plane) FROM lake_files"));
            lake.compact();
            engine.views.round();
            assertThat(engine.answer(COUNTS)).startsWith("120\t").endsWith("\t120\t" + days);
            assertThat(engine.answer("SELECT count() FROM system.tables")).isNotEqualTo("0");
            engine.answer("SELECT * FROM system.tables FORMAT Null");
        }
    }

    @Test
    void theRowsAreThoseThatIcebergReads() throws Exception {
        try (var lake = new TestLake(folder.resolve("lake"));
                var engine = new TestLakeEngine(folder.resolve("engine"), lake.catalog)) {
            var source = new RandomPoints(new Random(9), 8, 2);
            lake.write(List.of(source.batch(300)));
            engine.views.round();
            long rows = 0;
            long seq = 0;
            long ids = 0;
            for (var row : lake.points(Expressions.alwaysTrue())) {
                rows++;
                seq += (long) row.getField("seq");
                ids += (long) row.getField("series_id");
            }
            assertThat(
                            engine.answer(
                                    "SELECT count(), sum(seq), sum(series_id), countIf(value IS NULL"
                                            + " AND value_int IS NULL AND count IS NULL) <="
                                            + " count(), max(length(exemplars)) > 0, min(time) <"
                                            + " max(time) FROM lake_points"))
                    .isEqualTo(rows + "\t" + seq + "\t" + ids + "\t1\t1\t1");
            assertThat(
                            engine.answer(
                                    "SELECT count() FROM lake_series WHERE reinterpretAsInt64("
                                            + "reverse(substring(fingerprint, 1, 8))) = series_id"
                                            + " AND length(attributes_map) > 0"))
                    .isEqualTo(engine.answer("SELECT count() FROM lake_series"));
        }
    }

    @Test
    void aStatementAnswersTheSameWithFilesLeftOut() throws Exception {
        var left = new AtomicLong();
        try (var lake = new TestLake(folder.resolve("lake"));
                var engine = new TestLakeEngine(folder.resolve("engine"), lake.catalog)) {
            var source = new RandomPoints(new Random(4), 10, 5);
            for (int commit = 0; commit < 8; commit++) {
                lake.write(List.of(source.batch(25)));
            }
            engine.views.round();
            Forall.of(
                    80,
                    20261126L,
                    random -> {
                        String where = where(random, source.series());
                        String what =
                                "SELECT count(), sum(seq), sum(series_id) FROM lake_points WHERE ";
                        TestLakeEngine.Answer pruned = engine.ask(what + where);
                        // What is not understood leaves nothing out.
                        TestLakeEngine.Answer whole =
                                engine.ask(
                                        what + "identity(1) = 1 AND materialize((" + where + "))");
                        assertThat(pruned.status()).as(pruned.text()).isEqualTo(200);
                        assertThat(whole.files()).isEmpty();
                        assertThat(pruned.text()).as(where).isEqualTo(whole.text());
                        String[] files = pruned.files().split("/");
                        left.addAndGet(Long.parseLong(files[1]) - Long.parseLong(files[0]));
                    });
        }
        assertThat(left.get()).isGreaterThan(300);
    }

    private static String where(Random random, List<Series> series) {
        Series one = series.get(random.nextInt(series.size()));
        Instant time =
                Instant.ofEpochSecond(
                        (RandomPoints.EPOCH + random.nextLong(5 * RandomPoints.DAY))
                                / 1_000_000_000);
        String text = time.toString().replace("T", " ").replace("Z", "");
        String[] some = {
            "time >= '" + text + "'",
            "time < toDateTime('" + text + "', 'UTC')",
            "toDateTime64('" + text + "', 3, 'UTC') <= time",
            "time BETWEEN '" + text + "' AND toDateTime('" + text + "', 'UTC') + INTERVAL 1 DAY",
            "metric_name = '" + one.metric().name() + "'",
            "metric_name IN ('" + one.metric().name() + "', 'none')",
            "data_plane_id = '" + one.wellKnown().dataPlaneId() + "'",
            "series_id = " + one.id(),
            "service_name = '" + one.wellKnown().serviceName() + "'"
        };
        var where = new StringBuilder(some[random.nextInt(some.length)]);
        for (int more = random.nextInt(3); more > 0; more--) {
            where.append(" AND ").append(some[random.nextInt(some.length)]);
        }
        return where.toString();
    }

    /// One gauge point at each of the given seconds, a file each.
    private static void writeSeconds(TestLake lake, Series series, long... seconds) {
        for (long second : seconds) {
            var batch = new Batch();
            batch.numbers.add(series, second * 1_000_000_000L, 0, 0, Numbers.INT, second);
            lake.write(List.of(batch));
        }
    }

    @Test
    void anHourOpensItsFileOnlyAlsoAtYearsEndAndThroughTheSeedsView() throws Exception {
        try (var lake = new TestLake(folder.resolve("lake"));
                var engine = new TestLakeEngine(folder.resolve("engine"), lake.catalog)) {
            Series series = new RandomPoints(new Random(1), 1, 1).series().getFirst();
            long year = Instant.parse("2027-01-01T00:00:00Z").getEpochSecond();
            writeSeconds(lake, series, year - 90_000, year - 3_601, year - 1, year, year + 3_600);
            engine.views.round();
            TestLakeEngine.Answer last =
                    engine.ask(
                            "SELECT count() FROM lake_points WHERE time >= '2026-12-31 23:00:00' AND"
                                    + " time < '2027-01-01 00:00:00'");
            assertThat(last.text()).isEqualTo("1");
            assertThat(last.files()).isEqualTo("1/5");
            TestLakeEngine.Answer day =
                    engine.ask(
                            "SELECT count(), min(hour), max(hour) FROM metric_parquet WHERE year ="
                                    + " 2026 AND month = 12 AND day = 31 AND hour >= 22");
            assertThat(day.text()).isEqualTo("2\t22\t23");
            assertThat(day.files()).isEqualTo("2/5");
            TestLakeEngine.Answer first =
                    engine.ask(
                            "SELECT year, month, day, hour, metric_type, metric_value FROM"
                                    + " metric_parquet WHERE timestamp = '2027-01-01 00:00:00'");
            assertThat(first.files()).isEqualTo("1/5");
            assertThat(first.text()).startsWith("2027\t1\t1\t0\t");
        }
    }

    @Test
    void readersSeeWholeSnapshotsWhileCommitsAndCompactionsGoOn() throws Exception {
        try (var lake = new TestLake(folder.resolve("lake"));
                var engine = new TestLakeEngine(folder.resolve("engine"), lake.catalog)) {
            var source = new RandomPoints(new Random(6), 3, 1);
            lake.write(List.of(source.batch(10)));
            engine.views.round();
            var stop = new AtomicBoolean();
            var asked = new AtomicLong();
            var wrong = new AtomicLong();
            Thread reader =
                    Thread.ofPlatform()
                            .start(() -> {
                                long least = 0;
                                while (!stop.get()) {
                                    TestLakeEngine.Answer answer =
                                            engine.ask(
                                                    "SELECT count() FROM lake_points WHERE time >="
                                                            + " '2001-01-01' AND time <"
                                                            + " '2099-01-01'");
                                    long rows =
                                            answer.status() == 200
                                                    ? Long.parseLong(answer.text())
                                                    : -1;
                                    if (rows < least || rows % 10 != 0) {
                                        wrong.incrementAndGet();
                                    }
                                    least = rows;
                                    asked.incrementAndGet();
                                }
                            });
            for (int i = 0; i < 12; i++) {
                lake.write(List.of(source.batch(10)));
                engine.views.round();
                if (i % 3 == 2) {
                    lake.compact();
                    engine.views.round();
                }
            }
            stop.set(true);
            reader.join();
            assertThat(wrong.get()).isZero();
            assertThat(asked.get()).isGreaterThan(5);
            assertThat(engine.answer("SELECT count() FROM lake_points")).isEqualTo("130");
        }
    }

    @Test
    void theViewsOutliveTheEnginesProcess() throws Exception {
        try (var lake = new TestLake(folder.resolve("lake"));
                var engine = new TestLakeEngine(folder.resolve("engine"), lake.catalog)) {
            lake.write(List.of(new RandomPoints(new Random(6), 3, 1).batch(10)));
            engine.views.round();
            engine.process.restart();
            assertThat(engine.answer("SELECT count() FROM lake_points")).isEqualTo("10");
            lake.write(List.of(new RandomPoints(new Random(7), 3, 1).batch(10)));
            engine.views.round();
            assertThat(engine.answer("SELECT count() FROM metric_parquet")).isEqualTo("20");
        }
    }

    @Test
    void theAnonymousReaderReachesNoFileButTheLakes() throws Exception {
        try (var lake = new TestLake(folder.resolve("lake"));
                var engine = new TestLakeEngine(folder.resolve("engine"), lake.catalog)) {
            lake.write(List.of(new RandomPoints(new Random(6), 3, 1).batch(10)));
            engine.views.round();
            Path secret = Files.writeString(folder.resolve("secret.tsv"), "secret\n");
            String parquet =
                    lake.points(Expressions.alwaysTrue()).isEmpty()
                            ? ""
                            : engine.answer("SELECT any(_path) FROM otel_metrics_lake.points");
            for (String sql :
                    List.of(
                            "SELECT * FROM file('" + secret + "', TSV, 'a String')",
                            "SELECT * FROM file('" + parquet + "', Parquet)",
                            "SELECT file('" + secret + "')",
                            "SELECT * FROM lake_points WHERE metric_name = file('" + secret + "')",
                            "SELECT * FROM `" + secret + "`",
                            "SELECT * FROM s3('http://127.0.0.1:1/bucket/key')",
                            "INSERT INTO otel_metrics_lake.points SELECT * FROM"
                                    + " otel_metrics_lake.points",
                            "CREATE TABLE otel_metrics.t (a String) ENGINE = File(TSV, '"
                                    + secret
                                    + "')",
                            "TRUNCATE TABLE otel_metrics_lake.points",
                            "SELECT 1 SETTINGS additional_table_filters = {'a':'1'}",
                            "SELECT count() FROM lake_points WHERE _path LIKE '%secret%' UNION ALL"
                                    + " SELECT * FROM file('"
                                    + secret
                                    + "', TSV, 'a UInt64')")) {
                TestLakeEngine.Answer answer = engine.ask(sql);
                assertThat(answer.status()).as(sql).isNotEqualTo(200);
                assertThat(answer.text()).as(sql).doesNotContain("secret\n");
            }
            assertThat(engine.ask("SELECT 1", "?additional_table_filters=%7B'a':'1'%7D").text())
                    .contains("is not open to outside queries");
            assertThat(engine.answer("SELECT uniqExact(_path) FROM otel_metrics_lake.points"))
                    .isEqualTo(engine.answer("SELECT count() FROM lake_files"));
            assertThat(lake.catalog.tables()).contains(LakePaths.POINTS);
        }
    }

    @Test
    void tensOfThousandsOfFilesAreOneTable() throws Exception {
        try (var lake = new TestLake(folder.resolve("lake"));
                var engine = new TestLakeEngine(folder.resolve("engine"), lake.catalog)) {
            lake.write(List.of(new RandomPoints(new Random(6), 3, 1).batch(10)));
            engine.views.round();
            Path real = Path.of(engine.answer("SELECT any(path) FROM lake_files"));
            Path many = Files.createDirectories(folder.resolve("many"));
            var paths = new ArrayList<String>();
            for (int i = 0; i < 20_000; i++) {
                Path link = many.resolve("a-name-of-about-the-usual-length-of-files-" + i);
                // Only one in a thousand is there to be read; the others would fail if opened.
                paths.add(
                        (i % 1000 == 0
                                        ? Files.createLink(link, real)
                                        : Files.writeString(link, "no Parquet"))
                                .toString());
            }
            internalTable(engine, paths);
            assertThat(
                            engine.answer(
                                    "SELECT count() > 0 FROM otel_metrics_lake.points WHERE _path LIKE '%000'"))
                    .isEqualTo("1");
            assertThat(
                            engine.answer(
                                    "SELECT uniqExact(_path) FROM otel_metrics_lake.points WHERE _path LIKE '%000'"))
                    .isEqualTo("19");
        }
    }

    private static void internalTable(TestLakeEngine engine, List<String> paths)
            throws InterruptedException {
        engine.internal.executeLong(
                "CREATE OR REPLACE TABLE otel_metrics_lake.points ("
                        + LakeColumns.declaration(PointsTable.SCHEMA)
                        + ") ENGINE = "
                        + FileList.engine(paths));
    }
}
