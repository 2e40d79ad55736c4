package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.engine.EngineClient;
import dev.firn.engine.child.EngineConfig;
import dev.firn.engine.child.EngineLibrary;
import dev.firn.engine.child.EngineProcess;
import dev.firn.engine.child.QueryLimits;
import dev.firn.receive.RandomOtlp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Files;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The lake of a Firn that has stopped, read by what shares no code with its writer: Iceberg's
/// generic reader, DuckDB and ClickHouse. Each finds, metric by metric, what Firn's engine held.
class LakeReadersTest {
    private static final int REQUESTS = 40;
    private static final double TOLERANCE = 1e-9;

    /// Beyond it sums of doubles overflow.
    private static final double REAL_MAX = 1e300;

    private static final String ENGINE =
            """
            SELECT metric_name, toString(sum(points)), toString(sum(ints)),
              toString(sum(measured)), toString(sum(lists)), toString(sum(examples)),
              toString(sumKahan(if(isFinite(added) AND abs(added) < 1e300, added, 0)))
            FROM
            (
              SELECT metric_id, series_id, 1 AS points, toInt256(value_int) AS ints,
                toInt256(0) AS measured, 0 AS lists, 0 AS examples,
                if(bitAnd(flags, 50331648) = 0, value, 0) AS added FROM samples
              UNION ALL
              SELECT metric_id, series_id, 1, 0, toInt256(reinterpretAsInt64(count)),
                length(bounds), 0, if(bitAnd(has, 1) = 1, sum, 0) FROM histograms
              UNION ALL
              SELECT metric_id, series_id, 1, 0, toInt256(reinterpretAsInt64(count)),
                length(positive_counts), 0, if(bitAnd(has, 1) = 1, sum, 0)
              FROM exponential_histograms
              UNION ALL
              SELECT metric_id, series_id, 1, 0, toInt256(reinterpretAsInt64(count)),
                length(quantiles), 0, sum FROM summaries
              UNION ALL
              SELECT metric_id, series_id, 0, 0, 0, 0, length(trace_id), 0 FROM exemplars
            ) AS rows
            INNER JOIN (SELECT * FROM series FINAL) AS s USING (metric_id, series_id)
            GROUP BY metric_name FORMAT JSONCompactEachRow
            """;

    private static final String DUCKDB =
            """
            SELECT metric_name, count(*)::VARCHAR, coalesce(sum(value_int), 0)::VARCHAR,
              coalesce(sum("count"), 0)::VARCHAR,
              coalesce(sum(coalesce(len(explicit_bounds), 0) + coalesce(len(quantiles), 0)
                + coalesce(len(positive_bucket_counts), 0)), 0)::VARCHAR,
              coalesce(sum(strlen(array_to_string([e.trace_id for e in exemplars], ''))), 0)::VARCHAR,
              coalesce(fsum(coalesce(value, "sum"))
                FILTER (isfinite(coalesce(value, "sum")) AND abs(coalesce(value, "sum")) < 1e300),
                0)::VARCHAR
            FROM read_parquet([%s], hive_partitioning = false) GROUP BY metric_name
            """;

    private static final String CLICKHOUSE =
            """
            SELECT metric_name, toString(count()), toString(sum(toInt256(ifNull(value_int, 0)))),
              toString(sum(toInt256(ifNull(count, 0)))),
              toString(sum(length(explicit_bounds) + length(quantiles)
                + length(positive_bucket_counts))),
              toString(sum(arraySum(arrayMap(e -> length(e.trace_id), exemplars)))),
              toString(sumKahan(if(isFinite(ifNull(value, sum)) AND abs(ifNull(value, sum)) < 1e300,
                assumeNotNull(ifNull(value, sum)), 0)))
            FROM %s GROUP BY metric_name
            """;

    @TempDir private static Path folder;
    private static Map<String, Sums> held = Map.of();

