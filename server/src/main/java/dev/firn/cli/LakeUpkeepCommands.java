package dev.firn.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `firn lake expire | orphans | retention | hold`: what `firn serve` does by itself, by hand.
final class LakeUpkeepCommands {
    private LakeUpkeepCommands() {}

    /// What all of them take.
    static final class Common {
        @Mixin private InstanceOption instance = new InstanceOption();
        @Mixin private ConfigOption config = new ConfigOption();

        JsonNode run(String deed, Map<String, String> parameters) throws InterruptedException {
            return new LakeTask(instance, config).run(deed, parameters);
        }

        int print(String deed, Map<String, String> parameters, String... columns)
                throws InterruptedException {
            Tsv.print(run(deed, parameters), columns);
            return 0;
        }

        int printHolds(String deed, Map<String, String> parameters) throws InterruptedException {
            return print(
                    deed,
                    parameters,
                    "name",
                    "table",
                    "created",
                    "snapshot",
                    "snapshotTime",
                    "where");
        }
    }

    private static Map<String, String> parameters(@Nullable String olderThan, boolean dryRun) {
        String dry = Boolean.toString(dryRun);
        return olderThan == null
                ? Map.of("dry_run", dry)
                : Map.of("older_than", olderThan, "dry_run", dry);
    }

    @Command(
            name = "expire",
            mixinStandardHelpOptions = true,
            description =
                    "Lets old snapshots go, with the files that only they reach; tags and the newest snapshot stay. A line for each table, tab-separated.",
            footer = {
                "",
                "Examples:",
                "  firn lake expire --dry-run",
                "  firn lake expire --older-than 6h --data /var/lib/firn"
            })
    static final class Expire implements Callable<Integer> {
        @Mixin private Common common = new Common();

        @Option(
                names = "--older-than",
                paramLabel = "AGE",
                description = "Age, 1h at least (default: lake.snapshots.older_than).")
        @Nullable String olderThan;

        @Option(names = "--dry-run", description = "Only says what would go.")
        private boolean dryRun;

        @Override
        public Integer call() throws InterruptedException {
            return common.print(
                    "expire",
                    parameters(olderThan, dryRun),
                    "table",
                    "snapshots",
                    "kept",
                    "references",
                    "dataFiles",
                    "manifests",
                    "lists",
                    "bytes");
        }
    }

    @Command(
            name = "orphans",
            mixinStandardHelpOptions = true,
            description =
                    "Removes files below the tables that no metadata reaches. A line for each table, and with --list for each file, tab-separated.",
            footer = {
                "",
                "Examples:",
                "  firn lake orphans --dry-run --list",
                "  firn lake orphans --older-than 1d"
            })
    static final class Orphans implements Callable<Integer> {
        @Mixin private Common common = new Common();

        @Option(
                names = "--older-than",
                paramLabel = "AGE",
                description =
                        "Age by the storage's clock, 1h at least (default: lake.orphans.older_than).")
        @Nullable String olderThan;

        @Option(names = "--dry-run", description = "Only says what would go.")
        private boolean dryRun;

        @Option(names = "--list", description = "Also a line for each file, up to a thousand.")
        private boolean list;

        @Override
        public Integer call() throws InterruptedException {
            JsonNode reports = common.run("orphans", parameters(olderThan, dryRun));
            Tsv.print(reports, "table", "files", "orphans", "bytes");
            if (list) {
                for (JsonNode report : reports) {
                    Tsv.print(report.get("named"), "location", "bytes", "ageSeconds");
                }
            }
            return 0;
        }
    }

    @Command(
            name = "retention",
            mixinStandardHelpOptions = true,
            description =
                    "Applies lake.retention by metadata: drops data files of which no row stays. A line for each partition, tab-separated.",
            footer = {"", "Example:", "  firn lake retention --dry-run"})
    static final class Retention implements Callable<Integer> {
        @Mixin private Common common = new Common();

        @Option(names = "--dry-run", description = "Only says what would go.")
        private boolean dryRun;

        @Override
        public Integer call() throws InterruptedException {
            return common.print(
                    "retention", parameters(null, dryRun), "partition", "files", "rows", "bytes");
        }
    }

    @Command(
            name = "hold",
            mixinStandardHelpOptions = true,
            description =
                    "Legal holds: no expiry, retention or erasure takes what one covers, rows that come later included.",
            footer = {
                "",
                "Examples:",
                "  firn lake hold add case-17 --where \"environment = 'prod'\"",
                "  firn lake hold ls",
                "  firn lake hold remove case-17"
            },
            subcommands = {HoldAdd.class, HoldLs.class, HoldRemove.class})
    static final class Hold {}

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description = "Tags the newest snapshot of each table and notes what is covered.",
            footer = {
                "",
                "Example:",
                "  firn lake hold add case-17 --where \"service_name = 'shop' AND time < '2026-11-01'\""
            })
    static final class HoldAdd implements Callable<Integer> {
        @Mixin private Common common = new Common();

        @Parameters(paramLabel = "NAME", description = "Letters, digits, dots, hyphens.")
        private String name = "";

        @Option(
                names = "--where",
                paramLabel = "CONDITION",
                description = "Which rows; none: all. See firn lake erase --help.")
        private String where = "";

        @Override
        public Integer call() throws InterruptedException {
            return common.printHolds("hold-add", Map.of("name", name, "where", where));
        }
    }

    @Command(
            name = "ls",
            mixinStandardHelpOptions = true,
            description = "Lists holds, tab-separated.",
            footer = {"", "Example:", "  firn lake hold ls"})
    static final class HoldLs implements Callable<Integer> {
        @Mixin private Common common = new Common();

        @Override
        public Integer call() throws InterruptedException {
            return common.printHolds("hold-ls", Map.of());
        }
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = "Ends a hold; prints those that are left.",
            footer = {"", "Example:", "  firn lake hold remove case-17"})
    static final class HoldRemove implements Callable<Integer> {
        @Mixin private Common common = new Common();

        @Parameters(paramLabel = "NAME", description = "Of the hold.")
        private String name = "";

        @Override
        public Integer call() throws InterruptedException {
            return common.printHolds("hold-remove", Map.of("name", name));
        }
    }
}
