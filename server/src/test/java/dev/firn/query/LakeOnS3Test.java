package dev.firn.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.NioDisk;
import dev.firn.config.ConfigReader;
import dev.firn.config.LakeConfig;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePaths;
import dev.firn.lake.RandomPoints;
import dev.firn.lake.Runs;
import dev.firn.lake.S3Process;
import dev.firn.lake.TestLake;
import dev.firn.lake.scan.AsOf;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakeOnS3Test {
    private static final String SECRET = "the-secret-of-the-s3";

    @TempDir Path folder;

    private TestLake lake() throws IOException {
        String yaml =
                """
                receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:0"}}}}
                exporters: {firn: }
                service: {pipelines: {metrics: {receivers: [otlp], exporters: [firn]}}}
                lake:
                  warehouse: s3://%s/%s
                  s3: {endpoint: "%s", path_style: true, access_key: the-key, secret_key: %s}
                """
                        .formatted(
                                S3Process.BUCKET, UUID.randomUUID(), S3Process.endpoint(), SECRET);
        LakeConfig config = ConfigReader.parse(Map.of("firn.yaml", yaml), name -> null).lake();
        return new TestLake(
                LakeCatalog.open(config, folder.resolve("lake"), new NioDisk()),
                Runs.Settings.DEFAULT);
    }

    private static String count(TestLake lake) {
        List<Record> rows = lake.points(Expressions.alwaysTrue(), "seq");
        return rows.size()
                + "\t"
                + rows.stream().mapToLong(row -> (Long) row.getField("seq")).sum();
    }

    @Test
    void viewsShowAWarehouseOnS3AndLeaveFilesOut() throws Exception {
        try (var lake = lake();
                var engine = new TestLakeEngine(folder.resolve("engine"), lake.catalog)) {
            engine.views.round();
            assertThat(engine.answer("SELECT count() FROM lake_points")).isEqualTo("0");
            var source = new RandomPoints(new Random(4), 20, 5);
            for (int commit = 0; commit < 4; commit++) {
                lake.write(List.of(source.batch(50)));
                engine.views.round();
                assertThat(engine.answer("SELECT count(), sum(seq) FROM lake_points"))
                        .isEqualTo(count(lake));
            }
            assertThat(engine.answer("SELECT count() FROM metric_parquet"))
                    .isEqualTo(engine.answer("SELECT count() FROM lake_points"));
            assertThat(engine.answer("SELECT count() FROM lake_series")).isNotEqualTo("0");
            String day = "SELECT count() FROM lake_points WHERE time < '2023-11-15'";
            TestLakeEngine.Answer some = engine.ask(day);
            assertThat(some.text())
                    .isEqualTo(
                            ""
                                    + lake.points(
                                                    Expressions.lessThan(
                                                            "time", 1_700_006_400_000_000L))
                                            .size());
            String[] opened = some.files().split("/");
            assertThat(Integer.parseInt(opened[0]))
                    .isPositive()
                    .isLessThan(Integer.parseInt(opened[1]));
            // Its files are really not asked for: they are not there.
            Table table = lake.catalog.load(LakePaths.POINTS);
            for (DataFile file : files(table)) {
                if (file.partition().get(0, Integer.class) != 19_675) {
                    table.io().deleteFile(file.location());
                }
            }
            assertThat(engine.ask(day)).isEqualTo(some);
            TestLakeEngine.Answer torn = engine.ask("SELECT count(), sum(seq) FROM lake_points");
            assertThat(torn.status()).as(torn.text()).isNotEqualTo(200);
            assertThat(engine.answer("SELECT 1")).isEqualTo("1"); // it lives
        }
    }

    @Test
    void nobodyWhoReadsTheEngineSeesASecret() throws Exception {
        try (var lake = lake();
                var engine = new TestLakeEngine(folder.resolve("engine"), lake.catalog)) {
            lake.write(List.of(new RandomPoints(new Random(4), 20, 5).batch(50)));
            engine.views.round();
            String shown =
                    engine.answer("SHOW CREATE TABLE otel_metrics_lake.points FORMAT TSVRaw")
                            + engine.answer("SELECT * FROM system.tables FORMAT TSVRaw");
            assertThat(shown)
                    .contains("/firn-lake/", "[HIDDEN]")
                    .doesNotContain("the-key", SECRET, "Bearer");
            var address = Pattern.compile("http://127.0.0.1:\\d+/firn-lake/").matcher(shown);
            assertThat(address.find()).isTrue();
            Table table = lake.catalog.load(LakePaths.POINTS);
            String file = files(table).getFirst().location();
            URI uri =
                    URI.create(
                            address.group().replace("/firn-lake/", "")
                                    + FileServer.path(table, file));
            for (String authorization : List.of("", "Bearer ", "Bearer 0", "Basic Og==")) {
                var request = HttpRequest.newBuilder(uri);
                if (!authorization.isEmpty()) {
                    request.header("Authorization", authorization);
                }
                assertThat(
                                HttpClient.newHttpClient()
                                        .send(
                                                request.build(),
                                                HttpResponse.BodyHandlers.discarding())
                                        .statusCode())
                        .isEqualTo(403);
            }
        }
    }

    @Test
    void questionsOfOtherMomentsReachS3Too() throws Exception {
        try (var lake = lake();
                var engine = new TestLakeEngine(folder.resolve("engine"), lake.catalog)) {
            var source = new RandomPoints(new Random(4), 20, 5);
            lake.write(List.of(source.batch(50)));
            long first = lake.catalog.load(LakePaths.POINTS).currentSnapshot().snapshotId();
            String then = count(lake);
            lake.write(List.of(source.batch(70)));
            var questions =
                    new LakeQuestions(lake.catalog, engine.internal, engine.files, "otel_metrics");
            String sql = "SELECT count(), sum(seq) FROM points";
            for (var one : Map.of("" + first, then, "", count(lake)).entrySet()) {
                AsOf asOf = one.getKey().isEmpty() ? AsOf.NEWEST : AsOf.parse(one.getKey());
                try (LakeQuestions.Opened opened = questions.open(sql, asOf)) {
                    assertThat(engine.ask(sql, "?database=" + opened.database()).text())
                            .isEqualTo(one.getValue());
                }
            }
        }
    }

    private static List<DataFile> files(Table table) throws IOException {
        var files = new java.util.ArrayList<DataFile>();
        try (var tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> files.add(task.file().copy()));
        }
        return files;
    }
}
