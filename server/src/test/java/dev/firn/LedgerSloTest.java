package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.ops.load.Answer;
import dev.firn.ops.load.Fault;
import dev.firn.ops.load.Ledger;
import dev.firn.ops.load.Load;
import dev.firn.ops.load.LoadOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Objectives over the load generator's shop count what its ledger says: restarts, deploys, delta
/// and cumulative, both HTTP conventions, bodies that come late and twice. Some of it is there when
/// they are evaluated first, some comes after that, hours late.
class LedgerSloTest {
    private static final long HOUR = 3_600 * LoadOptions.SECOND;
    private static final byte[] UNKNOWN_FIELD = {0x7a, 0};
    private static final long PATIENCE_NANOS = 240_000_000_000L;
    private static final String GROUPED =
            """
            apiVersion: openslo/v1
            kind: SLO
            metadata: {name: by-route, labels: {team: shop}}
            spec:
              service: shop
              indicator:
                spec:
                  ratioMetric:
                    counter: true
                    bad:
                      metricSource:
                        type: Firn
                        spec:
                          where:
                            - {attributes: [http.response.status_code, http.status_code, http_status_code], matches: "5.."}
                    total:
                      metricSource:
                        type: Firn
                        spec:
                          metrics: [http.server.request.duration, http.server.duration]
                          type: histogram
                          unit: s
                          groupBy:
                            - {attributes: [deployment.environment.name, deployment.environment, environment]}
                            - {attributes: [http.route, http_route]}
              timeWindow: [{duration: 7d, isRolling: true}]
              budgetingMethod: Occurrences
              objectives: [{targetPercent: 99.9}]
            """;

    @TempDir Path folder;

    private final List<byte[]> late = new ArrayList<>();
    private int bodies;

    @Test
    void countsEqualTheLedger() throws Exception {
        Path grouped = Files.writeString(folder.resolve("grouped.yaml"), GROUPED);
        Path shipped = folder.resolve("http.yaml");
        Files.writeString(shipped, Files.readString(Path.of("../config/slo/http.yaml")));
        long until = Clock.system().nanos() / HOUR * HOUR - HOUR;
        LoadOptions options =
                LoadOptions.history(11, until - 6 * HOUR, until).withRate(20).withBodies(500, 4);
        var ledger = new Ledger();
        String more =
                "slo: {grace: 0s, definitions: ['%s', '%s']}"
                        .formatted(shipped, folder.resolve("group*.yaml"));
        assertThat(grouped).exists();
        Path data = folder.resolve("data");
        try (var served = new Served(data, more)) {
            var load =
                    new Load(
                            options,
                            ledger,
                            body -> send(served, body),
                            Fault::none,
                            Clock.system());
            assertThat(load.run().isClean()).isTrue();
            await(() -> objectives(served).size() > 4); // evaluated without the late ones
            late.forEach(body -> post(served, body));
            Map<String, List<Long>> truth = truth(ledger);
            assertThat(truth).hasSizeGreaterThan(20);
            await(() -> found(served).equals(truth));
            assertThat(found(served)).isEqualTo(truth);

            compliance(served, ledger);
            String detail = served.sql("SELECT count() FROM v_slo_status");
            assertThat(detail).isEqualTo(Integer.toString(objectives(served).size()));
            rows(served);
            openApi(served);
            commands(served);
        }
        Served.Ran stored =
                Served.command(
                        "slo",
                        "list",
                        "--data",
                        data.toString(),
                        "--config",
                        config(more).toString());
        assertThat(stored.exit()).as(stored.err()).isZero();
        assertThat(stored.out().lines()).anyMatch(line -> line.startsWith("prod-http-errors\t"));
    }

    private Path config(String more) throws Exception {
        return Files.writeString(folder.resolve("config.yaml"), Served.config(more));
    }

