package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Firn's own metrics on its web address, and where a Collector has its own.
class MetricsPagesTest {
    private static final String SERVICE =
            "engine: {enabled: false}\n"
                    + "service: {telemetry: {metrics: {readers: [{pull: {exporter: {prometheus:"
                    + " {host: 127.0.0.1, port: 0}}}}]}},"
                    + " pipelines: {metrics: {receivers: [otlp], exporters: [firn]}}}";

    @TempDir Path data;

    @Test
    void theSeedsUploaderIsOnBothPagesFromTheStart() throws Exception {
        try (var served = new Served(data, SERVICE);
                var client = HttpClient.newHttpClient()) {
            String telemetry =
                    served.running.listening().stream()
                            .filter(line -> line.startsWith("telemetry "))
                            .findFirst()
                            .orElseThrow()
                            .replaceAll("telemetry +", "");
            String beside =
                    client.send(
                                    HttpRequest.newBuilder(URI.create(telemetry)).build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body();
            for (String page : new String[] {served.get("/metrics").body(), beside}) {
                assertThat(page)
                        .contains("s3_uploader_files_processed_total{status=\"success\"} 0.0")
                        .contains("s3_uploader_files_processed_total{status=\"error\"} 0.0")
                        .contains("firn_lake_lag_seconds 0.0")
                        .contains("firn_lake_files_waiting 0.0")
                        .contains("firn_lake_upload_seconds_count 0")
                        .contains("firn_lake_retries_total{what=\"request\"} 0.0")
                        .containsPattern("firn_lake_\\w*bytes\\w*_total\\S* 0.0");
            }
            served.sendAll(0, 1);
            served.assertLakeRows(Served.POINTS);
            assertThat(served.get("/metrics").body())
                    .containsPattern(
                            "s3_uploader_files_processed_total\\{status=\"success\"\\} [1-9]");
        }
    }
}
