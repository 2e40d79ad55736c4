package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.SmallDisk;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What is wrong stands in each report, and no longer when it is mended.
class ReportsServedTest {
    private static final long PATIENCE_NANOS = 240_000_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final String METRIC = "requests";

    /// Nine of ten requests are to be good.
    private static final String OBJECTIVE =
            """
            apiVersion: openslo/v1
            kind: SLO
            metadata: {name: good-requests}
            spec:
              description: Nine of ten requests are good.
              service: shop
              indicator:
                spec:
                  ratioMetric:
                    counter: true
                    bad: {metricSource: {type: Firn, spec: {where: [{attributes: [status], equals: bad}]}}}
                    total: {metricSource: {type: Firn, spec: {metrics: [requests]}}}
              timeWindow: [{duration: 1d, isRolling: true}]
              budgetingMethod: Occurrences
              objectives: [{target: 0.9}]
            """;

    private long began = Clock.system().nanos();

    private static void await(String what, java.util.function.BooleanSupplier condition) {
        Served.patiently(PATIENCE_NANOS, condition);
        assertThat(condition.getAsBoolean()).as(what).isTrue();
    }

    private static JsonNode rows(Served firn, String title, String... of) {
        var arguments = new java.util.ArrayList<>(java.util.List.of("report"));
        arguments.addAll(java.util.List.of(of));
        arguments.addAll(java.util.List.of("--format", "json", "--url", firn.running.url()));
        var ran = Served.command(arguments.toArray(String[]::new));
        assertThat(ran.exit()).as(ran.err()).isZero();
        for (JsonNode part : Served.parse(ran.out()).get("parts")) {
            if (part.get("title").asString().equals(title)) {
                return part.get("rows");
            }
        }
        throw new AssertionError("no part " + title + " in " + ran.out());
    }

    /// So many events, good and bad, since the last ones.
    private void send(Served firn, String service, long atNanos, int good, int bad) {
        var request = ExportMetricsServiceRequest.newBuilder();
        var resource = request.addResourceMetricsBuilder();
        resource.getResourceBuilder().addAttributes(attribute("service.name", service));
        var sum =
                resource.addScopeMetricsBuilder()
                        .addMetricsBuilder()
                        .setName(METRIC)
                        .getSumBuilder();
        sum.setIsMonotonic(true)
                .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
        sum.addDataPointsBuilder()
                .setStartTimeUnixNano(began)
                .setTimeUnixNano(atNanos)
                .setAsInt(good)
                .addAttributes(attribute("status", "good"));
        sum.addDataPointsBuilder()
                .setStartTimeUnixNano(began)
                .setTimeUnixNano(atNanos)
                .setAsInt(bad)
                .addAttributes(attribute("status", "bad"));
        assertThat(firn.send(request.build().toByteArray()).statusCode()).isEqualTo(200);
        began = atNanos;
    }

    private static KeyValue attribute(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }

    private static String objective(Served firn) {
        for (JsonNode row : rows(firn, "Objectives", "slo")) {
            if (row.get("slo").asString().equals("good-requests")) {
                return row.get("status").asString();
            }
        }
        return "";
    }

    private static double used(Served firn) {
        return rows(firn, "Disk", "capacity").at("/0/used_percent").asDouble();
    }

    private static String freshness(Served firn) {
        return rows(firn, "Data freshness", "quality").at("/0/state").asString("");
    }

    /// How the alert of the full disk stands in today's report: empty, firing, or when it ended.
    private static String alert(Served firn) {
        String today = LocalDate.now(ZoneOffset.UTC).toString();
        for (JsonNode row : rows(firn, "Alerts", "daily", "--day", today)) {
            if (row.get("rule").asString().equals("disk")) {
                return row.get("ended").asString();
            }
        }
        return "";
    }

    /// In which the objective's alerts are.
    private static String states(Served firn) {
        return firn.sql(
                "SELECT arrayStringConcat(arraySort(groupUniqArray(state)), ' ') FROM alerts WHERE source = 'slo'");
    }

    private static String savings(Served firn) {
        return Served.command("report", "cost", "--savings", "--url", firn.running.url()).out();
    }

    @Test
    void whatIsWrongIsReportedUntilItIsMended(@TempDir Path folder, @TempDir Path other)
            throws Exception {
        Path objective = other.resolve("slo.yaml");
        Files.writeString(objective, OBJECTIVE);
        String config =
                "slo: {grace: 0s, definitions: [\"%s\"]}\nalerting: {health_for: 1s}\nwal: {disk_free_min: 1MiB}"
                        .formatted(objective);
        try (var _ = new SmallDisk(folder, "600m");
                var firn = new Served(folder.resolve("data"), config)) {
            assertThat(alert(firn)).isEmpty();
            assertThat(used(firn)).isLessThan(90);
            Path ballast = folder.resolve("ballast");
            fill(ballast);
            long now = Clock.system().nanos();
            began = now - 7_260 * SECOND;
            send(firn, "shop", now - 7_200 * SECOND, 1, 0);
            await("a plane that is silent", () -> freshness(firn).equals("stale"));
            await("a full disk", () -> used(firn) > 90);
            await("its alert", () -> alert(firn).equals("firing"));
            await("a metric that nobody asks for", () -> savings(firn).contains(": " + METRIC));

            Files.delete(ballast);
            now = Clock.system().nanos();
            began = now - 3_660 * SECOND;
            for (int minute = 60; minute >= 0; minute--) { // what is not measured burns nothing
                send(firn, "shop", now - minute * 60 * SECOND, 10, 10);
            }
            await("bad requests", () -> objective(firn).equals("breached"));
            await("their alert", () -> states(firn).contains("firing"));
            await("no silence", () -> freshness(firn).equals("fresh"));
            await("room", () -> used(firn) < 90);
            await("an alert that ended", () -> alert(firn).startsWith("20"));
            firn.sql("SELECT count() FROM series WHERE metric_name = '" + METRIC + "'");
            await("a metric that was asked for", () -> !savings(firn).contains(": " + METRIC));
            send(firn, "shop", Clock.system().nanos(), 1_000_000, 0);
            await("good requests", () -> objective(firn).equals("met"));
            await("the alert's end", () -> states(firn).equals("resolved"));
        }
    }

    private static void fill(Path ballast) throws IOException {
        try (var file = Files.newOutputStream(ballast)) {
            while (Files.getFileStore(ballast).getUsableSpace() > 40 << 20) {
                file.write(new byte[1 << 20]);
            }
        }
    }
}