    private Answer send(Served served, byte[] body) {
        synchronized (late) {
            bodies++;
            if (bodies % 9 == 3) {
                late.add(body);
                return new Answer.Accepted(0, "");
            }
            if (bodies % 13 == 5) {
                byte[] again = Arrays.copyOf(body, body.length + UNKNOWN_FIELD.length);
                System.arraycopy(UNKNOWN_FIELD, 0, again, body.length, UNKNOWN_FIELD.length);
                late.add(again);
            }
        }
        post(served, body);
        return new Answer.Accepted(0, "");
    }

    private static void post(Served served, byte[] body) {
        assertThat(served.send(body).statusCode()).isEqualTo(200);
    }

    /// All and good ones, by environment (of the shipped objectives) and by environment and route.
    private static Map<String, List<Long>> truth(Ledger ledger) {
        var truth = new TreeMap<String, List<Long>>();
        ledger.requests()
                .forEach((key, value) -> {
                    if (value.exported() == 0) {
                        return;
                    }
                    long good = key.isError() ? 0 : value.exported();
                    add(truth, key.environment() + "|" + key.route(), value.exported(), good);
                    if (!key.environment().equals("qa")) {
                        add(truth, key.environment(), value.exported(), good);
                    }
                });
        return truth;
    }

    private static void add(Map<String, List<Long>> sums, String key, long total, long good) {
        sums.merge(
                key,
                List.of(total, good),
                (a, b) -> List.of(a.get(0) + b.get(0), a.get(1) + b.get(1)));
    }

    private static Map<String, List<Long>> found(Served served) {
        var found = new TreeMap<String, List<Long>>();
        for (JsonNode one : objectives(served)) {
            String name = one.get("slo").asString();
            JsonNode events = one.get("events");
            if (name.endsWith("-http-errors")) {
                add(
                        found,
                        name.substring(0, name.indexOf('-')),
                        events.get("total").asLong(),
                        events.get("good_lower").asLong());
            } else if (name.equals("by-route")) {
                JsonNode group = one.get("group");
                add(
                        found,
                        group.get("deployment.environment.name").asString()
                                + "|"
                                + group.get("http.route").asString(),
                        events.get("total").asLong(),
                        events.get("good_lower").asLong());
            }
        }
        return found;
    }

    private static JsonNode objectives(Served served) {
        return served.json("/api/firn/v1/slo").get("objectives");
    }

    private static void await(BooleanSupplier condition) {
        Served.patiently(PATIENCE_NANOS, condition);
    }

    /// Hours whose ratio met the objective, counted from the ledger.
    private static void compliance(Served served, Ledger ledger) {
        var hours = new TreeMap<Long, long[]>();
        ledger.requests()
                .forEach((key, value) -> {
                    if (key.environment().equals("prod") && value.exported() > 0) {
                        long[] sum = hours.computeIfAbsent(key.hour(), _ -> new long[2]);
                        sum[0] += value.exported();
                        sum[1] += key.isError() ? value.exported() : 0;
                    }
                });
        long compliant = hours.values().stream().filter(sum -> sum[1] * 100 <= sum[0]).count();
        assertThat(
                        served.sql(
                                "SELECT environment, metric_name, slo_type, threshold, compliant_hours,"
                                        + " total_hours, slo_tier != '' FROM v_slo_compliance WHERE slo ="
                                        + " 'prod-http-errors'"))
                .isEqualTo(
                        "prod\thttp_server_duration\terror_rate\t1\t"
                                + compliant
                                + "\t"
                                + hours.size()
                                + "\t1");
        assertThat(
                        served.sql(
                                "SELECT countIf(abs(slo_compliance_percent - 100 * sli) < 1e-9), count()"
                                        + " FROM v_slo_compliance JOIN v_slo_status USING (slo,"
                                        + " group_values)"))
                .matches("(\\d+)\t\\1");
    }

