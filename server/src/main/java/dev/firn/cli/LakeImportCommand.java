package dev.firn.cli;

import dev.firn.config.Config;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.imports.SeedImport;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = {
            "Takes Parquet files in the seed's layout (year/month/day/hour folders with the columns of"
                    + " MetricParquet) into the lake, each folder once, also while Firn runs.",
            "What was imported before is not imported again. The engine gets these points by"
                    + " firn lake rebuild-engine."
        },
        footer = {
            "",
            "Examples:",
            "  firn lake import --dry-run /backup/metrics",
            "  firn lake import /backup/metrics/year=2025 --data /var/lib/firn"
        })
final class LakeImportCommand implements Callable<Integer> {
    @Mixin private final DataOption data = new DataOption();
    @Mixin private final ConfigOption config = new ConfigOption();

    @Parameters(
            paramLabel = "DIR",
            description = "Folder with *.parquet files at any depth, or one file.")
    private Path from = Path.of("");

    @Option(names = "--dry-run", description = "Checks the files and says what there is.")
    private boolean dryRun;

    @Override
    public Integer call() {
        List<SeedImport.Unit> units = SeedImport.plan(from);
        if (dryRun) {
            System.out.println("folder\tfiles\trows");
            units.forEach(unit ->
                    System.out.println(
                            unit.folder() + "\t" + unit.files().size() + "\t" + unit.rows()));
            return 0;
        }
        Config settings = config.read();
        try (LakeCatalog catalog = LakeCommand.catalog(settings.lake(), data.directory)) {
            SeedImport.Outcome outcome =
                    new SeedImport(
                                    catalog,
                                    settings.lake().partitionPlanesMax(),
                                    line -> System.err.println("firn: " + line))
                            .run(units);
            System.out.println("files\timported\tleft_out\talready_there");
            System.out.println(
                    outcome.files()
                            + "\t"
                            + outcome.rows()
                            + "\t"
                            + outcome.leftOut()
                            + "\t"
                            + outcome.before());
        }
        return 0;
    }
}
