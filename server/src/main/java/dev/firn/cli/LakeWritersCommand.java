package dev.firn.cli;

import dev.firn.base.Clock;
import dev.firn.lake.Backoff;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakeWriters;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "writers",
        mixinStandardHelpOptions = true,
        description = {
            "Lists who writes to the tables, tab-separated: writer, position in points and series,",
            "quarantined cuts taken in, last commit (empty once its snapshots have expired)."
        },
        footer = {
            "",
            "Examples:",
            "  firn lake writers",
            "  firn lake writers --config firn.yaml",
            "  firn lake writers retire 4f1c0a77 --config firn.yaml"
        },
        subcommands = {LakeWritersCommand.Retire.class})
final class LakeWritersCommand implements Callable<Integer> {
    private static final int ATTEMPTS_MAX = 20;

    @Mixin private final DataOption data = new DataOption();
    @Mixin private final ConfigOption config = new ConfigOption();

    /// The catalog is opened beside a running Firn, as another writer's would be.
    private static LakeCatalog open(DataOption data, ConfigOption config) {
        return LakeCommand.catalog(config.read().lake(), data.directory);
    }

    private static LakeWriters writers(LakeCatalog catalog) {
        return new LakeWriters(
                catalog, new Backoff(new SplittableRandom(), 50, 2_000), ATTEMPTS_MAX);
    }

    @Override
    public Integer call() {
        try (LakeCatalog catalog = open(data, config)) {
            System.out.println("writer\tpoints\tseries\tretried\tlast_commit");
            for (LakeWriters.Writer one : writers(catalog).list()) {
                System.out.println(
                        String.join(
                                "\t",
                                one.id(),
                                one.points(),
                                one.series(),
                                Integer.toString(one.retried()),
                                one.lastCommitMillis() == 0
                                        ? ""
                                        : Instant.ofEpochMilli(one.lastCommitMillis()).toString()));
            }
        }
        return 0;
    }

    @Command(
            name = "retire",
            mixinStandardHelpOptions = true,
            description = {
                "Forgets the position of a writer that is gone for good; its rows stay. If it comes",
                "back, it finds its position gone and stops before it writes. Refused for a writer",
                "that committed within the last hour, unless --force."
            },
            footer = {"", "Example:", "  firn lake writers retire 4f1c0a77 --data firn-data"})
    static final class Retire implements Callable<Integer> {
        private static final Duration QUIET = Duration.ofHours(1);

        @Mixin private final DataOption data = new DataOption();
        @Mixin private final ConfigOption config = new ConfigOption();

        @Parameters(paramLabel = "WRITER", description = "As firn lake writers names it.")
        private String writer = "";

        @Option(names = "--force", description = "Also one that committed a moment ago.")
        private boolean force;

        @Override
        public Integer call() throws InterruptedException {
            long now = Clock.system().nanos() / 1_000_000;
            try (LakeCatalog catalog = open(data, config)) {
                writers(catalog).retire(writer, force ? Long.MAX_VALUE : now - QUIET.toMillis());
            }
            System.out.println("retired\t" + writer);
            return 0;
        }
    }
}