    /// A row of `slo_definitions` is evaluated; one whose key a file has is reported.
    private static void rows(Served served) {
        assertThat(
                        run(
                                        served,
                                        "define",
                                        "qa",
                                        "http_server_duration",
                                        "availability",
                                        "99.5",
                                        "QA answers")
                                .exit())
                .isZero();
        assertThat(run(served, "define", "dev", "http_server_duration", "error_rate", "7").exit())
                .isZero();
        await(() ->
                served.json("/api/firn/v1/slo").get("conflicts").size() == 1
                        && objectives(served).toString().contains("qa-http_server_duration"));
        JsonNode conflict = served.json("/api/firn/v1/slo").get("conflicts").get(0);
        assertThat(conflict.get("overridden_by").asString()).isEqualTo("dev-http-errors");
        assertThat(conflict.get("threshold").asDouble()).isEqualTo(7);
        assertThat(conflict.get("threshold_in_force").asDouble()).isEqualTo(5);
        assertThat(
                        served.sql(
                                "SELECT environment, slo_type, threshold FROM slo_definitions ORDER BY"
                                        + " environment, slo_type"))
                .isEqualTo(
                        "dev\tlatency_p95\t1\ndev\terror_rate\t7\nprod\tlatency_p95\t0.5\n"
                                + "prod\terror_rate\t1\nqa\tavailability\t99.5");
        Served.Ran wrong = run(served, "define", "qa", "m", "latency_p50", "1");
        assertThat(wrong.exit()).isEqualTo(2);
        assertThat(wrong.err()).contains("latency_p50");
    }

    private static Served.Ran run(Served served, String... arguments) {
        var all = new ArrayList<String>();
        all.add("slo");
        all.addAll(List.of(arguments));
        all.addAll(List.of("--url", served.running.url()));
        return Served.command(all.toArray(String[]::new));
    }

    /// The description names what is answered.
    private static void openApi(Served served) {
        JsonNode api = served.json("/api/firn/v1/openapi.json");
        JsonNode schemas = api.get("components").get("schemas");
        JsonNode answer = served.json("/api/firn/v1/slo");
        assertThat(answer.propertyNames())
                .containsExactlyInAnyOrderElementsOf(
                        schemas.get("Objectives").get("properties").propertyNames());
        same(answer.get("objectives").get(0), schemas.get("Objective"), schemas);
    }

    private static void same(JsonNode value, JsonNode schema, JsonNode schemas) {
        JsonNode of = schema;
        if (schema.has("$ref")) {
            String name = schema.get("$ref").asString();
            of = schemas.get(name.substring(name.lastIndexOf('/') + 1));
        }
        if (of.has("properties")) {
            assertThat(value.propertyNames())
                    .containsExactlyInAnyOrderElementsOf(of.get("properties").propertyNames());
            JsonNode properties = of.get("properties");
            value.properties()
                    .forEach(one -> same(one.getValue(), properties.get(one.getKey()), schemas));
        } else if (of.has("items") && !value.isEmpty()) {
            same(value.get(0), of.get("items"), schemas);
        }
    }

    private static void commands(Served served) {
        Served.Ran list = run(served, "list");
        assertThat(list.exit()).isZero();
        assertThat(list.out().lines().skip(1).count()).isEqualTo(objectives(served).size());
        Served.Ran show = run(served, "show", "prod-http-latency");
        assertThat(show.exit()).as(show.err()).isZero();
        assertThat(show.out()).contains("burn 3d").contains("95 % of the requests within 500 ms.");
        assertThat(run(served, "show", "nothing").exit()).isEqualTo(2);
        Served.Ran report = Served.command("report", "slo", "--url", served.running.url());
        assertThat(report.exit()).isZero();
        assertThat(report.out()).contains("prod-http-errors").contains("as of ");
        assertThat(served.get("/metrics").body())
                .contains("firn_slo_sli_ratio{group=\"\",slo=\"prod-http-errors\"}")
                .contains("firn_slo_definition_conflicts 1");
    }
}
