package dev.firn.lake.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.InputException;
import dev.firn.base.NioDisk;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePaths;
import dev.firn.lake.LakeReader;
import dev.firn.lake.PointsTable;
import dev.firn.lake.SeriesTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.expressions.Expressions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeedImportTest {
    private static final long HOUR_MILLIS = 3_600_000;
    private static final long BEGIN_MILLIS = 1_767_225_600_000L - HOUR_MILLIS; // 2025's last hour

    /// The seed's struct as its Go library writes it.
    private static final String SEED =
            """
            message parquet_go_root {
              required int64 timestamp (TIMESTAMP_MILLIS);
              required binary metric_name (UTF8);
              required double metric_value;
              required binary metric_type (UTF8);
              required binary http_method (UTF8);
              required binary http_route (UTF8);
              required binary http_status_code (UTF8);
              required binary environment (UTF8);
              required binary data_plane_id (UTF8);
              required binary service_name (UTF8);
              required binary cluster_id (UTF8);
              required binary region (UTF8);
              required int32 year;
              required int32 month;
              required int32 day;
              required int32 hour;
            }
            """;

    private static final List<String> COLUMNS =
            List.of(
                    "time",
                    "metric_name",
                    "value",
                    "metric_type",
                    "http_route",
                    "http_status_code",
                    "environment",
                    "data_plane_id",
                    "service_name",
                    "cluster_id",
                    "region");

    @TempDir Path folder;

    private Path write(String name, int rows, long fromMillis) throws IOException {
        Path file = folder.resolve("seed").resolve(name);
        Files.createDirectories(file.getParent());
        MessageType schema = MessageTypeParser.parseMessageType(SEED);
        var groups = new SimpleGroupFactory(schema);
        try (ParquetWriter<Group> writer =
                ExampleParquetWriter.builder(new LocalOutputFile(file))
                        .withConf(new PlainParquetConfiguration())
                        .withType(schema)
                        .withCompressionCodec(CompressionCodecName.SNAPPY)
                        .build()) {
            for (int i = 0; i < rows; i++) {
                writer.write(row(groups.newGroup(), i, fromMillis + i * 250L));
            }
        }
        return file;
    }

    private static Group row(Group row, int i, long millis) {
        return row.append("timestamp", millis)
                .append("metric_name", i % 3 == 0 ? "http_server_duration" : "cpu")
                .append("metric_value", i + 0.25)
                .append("metric_type", i % 3 == 0 ? "histogram" : "sum")
                .append("http_method", i % 3 == 0 ? "GET" : "")
                .append("http_route", i % 3 == 0 ? "/cart" : "")
                .append("http_status_code", i % 3 == 0 ? "200" : "")
                .append("environment", "prod")
                .append("data_plane_id", "plane-" + i % 2)
                .append("service_name", "cart")
                .append("cluster_id", "c1")
                .append("region", "eu")
                .append("year", 2025)
                .append("month", 12)
                .append("day", 31)
                .append("hour", 23);
    }

    private LakeCatalog lake() {
        LakeCatalog catalog = LakeCatalog.sqlite(folder.resolve("data"), new NioDisk());
        catalog.createTables(List.of(PointsTable.table(), SeriesTable.table()));
        return catalog;
    }

    private static List<String> rows(LakeCatalog catalog) {
        var rows = new ArrayList<String>();
        new LakeReader(catalog.load(LakePaths.POINTS))
                .read(
                        Expressions.alwaysTrue(),
                        COLUMNS,
                        row -> {
                            var texts = new ArrayList<String>();
                            for (String column : COLUMNS) {
                                texts.add(String.valueOf(row.getField(column)));
                            }
                            rows.add(String.join("|", texts));
                        });
        rows.sort(null);
        return rows;
    }

    private SeedImport.Outcome run(LakeCatalog catalog, int partRows) {
        return new SeedImport(catalog, 64, line -> {}, partRows)
                .run(SeedImport.plan(folder.resolve("seed")));
    }

    @Test
    void everyRowIsThereOnceHoweverOftenItIsImported() throws Exception {
        write("year=2025/month=12/day=31/hour=23/a.parquet", 500, BEGIN_MILLIS);
        write("year=2025/month=12/day=31/hour=23/b.parquet", 400, BEGIN_MILLIS + 300_000);
        write("year=2026/month=01/day=01/hour=00/a.parquet", 300, BEGIN_MILLIS + HOUR_MILLIS);
        try (LakeCatalog catalog = lake()) {
            assertThat(run(catalog, 333)).isEqualTo(new SeedImport.Outcome(3, 1200, 0, 0));
            List<String> first = rows(catalog);
            assertThat(first).hasSize(1200).doesNotHaveDuplicates();
            assertThat(first)
                    .contains(
                            "2025-12-31T23:00Z|http_server_duration|0.25|gauge|/cart|200|prod"
                                    + "|plane-0|cart|c1|eu",
                            "2025-12-31T23:00:00.250Z|cpu|1.25|sum|||prod|plane-1|cart|c1|eu");
            assertThat(run(catalog, 333)).isEqualTo(new SeedImport.Outcome(3, 0, 0, 1200));
            assertThat(rows(catalog)).isEqualTo(first);
        }
    }

    @Test
    void anImportThatStoppedGoesOnWhereItStopped() throws Exception {
        write("2025/12/31/23/a.parquet", 1000, BEGIN_MILLIS);
        try (LakeCatalog catalog = lake()) {
            List<SeedImport.Unit> units = SeedImport.plan(folder.resolve("seed"));
            var stopped =
                    new SeedImport(
                            catalog,
                            64,
                            line -> {
                                if (line.startsWith("600 ")) {
                                    throw new IllegalStateException("killed");
                                }
                            },
                            300);
            assertThatThrownBy(() -> stopped.run(units)).hasMessage("killed");
            assertThat(run(catalog, 300)).isEqualTo(new SeedImport.Outcome(1, 400, 0, 600));
            assertThat(rows(catalog)).hasSize(1000).doesNotHaveDuplicates();
        }
    }

    @Test
    void aFileWithoutAUnitOfTimeIsRefusedBeforeAnythingIsImported() throws Exception {
        Path file = folder.resolve("seed/x.parquet");
        Files.createDirectories(file.getParent());
        MessageType schema =
                MessageTypeParser.parseMessageType(
                        "message m { required int64 timestamp; required binary metric_name (UTF8);"
                                + " required double metric_value; }");
        try (ParquetWriter<Group> writer =
                ExampleParquetWriter.builder(new LocalOutputFile(file))
                        .withConf(new PlainParquetConfiguration())
                        .withType(schema)
                        .build()) {
            writer.write(
                    new SimpleGroupFactory(schema)
                            .newGroup()
                            .append("timestamp", 1L)
                            .append("metric_name", "x")
                            .append("metric_value", 1.0));
        }
        assertThatThrownBy(() -> SeedImport.plan(folder.resolve("seed")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("does not say milliseconds or microseconds");
        Files.writeString(folder.resolve("seed/y.parquet"), "no Parquet");
        Files.delete(file);
        assertThatThrownBy(() -> SeedImport.plan(folder.resolve("seed")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("it is no readable Parquet file");
    }
}
