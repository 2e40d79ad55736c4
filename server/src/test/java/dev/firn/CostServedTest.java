package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What senders send is metered, priced and shown: in views, the API, reports and FOCUS files.
class CostServedTest {
    private static final double TINY = 1e-6;
    private static final String BUDGETS =
            "SELECT rule, state, subject['budget'] FROM alerts WHERE source = 'cost'";

    @TempDir Path data;

    private String config(double budget) throws Exception {
        Path prices = data.resolve("prices.yaml");
        Files.writeString(
                prices,
                """
                use: ours
                lists:
                  - name: ours
                    currency: EUR
                    paid_for: {engine: 1GiB}
                    prices: {samples: 2.5, otlp_bytes: 0.125, engine_byte_hours: 730}
                budgets:
                  - {name: tiny, monthly: %s}
                  - {name: elsewhere, monthly: 1, environment: nowhere}
                """
                        .formatted(budget));
        return "cost: {prices: \"%s\"}".formatted(prices);
    }

    @Test
    void whatComesInIsMeteredAndPriced() throws Exception {
        long bytes = 0;
        for (int i = 0; i < 10; i++) {
            bytes += Served.body(i).length;
        }
        Path firn = data.resolve("firn");
        try (var served = new Served(firn, config(TINY))) {
            served.sendAll(0, 10);
            served.sendAll(9, 10); // a retry is not metered again
        }
        try (var served = new Served(firn, config(TINY))) {
            long expected = bytes;
            Served.await(() -> served.sql("EXISTS v_cost_focus").equals("1"));
            Served.await(() -> quantity(served, "points") == 1_000);
            Served.await(() -> quantity(served, "engine_byte_hours") > 0);
            assertThat(quantity(served, "otlp_bytes")).isEqualTo(expected);
            assertThat(quantity(served, "samples")).isEqualTo(1_000);
            assertThat(quantity(served, "active_series_hours"))
                    .isBetween(100L, 200L); // an hour may end
            assertThat(quantity(served, "new_series")).isEqualTo(100);
            assertThat(
                            served.sql(
                                    "SELECT sum(quantity), any(unit), round(sum(cost), 9), any(currency) FROM"
                                            + " v_cost_attribution WHERE meter = 'samples'"))
                    .isEqualTo("1000\tSamples\t0.0025\tEUR");
            assertThat(
                            served.sql(
                                    "SELECT sum(attributed + overhead + idle + unattributed) = sum(total),"
                                            + " sum(total) >= 1073741824, sum(attributed) > 0, sum(overhead) > 0 FROM"
                                            + " v_cost_coverage WHERE meter = 'engine_byte_hours'"))
                    .isEqualTo("1\t1\t1\t1");
            assertThat(
                            served.sql(
                                    "SELECT sum(samples), sum(cost) > 0, max(active_series) > 0, sum(hot_bytes) > 0,"
                                            + " sum(lake_bytes) > 0 FROM v_cost_daily"))
                    .isEqualTo("1000\t1\t1\t1\t1");
            queries(served);
            api(served);
            reports(served);
            focus(served);
        }
        try (var served = new Served(firn, config(1_000))) {
            Served.await(() -> served.sql(BUDGETS).equals("budget_spent\tresolved\ttiny"));
        }
    }

    private static long quantity(Served served, String meter) {
        return Long.parseLong(
                served.sql(
                        "SELECT sum(quantity) FROM otel_metrics.v_cost_attribution WHERE meter = '%s'"
                                .formatted(meter)));
    }

