package dev.firn.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OwnMetricsTest {
    private final OwnMetrics metrics = new OwnMetrics();

    @Test
    void theCollectorsCountersKeepTheNameThatACollectorServes() {
        metrics.counter("otelcol_receiver_accepted_metric_points", "h", "receiver")
                .labelValues("otlp_total ")
                .inc(7);
        metrics.counter("otelcol_process_uptime", "h", () -> 1.5);
        metrics.counter("firn_wal_appends", "h").inc(2);

        assertThat(page())
                .contains("\notelcol_receiver_accepted_metric_points{receiver=\"otlp_total \"} 7.0")
                .contains("# TYPE otelcol_process_uptime counter\notelcol_process_uptime 1.5")
                .contains("# TYPE firn_wal_appends_total counter\nfirn_wal_appends_total 2.0");
        assertThat(metrics.all().stream().map(OwnMetrics.About::name))
                .containsExactly(
                        "firn_wal_appends_total",
                        "otelcol_process_uptime",
                        "otelcol_receiver_accepted_metric_points");
    }

    @Test
    void aPageOfSomeMetricsHasNoOthers() {
        metrics.counter("otelcol_process_uptime", "h", () -> 1.5);
        metrics.counter("firn_wal_appends", "h").inc(2);

        assertThat(
                        new String(
                                metrics.page(name -> name.startsWith("otelcol_")),
                                StandardCharsets.UTF_8))
                .contains("otelcol_process_uptime 1.5")
                .doesNotContain("firn_");
    }

    @Test
    void theTargetIsOneRowOfItsAttributes() {
        var labels = new java.util.LinkedHashMap<String, String>();
        labels.put("service.name", "firn");
        labels.put("host", "a\"b");
        metrics.target(labels);

        assertThat(page()).contains("target_info{host=\"a\\\"b\",service_name=\"firn\"} 1");
    }

    private String page() {
        return new String(metrics.page(), StandardCharsets.UTF_8);
    }
}
