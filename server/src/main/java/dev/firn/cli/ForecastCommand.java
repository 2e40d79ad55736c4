package dev.firn.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
        name = "forecast",
        mixinStandardHelpOptions = true,
        description = {
            "Prints the newest forecast of a signal by a running Firn, tab-separated: requests (by environment, and",
            "by service), active_series, storage (bytes a step that come to the engine), disk (bytes that engine and lake",
            "keep; last line: days until the disk is full), cost, or budget/NAME (last line: when its month is used up).",
            "mase: error on held-out tails, that of the seasonal naive being 1. judged: forecasts of this signal and step",
            "by this model that were held against what came; covered80, covered95: share that was within the interval."
        },
        footer = {
            "",
            "Examples:",
            "  firn forecast requests",
            "  firn forecast requests --environment prod --service checkout --step hour --days 2",
            "  firn forecast disk --days 90",
            "  firn forecast budget/everything --days 31"
        })
final class ForecastCommand implements Callable<Integer> {
    @Mixin private final InstanceOption instance = new InstanceOption();

    @Parameters(paramLabel = "SIGNAL", description = "Such as requests, disk, cost.")
    private String signal = "";

    @Option(names = "--environment", paramLabel = "ENV", description = "Default: all.")
    private @Nullable String environment;

    @Option(
            names = "--service",
            paramLabel = "NAME",
            description = "Default: an environment's services together.",
            defaultValue = "")
    private String service = "";

    @Option(names = "--step", paramLabel = "STEP", description = "day (default) or hour.")
    private String step = "day";

    @Option(
            names = "--days",
            paramLabel = "N",
            description = "1 to 90 (default: ${DEFAULT-VALUE}).",
            defaultValue = "7")
    private int days = 7;

    @Override
    public Integer call() {
        String path =
                "/api/firn/v1/forecasts?signal="
                        + encoded(signal)
                        + "&step="
                        + encoded(step)
                        + "&days="
                        + days
                        + "&service_name="
                        + encoded(service)
                        + (environment == null ? "" : "&environment=" + encoded(environment));
        JsonNode answer = instance.running("print a forecast").get(path);
        if (answer.path("forecasts").isEmpty()) {
            System.err.println(
                    "there is no such forecast (yet): it needs a whole "
                            + step
                            + " of data, and is made ten minutes after one ends");
            return 1;
        }
        System.out.println(
                "environment\tservice\ttime\tvalue\tlow80\thigh80\tlow95\thigh95\tmodel\tmase\tjudged"
                        + "\tcovered80\tcovered95");
        for (JsonNode one : answer.path("forecasts")) {
            for (JsonNode value : one.path("values")) {
                System.out.printf(
                        Locale.ROOT,
                        "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.3f\t%d\t%.3f\t%.3f%n",
                        one.path("environment").asString(),
                        one.path("service_name").asString(),
                        value.path("target_time").asString(),
                        number(value.path("value").asDouble()),
                        number(value.path("low80").asDouble()),
                        number(value.path("high80").asDouble()),
                        number(value.path("low95").asDouble()),
                        number(value.path("high95").asDouble()),
                        one.path("model").asString(),
                        one.path("holdout_mase").asDouble(Double.NaN),
                        one.path("forecasts_judged").asLong(),
                        one.path("covered80").asDouble(Double.NaN),
                        one.path("covered95").asDouble(Double.NaN));
            }
        }
        if (signal.equals("storage") || signal.equals("disk")) {
            System.out.println(
                    "disk full in days\t"
                            + (answer.has("disk_days_to_full")
                                    ? answer.path("disk_days_to_full").asString()
                                    : "more than 90"));
        }
        for (JsonNode budget : answer.path("budgets")) {
            if (signal.equals("budget/" + budget.path("name").asString())) {
                System.out.printf(
                        Locale.ROOT,
                        "used up\t%s\tof %s a month %s are spent, %s will be%n",
                        budget.path("used_up").isNull()
                                ? "not within 90 days"
                                : budget.path("used_up").asString(),
                        number(budget.path("monthly").asDouble()),
                        number(budget.path("spent").asDouble()),
                        number(budget.path("foreseen").asDouble()));
            }
        }
        return 0;
    }

    /// Costs may be cents, requests millions.
    private static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 100 ? "%.4f" : "%.0f", value);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
