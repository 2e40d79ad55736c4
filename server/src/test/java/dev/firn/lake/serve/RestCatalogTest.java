package dev.firn.lake.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.NioDisk;
import dev.firn.config.ConfigReader;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.PointsTable;
import dev.firn.lake.SeriesTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestCatalogTest {
    @TempDir Path data;

    private String answer(RestCatalog served, String method, String path) {
        RestCatalog.Answer answer = served.answer(method, path, name -> null);
        return answer.status() + " " + new String(answer.body(), UTF_8);
    }

    @Test
    void namesAndTablesAreReadAndNothingIsWritten() {
        try (LakeCatalog lake = LakeCatalog.sqlite(data, new NioDisk())) {
            lake.createTables(List.of(PointsTable.table(), SeriesTable.table()));
            var served = new RestCatalog(lake.iceberg(), Map.of("s3.region", "eu-west-1"));
            assertThat(answer(served, "GET", "/v1/config"))
                    .startsWith("200 ")
                    .contains("\"s3.region\":\"eu-west-1\"", "GET /v1/{prefix}/namespaces")
                    .doesNotContain("POST", "DELETE");
            assertThat(answer(served, "GET", "/v1/namespaces"))
                    .isEqualTo("200 {\"namespaces\":[[\"metrics\"]],\"next-page-token\":null}");
            assertThat(answer(served, "GET", "/v1/namespaces/metrics/tables"))
                    .startsWith("200 ")
                    .contains("\"name\":\"points\"", "\"name\":\"series\"");
            assertThat(answer(served, "GET", "/v1/namespaces/metrics/tables/points"))
                    .startsWith("200 ")
                    .contains("\"metadata-location\":", "\"s3.region\":\"eu-west-1\"");
            assertThat(answer(served, "HEAD", "/v1/namespaces/metrics/tables/points"))
                    .isEqualTo("204 ");
            assertThat(answer(served, "HEAD", "/v1/namespaces/metrics/tables/no"))
                    .startsWith("404 ");
            assertThat(answer(served, "GET", "/v1/namespaces/no/tables")).startsWith("404 ");
            assertThat(answer(served, "GET", "/v1/else")).startsWith("404 ");
            for (String method : List.of("POST", "DELETE", "PUT", "PATCH")) {
                assertThat(answer(served, method, "/v1/namespaces/metrics/tables/points"))
                        .startsWith("406 ")
                        .contains("read-only");
            }
        }
    }

    @Test
    void readersAreToldWhereTheFilesAreAndNoSecret() {
        String yaml =
                """
                receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:0"}}}}
                exporters: {firn: }
                service: {pipelines: {metrics: {receivers: [otlp], exporters: [firn]}}}
                lake:
                  warehouse: %s
                  s3: {endpoint: "http://s3.example:9000", path_style: true, access_key: id, secret_key: hidden}
                """;
        assertThat(readers(yaml.formatted("s3://bucket/firn")))
                .isEqualTo(
                        Map.of(
                                "s3.endpoint", "http://s3.example:9000",
                                "s3.path-style-access", "true",
                                "client.region", "us-east-1",
                                "s3.region", "us-east-1"));
        assertThat(readers(yaml.formatted("/var/lib/lake"))).isEmpty();
    }

    private static Map<String, String> readers(String yaml) {
        return RestCatalog.readers(
                ConfigReader.parse(Map.of("firn.yaml", yaml), name -> null).lake());
    }
}
