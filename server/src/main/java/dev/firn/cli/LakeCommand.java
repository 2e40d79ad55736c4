package dev.firn.cli;

import dev.firn.base.NioDisk;
import dev.firn.config.Quantity;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakeLs;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "lake",
        mixinStandardHelpOptions = true,
        description = "Shows and checks the Iceberg tables.",
        footer = {"", "Examples:", "  firn lake ls", "  firn lake verify"},
        subcommands = {LakeCommand.Ls.class, LakeCommand.Verify.class})
final class LakeCommand {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    @Command(
            name = "ls",
            mixinStandardHelpOptions = true,
            description =
                    "Lists tables with snapshots, files, rows, bytes and each writer's position, tab-separated.",
            footer = {"", "Example:", "  firn lake ls --json | jq '.[].rows'"})
    static final class Ls implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Option(names = "--json", description = "Everything as JSON.")
        private boolean json;

        @Option(names = "--snapshots", description = "Also a line for each snapshot.")
        private boolean snapshots;

        @Override
        public Integer call() {
            JsonNode tables = tables();
            if (json) {
                System.out.println(tables);
                return 0;
            }
            System.out.println("table\tsnapshots\tfiles\trows\tbytes\tlocation");
            for (JsonNode table : tables) {
                System.out.printf(
                        "%s\t%d\t%s\t%s\t%s\t%s%n",
                        table.get("name").asString(),
                        table.get("snapshots").size(),
                        table.get("files"),
                        table.get("rows"),
                        Quantity.showBytes(table.get("bytes").asLong()),
                        table.get("location").asString());
                table.get("positions")
                        .properties()
                        .forEach(position ->
                                System.out.println(
                                        "  writer\t"
                                                + position.getKey()
                                                + "\t"
                                                + position.getValue().asString()));
                if (snapshots) {
                    table.get("snapshots").forEach(Ls::printSnapshot);
                }
            }
            return 0;
        }

        private static void printSnapshot(JsonNode snapshot) {
            System.out.printf(
                    "  snapshot\t%s\t%s\t%s\t+%s files\t+%s rows\t%s%n",
                    snapshot.get("id"),
                    Instant.ofEpochMilli(snapshot.get("timeMillis").asLong()),
                    snapshot.get("operation").asString(),
                    snapshot.get("addedFiles"),
                    snapshot.get("addedRows"),
                    snapshot.get("position").asString());
        }

        private JsonNode tables() {
            Optional<InstanceOption.Opened> opened = instance.open();
            if (opened.isEmpty()) {
                return instance.remote().get("/api/firn/v1/lake");
            }
            try (InstanceOption.Opened data = opened.get();
                    LakeCatalog catalog = LakeCatalog.sqlite(data.directory(), new NioDisk())) {
                return MAPPER.valueToTree(new LakeLs(catalog).tables());
            }
        }
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = {
                "Compares lake and engine by metric and hour at one position; names each difference.",
                "Exit 0 equal, 1 differences."
            },
            footer = {"", "Example:", "  firn lake verify"})
    static final class Verify implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Override
        public Integer call() {
            JsonNode result = instance.remote().get("/api/firn/v1/lake/verify");
            result.get("differences").forEach(line -> System.out.println(line.asString()));
            System.out.println(result.get("summary").asString());
            return result.get("differences").isEmpty() ? 0 : 1;
        }
    }
}
