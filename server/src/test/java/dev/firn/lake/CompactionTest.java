package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.lake.compact.Compaction;
import dev.firn.lake.compact.CompactionMetrics;
import dev.firn.lake.keep.RetentionRules;
import dev.firn.model.Batch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompactionTest {
    private static final Comparator<Record> ORDER =
            Comparator.<Record, byte[]>comparing(
                            row ->
                                    ((String) row.getField("metric_name"))
                                            .getBytes(StandardCharsets.UTF_8),
                            Arrays::compareUnsigned)
                    .thenComparing(row -> (Long) row.getField("series_id"))
                    .thenComparing(row -> (OffsetDateTime) row.getField("time"))
                    .thenComparing(row -> (Integer) row.getField("time_nanos"));

    @TempDir Path folder;

    static Compaction compaction(LakeCatalog catalog, long target, long memory) {
        return new Compaction(
                catalog,
                new Compaction.Settings(target, memory),
                new CompactionMetrics(new OwnMetrics()),
                new Backoff(new Random(1), 0, 0),
                Clock.system(),
                new RetentionRules(List.of()));
    }

    static List<DataFile> files(Table table) {
        table.refresh();
        var files = new ArrayList<DataFile>();
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan().includeColumnStats().planFiles()) {
            tasks.forEach(task -> files.add(task.file().copy()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    private static Map<Map<String, Object>, Integer> counts(TestLake lake) {
        var counts = new HashMap<Map<String, Object>, Integer>();
        lake.points(Expressions.alwaysTrue())
                .forEach(row -> counts.merge(PlainRows.of(row), 1, Integer::sum));
        return counts;
    }

    private static List<Record> rows(Table table, DataFile file) {
        var rows = new ArrayList<Record>();
        try (CloseableIterable<Record> read =
                Parquet.read(table.io().newInputFile(file.location()))
                        .project(table.schema())
                        .createReaderFunc(
                                schema -> GenericParquetReaders.buildReader(table.schema(), schema))
                        .build()) {
            read.forEach(rows::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    @Test
    void compactedFilesHoldTheSameRowsInOrderWithRightBounds() throws Exception {
        for (int seed = 1; seed <= 4; seed++) {
            var random = new Random(seed);
            var points = new RandomPoints(random, 40, 3);
            try (var lake = new TestLake(folder.resolve("lake-" + seed))) {
                for (int commit = 0; commit < 9; commit++) {
                    lake.write(List.of(points.batch(100 + random.nextInt(300)), points.batch(7)));
                }
                Map<Map<String, Object>, Integer> before = counts(lake);
                Table table = lake.catalog.load(LakePaths.POINTS);
                List<DataFile> old = files(table);

                List<Compaction.Merge> merges =
                        compaction(lake.catalog, 128 << 20, 64 << 20)
                                .run(Compaction.Scope.ALL, LakePace.unlimited());

                assertThat(merges).extracting(Compaction.Merge::outcome).containsOnly("merged");
                List<DataFile> fresh = files(table);
                assertThat(fresh.size()).isLessThan(old.size() / 3);
                assertThat(counts(lake)).isEqualTo(before);
                assertThat(table.currentSnapshot().operation()).isEqualTo("replace");
                assertThat(table.properties()).containsKey("firn.writer." + TestLake.WRITER);
                fresh.forEach(file -> check(table, file));
                assertSameByDuckDb(old, fresh);
            }
        }
    }

    private static void check(Table table, DataFile file) {
        assertThat(file.sortOrderId()).isEqualTo(table.sortOrder().orderId());
        List<Record> rows = rows(table, file);
        assertThat(rows).hasSize((int) file.recordCount()).isSortedAccordingTo(ORDER);
        int day = file.partition().get(0, Integer.class);
        for (Record row : rows) {
            assertThat(row.getField("plane")).isEqualTo(file.partition().get(1, String.class));
            assertThat(((OffsetDateTime) row.getField("time")).toLocalDate().toEpochDay())
                    .isEqualTo(day);
        }
        bounds(file, PointsTable.SERIES_ID, rows.stream().map(row -> row.getField("series_id")));
        bounds(file, PointsTable.SEQ, rows.stream().map(row -> row.getField("seq")));
        assertThat(file.lowerBounds())
                .containsKeys(PointsTable.METRIC_NAME, PointsTable.TIME)
                .doesNotContainKeys(PointsTable.RESOURCE, PointsTable.VALUE);
    }

    private static void bounds(DataFile file, int column, Stream<Object> values) {
        var sorted = values.map(value -> (Long) value).sorted().toList();
        assertThat(
                        Conversions.<Long>fromByteBuffer(
                                Types.LongType.get(),
                                Objects.requireNonNull(file.lowerBounds().get(column))))
                .isEqualTo(sorted.getFirst());
        assertThat(
                        Conversions.<Long>fromByteBuffer(
                                Types.LongType.get(),
                                Objects.requireNonNull(file.upperBounds().get(column))))
                .isEqualTo(sorted.getLast());
    }

    /// Something that shares no code with either writer finds no row in one that the other lacks.
    private static void assertSameByDuckDb(List<DataFile> old, List<DataFile> fresh)
            throws SQLException {
        String before = list(old);
        String after = list(fresh);
        try (var duck = DriverManager.getConnection("jdbc:duckdb:");
                var statement = duck.createStatement()) {
            for (String question :
                    List.of(
                            "SELECT count(*) FROM (SELECT * FROM %s EXCEPT ALL SELECT * FROM %s)"
                                    .formatted(before, after),
                            "SELECT count(*) FROM (SELECT * FROM %s EXCEPT ALL SELECT * FROM %s)"
                                    .formatted(after, before))) {
                try (var answer = statement.executeQuery(question)) {
                    answer.next();
                    assertThat(answer.getLong(1)).as(question).isZero();
                }
            }
        }
    }

    private static String list(List<DataFile> files) {
        return files.stream()
                .map(file -> "'" + LakePaths.local(file.location()) + "'")
                .collect(
                        Collectors.joining(",", "read_parquet([", "], hive_partitioning = false)"));
    }

    /// One run of all cuts, and the same cuts one by one, compacted.
    @Test
    void encodingsStatisticsAndBloomFilterAreAsInFreshFiles() throws Exception {
        var points = new RandomPoints(new Random(5), 300, 1);
        List<Batch> cuts = Stream.generate(() -> points.batch(6_000)).limit(8).toList();
        try (var fresh = new TestLake(folder.resolve("fresh"));
                var compacted = new TestLake(folder.resolve("compacted"))) {
            fresh.write(cuts);
            for (int i = 0; i < cuts.size(); i++) {
                PointsRun run = compacted.runs.start();
                run.add(cuts.get(i), TestLake.WRITER, i + 1);
                compacted.commit(run);
            }
            compaction(compacted.catalog, 128 << 20, 64 << 20)
                    .run(Compaction.Scope.ALL, LakePace.unlimited());

            Map<String, DataFile> wanted = byPlane(fresh);
            Map<String, DataFile> got = byPlane(compacted);
            assertThat(got.keySet()).isEqualTo(wanted.keySet());
            for (Map.Entry<String, DataFile> one : wanted.entrySet()) {
                DataFile file = Objects.requireNonNull(got.get(one.getKey()));
                assertThat(shape(file)).isEqualTo(shape(one.getValue()));
                assertThat((double) file.fileSizeInBytes() / one.getValue().fileSizeInBytes())
                        .isBetween(0.97, 1.03);
            }
        }
    }

    private static Map<String, DataFile> byPlane(TestLake lake) {
        var files = new TreeMap<String, DataFile>();
        files(lake.catalog.load(LakePaths.POINTS))
                .forEach(file -> files.put(file.partition().get(1, String.class), file));
        return files;
    }

    private static List<String> shape(DataFile file) throws IOException {
        try (var reader =
                ParquetFileReader.open(
                        new org.apache.parquet.io.LocalInputFile(
                                LakePaths.local(file.location())))) {
            var shape = new ArrayList<String>();
            for (var block : reader.getFooter().getBlocks()) {
                for (ColumnChunkMetaData chunk : block.getColumns()) {
                    shape.add(
                            chunk.getPath()
                                    + " "
                                    + chunk.getCodec()
                                    + " "
                                    + new java.util.TreeSet<>(chunk.getEncodings())
                                    + " statistics "
                                    + chunk.getStatistics().hasNonNullValue()
                                    + " bloom "
                                    + (chunk.getBloomFilterOffset() > 0)
                                    + " index "
                                    + (reader.readOffsetIndex(chunk) != null)
                                    + " pages "
                                    + reader.readOffsetIndex(chunk).getPageCount());
                }
            }
            return shape;
        }
    }

    @Test
    void littleMemoryMakesSmallRowGroupsAndTheSameRows() throws Exception {
        var points = new RandomPoints(new Random(6), 200, 1);
        try (var lake = new TestLake(folder)) {
            for (int commit = 0; commit < 6; commit++) {
                lake.write(List.of(points.batch(9_000)));
            }
            Map<Map<String, Object>, Integer> before = counts(lake);
            compaction(lake.catalog, 128 << 20, 6 << 20)
                    .run(Compaction.Scope.ALL, LakePace.unlimited());
            assertThat(counts(lake)).isEqualTo(before);
            Table table = lake.catalog.load(LakePaths.POINTS);
            assertThat(files(table))
                    .anySatisfy(file -> assertThat(file.splitOffsets().size()).isGreaterThan(1));
        }
    }

    /// Written by Iceberg's own writer, shuffled, in both page versions, one of them with a lie
    /// about its order.
    @Test
    void filesOfOthersInNoOrderAreSorted() throws Exception {
        var points = new RandomPoints(new Random(7), 50, 2);
        try (var lake = new TestLake(folder)) {
            lake.write(List.of(points.batch(2_000)));
            Table table = lake.catalog.load(LakePaths.POINTS);
            var random = new Random(8);
            var foreign = new ArrayList<DataFile>();
            for (DataFile file : files(table)) {
                List<Record> rows = rows(table, file);
                for (WriterVersion version : WriterVersion.values()) {
                    for (boolean lies : new boolean[] {false, true}) {
                        Collections.shuffle(rows, random);
                        foreign.add(foreign(table, file, rows, version, lies));
                    }
                }
            }
            new LakeCommit(new Backoff(new Random(1), 0, 0), 1)
                    .commit(table, "other", null, "x", foreign);
            Map<Map<String, Object>, Integer> before = counts(lake);

            compaction(lake.catalog, 128 << 20, 64 << 20)
                    .run(Compaction.Scope.ALL, LakePace.unlimited());

            assertThat(counts(lake)).isEqualTo(before);
            List<DataFile> files = files(table);
            files.forEach(file -> check(table, file));
            assertThat(files.size()).isLessThan(foreign.size() / 2);
        }
    }

    private static DataFile foreign(
            Table table, DataFile like, List<Record> rows, WriterVersion version, boolean lies)
            throws IOException {
        OutputFile output =
                table.io()
                        .newOutputFile(
                                table.locationProvider()
                                        .newDataLocation(UUID.randomUUID() + ".parquet"));
        FileAppender<Record> appender =
                Parquet.write(output)
                        .schema(table.schema())
                        .writerVersion(version)
                        .createWriterFunc(type -> GenericParquetWriter.create(table.schema(), type))
                        .metricsConfig(MetricsConfig.forTable(table))
                        .set("write.parquet.page-row-limit", "500")
                        .set("write.parquet.row-group-size-bytes", "200000")
                        .set("write.parquet.row-group-check-min-record-count", "100")
                        .build();
        try (appender) {
            rows.forEach(appender::add);
        }
        var file =
                DataFiles.builder(table.spec())
                        .withPath(output.location())
                        .withFormat(FileFormat.PARQUET)
                        .withPartition(like.partition())
                        .withFileSizeInBytes(appender.length())
                        .withMetrics(appender.metrics());
        return (lies ? file.withSortOrder(table.sortOrder()) : file).build();
    }

    @Test
    void filesFromBeforeAColumnWasAddedReadRight() throws Exception {
        var points = new RandomPoints(new Random(9), 60, 1);
        try (var lake = new TestLake(folder)) {
            for (int commit = 0; commit < 6; commit++) {
                lake.write(List.of(points.batch(500)));
            }
            Map<Map<String, Object>, Integer> before = counts(lake);
            Table table = lake.catalog.load(LakePaths.POINTS);
            table.updateSchema()
                    .addColumn("remark", Types.StringType.get())
                    .addColumn("weight", Types.DoubleType.get())
                    .addColumn("exemplars", "note", Types.StringType.get())
                    .addColumn("marks", Types.ListType.ofOptional(1000, Types.LongType.get()))
                    .commit();

            compaction(lake.catalog, 128 << 20, 64 << 20)
                    .run(Compaction.Scope.ALL, LakePace.unlimited());

            table.refresh();
            assertThat(files(table)).allSatisfy(file -> check(table, file));
            assertThat(counts(lake)).isEqualTo(before);
            Set<Object> remarks = new HashSet<>();
            lake.points(Expressions.alwaysTrue())
                    .forEach(row -> remarks.add(row.getField("remark")));
            assertThat(remarks).containsOnlyNulls();
        }
    }

    @Test
    void seriesKeepOneRowOfEachRevision() throws Exception {
        var points = new RandomPoints(new Random(10), 80, 1);
        try (var lake = new TestLake(folder)) {
            for (int restart = 1; restart <= 5; restart++) {
                PointsRun run = new Runs(Runs.Settings.DEFAULT, new OwnMetrics()).start();
                run.add(points.batch(600), TestLake.WRITER, restart);
                lake.commit(run);
            }
            Map<String, Long> newest = newest(lake);
            assertThat(lake.series()).hasSizeGreaterThan(newest.size());

            compaction(lake.catalog, 128 << 20, 64 << 20)
                    .run(Compaction.Scope.ALL, LakePace.unlimited());

            assertThat(lake.series()).hasSize(newest.size());
            assertThat(newest(lake)).isEqualTo(newest);
            assertThat(files(lake.catalog.load(LakePaths.SERIES))).hasSize(1);
        }
    }

    private static Map<String, Long> newest(TestLake lake) {
        var newest = new TreeMap<String, Long>();
        lake.series()
                .forEach(row ->
                        newest.merge(
                                row.getField("series_id") + " " + row.getField("revision"),
                                (Long) row.getField("seq"),
                                Math::max));
        return newest;
    }

    @Test
    void aDryRunChangesNothingAndAScopeLimits() throws InterruptedException {
        var points = new RandomPoints(new Random(11), 40, 3);
        try (var lake = new TestLake(folder)) {
            for (int commit = 0; commit < 6; commit++) {
                lake.write(List.of(points.batch(500)));
            }
            Table table = lake.catalog.load(LakePaths.POINTS);
            long snapshot = table.currentSnapshot().snapshotId();
            Compaction compaction = compaction(lake.catalog, 128 << 20, 64 << 20);
            List<Compaction.Merge> planned = compaction.plan(Compaction.Scope.ALL);
            assertThat(planned).extracting(Compaction.Merge::outcome).containsOnly("planned");
            table.refresh();
            assertThat(table.currentSnapshot().snapshotId()).isEqualTo(snapshot);

            Compaction.Merge one =
                    planned.stream().filter(m -> m.table().equals("points")).findFirst().get();
            List<Compaction.Merge> done =
                    compaction.run(
                            new Compaction.Scope(one.plane(), java.time.LocalDate.parse(one.day())),
                            LakePace.unlimited());
            assertThat(done)
                    .isNotEmpty()
                    .allMatch(m -> m.day().equals(one.day()) && m.plane().equals(one.plane()));
        }
    }
}
