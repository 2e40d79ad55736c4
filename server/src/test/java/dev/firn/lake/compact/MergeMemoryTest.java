package dev.firn.lake.compact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.lake.Backoff;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakePaths;
import dev.firn.lake.ParquetInput;
import dev.firn.lake.RandomPoints;
import dev.firn.lake.TestLake;
import dev.firn.lake.keep.RetentionRules;
import dev.firn.model.Batch;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Series;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each part of a merge keeps within its share of `lake.compact.memory_max`, counted in what it
/// gathers: small files and keys a quarter each, the column that is copied a half.
class MergeMemoryTest {
    private static final long MEMORY_MAX = 2 << 20;

    /// What `RowGroupLimit` takes a number and a text of a list for, `PointsMerge` a flat row.
    private static final long NUMBER_BYTES = 24;

    private static final long TEXT_BYTES = 140;
    private static final long ROW_BYTES = 48;

    /// Fewer rows are not cut further.
    private static final int ROWS_CUT_MIN = 8_192;

    @TempDir Path data;

    private final RandomPoints points = new RandomPoints(new Random(21), 40, 1);
    private TestLake lake;

    @BeforeEach
    void open() {
        lake = new TestLake(data);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private Compaction compaction(long memoryMax) {
        return new Compaction(
                lake.catalog,
                new Compaction.Settings(128 << 20, memoryMax),
                new CompactionMetrics(new OwnMetrics()),
                new Backoff(new Random(1), 1, 50),
                Clock.system(),
                new RetentionRules(List.of()));
    }

    /// One series' numbers: no lists, one partition.
    private Batch flat(int size) {
        Series gauge =
                points.series().stream()
                        .filter(series -> series.metric().type() == MetricType.GAUGE)
                        .findFirst()
                        .orElseThrow();
        var batch = new Batch();
        for (int i = 0; i < size; i++) {
            batch.numbers.add(gauge, RandomPoints.EPOCH + i, 0, 0, Numbers.INT, i);
        }
        return batch;
    }

    private List<DataFile> files() {
        Table table = lake.catalog.load(LakePaths.POINTS);
        var files = new ArrayList<DataFile>();
        try (var tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> files.add(task.file().copy()));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return files;
    }

    /// Of files that were merged, which are none of those before.
    private List<BlockMetaData> rowGroups(List<DataFile> before) throws Exception {
        var groups = new ArrayList<BlockMetaData>();
        var options = ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
        var old = before.stream().map(DataFile::location).toList();
        for (DataFile file : files()) {
            if (old.contains(file.location())) {
                continue;
            }
            var input =
                    new ParquetInput(
                            lake.catalog.load(LakePaths.POINTS).io().newInputFile(file.location()),
                            file.fileSizeInBytes(),
                            null);
            try (var reader = ParquetFileReader.open(input, options)) {
                groups.addAll(reader.getFooter().getBlocks());
            }
        }
        return groups;
    }

    @Test
    void aRowGroupIsCutUntilItsWidestListFitsIntoAHalf() throws Exception {
        for (int commit = 0; commit < 6; commit++) {
            lake.write(List.of(points.batch(8_000)));
        }
        List<DataFile> before = files();
        compaction(2 * MEMORY_MAX).run(Compaction.Scope.ALL, LakePace.unlimited());
        long rows = 0;
        for (BlockMetaData group : rowGroups(before)) {
            rows += group.getRowCount();
            for (ColumnChunkMetaData column : group.getColumns()) {
                boolean text =
                        column.getPrimitiveType().getPrimitiveTypeName()
                                == PrimitiveTypeName.BINARY;
                if (column.getPath().size() > 1 && group.getRowCount() >= ROWS_CUT_MIN) {
                    assertThat(column.getValueCount() * (text ? TEXT_BYTES : NUMBER_BYTES))
                            .as("%s of %s rows", column.getPath(), group.getRowCount())
                            .isLessThanOrEqualTo(MEMORY_MAX);
                }
            }
        }
        assertThat(rows).isGreaterThan(20_000);
    }

    @Test
    void aRowGroupOfFlatRowsFitsIntoAHalf() throws Exception {
        for (int commit = 0; commit < 4; commit++) {
            lake.write(List.of(flat(15_000)));
        }
        List<DataFile> before = files();
        compaction(MEMORY_MAX).run(Compaction.Scope.ALL, LakePace.unlimited());
        assertThat(files()).hasSize(1);
        assertThat(rowGroups(before))
                .hasSize(3)
                .allSatisfy(group ->
                        assertThat(group.getRowCount() * ROW_BYTES)
                                .isLessThanOrEqualTo(MEMORY_MAX / 2));
    }

    @Test
    void aMergeTakesAsManyFilesAsTheirKeysFitIntoAQuarter() throws Exception {
        for (int commit = 0; commit < 20; commit++) {
            lake.write(List.of(flat(2_000)));
        }
        List<Compaction.Merge> planned =
                compaction(MEMORY_MAX / 2).plan(Compaction.Scope.ALL).stream()
                        .filter(merge -> merge.table().equals(LakePaths.POINTS))
                        .toList();
        assertThat(planned)
                .hasSizeGreaterThan(1)
                .allSatisfy(merge ->
                        assertThat(merge.rows() * KeyMerge.KEY_BYTES)
                                .isLessThanOrEqualTo(MEMORY_MAX / 2 / 4));
        assertThat(planned.getFirst().filesIn()).isEqualTo(6);
    }

    @Test
    void filesAreHeldWholeWhileTheyFitIntoAQuarter() {
        for (int commit = 0; commit < 5; commit++) {
            lake.write(List.of(flat(500)));
        }
        List<DataFile> all = files();
        long bytes = all.stream().mapToLong(DataFile::fileSizeInBytes).sum();
        long memoryMax = 4 * (bytes / 2);
        assertThat(PointsMerge.held(all, memoryMax)).isNotEmpty().hasSizeLessThan(all.size());
        assertThat(
                        PointsMerge.held(all, memoryMax).stream()
                                .mapToLong(DataFile::fileSizeInBytes)
                                .sum())
                .isLessThanOrEqualTo(memoryMax / 4);
        assertThat(PointsMerge.held(all, 4 * bytes)).hasSameSizeAs(all);
        assertThat(PointsMerge.held(all, 4)).isEmpty();
    }
}
