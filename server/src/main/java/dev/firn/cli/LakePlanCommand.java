package dev.firn.cli;

import dev.firn.base.WorldException;
import dev.firn.config.Quantity;
import dev.firn.lake.scan.AsOf;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = {
            "Names the data files that a statement over table points would open (path, rows, bytes),",
            "tab-separated, without running it; how many of how many on standard error."
        },
        footer = {
            "",
            "Example:",
            "  firn lake plan \"SELECT count() FROM points WHERE time >= '2026-11-26 10:00:00'\""
        })
final class LakePlanCommand implements Callable<Integer> {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    @Mixin private final InstanceOption instance = new InstanceOption();
    @Mixin private final ConfigOption config = new ConfigOption();

    @Parameters(paramLabel = "QUERY", description = "The statement, as of firn sql --lake.")
    private String query = "";

    @Option(
            names = "--as-of",
            paramLabel = "STATE",
            description = "A time, a snapshot or a tag (default: now).")
    private @Nullable String asOf;

    @Override
    public Integer call() throws InterruptedException {
        JsonNode plan = plan();
        long bytes = plan.get("bytes").asLong();
        System.out.println("path\trows\tbytes");
        plan.get("files")
                .forEach(file ->
                        System.out.println(
                                file.get("path").asString()
                                        + "\t"
                                        + file.get("rows")
                                        + "\t"
                                        + file.get("bytes")));
        System.err.println(
                "firn: opens "
                        + plan.get("files").size()
                        + " of "
                        + plan.get("filesTotal")
                        + " files, "
                        + Quantity.showBytes(bytes)
                        + ", snapshot "
                        + plan.get("snapshot"));
        return 0;
    }

    private JsonNode plan() throws InterruptedException {
        Optional<InstanceOption.Opened> opened = instance.open();
        if (opened.isEmpty()) {
            var answer =
                    instance.remote()
                            .post(
                                    "/api/firn/v1/lake/plan"
                                            + (asOf == null
                                                    ? ""
                                                    : "?as_of="
                                                            + URLEncoder.encode(
                                                                    asOf, StandardCharsets.UTF_8)),
                                    query);
            try (InputStream body = answer.body()) {
                String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
                if (answer.statusCode() != 200) {
                    throw new WorldException(text.strip());
                }
                return MAPPER.readTree(text);
            } catch (IOException e) {
                throw new WorldException("the answer broke off: " + e.getMessage(), e);
            }
        }
        try (InstanceOption.Opened data = opened.get();
                var local = LakeAt.open(data.directory(), config.read())) {
            return MAPPER.valueToTree(
                    local.questions().plan(query, asOf == null ? AsOf.NEWEST : AsOf.parse(asOf)));
        }
    }
}
