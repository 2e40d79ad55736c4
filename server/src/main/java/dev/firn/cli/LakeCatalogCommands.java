package dev.firn.cli;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.NioDisk;
import dev.firn.base.WorldException;
import dev.firn.lake.keep.CatalogFile;
import dev.firn.lake.keep.Recovery;
import dev.firn.model.CheckpointStore.Checkpoint;
import dev.firn.wal.WalInspector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `firn lake backup | restore | recover`: the SQLite catalog's safety.
final class LakeCatalogCommands {
    private LakeCatalogCommands() {}

    /// A directory that no Firn holds.
    private static InstanceOption.Opened closed(InstanceOption instance, String what) {
        if (instance.data == null) {
            throw new InputException("give --data DIR: " + what + " works in a directory");
        }
        return instance.open()
                .orElseThrow(() ->
                        new InputException(
                                "cannot "
                                        + what
                                        + " in \""
                                        + instance.data
                                        + "\": a Firn runs there; stop it first"));
    }

    private static void print(List<Recovery.Found> tables) {
        System.out.println(
                "table\tversion\tcatalog\tsnapshots\twriter\tposition\tin_catalog\tnote");
        for (Recovery.Found table : tables) {
            var writers = new java.util.TreeSet<>(table.positions().keySet());
            writers.addAll(table.catalogPositions().keySet());
            if (writers.isEmpty()) {
                writers.add("");
            }
            for (String writer : writers) {
                System.out.println(
                        String.join(
                                "\t",
                                table.table(),
                                Long.toString(table.version()),
                                table.catalog() < 0 ? "none" : Long.toString(table.catalog()),
                                Integer.toString(table.snapshots()),
                                writer,
                                table.positions().getOrDefault(writer, "none"),
                                table.catalogPositions().getOrDefault(writer, "none"),
                                table.note()));
            }
        }
    }

    private static String suffix() {
        return ".replaced-" + Clock.system().millis();
    }

    @Command(
            name = "backup",
            mixinStandardHelpOptions = true,
            description =
                    "Copies the SQLite catalog of a data directory into a new file, also while Firn runs. The tables' files are not copied.",
            footer = {
                "",
                "Example:",
                "  firn lake backup --data /var/lib/firn catalog-2026-11-26.db"
            })
    static final class Backup implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Parameters(paramLabel = "FILE", description = "To be made.")
        private Path file = Path.of("");

        @Override
        public Integer call() {
            Path data =
                    instance.data != null
                            ? instance.data
                            : Path.of(
                                    instance.remote()
                                            .get("/api/firn/v1/info")
                                            .get("data")
                                            .asString());
            Map<String, String> tables = CatalogFile.backUp(data, file, new NioDisk());
            System.out.println("table\tmetadata");
            tables.forEach((table, metadata) -> System.out.println(table + "\t" + metadata));
            return 0;
        }
    }

    @Command(
            name = "restore",
            mixinStandardHelpOptions = true,
            description =
                    "Puts a backup in the catalog's place; the old one is moved aside. Refuses one that is older than the lake's newest metadata.",
            footer = {
                "",
                "Example:",
                "  firn lake restore --data /var/lib/firn catalog-2026-11-26.db"
            })
    static final class Restore implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Parameters(paramLabel = "FILE", description = "As firn lake backup made it.")
        private Path file = Path.of("");

        @Option(
                names = "--force",
                description = "Go back although writers will refuse to go on from there.")
        private boolean force;

        @Option(names = "--dry-run", description = "Only compares.")
        private boolean dryRun;

        @Override
        public Integer call() {
            try (InstanceOption.Opened data = closed(instance, "restore")) {
                var recovery = new Recovery(data.directory(), new NioDisk());
                print(dryRun ? recovery.look(file) : recovery.restore(file, force, suffix()));
                return 0;
            }
        }
    }

    @Command(
            name = "recover",
            mixinStandardHelpOptions = true,
            description = {
                "Rebuilds a lost, damaged or too old SQLite catalog from the newest metadata of each table; the old one is moved aside. Prints where each writer then stands.",
                "Exit 0 done, 1 not done."
            },
            footer = {
                "",
                "Examples:",
                "  firn lake recover --data /var/lib/firn --dry-run",
                "  firn lake recover --data /var/lib/firn"
            })
    static final class Recover implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Option(
                names = "--force",
                description =
                        "Although the catalog is sound, or the lake would stand behind the directory's log.")
        private boolean force;

        @Option(names = "--dry-run", description = "Only says what is wrong and what would be.")
        private boolean dryRun;

        @Override
        public Integer call() {
            try (InstanceOption.Opened data = closed(instance, "recover")) {
                var recovery = new Recovery(data.directory(), new NioDisk());
                String damage = recovery.damage();
                List<Recovery.Found> tables = recovery.look();
                print(tables);
                System.err.println(
                        "firn: the catalog is "
                                + (damage.isEmpty() ? "sound" : "not sound: " + damage));
                List<String> behind = behind(data.directory(), tables);
                behind.forEach(line -> System.err.println("firn: " + line));
                if (dryRun) {
                    return 0;
                }
                if (!force && (damage.isEmpty() || !behind.isEmpty())) {
                    throw new WorldException(
                            "cannot recover the catalog of \""
                                    + data.directory()
                                    + "\": "
                                    + (damage.isEmpty()
                                            ? "it is sound"
                                            : "the lake would stand behind its writer")
                                    + "; --force does it all the same");
                }
                recovery.rebuild(tables, suffix());
                System.err.println("firn: the catalog is new; start Firn");
                return 0;
            }
        }
    }

    /// Tables that would stand where this directory's writer does not expect them.
    private static List<String> behind(Path data, List<Recovery.Found> tables) {
        WalInspector.Report log = WalInspector.inspect(new NioDisk(), data);
        Map<String, String> intents =
                log.sinks().stream()
                        .filter(sink -> sink.sink().equals("lake"))
                        .findFirst()
                        .map(Checkpoint::fields)
                        .orElse(Map.of());
        var lines = new ArrayList<String>();
        for (Recovery.Found table : tables) {
            String stands = table.positions().getOrDefault(log.writer(), "");
            var expected =
                    new ArrayList<>(
                            List.of(intents.getOrDefault(table.table() + ".next", "").split(" ")));
            expected.add(intents.getOrDefault(table.table() + ".previous", ""));
            if (!expected.contains(stands)) {
                lines.add(
                        "table "
                                + table.table()
                                + " would stand at \""
                                + stands
                                + "\" for writer "
                                + log.writer()
                                + ", which expects one of "
                                + expected
                                + " and would refuse to go on");
            }
        }
        return lines;
    }
}
