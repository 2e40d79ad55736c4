package dev.firn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import dev.firn.config.ReportConfig.Form;
import dev.firn.config.ReportConfig.Kind;
import dev.firn.ops.report.Reports;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "cost",
        mixinStandardHelpOptions = true,
        description = "Reports what a calendar month (UTC) has cost so far, and whose cost it is.",
        footer = {
            "",
            "Examples:",
            "  firn report cost",
            "  firn report cost --by team,environment --month 2026-11",
            "  firn report cost --savings",
            "  firn report cost --format focus-parquet --output november.parquet"
        })
final class CostReport implements Callable<Integer> {
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();
    private static final int UNASKED_DAYS = 30;

    private static final Set<String> DIMENSIONS =
            Set.of(
                    "data_plane_id",
                    "environment",
                    "service_name",
                    "team",
                    "metric_name",
                    "source",
                    "meter");

    @Mixin private final InstanceOption instance = new InstanceOption();
    @Mixin private final ConfigOption config = new ConfigOption();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "text, markdown, html, json, focus-csv or focus-parquet (FOCUS 1.2; default: ${DEFAULT-VALUE}).")
    private String format = "text";

    @Option(
            names = "--by",
            paramLabel = "COLUMNS",
            split = ",",
            description =
                    "Of data_plane_id, environment, service_name, team, metric_name, source, meter (default: ${DEFAULT-VALUE}).")
    private List<String> by = List.of("environment", "service_name", "metric_name");

    @Option(names = "--month", paramLabel = "YYYY-MM", description = "Another month than this one.")
    private @Nullable String month;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description =
                    "Where markdown, html, focus-parquet and focus-csv go (default: standard output).")
    private @Nullable Path output;

    @Option(
            names = "--limit",
            paramLabel = "ROWS",
            description = "Most rows of the text, the dearest first (default: ${DEFAULT-VALUE}).")
    private int limit = 30;

    @Option(
            names = "--savings",
            description =
                    "What dropping a label of a metric would save, by adding its series up; who asks for the metric; metrics that nobody asks for.")
    private boolean savings;

    @Override
    public Integer call() throws InterruptedException {
        for (String one : by) {
            if (!DIMENSIONS.contains(one)) {
                throw new InputException(
                        "cannot report by \"" + one + "\": name some of " + sorted(DIMENSIONS));
            }
        }
        if (savings) {
            Asked.of(instance, config, this::savings);
            return 0;
        }
        switch (format) {
            case "text" -> Asked.of(instance, config, this::text);
            case "json" -> Asked.of(instance, config, asked -> asked.copy(groups(), "JSONEachRow"));
            case "markdown" -> Asked.of(instance, config, asked -> page(asked, Form.MARKDOWN));
            case "html" -> Asked.of(instance, config, asked -> page(asked, Form.HTML));
            case "focus-csv" -> Asked.of(instance, config, this::csv);
            case "focus-parquet" -> Asked.of(instance, config, this::parquet);
            default ->
                    throw new InputException(
                            "cannot report as \""
                                    + format
                                    + "\": name one of text, markdown, html, json, focus-csv, focus-parquet");
        }
        return 0;
    }

    /// Of this month, by environment and service.
    private void page(Asked asked, Form form) {
        Instant now = Instant.now();
        ReportOptions.write(
                ReportOptions.make(Kind.COST, Reports.day(Kind.COST, now), now, asked),
                form,
                output);
    }

    private static String sorted(Set<String> names) {
        return String.join(", ", names.stream().sorted().toList());
    }

    private String range(String column) {
        YearMonth which;
        try {
            which = month == null ? YearMonth.now(Clock.systemUTC()) : YearMonth.parse(month);
        } catch (DateTimeException e) {
            throw new InputException("\"" + month + "\" is no month such as 2026-11");
        }
        return "%s >= '%s 00:00:00' AND %s < '%s 00:00:00'"
                .formatted(column, which.atDay(1), column, which.plusMonths(1).atDay(1));
    }

    private String groups() {
        String columns = String.join(", ", by);
        return "SELECT %s, sum(cost) AS costs, any(currency) AS currency, sumIf(quantity, meter = 'samples') AS samples, sumIf(quantity, meter = 'otlp_bytes') AS otlp_bytes, sumIf(quantity, meter = 'active_series_hours') AS active_series_hours, sumIf(quantity, meter = 'engine_byte_hours') AS engine_byte_hours, sumIf(quantity, meter = 'lake_byte_hours') AS lake_byte_hours, sumIf(quantity, meter = 'query_microseconds') / 1e6 AS query_seconds FROM v_cost_attribution WHERE %s GROUP BY %s ORDER BY costs DESC, samples DESC, %s"
                .formatted(columns, range("period_start"), columns, columns);
    }

    private void text(Asked asked) {
        List<JsonNode> meters =
                asked.rows(
                        "SELECT meter, any(unit) AS unit, sum(quantity) AS total, sum(cost) AS costs, any(currency) AS currency, sumIf(quantity, metric_name NOT LIKE '\\_\\_%') AS somebodys FROM v_cost_attribution WHERE "
                                + range("period_start")
                                + " GROUP BY meter ORDER BY costs DESC, meter");
        if (meters.isEmpty()) {
            System.out.println("Nothing was metered in that month.");
            return;
        }
        double all = meters.stream().mapToDouble(one -> one.path("costs").asDouble(0)).sum();
        String currency = meters.getFirst().path("currency").asString("");
        System.out.printf(Locale.ROOT, "Cost of the month so far: %.2f %s%n%n", all, currency);
        System.out.printf(
                "  %-22s %20s %-13s %9s %12s%n", "meter", "quantity", "", "somebody's", "cost");
        for (JsonNode one : meters) {
            double total = one.path("total").asDouble(0);
            System.out.printf(
                    Locale.ROOT,
                    "  %-22s %20s %-13s %8.1f%% %12.2f%n",
                    one.path("meter").asString(""),
                    one.path("total").asString(""),
                    one.path("unit").asString(""),
                    total == 0 ? 100 : 100 * one.path("somebodys").asDouble(0) / total,
                    one.path("costs").asDouble(0));
        }
        System.out.printf("%nBy %s%n", String.join(", ", by));
        for (JsonNode one : asked.rows(groups() + " LIMIT " + Math.max(1, limit))) {
            System.out.printf(
                    Locale.ROOT,
                    "  %12.4f  %14s samples  %s%n",
                    one.path("costs").asDouble(0),
                    one.path("samples").asString("0"),
                    String.join(
                            "/", by.stream().map(name -> one.path(name).asString("")).toList()));
        }
        budgets();
    }

    private void savings(Asked asked) {
        List<JsonNode> rows =
                asked.rows(
                        "SELECT * FROM v_cost_savings WHERE series_without < series ORDER BY saving DESC, series - series_without DESC LIMIT "
                                + Math.max(1, limit));
        System.out.println("Saved of this month's cost, if the label were dropped");
        for (JsonNode one : rows) {
            System.out.printf(
                    Locale.ROOT,
                    "  %12.4f %s  %s series become %s: %s of %s; asked for by %s, with the label by %s%n",
                    one.path("saving").asDouble(0),
                    one.path("currency").asString(""),
                    one.path("series").asString(""),
                    one.path("series_without").asString(""),
                    one.path("label").asString(""),
                    one.path("metric_name").asString(""),
                    askers(one.path("asked_by")),
                    askers(one.path("label_asked_by")));
        }
        unasked(asked);
    }

    private static String askers(JsonNode all) {
        var names = new ArrayList<String>();
        all.forEach(one -> names.add(one.asString("")));
        return names.isEmpty() ? "nobody" : String.join(", ", names);
    }

    private void unasked(Asked asked) {
        List<JsonNode> rows =
                asked.rows(
                        "SELECT metric_name, series, cost, currency, asked_since, dateDiff('day', asked_since, now('UTC')) AS days FROM v_cost_unasked ORDER BY cost DESC, series DESC, metric_name LIMIT "
                                + Math.max(1, limit));
        if (rows.isEmpty()) {
            return;
        }
        long days = Long.parseLong(rows.getFirst().path("days").asString("0"));
        System.out.printf(
                "%nMetrics that nobody asked for by name in 30 days, and what they cost this month%n");
        if (days < UNASKED_DAYS) {
            System.out.printf(
                    "  (only since %s UTC is it counted who asks, %d days)%n",
                    rows.getFirst().path("asked_since").asString(""), days);
        }
        for (JsonNode one : rows) {
            System.out.printf(
                    Locale.ROOT,
                    "  %12.4f %s  %s series: %s%n",
                    one.path("cost").asDouble(0),
                    one.path("currency").asString(""),
                    one.path("series").asString(""),
                    one.path("metric_name").asString(""));
        }
    }

    private void budgets() {
        if (instance.data != null || month != null) {
            return;
        }
        JsonNode all = instance.remote().get("/api/firn/v1/cost").path("budgets");
        if (!all.isEmpty()) {
            System.out.println("\nBudgets of the month");
        }
        for (JsonNode one : all) {
            System.out.printf(
                    Locale.ROOT,
                    "  %-20s %12.2f of %.2f, %.2f foreseen%n",
                    one.path("name").asString(""),
                    one.path("spent").asDouble(0),
                    one.path("monthly").asDouble(0),
                    one.path("foreseen").asDouble(0));
        }
    }

    private void parquet(Asked asked) {
        if (output == null && System.console() != null && System.console().isTerminal()) {
            throw new InputException("Parquet is not for a terminal: name a file with --output");
        }
        write(out ->
                asked.copy(
                        "SELECT * FROM v_cost_focus WHERE "
                                + range("ChargePeriodStart")
                                + " ORDER BY ALL",
                        "Parquet",
                        out));
    }

    /// RFC 4180; NULL is an empty field, times as FOCUS wants them.
    private void csv(Asked asked) {
        String sql =
                "SELECT * FROM v_cost_focus WHERE " + range("ChargePeriodStart") + " ORDER BY ALL";
        var types = new ArrayList<String>();
        var line = new int[1];
        write(out ->
                asked.lines(
                        sql,
                        "JSONCompactEachRowWithNamesAndTypes",
                        text -> {
                            if (line[0]++ == 1) {
                                MAPPER.readTree(text).forEach(type -> types.add(type.asString("")));
                            } else {
                                out.write((csvLine(text, types) + "\r\n").getBytes(UTF_8));
                            }
                        }));
    }

    /// @param types of the columns; none for their names
    private static String csvLine(String json, List<String> types) {
        var fields = new ArrayList<String>();
        for (JsonNode one : MAPPER.readTree(json)) {
            String text = one.isNumber() ? one.decimalValue().toPlainString() : one.asString("");
            if (!types.isEmpty() && types.get(fields.size()).startsWith("DateTime")) {
                text = text.replace(' ', 'T') + "Z";
            }
            fields.add(one.isNull() ? "" : "\"" + text.replace("\"", "\"\"") + "\"");
        }
        return String.join(",", fields);
    }

    private interface Writing {
        void to(OutputStream out) throws IOException;
    }

    private void write(Writing writing) {
        try {
            if (output == null) {
                writing.to(System.out);
                System.out.flush();
            } else {
                try (OutputStream out = Files.newOutputStream(output)) {
                    writing.to(out);
                }
            }
        } catch (IOException e) {
            throw new WorldException("cannot write the report: " + e.getMessage(), e);
        }
    }
}