    /// What is compared of one metric.
    ///
    /// @param lists elements of lists of bounds, quantiles and positive buckets
    /// @param exemplars hexadecimal digits of their trace ids
    private record Sums(
            BigInteger points,
            BigInteger ints,
            BigInteger measured,
            BigInteger lists,
            BigInteger exemplars,
            double reals) {
        static final Sums NONE =
                new Sums(
                        BigInteger.ZERO,
                        BigInteger.ZERO,
                        BigInteger.ZERO,
                        BigInteger.ZERO,
                        BigInteger.ZERO,
                        0);

        static Sums of(List<String> columns) {
            return new Sums(
                    new BigInteger(columns.get(0)),
                    new BigInteger(columns.get(1)),
                    new BigInteger(columns.get(2)),
                    new BigInteger(columns.get(3)),
                    new BigInteger(columns.get(4)),
                    Double.parseDouble(columns.get(5)));
        }

        Sums plus(Sums other) {
            return new Sums(
                    points.add(other.points),
                    ints.add(other.ints),
                    measured.add(other.measured),
                    lists.add(other.lists),
                    exemplars.add(other.exemplars),
                    reals + other.reals);
        }
    }

    /// Local files by Iceberg's own means.
    private static final class PlainFiles implements FileIO {
        private static final long serialVersionUID = 1;

        @Override
        public InputFile newInputFile(String path) {
            return Files.localInput(path);
        }

        @Override
        public OutputFile newOutputFile(String path) {
            throw new UnsupportedOperationException("readers write nothing");
        }

        @Override
        public void deleteFile(String path) {
            throw new UnsupportedOperationException("readers delete nothing");
        }
    }

    @BeforeAll
    static void fill() {
        var random = new Random(5);
        var messages = new RandomOtlp(random);
        try (var firn = TestFirn.start(folder, "engine: {retention: 36500d}")) {
            for (int i = 0; i < REQUESTS; i++) {
                firn.postProtobuf(messages.request());
                if (i == REQUESTS / 2) {
                    firn.verify(); // two commits
                }
            }
            firn.verify();
            held = new TreeMap<>();
            firn.sql(ENGINE)
                    .forEach(row -> {
                        List<String> columns =
                                row.valueStream().map(column -> column.asString()).toList();
                        held.put(columns.getFirst(), Sums.of(columns.subList(1, 7)));
                    });
        }
        assertThat(held).hasSizeGreaterThan(50);
    }

    private static void same(Map<String, Sums> found) {
        assertThat(found.keySet()).isEqualTo(held.keySet());
        held.forEach((metric, wanted) -> {
            Sums sums = found.getOrDefault(metric, Sums.NONE);
            double difference = Math.abs(sums.reals - wanted.reals);
            assertThat(difference)
                    .as("%s: %s, %s", metric, sums, wanted)
                    .isLessThanOrEqualTo(TOLERANCE * Math.abs(wanted.reals));
            assertThat(
                            new Sums(
                                    sums.points,
                                    sums.ints,
                                    sums.measured,
                                    sums.lists,
                                    sums.exemplars,
                                    wanted.reals))
                    .as(metric)
                    .isEqualTo(wanted);
        });
    }

    private static JdbcCatalog catalog() {
        var catalog = new JdbcCatalog(properties -> new PlainFiles(), null, false);
        catalog.initialize(
                "firn",
                Map.of(
                        "uri",
                        "jdbc:sqlite:" + folder.resolve("lake/catalog.db"),
                        "warehouse",
                        folder.resolve("lake/warehouse").toString(),
                        "jdbc.schema-version",
                        "V1"));
        return catalog;
    }

    private static Table byPath(String name) {
        Path metadata =
                folder.resolve("lake/warehouse/metrics")
                        .resolve(name)
                        .resolve("current.metadata.json");
        return new BaseTable(
                new StaticTableOperations(metadata.toString(), new PlainFiles()), "points");
    }

