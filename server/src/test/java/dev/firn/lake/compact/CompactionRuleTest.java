package dev.firn.lake.compact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Forall;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.PartitionSpec;
import org.junit.jupiter.api.Test;

class CompactionRuleTest {
    private static final long TARGET = 128 << 20;
    private static final CompactionRule RULE = new CompactionRule(TARGET, 4, 128, 1 << 24);
    private int names;

    private List<DataFile> files(long... bytes) {
        return LongStream.of(bytes).mapToObj(this::file).toList();
    }

    private DataFile file(long bytes) {
        return DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath("/f" + names++ + ".parquet")
                .withFileSizeInBytes(bytes)
                .withRecordCount(bytes / 10)
                .build();
    }

    @Test
    void aLargeFileIsNotRewrittenForAFewLateRows() {
        assertThat(RULE.merges(files(60 << 20, 1000, 1000, 1000))).isEmpty();
        assertThat(RULE.merges(files(60 << 20, 1000, 1000, 1000, 1000)))
                .singleElement()
                .satisfies(merge -> assertThat(merge).hasSize(4));
    }

    @Test
    void fullFilesStay() {
        assertThat(RULE.merges(files(TARGET, TARGET / 2, TARGET * 3))).isEmpty();
    }

    @Test
    void twoFilesThatMakeAFullOneAreMerged() {
        assertThat(RULE.merges(files(TARGET / 3, TARGET / 3))).hasSize(1);
    }

    @Test
    void aMergeEndsAtTheTargetAndAtTheLimitOnFiles() {
        long[] many = LongStream.range(0, 300).map(i -> 1 << 20).toArray();
        List<List<DataFile>> merges = RULE.merges(files(many));
        assertThat(merges).extracting(List::size).containsExactly(128, 128, 44);
        var narrow = new CompactionRule(8 << 20, 4, 128, 1 << 24);
        assertThat(narrow.merges(files(many))).first().satisfies(m -> assertThat(m).hasSize(8));
    }

    /// A day of one-minute commits, compacted every ten minutes, then late files for a week.
    @Test
    void rowsAreRewrittenFewTimesAndFewFilesStay() {
        Forall.of(
                20,
                1,
                random -> {
                    List<DataFile> partition = new ArrayList<>();
                    double written = 0;
                    double moved = 0;
                    for (int minute = 0; minute < 1440 + 2000; minute++) {
                        boolean late = minute >= 1440;
                        if (!late || random.nextInt(10) == 0) {
                            long bytes = late ? 5_000 + random.nextInt(20_000) : 200_000;
                            partition.add(file(bytes));
                            written += bytes;
                        }
                        if (minute % 10 == 9) {
                            moved += compact(partition);
                            assertThat(partition).hasSizeLessThan(60);
                        }
                    }
                    assertThat(moved / written).isLessThan(5);
                });
    }

    private double compact(List<DataFile> partition) {
        double moved = 0;
        List<List<DataFile>> merges = RULE.merges(partition);
        while (!merges.isEmpty()) {
            for (List<DataFile> merge : merges) {
                long bytes = merge.stream().mapToLong(DataFile::fileSizeInBytes).sum();
                moved += bytes;
                partition.removeAll(merge);
                partition.add(file(bytes));
            }
            merges = RULE.merges(partition);
        }
        return moved;
    }
}
