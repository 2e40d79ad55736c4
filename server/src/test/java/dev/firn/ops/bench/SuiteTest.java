package dev.firn.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.RandomPoints;
import dev.firn.lake.TestLake;
import dev.firn.ops.report.Report.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.iceberg.StructLike;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuiteTest {
    @Test
    void quantilesAreValuesThatWereMeasured() {
        double[] sorted = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        assertThat(Suite.quantile(sorted, 0.5)).isEqualTo(5);
        assertThat(Suite.quantile(sorted, 0.95)).isEqualTo(10);
        assertThat(Suite.quantile(sorted, 0)).isEqualTo(1);
        assertThat(Suite.quantile(new double[] {7}, 0.99)).isEqualTo(7);
    }

    @Test
    void changesAreInPercentOfTheLastRun() {
        assertThat(Suite.change(200.0, 150)).isEqualTo(-25);
        assertThat(Suite.change(0.0, 3)).isNull();
        assertThat(Suite.change(null, 3)).isNull();
    }

    @Test
    void whatIsNotMeasuredHasNoQuantiles() {
        double[] sorted = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        assertThat(Suite.quantiles(sorted)).containsExactly(5.0, 10.0, 10.0);
        assertThat(Suite.quantiles(new double[0])).hasSize(3).containsOnlyNulls();
    }

    @Test
    void shareOfTheLoadStaysBetweenNothingAndAll() {
        assertThat(Suite.share(150, 100, 300)).isEqualTo(0.25);
        assertThat(Suite.share(90, 100, 300)).isZero();
        assertThat(Suite.share(310, 100, 300)).isEqualTo(1);
    }

    @Test
    void twentyColumnsTheLargestFirst() {
        List<Suite.Column> columns =
                IntStream.range(0, 30)
                        .mapToObj(i -> new Suite.Column("points", "c" + i, 4, i, 2 * i))
                        .toList();
        assertThat(Suite.largest(columns)).hasSize(20);
        assertThat(Suite.largest(columns).getFirst())
                .containsExactly("points", "c29", 29L, 58L, 7.25);
        var empty = new Suite.Column("points", "none", 0, 0, 0);
        assertThat(Suite.largest(List.of(empty)).getFirst())
                .containsExactly("points", "none", 0L, 0L, null);
    }

    @Test
    void theLakeIsWhatItsNewestSnapshotsHold(@TempDir Path data) throws IOException {
        var points = new RandomPoints(new Random(5), 20, 1);
        var partitions = new HashSet<StructLike>();
        try (var lake = new TestLake(data)) {
            for (int commit = 0; commit < 2; commit++) {
                lake.write(List.of(points.batch(300)))
                        .forEach(file -> partitions.add(file.partition()));
            }
            lake.compact();
        }
        List<Part> parts = Suite.lake(data);
        assertThat(parts)
                .extracting(Part::title)
                .containsExactly("Tables of the lake", "Largest columns of the lake");
        assertThat(parts.getFirst().table().rows().getFirst())
                .startsWith("points", (long) partitions.size(), 600L);
        assertThat(parts.getLast().table().rows())
                .hasSize(20)
                .filteredOn(row -> row.getFirst().equals("points"))
                .isNotEmpty()
                .allSatisfy(row -> assertThat(row.get(4)).isEqualTo((Long) row.get(2) / 600.0));
    }
}