    private static List<String> plannedFiles() {
        var files = new ArrayList<String>();
        try (CloseableIterable<FileScanTask> tasks = byPath("points").newScan().planFiles()) {
            tasks.forEach(task -> files.add(task.file().location()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(files).hasSizeGreaterThan(1);
        return files;
    }

    private static Map<String, Sums> byIceberg(Table table) {
        var found = new TreeMap<String, Sums>();
        try (CloseableIterable<Record> rows = IcebergGenerics.read(table).build()) {
            rows.forEach(row ->
                    found.merge((String) row.getField("metric_name"), sums(row), Sums::plus));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static Sums sums(Record row) {
        Object real = row.getField("value") == null ? row.getField("sum") : row.getField("value");
        boolean adds =
                real instanceof Double added
                        && Double.isFinite(added)
                        && Math.abs(added) < REAL_MAX;
        return new Sums(
                BigInteger.ONE,
                integer(row.getField("value_int")),
                integer(row.getField("count")),
                size(row.getField("explicit_bounds"))
                        .add(size(row.getField("quantiles")))
                        .add(size(row.getField("positive_bucket_counts"))),
                traceDigits(row.getField("exemplars")),
                adds ? (Double) real : 0);
    }

    private static BigInteger traceDigits(Object exemplars) {
        return exemplars instanceof List<?> all
                ? BigInteger.valueOf(
                        all.stream()
                                .mapToLong(one -> LakeRows.text((Record) one, "trace_id").length())
                                .sum())
                : BigInteger.ZERO;
    }

    private static BigInteger integer(Object value) {
        return value instanceof Long integer ? BigInteger.valueOf(integer) : BigInteger.ZERO;
    }

    private static BigInteger size(Object list) {
        return list instanceof List<?> elements
                ? BigInteger.valueOf(elements.size())
                : BigInteger.ZERO;
    }

    @Test
    void icebergsOwnReaderWithAFreshCatalog() throws IOException {
        try (JdbcCatalog catalog = catalog()) {
            same(byIceberg(catalog.loadTable(TableIdentifier.of("metrics", "points"))));
            Table series = catalog.loadTable(TableIdentifier.of("metrics", "series"));
            try (CloseableIterable<Record> rows = IcebergGenerics.read(series).build()) {
                assertThat(rows).hasSizeGreaterThan(held.size());
            }
        }
    }

    @Test
    void icebergsOwnReaderByPathAlone() {
        same(byIceberg(byPath("points")));
        assertThat(byPath("points").currentSnapshot().sequenceNumber()).isGreaterThan(1);
    }

    @Test
    void duckDb() throws SQLException {
        String files =
                plannedFiles().stream()
                        .map(file -> "'" + file.replace("'", "''") + "'")
                        .collect(Collectors.joining(","));
        var found = new TreeMap<String, Sums>();
        try (var connection = DriverManager.getConnection("jdbc:duckdb:");
                var statement = connection.createStatement();
                var rows = statement.executeQuery(DUCKDB.formatted(files))) {
            while (rows.next()) {
                var columns = new ArrayList<String>();
                for (int column = 2; column <= 7; column++) {
                    columns.add(rows.getString(column));
                }
                found.put(rows.getString(1), Sums.of(columns));
            }
        }
        same(found);
    }

    @Test
    void clickHouseByPlannedFiles() throws InterruptedException {
        try (EngineProcess engine = EngineProcess.start(child(), new OwnMetrics());
                var client = client(engine)) {
            same(byClickHouse(client, unionOf(plannedFiles())));
        }
    }

    /// By itself ClickHouse finds the newest metadata by the names in the folder.
    @Test
    void clickHouseByTheTablesFolder() throws InterruptedException {
        try (EngineProcess engine = EngineProcess.start(child(), new OwnMetrics());
                var client = client(engine)) {
            same(
                    byClickHouse(
                            client,
                            "icebergLocal('"
                                    + folder.resolve("lake/warehouse/metrics/points")
                                    + "')"));
        }
    }

    private static EngineClient client(EngineProcess engine) {
        return new EngineClient(
                () -> new EngineClient.Access(URI.create(engine.url()), "firn", engine.secret()),
                Clock.system(),
                Duration.ofSeconds(60));
    }

    private static String unionOf(List<String> files) {
        return files.stream()
                .map(file ->
                        "SELECT * FROM file('"
                                + file.replace("\\", "\\\\").replace("'", "\\'")
                                + "', Parquet)")
                .collect(Collectors.joining(" UNION ALL ", "(", ")"));
    }

    /// A ClickHouse without tables. It reads Iceberg only below the folder that it runs in, so that
    /// this is the lake's.
    private static EngineConfig child() {
        return new EngineConfig(
                EngineLibrary.find(),
                folder.toAbsolutePath(),
                "127.0.0.1",
                0,
                EngineProcess.newSecret(),
                1L << 30,
                "default",
                new QueryLimits(4, 2, 20, 500_000_000L, 64));
    }

    private static Map<String, Sums> byClickHouse(EngineClient client, String source)
            throws InterruptedException {
        var found = new TreeMap<String, Sums>();
        for (EngineClient.Row row : client.query(CLICKHOUSE.formatted(source))) {
            found.put(row.text(0), Sums.of(row.values().subList(1, 7)));
        }
        return found;
    }
}
