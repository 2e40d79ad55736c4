package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Series;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.parquet.Parquet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunTest {
    private static final Comparator<Record> ORDER =
            Comparator.<Record, byte[]>comparing(
                            row ->
                                    ((String) row.getField("metric_name"))
                                            .getBytes(StandardCharsets.UTF_8),
                            Arrays::compareUnsigned)
                    .thenComparing(row -> (Long) row.getField("series_id"))
                    .thenComparing(row -> (OffsetDateTime) row.getField("time"));

    @TempDir Path folder;

    @Test
    void everyFieldComesBackBitForBit() {
        for (int seed = 1; seed <= 5; seed++) {
            var random = new RandomPoints(new Random(seed), 40, 3);
            var cuts = List.of(random.batch(300), random.batch(1), random.batch(700));
            var expected = new ArrayList<Map<String, Object>>();
            for (int i = 0; i < cuts.size(); i++) {
                expected.addAll(PlainRows.of(cuts.get(i), TestLake.WRITER, i + 1));
            }
            try (var lake = new TestLake(folder.resolve("lake-" + seed))) {
                lake.write(cuts);
                List<Map<String, Object>> read =
                        lake.points(Expressions.alwaysTrue()).stream().map(PlainRows::of).toList();
                assertThat(read).as("seed %s", seed).containsExactlyInAnyOrderElementsOf(expected);
            }
        }
    }

    @Test
    void manyPagesComeBackBitForBit() {
        var random = new RandomPoints(new Random(11), 500, 1);
        Batch batch = random.batch(41_000);
        List<Map<String, Object>> expected = PlainRows.of(batch, TestLake.WRITER, 1);
        try (var lake = new TestLake(folder)) {
            lake.write(List.of(batch));
            var counts = new HashMap<Map<String, Object>, Integer>();
            expected.forEach(row -> counts.merge(row, 1, Integer::sum));
            lake.points(Expressions.alwaysTrue())
                    .forEach(row -> counts.merge(PlainRows.of(row), -1, Integer::sum));
            assertThat(counts.values()).containsOnly(0);
        }
    }

    @Test
    void filesHoldOnePartitionInOrder() {
        var random = new RandomPoints(new Random(3), 60, 4);
        try (var lake = new TestLake(folder)) {
            for (DataFile file : lake.write(List.of(random.batch(2000), random.batch(2000)))) {
                int day = file.partition().get(0, Integer.class);
                String plane = file.partition().get(1, String.class);
                assertThat(file.sortOrderId()).isEqualTo(1);
                List<Record> rows = rowsOf(lake, file);
                assertThat(rows).hasSize((int) file.recordCount());
                Record last = null;
                for (Record row : rows) {
                    assertThat(row.getField("plane")).isEqualTo(plane);
                    assertThat(((OffsetDateTime) row.getField("time")).toLocalDate().toEpochDay())
                            .isEqualTo(day);
                    if (last != null) {
                        assertThat(ORDER.compare(last, row)).isLessThanOrEqualTo(0);
                    }
                    last = row;
                }
            }
        }
    }

    private static List<Record> rowsOf(TestLake lake, DataFile file) {
        var rows = new ArrayList<Record>();
        try (CloseableIterable<Record> read =
                Parquet.read(lake.catalog.load(LakePaths.POINTS).io().newInputFile(file.location()))
                        .project(PointsTable.SCHEMA)
                        .createReaderFunc(schema ->
                                GenericParquetReaders.buildReader(PointsTable.SCHEMA, schema))
                        .build()) {
            read.forEach(rows::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    @Test
    void boundsOfFilesPrune() throws IOException {
        var random = new RandomPoints(new Random(4), 60, 4);
        try (var lake = new TestLake(folder)) {
            List<DataFile> files = lake.write(List.of(random.batch(3000)));
            for (DataFile file : files) {
                assertThat(file.lowerBounds())
                        .containsKeys(
                                PointsTable.METRIC_NAME,
                                PointsTable.SERIES_ID,
                                PointsTable.TIME,
                                PointsTable.SEQ)
                        .doesNotContainKeys(
                                PointsTable.RESOURCE, PointsTable.ATTRIBUTES, PointsTable.VALUE);
            }
            var table = lake.catalog.load(LakePaths.POINTS);
            var planned = new ArrayList<FileScanTask>();
            long start = RandomPoints.EPOCH / 1000;
            try (var tasks =
                    table.newScan()
                            .filter(
                                    Expressions.and(
                                            Expressions.greaterThanOrEqual("time", start),
                                            Expressions.lessThan("time", start + 3_600_000_000L)))
                            .planFiles()) {
                tasks.forEach(planned::add);
            }
            assertThat(planned).isNotEmpty().hasSizeLessThan(files.size());
            try (var tasks = table.newScan().filter(Expressions.equal("seq", 2)).planFiles()) {
                assertThat(tasks).isEmpty();
            }
        }
    }

    @Test
    void aRequestOverAThousandDaysIsWrittenOneFileAtATime() {
        var random = new RandomPoints(new Random(5), 3, 1000);
        Batch batch = random.batch(3000);
        var days = new HashSet<String>();
        for (Map<String, Object> row : PlainRows.of(batch, "", 0)) {
            long time = (Long) Objects.requireNonNull(row.get("time"));
            days.add(time / RandomPoints.DAY + " " + row.get("plane"));
        }
        try (var lake = new TestLake(folder)) {
            List<DataFile> files = lake.write(List.of(batch));
            assertThat(files).hasSize(days.size()).hasSizeGreaterThan(900);
            assertThat(lake.points(Expressions.alwaysTrue(), "series_id")).hasSize(3000);
        }
    }

    @Test
    void planesBeyondTheLimitShareAPartition() {
        var random = new RandomPoints(new Random(7), 200, 1);
        try (var lake = new TestLake(folder, new Runs.Settings(2, 1 << 20, 100))) {
            var planes = new HashSet<String>();
            lake.write(List.of(random.batch(3000)))
                    .forEach(file -> planes.add(file.partition().get(1, String.class)));
            assertThat(planes).hasSize(4).contains("", PointsTable.OTHER_PLANE);
            List<Record> others = lake.points(Expressions.equal("plane", PointsTable.OTHER_PLANE));
            assertThat(others).isNotEmpty();
            for (Record row : others) {
                assertThat((String) row.getField("data_plane_id")).isNotEmpty().isNotIn(planes);
            }
        }
    }

    @Test
    void eachSeriesIsWrittenOnceByAProcess() {
        var random = new RandomPoints(new Random(8), 50, 1);
        try (var lake = new TestLake(folder)) {
            lake.write(List.of(random.batch(500)));
            lake.write(List.of(random.batch(500)));
            Map<String, Record> rows = new HashMap<>();
            for (Record row : lake.series()) {
                assertThat(rows.put(print(row) + row.getField("revision"), row)).isNull();
            }
            assertThat(rows).hasSize(50);
            for (Series series : random.series()) {
                check(series, rows.get(series.fingerprint().toString() + series.revision()));
            }
        }
    }

    private static String print(Record row) {
        Object print = row.getField("fingerprint");
        return HexFormat.of()
                .formatHex(print instanceof ByteBuffer buffer ? buffer.array() : (byte[]) print);
    }

    private static void check(Series series, @Nullable Record row) {
        Objects.requireNonNull(row);
        assertThat(row.getField("series_id")).isEqualTo(series.id());
        assertThat(row.getField("metric_name")).isEqualTo(series.metric().name());
        assertThat(row.getField("description")).isEqualTo(series.metric().description());
        assertThat(row.getField("attributes")).isEqualTo(series.attributes());
        assertThat(row.getField("resource")).isEqualTo(series.metric().resource().attributes());
        assertThat(row.getField("resource_dropped_attributes"))
                .isEqualTo(Integer.toUnsignedLong(series.metric().resource().droppedAttributes()));
        assertThat(((Map<?, ?>) row.getField("attributes_map")))
                .hasSize(Attributes.fromJson(series.attributes()).size());
    }

    @Test
    void seriesOfAFailedCommitAreWrittenAgain() {
        var random = new RandomPoints(new Random(9), 10, 1);
        try (var lake = new TestLake(folder)) {
            PointsRun run = lake.runs.start();
            run.add(random.batch(200), TestLake.WRITER, 1);
            run.writeSeries(lake.catalog.load(LakePaths.SERIES)); // and no commit
            PointsRun again = lake.runs.start();
            again.add(random.batch(200), TestLake.WRITER, 1);
            lake.commit(again);
            assertThat(lake.series()).hasSize(10);
        }
    }
}
