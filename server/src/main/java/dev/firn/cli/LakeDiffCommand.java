package dev.firn.cli;

import dev.firn.lake.scan.AsOf;
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
        name = "diff",
        mixinStandardHelpOptions = true,
        description = {
            "Says what changed in table points between two states, by metric and hour, tab-separated:",
            "rows that came, rows that went, and of those that came the late ones (their hour was",
            "over when the first state was committed). Compaction changes no row. Exit 0 also when",
            "nothing changed."
        },
        footer = {
            "",
            "Examples:",
            "  firn lake diff 2026-11-26T10:00:00Z 2026-11-26T11:00:00Z",
            "  firn lake diff --json end-of-quarter"
        })
final class LakeDiffCommand implements Callable<Integer> {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    @Mixin private final InstanceOption instance = new InstanceOption();
    @Mixin private final ConfigOption config = new ConfigOption();

    @Parameters(
            index = "0",
            paramLabel = "FROM",
            description = "The first state: a time, a snapshot or a tag.")
    private String from = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "TO",
            description = "The second state (default: now).")
    private @Nullable String to;

    @Option(names = "--json", description = "Everything as JSON.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        JsonNode result = result();
        if (json) {
            System.out.println(result);
            return 0;
        }
        System.out.println("hour\tmetric\trows_added\trows_removed\trows_late");
        result.get("changes")
                .forEach(change ->
                        System.out.println(
                                String.join(
                                        "\t",
                                        change.get("hour").asString(),
                                        change.get("metricName").asString(),
                                        change.get("rowsAdded").toString(),
                                        change.get("rowsRemoved").toString(),
                                        change.get("rowsLate").toString())));
        System.err.println(
                "firn: snapshot "
                        + result.get("from")
                        + " to "
                        + result.get("to")
                        + ": "
                        + result.get("filesAdded")
                        + " files came, "
                        + result.get("filesRemoved")
                        + " went");
        return 0;
    }

    private JsonNode result() throws InterruptedException {
        Optional<InstanceOption.Opened> opened = instance.open();
        if (opened.isEmpty()) {
            return instance.remote()
                    .get(
                            "/api/firn/v1/lake/diff?from="
                                    + URLEncoder.encode(from, StandardCharsets.UTF_8)
                                    + (to == null
                                            ? ""
                                            : "&to="
                                                    + URLEncoder.encode(
                                                            to, StandardCharsets.UTF_8)));
        }
        try (InstanceOption.Opened data = opened.get();
                var local = LakeAt.open(data.directory(), config.read())) {
            return MAPPER.valueToTree(
                    local.questions()
                            .diff(AsOf.parse(from), to == null ? AsOf.NEWEST : AsOf.parse(to)));
        }
    }
}