    private static void queries(Served served) {
        served.sql("SELECT count() FROM series WHERE metric_name = 'bench.gauge.0'");
        String then = served.sql("SELECT toUnixTimestamp(max(time)) FROM samples");
        String promql = "/api/v1/query?query=%7B__name__%3D%22bench.gauge.1%22%7D&time=" + then;
        assertThat(served.json(promql).at("/data/result").size()).isEqualTo(10);
        String asked =
                "SELECT count() FROM v_cost_attribution WHERE meter = 'query_microseconds'"
                        + " AND source = '%s' AND metric_name = '%s'";
        Served.await(
                () -> !served.sql(asked.formatted("default/test", "bench.gauge.0")).equals("0"));
        Served.await(
                () -> !served.sql(asked.formatted("promql/test", "bench.gauge.1")).equals("0"));
        assertThat(served.sql("SELECT sum(query_seconds) > 0 FROM v_cost_daily")).isEqualTo("1");
        assertThat(
                        served.sql(
                                "SELECT countIf(source = 'promql/test'), max(last_asked) > now() - INTERVAL 2 HOUR FROM v_cost_asked WHERE metric_name = 'bench.gauge.1'"))
                .isEqualTo("1\t1");
        assertThat(
                        served.sql(
                                "SELECT countIf(metric_name = 'bench.gauge.1'), countIf(metric_name = 'bench.gauge.2') FROM v_cost_unasked"))
                .isEqualTo("0\t1");
    }

    private static void api(Served served) {
        Served.await(() -> served.json("/api/firn/v1/cost").path("meters").size() > 5);
        JsonNode cost = served.json("/api/firn/v1/cost");
        assertThat(cost.get("currency").asString()).isEqualTo("EUR");
        for (JsonNode meter : cost.get("meters")) {
            assertThat(
                            meter.get("attributed").asLong()
                                    + meter.get("overhead").asLong()
                                    + meter.get("idle").asLong()
                                    + meter.get("unattributed").asLong())
                    .isEqualTo(meter.get("quantity").asLong());
        }
        assertThat(cost.get("unasked")).isNotNull();
        assertThat(cost.get("budgets").get(0).get("spent").asDouble()).isGreaterThan(1e-6);
        assertThat(cost.get("budgets").get(1).get("spent").asDouble()).isZero();
        assertThat(served.sql(BUDGETS)).isEqualTo("budget_spent\tfiring\ttiny");
    }

    private static void reports(Served served) {
        String url = served.running.url();
        Served.Ran text = Served.command("report", "cost", "--url", url);
        assertThat(text.exit()).as(text.err()).isZero();
        assertThat(text.out())
                .contains("Cost of the month so far")
                .contains("tiny")
                .contains("samples");
        Served.Ran json =
                Served.command("report", "cost", "--format", "json", "--by", "meter", "--url", url);
        assertThat(json.out()).contains("\"meter\":\"points\"");
        Served.Ran savings = Served.command("report", "cost", "--savings", "--url", url);
        assertThat(savings.exit()).as(savings.err()).isZero();
        assertThat(savings.out())
                .contains("10 series become 3: http.route of bench.gauge.")
                .containsPattern(
                        "of bench.gauge.1; asked for by .*promql/test.*, with the label by")
                .containsPattern("only since .* UTC is it counted who asks, 0 days")
                .containsPattern("series: bench.gauge.2");
        Served.Ran empty = Served.command("report", "cost", "--month", "2001-01", "--url", url);
        assertThat(empty.exit()).isZero();
        assertThat(empty.out()).contains("Nothing was metered");
        assertThat(Served.command("report", "cost", "--by", "nothing", "--url", url).exit())
                .isEqualTo(2);
    }

    private void focus(Served served) throws Exception {
        Path csv = data.resolve("focus.csv");
        Served.Ran ran =
                Served.command(
                        "report",
                        "cost",
                        "--format",
                        "focus-csv",
                        "--output",
                        csv.toString(),
                        "--url",
                        served.running.url());
        assertThat(ran.exit()).as(ran.err()).isZero();
        List<List<String>> rows = FocusRules.parse(Files.readString(csv));
        assertThat(rows).hasSizeGreaterThan(5);
        assertThat(FocusRules.problems(rows)).isEmpty();

        Path parquet = data.resolve("focus.parquet");
        ran =
                Served.command(
                        "report",
                        "cost",
                        "--format",
                        "focus-parquet",
                        "--output",
                        parquet.toString(),
                        "--url",
                        served.running.url());
        assertThat(ran.exit()).as(ran.err()).isZero();
        assertThat(FocusRules.columns(parquet)).isEqualTo(rows.getFirst());
    }
}
