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
            "by service), storage (bytes a day in the engine; last line: days until the disk is full) or active_series.",
            "mase: error on held-out tails, that of the seasonal naive being 1."
        },
        footer = {
            "",
            "Examples:",
            "  firn forecast requests",
            "  firn forecast requests --environment prod --service checkout --step hour --days 2",
            "  firn forecast storage --days 90"
        })
final class ForecastCommand implements Callable<Integer> {
    @Mixin private final InstanceOption instance = new InstanceOption();

    @Parameters(paramLabel = "SIGNAL", description = "requests, storage or active_series.")
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
            description = "1 to 90 (default: ${DEFAULT-VALUE}); hours go up to 7 days.",
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
                "environment\tservice\ttime\tvalue\tlow80\thigh80\tlow95\thigh95\tmodel\tmase");
        for (JsonNode one : answer.path("forecasts")) {
            for (JsonNode value : one.path("values")) {
                System.out.printf(
                        Locale.ROOT,
                        "%s\t%s\t%s\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%s\t%.3f%n",
                        one.path("environment").asString(),
                        one.path("service_name").asString(),
                        value.path("target_time").asString(),
                        value.path("value").asDouble(),
                        value.path("low80").asDouble(),
                        value.path("high80").asDouble(),
                        value.path("low95").asDouble(),
                        value.path("high95").asDouble(),
                        one.path("model").asString(),
                        one.path("holdout_mase").asDouble(Double.NaN));
            }
        }
        if (signal.equals("storage")) {
            System.out.println(
                    "disk full in days\t"
                            + (answer.has("disk_days_to_full")
                                    ? answer.path("disk_days_to_full").asString()
                                    : "more than 90"));
        }
        return 0;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
