package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.model.Batch;
import dev.firn.model.Histograms;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Series;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.LocalInputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each kind of numbers gets the encoding that suits it, and comes back from a foreign reader.
class EncodingsTest {
    private static final long STEP = 100_000_000; // all on one day
    private static final int POINTS = 25_000; // some pages hold points of one type only
    private static final int BUCKETS = 10;

    @TempDir Path folder;

    private final Random random = new Random(11);
    private final List<Series> series = new RandomPoints(random, 200, 1).series();
    private final Batch batch = new Batch();
    private final List<Long> values = new ArrayList<>();
    private final List<Long> counts = new ArrayList<>();
    private final List<Long> buckets = new ArrayList<>();

    /// Of one plane, so that there is one file.
    private Series of(MetricType type) {
        String plane = series.getFirst().wellKnown().dataPlaneId();
        return series.stream()
                .filter(one -> one.metric().type() == type)
                .filter(one -> one.wellKnown().dataPlaneId().equals(plane))
                .findFirst()
                .orElseThrow();
    }

    private void noise() {
        for (int i = 0; i < POINTS; i++) {
            double value = random.nextDouble();
            values.add(Double.doubleToRawLongBits(value));
            batch.numbers.add(
                    of(MetricType.GAUGE),
                    RandomPoints.EPOCH + i * STEP,
                    0,
                    0,
                    Numbers.DOUBLE,
                    Double.doubleToRawLongBits(value));
        }
    }

    private void cumulativeHistogram() {
        long[] inBucket = new long[BUCKETS];
        double sum = 0;
        for (int i = 0; i < POINTS; i++) {
            long count = 0;
            for (int bucket = 0; bucket < BUCKETS; bucket++) {
                inBucket[bucket] += random.nextInt(1 + 30 / (1 + Math.abs(bucket - 4)));
                count += inBucket[bucket];
                buckets.add(inBucket[bucket]);
                batch.histograms.counts.push(inBucket[bucket]);
                if (bucket > 0) {
                    batch.histograms.bounds.push(Double.doubleToRawLongBits(bucket));
                }
            }
            counts.add(count);
            sum += random.nextDouble();
            batch.histograms.add(
                    of(MetricType.HISTOGRAM),
                    RandomPoints.EPOCH + i * STEP,
                    RandomPoints.EPOCH,
                    0,
                    count,
                    Histograms.HAS_SUM,
                    sum,
                    0,
                    0);
        }
    }

    @Test
    void noiseIsSplitIntoStreamsAndCountsOfBucketsStayPlain() throws Exception {
        noise();
        cumulativeHistogram();
        try (var lake = new TestLake(folder)) {
            lake.write(List.of(batch));
            DataFile file =
                    lake.catalog
                            .load(LakePaths.POINTS)
                            .currentSnapshot()
                            .addedDataFiles(lake.catalog.load(LakePaths.POINTS).io())
                            .iterator()
                            .next();
            Path path = LakePaths.local(file.location());
            assertThat(encodings(path, "value")).contains(Encoding.BYTE_STREAM_SPLIT);
            assertThat(encodings(path, "sum")).contains(Encoding.BYTE_STREAM_SPLIT);
            assertThat(encodings(path, "bucket_counts.list.element"))
                    .contains(Encoding.PLAIN)
                    .doesNotContain(Encoding.DELTA_BINARY_PACKED, Encoding.PLAIN_DICTIONARY);
            assertThat(encodings(path, "count")).contains(Encoding.DELTA_BINARY_PACKED);
            assertThat(byIceberg(lake.catalog.load(LakePaths.POINTS)))
                    .containsExactlyInAnyOrderElementsOf(counts);
            assertThat(read(path, "SELECT value FROM %s WHERE value IS NOT NULL"))
                    .containsExactlyInAnyOrderElementsOf(values);
            assertThat(read(path, "SELECT unnest(bucket_counts) FROM %s ORDER BY time, time_nanos"))
                    .containsExactlyElementsOf(buckets);
        }
    }

    private static Set<Encoding> encodings(Path path, String column) throws IOException {
        try (var reader = ParquetFileReader.open(new LocalInputFile(path))) {
            for (ColumnChunkMetaData chunk :
                    reader.getFooter().getBlocks().getFirst().getColumns()) {
                if (chunk.getPath().toDotString().equals(column)) {
                    return chunk.getEncodings();
                }
            }
        }
        throw new AssertionError("no column " + column);
    }

    /// The counts that are there, by the reader of Iceberg.
    private static List<Long> byIceberg(Table table) throws IOException {
        var found = new ArrayList<Long>();
        try (CloseableIterable<org.apache.iceberg.data.Record> rows =
                IcebergGenerics.read(table).select("count").build()) {
            rows.forEach(row -> {
                if (row.getField("count") instanceof Long count) {
                    found.add(count);
                }
            });
        }
        return found;
    }

    private static List<Long> read(Path path, String sql) throws SQLException {
        var found = new ArrayList<Long>();
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement();
                ResultSet answer =
                        statement.executeQuery(sql.formatted("read_parquet('" + path + "')"))) {
            while (answer.next()) {
                found.add(
                        answer.getObject(1) instanceof Double value
                                ? Double.doubleToRawLongBits(value)
                                : answer.getLong(1));
            }
        }
        return found;
    }
}
