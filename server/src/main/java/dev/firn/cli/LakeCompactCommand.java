package dev.firn.cli;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.LakeConfig;
import dev.firn.config.LakeMaintenanceConfig;
import dev.firn.lake.Backoff;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePace;
import dev.firn.lake.compact.Compaction;
import dev.firn.lake.compact.CompactionMetrics;
import dev.firn.lake.keep.RetentionRules;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "compact",
        mixinStandardHelpOptions = true,
        description = {
            "Merges small files of the lake into sorted ones, as fast as it goes.",
            "Prints a line for each merge, tab-separated; progress goes to standard error.",
            "Exit 0 done, 1 some merges failed or were lost to another process."
        },
        footer = {
            "",
            "Examples:",
            "  firn lake compact --dry-run",
            "  firn lake compact --day 2026-01-31 --plane eu-1",
            "  firn lake compact --data /var/lib/firn --config firn.yaml"
        })
final class LakeCompactCommand implements Callable<Integer> {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    @Mixin private final InstanceOption instance = new InstanceOption();
    @Mixin private final ConfigOption config = new ConfigOption();

    @Option(names = "--dry-run", description = "Only list what would be merged first.")
    private boolean dryRun;

    @Option(
            names = "--plane",
            paramLabel = "PLANE",
            description = "Only this data plane (as in column plane).")
    private @Nullable String plane;

    @Option(
            names = "--day",
            paramLabel = "DAY",
            description = "Only points of this UTC day, such as 2026-01-31.")
    private @Nullable LocalDate day;

    private boolean failed;

    @Override
    public Integer call() throws InterruptedException {
        System.out.println(
                "table\tday\tplane\tfiles_in\trows\tbytes_in\tfiles_out\tbytes_out\toutcome");
        Optional<InstanceOption.Opened> opened = instance.open();
        if (opened.isEmpty()) {
            askRunning();
        } else {
            try (InstanceOption.Opened data = opened.get()) {
                run(data.directory());
            }
        }
        return failed ? 1 : 0;
    }

    private void run(Path data) throws InterruptedException {
        LakeConfig lake = config.read().lake();
        LakeMaintenanceConfig.Compact settings = lake.maintenance().compact();
        try (LakeCatalog catalog = LakeCommand.catalog(lake, data)) {
            var compaction =
                    new Compaction(
                            catalog,
                            new Compaction.Settings(settings.targetSize(), settings.memoryMax()),
                            new CompactionMetrics(new OwnMetrics()),
                            new Backoff(new SplittableRandom(), 50, 5_000),
                            Clock.system(),
                            new RetentionRules(lake.keep().retention()));
            var scope = new Compaction.Scope(plane, day);
            List<Compaction.Merge> merges =
                    dryRun
                            ? compaction.plan(scope)
                            : compaction.run(
                                    scope,
                                    LakePace.of(
                                            LakePace.Limits.NONE,
                                            LakeCompactCommand::progress,
                                            Clock.system()));
            merges.forEach(merge -> print(MAPPER.valueToTree(merge)));
        }
    }

    private static void progress(String what, long done, long total) {
        LakeTask.progress(done + " of " + total + " merges, now " + what);
    }

    private void askRunning() {
        var options = new HashMap<String, String>();
        options.put("dry_run", String.valueOf(dryRun));
        if (plane != null) {
            options.put("plane", plane);
        }
        if (day != null) {
            options.put("day", day.toString());
        }
        instance.remote()
                .task("/api/firn/v1/lake/compact", options, LakeTask::progress)
                .forEach(this::print);
    }

    private void print(JsonNode merge) {
        String outcome = merge.get("outcome").asString();
        failed |= outcome.equals("failed") || outcome.equals("lost");
        System.out.println(
                String.join(
                        "\t",
                        merge.get("table").asString(),
                        merge.get("day").asString(),
                        merge.get("plane").asString(),
                        merge.get("filesIn").asString(),
                        merge.get("rows").asString(),
                        merge.get("bytesIn").asString(),
                        merge.get("filesOut").asString(),
                        merge.get("bytesOut").asString(),
                        outcome));
    }
}
