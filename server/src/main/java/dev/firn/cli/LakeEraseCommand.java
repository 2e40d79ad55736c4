package dev.firn.cli;

import dev.firn.base.InputException;
import java.util.LinkedHashMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command(
        name = "erase",
        mixinStandardHelpOptions = true,
        description = {
            "Erases points from lake, engine, quarantined cuts and write-ahead log, refuses while a hold covers one of them, and says where they may still be and for how long. Tab-separated.",
            "CONDITION: terms joined by AND over metric_name, metric_type, unit, service_name, environment, data_plane_id, cluster_id, region, http_method, http_route, http_status_code (=, !=, IN), series_id (=, IN), time (>=, <; UTC), attributes['key'] and resource['key'] (=; 17 is not '17'). Points that come while it runs are not meant.",
            "Exit 0 done, 1 failed or held, 2 wrong use."
        },
        footer = {
            "",
            "Examples:",
            "  firn lake erase --where \"metric_name = 'cart.size' AND environment = 'dev'\" --dry-run",
            "  firn lake erase --where \"attributes['user.id'] = '17'\" --yes --expire-now"
        })
final class LakeEraseCommand implements Callable<Integer> {
    @Mixin private final InstanceOption instance = new InstanceOption();
    @Mixin private final ConfigOption config = new ConfigOption();

    @Option(
            names = "--where",
            required = true,
            paramLabel = "CONDITION",
            description = "Which points.")
    private String where = "";

    @Option(names = "--dry-run", description = "Only counts.")
    private boolean dryRun;

    @Option(names = "--yes", description = "Needed to erase.")
    private boolean yes;

    @Option(
            names = "--series-of-all-writers",
            description =
                    "Descriptions of erased series go whoever wrote them; only while no other writer runs (its later points would lack theirs until it restarts).")
    private boolean allSeries;

    @Option(
            names = "--expire-now",
            description = "Lets snapshots that are older than an hour go afterwards.")
    private boolean expireNow;

    @Override
    public Integer call() throws InterruptedException {
        if (dryRun == yes) {
            throw new InputException("give either --dry-run, to look, or --yes, to erase");
        }
        var parameters = new LinkedHashMap<String, String>();
        parameters.put("where", where);
        parameters.put("dry_run", Boolean.toString(dryRun));
        parameters.put("yes", Boolean.toString(yes));
        parameters.put("all_series", Boolean.toString(allSeries));
        parameters.put("expire_now", Boolean.toString(expireNow));
        print(new LakeTask(instance, config).run("erase", parameters));
        return 0;
    }

    private static void print(JsonNode outcome) {
        System.out.println("store\ttable\tfiles\trows\theld");
        for (JsonNode count : outcome.get("lake")) {
            System.out.println("lake\t" + Tsv.cells(count, "table", "files", "rows", "held"));
        }
        outcome.get("engine")
                .properties()
                .forEach(entry ->
                        System.out.println(
                                "engine\t" + entry.getKey() + "\t\t" + entry.getValue() + "\t"));
        for (JsonNode count : outcome.get("quarantine")) {
            System.out.println("quarantine\t" + Tsv.cells(count, "sink", "cuts", "rows", "held"));
        }
        JsonNode log = outcome.path("log");
        if (log.isObject()) {
            System.out.println("wal\t\t" + Tsv.text(log.get("segments")) + "\t\t");
            if (!log.get("held").asString("").isEmpty()) {
                System.out.println("elsewhere\t" + Tsv.text(log.get("held")));
            }
        }
        for (JsonNode last : outcome.get("snapshots")) {
            System.out.println(
                    "snapshots\t"
                            + Tsv.text(last.get("table"))
                            + "\t"
                            + Tsv.text(last.get("snapshots"))
                            + " from before the erasure"
                            + (last.get("expires").asString().isEmpty()
                                    ? ""
                                    : ", the last expires at " + Tsv.text(last.get("expires"))));
            for (JsonNode reference : last.get("references")) {
                System.out.println(
                        "reference\t"
                                + Tsv.text(last.get("table"))
                                + "\tkeeps one until it ends: "
                                + Tsv.text(reference));
            }
        }
        outcome.get("elsewhere")
                .forEach(line -> System.out.println("elsewhere\t" + Tsv.text(line)));
    }
}
