package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.NioDisk;
import dev.firn.lake.TestFiles;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SessionCatalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.rest.HTTPClient;
import org.apache.iceberg.rest.RESTSessionCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Iceberg's own client reads a running Firn's tables by one URL and a token.
class ServedCatalogTest {
    private static final String SERVE =
            "lake: {commit_interval: 1s, catalog: {serve: {enabled: true, token: \"let me in\"}}}\n"
                    + "engine: {enabled: false}";
    private static final TableIdentifier POINTS = TableIdentifier.of("metrics", "points");

    @TempDir Path folder;

    private static Catalog client(String url, String token) {
        var session =
                new RESTSessionCatalog(
                        properties ->
                                HTTPClient.builder(properties).uri(properties.get("uri")).build(),
                        (context, properties) -> TestFiles.of(new NioDisk()));
        session.initialize(
                "rest",
                Map.of("uri", url + "/iceberg", "token", token, "token-refresh-enabled", "false"));
        return session.asCatalog(SessionCatalog.SessionContext.createEmpty());
    }

    @Test
    void icebergsClientReadsTheTables() throws Exception {
        try (var served = new Served(folder.resolve("data"), SERVE)) {
            served.sendAll(0, 3);
            String url = served.running.url();
            Catalog catalog = client(url, "let me in");
            assertThat(catalog.listTables(Namespace.of("metrics")))
                    .containsExactlyInAnyOrder(POINTS, TableIdentifier.of("metrics", "series"));
            Table points = catalog.loadTable(POINTS);
            Served.await(() -> {
                points.refresh();
                return count(points) == 3 * Served.POINTS;
            });
            assertThatThrownBy(() -> points.newAppend().commit())
                    .hasMessageContaining("does not support endpoint: POST");
            assertThatThrownBy(() -> client(url, "wrong").listTables(Namespace.of("metrics")))
                    .hasMessageContaining("no valid token");
            assertThat(status(url + "/iceberg/v1/config")).isEqualTo(401);
        }
    }

    private static long count(Table table) {
        long rows = 0;
        try (var all = IcebergGenerics.read(table).select("time").build()) {
            for (Object row : all) {
                rows += row == null ? 0 : 1;
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return rows;
    }

    private static int status(String url) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(url)).build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    @Test
    void nothingIsServedUnlessAskedFor() throws Exception {
        try (var served = new Served(folder.resolve("data"), "engine: {enabled: false}")) {
            assertThat(status(served.running.url() + "/iceberg/v1/config")).isEqualTo(404);
        }
    }
}
