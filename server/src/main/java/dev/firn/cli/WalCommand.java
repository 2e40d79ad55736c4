package dev.firn.cli;

import dev.firn.base.NioDisk;
import dev.firn.wal.WalInspector;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "wal",
        mixinStandardHelpOptions = true,
        description =
                "Shows the write-ahead log: segments, cuts, how far each sink is, what was refused.",
        footer = {
            "",
            "Examples:",
            "  firn wal ls",
            "  firn wal verify --data firn-data",
            "  firn wal retry"
        },
        subcommands = {WalCommand.Ls.class, WalCommand.Verify.class, WalCommand.Retry.class})
final class WalCommand {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /// The log's report, from the running Firn or from the directory.
    private static JsonNode report(InstanceOption instance, String path) {
        Optional<InstanceOption.Opened> opened = instance.open();
        if (opened.isEmpty()) {
            return instance.remote().get(path);
        }
        try (InstanceOption.Opened data = opened.get()) {
            return MAPPER.valueToTree(WalInspector.inspect(new NioDisk(), data.directory()));
        }
    }

    @Command(
            name = "ls",
            mixinStandardHelpOptions = true,
            description = "Lists segments, sinks and quarantined cuts, tab-separated.",
            footer = {"", "Example:", "  firn wal ls --json | jq .cuts"})
    static final class Ls implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Option(names = "--json", description = "The whole report as JSON, cuts included.")
        private boolean json;

        @Override
        public Integer call() {
            JsonNode report = report(instance, "/api/firn/v1/wal");
            if (json) {
                System.out.println(report);
                return 0;
            }
            System.out.println("writer\t" + report.get("writer").asString());
            JsonNode cuts = report.get("cuts");
            if (!cuts.isEmpty()) {
                System.out.println(
                        "cuts\t"
                                + cuts.get(0).get("sequence")
                                + "\t"
                                + cuts.get(cuts.size() - 1).get("sequence"));
            }
            System.out.println("open points\t" + report.get("openPoints"));
            for (JsonNode segment : report.get("segments")) {
                System.out.println(
                        "segment\t"
                                + segment.get("number")
                                + "\trecords "
                                + segment.get("records")
                                + "\tbytes "
                                + segment.get("bytes"));
            }
            for (JsonNode sink : report.get("sinks")) {
                System.out.println(
                        "sink\t"
                                + sink.get("sink").asString()
                                + "\t"
                                + sink.get("sequence")
                                + "\t"
                                + sink.get("fields"));
            }
            for (JsonNode entry : report.get("quarantine")) {
                System.out.println(
                        "quarantine\t"
                                + entry.get("sink").asString()
                                + "\tcut "
                                + entry.get("sequence")
                                + "\tpoints "
                                + entry.get("points")
                                + "\t"
                                + entry.get("reason").asString());
            }
            return 0;
        }
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = "Reads every record and checks it; exit 0 sound, 1 damaged.",
            footer = {"", "Example:", "  firn wal verify --data firn-data"})
    static final class Verify implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Override
        public Integer call() {
            JsonNode report = report(instance, "/api/firn/v1/wal/verify");
            JsonNode damages = report.get("damages");
            damages.forEach(damage -> System.out.println(damage.asString()));
            System.out.println(
                    damages.isEmpty()
                            ? "sound: " + report.get("cuts").size() + " cuts"
                            : damages.size() + " damages");
            return damages.isEmpty() ? 0 : 1;
        }
    }

    @Command(
            name = "retry",
            mixinStandardHelpOptions = true,
            description =
                    "Hands quarantined cuts to their sink again; exit 0 all taken, 1 some refused again.",
            footer = {"", "Example:", "  firn wal retry"})
    static final class Retry implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Override
        public Integer call() {
            JsonNode results =
                    instance.running("retry quarantined cuts").post("/api/firn/v1/wal/retry");
            boolean refused = false;
            for (JsonNode result : results) {
                System.out.println(
                        result.get("sink").asString()
                                + "\tcut "
                                + result.get("sequence")
                                + "\t"
                                + result.get("outcome").asString());
                refused |= !result.get("taken").asBoolean();
            }
            System.out.println(
                    results.isEmpty() ? "nothing is quarantined" : results.size() + " cuts");
            return refused ? 1 : 0;
        }
    }
}
