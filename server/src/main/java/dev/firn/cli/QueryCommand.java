package dev.firn.cli;

import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import dev.firn.query.promql.lang.Durations;
import dev.firn.query.promql.lang.Quoting;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "query",
        mixinStandardHelpOptions = true,
        description = "Asks a question in PromQL.",
        footer = {
            "",
            "Examples:",
            "  firn query 'sum by(service_name)(rate(http_server_request_duration_seconds_count[5m]))'",
            "  firn query 'rate(x_total[5m])' --range 6h --step 1m",
            "  firn query 'up' --range 1h --format csv"
        })
final class QueryCommand implements Callable<Integer> {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final int STEPS = 240;
    private static final int HEIGHT = 15;
    private static final int LEGEND_MAX = 20;
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

    @Mixin private final InstanceOption instance = new InstanceOption();

    @Parameters(paramLabel = "QUERY", description = "The expression.")
    private String query = "";

    @Option(
            names = "--range",
            paramLabel = "DURATION",
            description = "Evaluate over this long, such as 6h (default: at one time).")
    private @Nullable String range;

    @Option(
            names = "--step",
            paramLabel = "DURATION",
            description = "Between evaluations of a range (default: a 240th of it).")
    private @Nullable String step;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "Time of the query, or end of the range, RFC 3339 (default: now).")
    private @Nullable String at;

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            description =
                    "chart, table, json or csv (default: chart of a range on a terminal, else table).")
    private @Nullable Format format;

    /// How an answer is printed.
    enum Format {
        CHART,
        TABLE,
        JSON,
        CSV
    }

    @Override
    public Integer call() {
        long end = end();
        JsonNode answer = ask(end);
        for (String kind : List.of("warnings", "infos")) {
            answer.path(kind).forEach(text -> System.err.println("firn: " + text.asString("")));
        }
        JsonNode data = answer.path("data");
        switch (format()) {
            case JSON -> System.out.println(data);
            case CSV -> rows(data, ",", true);
            case TABLE -> rows(data, "\t", false);
            case CHART -> chart(data, end - millis("--range", String.valueOf(range)), end);
        }
        return System.out.checkError() ? 1 : 0;
    }

    private Format format() {
        Format chosen = format;
        if (chosen != null) {
            if (chosen == Format.CHART && range == null) {
                throw new InputException("--format chart needs --range DURATION");
            }
            return chosen;
        }
        return range != null && onTerminal() ? Format.CHART : Format.TABLE;
    }

    private static boolean onTerminal() {
        var console = System.console();
        return console != null && console.isTerminal();
    }

    private long end() {
        if (at == null) {
            return System.currentTimeMillis();
        }
        try {
            return OffsetDateTime.parse(at).toInstant().toEpochMilli();
        } catch (DateTimeParseException e) {
            throw new InputException(
                    "--at: \"" + at + "\" is not a time such as 2026-11-27T10:00:00Z");
        }
    }

    private static long millis(String option, String text) {
        long millis = Durations.parseMillis(text).orElse(0);
        if (millis <= 0) {
            throw new InputException(
                    option + ": \"" + text + "\" is not a duration above zero such as 6h or 1m");
        }
        return millis;
    }

    private JsonNode ask(long end) {
        String path;
        if (range == null) {
            path = "/api/v1/query?query=" + encode(query) + "&time=" + seconds(end);
        } else {
            long length = millis("--range", range);
            long every = step == null ? Math.max(1_000, length / STEPS) : millis("--step", step);
            path =
                    "/api/v1/query_range?query="
                            + encode(query)
                            + "&start="
                            + seconds(end - length)
                            + "&end="
                            + seconds(end)
                            + "&step="
                            + seconds(every);
        }
        try {
            return instance.running("query").get(path);
        } catch (WorldException e) {
            throw failure(e);
        }
    }

    /// The API's own message in place of its JSON; the user's mistakes end with 2.
    private static RuntimeException failure(WorldException e) {
        try {
            JsonNode error = MAPPER.readTree(String.valueOf(e.getMessage()));
            String text = error.path("error").asString("");
            boolean input =
                    List.of("bad_data", "execution").contains(error.path("errorType").asString(""));
            return text.isEmpty() ? e : input ? new InputException(text) : new WorldException(text);
        } catch (JacksonException notJson) {
            return e;
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String seconds(long millis) {
        return millis / 1000 + "." + String.format("%03d", millis % 1000);
    }

    /// A line a sample: series, time, value.
    private static void rows(JsonNode data, String separator, boolean csv) {
        System.out.println(String.join(separator, "series", "time", "value"));
        JsonNode result = data.path("result");
        if (List.of("scalar", "string").contains(data.path("resultType").asString(""))) {
            row("", result, separator, csv);
            return;
        }
        for (JsonNode series : result) {
            String name = name(series.path("metric"));
            for (String field : List.of("value", "histogram")) {
                if (series.has(field)) {
                    row(name, series.get(field), separator, csv);
                }
            }
            for (String field : List.of("values", "histograms")) {
                series.path(field).forEach(sample -> row(name, sample, separator, csv));
            }
        }
    }

    private static void row(String series, JsonNode sample, String separator, boolean csv) {
        String time = Instant.ofEpochMilli(time(sample)).toString();
        JsonNode value = sample.get(1);
        String text = value.isObject() ? value.toString() : value.asString("");
        System.out.println(
                csv
                        ? quoted(series) + "," + time + "," + quoted(text)
                        : series + separator + time + separator + text);
    }

    private static String quoted(String text) {
        return text.matches("[^\",\r\n]*") ? text : "\"" + text.replace("\"", "\"\"") + "\"";
    }

    private static long time(JsonNode sample) {
        return Math.round(sample.get(0).asDouble() * 1000);
    }

    private static String name(JsonNode metric) {
        String labels =
                metric.properties().stream()
                        .filter(label -> !label.getKey().equals("__name__"))
                        .map(label ->
                                Quoting.labelName(label.getKey())
                                        + "="
                                        + Quoting.quote(label.getValue().asString("")))
                        .collect(Collectors.joining(", "));
        return metric.path("__name__").asString("") + "{" + labels + "}";
    }

    private static void chart(JsonNode data, long start, long end) {
        var lines = new ArrayList<TerminalChart.Line>();
        var names = new ArrayList<String>();
        for (JsonNode series : data.path("result")) {
            if (series.has("values")) {
                names.add(name(series.path("metric")));
                lines.add(line(series.get("values"), start, end));
            }
        }
        if (lines.isEmpty()) {
            System.out.println("no numbers to draw");
            return;
        }
        var chart = new TerminalChart(width(), HEIGHT, onTerminal());
        chart.draw(lines).forEach(System.out::println);
        String left = CLOCK.format(Instant.ofEpochMilli(start));
        String right = CLOCK.format(Instant.ofEpochMilli(end));
        int gap = Math.max(1, width() - left.length() - right.length());
        System.out.println(" ".repeat(13) + left + " ".repeat(gap) + right + " UTC");
        for (int i = 0; i < Math.min(LEGEND_MAX, names.size()); i++) {
            System.out.println(chart.coloured(i, "──") + " " + names.get(i));
        }
        if (names.size() > LEGEND_MAX) {
            System.out.println("and " + (names.size() - LEGEND_MAX) + " more");
        }
    }

    private static TerminalChart.Line line(JsonNode values, long start, long end) {
        List<JsonNode> samples = StreamSupport.stream(values.spliterator(), false).toList();
        double[] times = new double[samples.size()];
        double[] numbers = new double[samples.size()];
        Iterator<JsonNode> iterator = samples.iterator();
        for (int i = 0; i < times.length; i++) {
            JsonNode sample = iterator.next();
            times[i] = Math.clamp((time(sample) - start) / (double) (end - start), 0, 1);
            numbers[i] = number(sample.get(1).asString(""));
        }
        return new TerminalChart.Line(times, numbers);
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    private static int width() {
        String columns = System.getenv("COLUMNS");
        int all = columns != null && columns.matches("[0-9]{1,4}") ? Integer.parseInt(columns) : 80;
        return Math.clamp(all - 14, 20, 400);
    }
}
