package dev.firn.cli;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.NioDisk;
import dev.firn.config.Config;
import dev.firn.config.LakeCatalogConfig;
import dev.firn.config.LakeConfig;
import dev.firn.config.Quantity;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineSink;
import dev.firn.engine.Schema;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakeLs;
import dev.firn.lake.LakePaths;
import dev.firn.model.Position;
import dev.firn.ops.Verification;
import dev.firn.wal.WalInspector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
        description = "Shows, checks and keeps the Iceberg tables.",
        footer = {
            "",
            "Examples:",
            "  firn lake ls",
            "  firn lake verify",
            "  firn lake doctor",
            "  firn lake compact --dry-run",
            "  firn lake rebuild-engine"
        },
        subcommands = {
            LakeCommand.Ls.class,
            LakeCommand.Verify.class,
            LakeDoctorCommand.class,
            LakeWritersCommand.class,
            LakePlanCommand.class,
            LakeDiffCommand.class,
            LakeCompactCommand.class,
            LakeUpkeepCommands.Expire.class,
            LakeUpkeepCommands.Orphans.class,
            LakeUpkeepCommands.Retention.class,
            LakeUpkeepCommands.Hold.class,
            LakeEraseCommand.class,
            LakeImportCommand.class,
            LakeRebuild.class,
            LakeCatalogCommands.Backup.class,
            LakeCatalogCommands.Restore.class,
            LakeCatalogCommands.Recover.class
        })
final class LakeCommand {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Duration QUERY_MAX = Duration.ofMinutes(10);

    /// The lake of a directory that has one; to look at a directory must not make one.
    static LakeCatalog catalog(LakeConfig lake, Path data) {
        boolean here = lake.catalog().type() == LakeCatalogConfig.Type.SQLITE;
        if (here && !Files.exists(LakePaths.catalog(data))) {
            throw new InputException(
                    "cannot open the lake of \""
                            + data
                            + "\": it has none; name a data directory that firn serve wrote");
        }
        return LakeCatalog.open(lake, data, new NioDisk());
    }

    @Command(
            name = "ls",
            mixinStandardHelpOptions = true,
            description =
                    "Lists tables with snapshots, files, rows, bytes and each writer's position, tab-separated.",
            footer = {"", "Example:", "  firn lake ls --json | jq '.[].rows'"})
    static final class Ls implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();
        @Mixin private final ConfigOption config = new ConfigOption();

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
                    LakeCatalog catalog = catalog(config.read().lake(), data.directory())) {
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
            footer = {
                "",
                "Examples:",
                "  firn lake verify",
                "  firn lake verify --data /var/lib/firn --config firn.yaml"
            })
    static final class Verify implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();
        @Mixin private final ConfigOption config = new ConfigOption();

        @Override
        public Integer call() throws InterruptedException {
            JsonNode result;
            try (var _ = Waiting.on("comparing lake and engine")) {
                result = compare();
            }
            result.get("differences").forEach(line -> System.out.println(line.asString()));
            System.out.println(result.get("summary").asString());
            return result.get("differences").isEmpty() ? 0 : 1;
        }

        private JsonNode compare() throws InterruptedException {
            Optional<InstanceOption.Opened> opened = instance.open();
            if (opened.isEmpty()) {
                return instance.remote().get("/api/firn/v1/lake/verify");
            }
            try (InstanceOption.Opened data = opened.get()) {
                return MAPPER.valueToTree(compare(data.directory(), config.read()));
            }
        }

        /// Both are opened for the command; an engine that is behind says so by its differences.
        private static Verification.Outcome compare(Path data, Config config)
                throws InterruptedException {
            Config.Engine settings = config.engine();
            if (settings.ownsChild() && !Files.isDirectory(EngineAt.folder(data))) {
                throw new InputException(
                        "cannot compare lake and engine of \"" + data + "\": it has no engine");
            }
            Clock clock = Clock.system();
            try (LakeCatalog catalog = catalog(config.lake(), data);
                    EnginePlace engine = EnginePlace.forCommand(data, settings);
                    EngineClient client = engine.client(clock, QUERY_MAX)) {
                Schema schema = engine.schema();
                schema.migrate(client);
                noteEngineBehind(data, catalog);
                return Verification.run(
                        catalog,
                        client,
                        schema,
                        config.lake().keep().leastKeepDays(settings.leastRetentionDays()),
                        settings.follows()
                                ? Optional.empty()
                                : Optional.of(WalInspector.inspect(new NioDisk(), data).writer()),
                        clock);
            }
        }

        /// A running Firn waits for its engine; here nobody fills it.
        private static void noteEngineBehind(Path data, LakeCatalog catalog) {
            var report = WalInspector.inspect(new NioDisk(), data);
            String position =
                    new LakeLs(catalog)
                            .table(LakePaths.POINTS)
                            .positions()
                            .getOrDefault(report.writer(), "");
            long lake = position.isEmpty() ? 0 : Position.parse(position).sequence();
            report.sinks().stream()
                    .filter(sink -> sink.sink().equals(EngineSink.NAME) && sink.sequence() < lake)
                    .forEach(sink ->
                            System.err.println(
                                    "firn: the engine surely holds cuts up to "
                                            + sink.sequence()
                                            + " only, the lake up to "
                                            + lake
                                            + "; a running Firn lets it catch up first"));
        }
    }
}
