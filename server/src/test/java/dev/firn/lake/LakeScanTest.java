package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Forall;
import dev.firn.base.InputException;
import dev.firn.lake.scan.AsOf;
import dev.firn.lake.scan.LakeScan;
import dev.firn.lake.scan.ScanPlan;
import dev.firn.model.Batch;
import dev.firn.model.Numbers;
import dev.firn.model.Series;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.expressions.Evaluator;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.parquet.Parquet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakeScanTest {
    @TempDir private Path folder;

    /// Whether a file that a plan leaves out holds a row that is asked for, told by reading it.
    private static Map<String, List<Record>> rowsByFile(Table table) {
        var rows = new HashMap<String, List<Record>>();
        ScanPlan all = new LakeScan(table).plan(AsOf.NEWEST, Expressions.alwaysTrue());
        for (DataFile file : all.files()) {
            var some = new ArrayList<Record>();
            try (CloseableIterable<Record> records =
                    Parquet.read(table.io().newInputFile(file))
                            .project(table.schema())
                            .createReaderFunc(
                                    type -> GenericParquetReaders.buildReader(table.schema(), type))
                            .build()) {
                records.forEach(record -> some.add(record.copy()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            rows.put(file.location(), some);
        }
        return rows;
    }

    private static Set<String> filesThatMatch(
            Table table, Map<String, List<Record>> rows, Expression filter) {
        var evaluator = new Evaluator(table.schema().asStruct(), filter);
        var row = new InternalRecordWrapper(table.schema().asStruct());
        return rows.entrySet().stream()
                .filter(file ->
                        file.getValue().stream()
                                .anyMatch(record -> evaluator.eval(row.wrap(record))))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private static Set<String> locations(ScanPlan plan) {
        return plan.files().stream().map(DataFile::location).collect(Collectors.toSet());
    }

    private static Expression randomFilter(Random random, List<Series> series) {
        Series one = series.get(random.nextInt(series.size()));
        long micros = (RandomPoints.EPOCH + random.nextLong(4 * RandomPoints.DAY)) / 1000;
        Expression[] some = {
            Expressions.greaterThanOrEqual("time", micros),
            Expressions.lessThan("time", micros),
            Expressions.equal("metric_name", one.metric().name()),
            Expressions.equal("data_plane_id", one.wellKnown().dataPlaneId()),
            Expressions.equal("series_id", one.id()),
            Expressions.in("series_id", one.id(), random.nextLong())
        };
        Expression filter = some[random.nextInt(some.length)];
        for (int more = random.nextInt(3); more > 0; more--) {
            filter = Expressions.and(filter, some[random.nextInt(some.length)]);
        }
        return filter;
    }

    @Test
    void noFileWithAMatchingRowIsLeftOut() {
        var skipped = new AtomicLong();
        Forall.of(
                6,
                2026_11_26L,
                random -> {
                    Path home = Files.createTempDirectory(folder, "lake");
                    try (var lake = new TestLake(home)) {
                        var source = new RandomPoints(random, 1 + random.nextInt(12), 4);
                        for (int commit = 0; commit < 3; commit++) {
                            lake.write(List.of(source.batch(1 + random.nextInt(60))));
                        }
                        Table table = lake.catalog.load(LakePaths.POINTS);
                        Map<String, List<Record>> rows = rowsByFile(table);
                        for (int i = 0; i < 25; i++) {
                            Expression filter = randomFilter(random, source.series());
                            ScanPlan plan = new LakeScan(table).plan(AsOf.NEWEST, filter);
                            assertThat(locations(plan))
                                    .as("files for %s", filter)
                                    .containsAll(filesThatMatch(table, rows, filter));
                            assertThat(plan.filesTotal()).isEqualTo(rows.size());
                            skipped.addAndGet(plan.filesTotal() - plan.files().size());
                        }
                    }
                });
        assertThat(skipped.get()).isGreaterThan(500);
    }

    /// Files of an hour each, every fourth hour of `days` days, one commit a day.
    private static void writeHours(TestLake lake, Instant from, int days, Series series) {
        Table table = lake.catalog.load(LakePaths.POINTS);
        String position = null;
        for (int day = 0; day < days; day++) {
            var files = new ArrayList<DataFile>();
            for (int hour = 3; hour < 24; hour += 4) {
                var batch = new Batch();
                long start = from.getEpochSecond() + (day * 24L + hour % 24) * 3600;
                for (int minute = 0; minute < 60; minute++) {
                    long time = (start + minute * 60) * 1_000_000_000L;
                    batch.numbers.add(series, time, 0, 0, Numbers.INT, minute);
                }
                var run = lake.runs.start();
                run.add(batch, TestLake.WRITER, 1);
                run.writeSeries(lake.catalog.load(LakePaths.SERIES));
                files.addAll(run.writePoints(table));
            }
            String next = "day-" + day;
            new LakeCommit(new Backoff(new Random(1), 0, 0), 1)
                    .commit(table, TestLake.WRITER, position, next, files);
            position = next;
        }
    }

    @Test
    void anHourOfThirtyDaysOpensOnlyTheFilesOfThatHourAlsoAtYearsEnd() {
        try (var lake = new TestLake(folder)) {
            Instant from = LocalDate.of(2026, 12, 17).atStartOfDay(ZoneOffset.UTC).toInstant();
            Series series = new RandomPoints(new Random(1), 1, 1).series().getFirst();
            writeHours(lake, from, 30, series);
            var scan = new LakeScan(lake.catalog.load(LakePaths.POINTS));
            for (String hour : List.of("2026-12-31T23:00:00Z", "2027-01-01T03:00:00Z")) {
                long micros = Instant.parse(hour).getEpochSecond() * 1_000_000;
                ScanPlan plan =
                        scan.plan(
                                AsOf.NEWEST,
                                Expressions.and(
                                        Expressions.greaterThanOrEqual("time", micros),
                                        Expressions.lessThan("time", micros + 3_600_000_000L)));
                assertThat(plan.files()).hasSize(1);
                assertThat(plan.rows()).isEqualTo(60);
                assertThat(plan.filesTotal()).isEqualTo(180);
            }
        }
    }

    @Test
    void bloomFiltersLeaveOutFilesThatBoundsCannot() {
        try (var lake = new TestLake(folder)) {
            List<Series> series = new RandomPoints(new Random(7), 60, 1).series();
            for (int file = 0; file < 10; file++) {
                var batch = new Batch();
                for (int i = file; i < series.size(); i += 10) {
                    batch.numbers.add(series.get(i), RandomPoints.EPOCH, 0, 0, Numbers.INT, file);
                }
                lake.write(List.of(batch));
            }
            var scan = new LakeScan(lake.catalog.load(LakePaths.POINTS));
            int left = 0;
            long byBounds = 0;
            for (Series one : series) {
                ScanPlan plan = scan.plan(AsOf.NEWEST, Expressions.equal("series_id", one.id()));
                assertThat(plan.rows()).isPositive();
                left += plan.files().size();
                byBounds += plan.filesByBounds();
            }
            assertThat(left).isLessThan((int) byBounds / 2);
        }
    }

    @Test
    void aStateIsFoundByNumberByTimeAndByTag() {
        try (var lake = new TestLake(folder)) {
            var source = new RandomPoints(new Random(3), 4, 1);
            var snapshots = new ArrayList<Long>();
            var times = new ArrayList<Instant>();
            for (int i = 0; i < 3; i++) {
                lake.write(List.of(source.batch(5)));
                var newest = lake.catalog.load(LakePaths.POINTS).currentSnapshot();
                snapshots.add(newest.snapshotId());
                times.add(Instant.ofEpochMilli(newest.timestampMillis()));
            }
            Table table = lake.catalog.load(LakePaths.POINTS);
            LakeSwap.once(
                    table,
                    (_, base) ->
                            TableMetadata.buildFrom(base)
                                    .setRef(
                                            "audit",
                                            SnapshotRef.tagBuilder(snapshots.get(1)).build())
                                    .build());
            table.refresh();
            var scan = new LakeScan(table);
            assertThat(plan(scan, "" + snapshots.getFirst()).rows()).isEqualTo(5);
            assertThat(plan(scan, "audit").rows()).isEqualTo(10);
            assertThat(plan(scan, "" + times.get(1)).snapshot()).isEqualTo(snapshots.get(1));
            assertThat(plan(scan, "2001-01-01 00:00:00").files()).isEmpty();
            assertThat(scan.plan(AsOf.NEWEST, Expressions.alwaysTrue()).rows()).isEqualTo(15);
        }
    }

    private static ScanPlan plan(LakeScan scan, String asOf) {
        return scan.plan(AsOf.parse(asOf), Expressions.alwaysTrue());
    }

    @Test
    void anUnknownStateIsNamedWithWhatThereIs() {
        try (var lake = new TestLake(folder)) {
            lake.write(List.of(new RandomPoints(new Random(3), 4, 1).batch(5)));
            var scan = new LakeScan(lake.catalog.load(LakePaths.POINTS));
            assertThatThrownBy(() -> plan(scan, "12345678901"))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("no such snapshot (the oldest kept is ");
            assertThatThrownBy(() -> plan(scan, "before-the-move"))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("tags are [main]");
            assertThatThrownBy(() -> AsOf.parse("2026-13-01"))
                    .hasMessage("\"2026-13-01\" is no time; write it as 2026-11-26T10:00:00Z");
        }
    }

    @Test
    void anEmptyTableIsScannedAsEmpty() {
        try (var lake = new TestLake(folder)) {
            var scan = new LakeScan(lake.catalog.load(LakePaths.POINTS));
            assertThat(scan.plan(AsOf.NEWEST, Expressions.alwaysTrue()).files()).isEmpty();
            assertThat(plan(scan, "2026-01-01").filesTotal()).isZero();
        }
    }
}
