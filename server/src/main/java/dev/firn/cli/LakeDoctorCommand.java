package dev.firn.cli;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.config.LakeConfig;
import dev.firn.lake.store.LakeDoctor;
import dev.firn.lake.store.Store;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "Proves access to the lake: writes, reads, lists and deletes a probe, makes a table,",
            "commits to it and drops it. A line a step, tab-separated: ok or missing, step, detail;",
            "what is missing is named with the right or the setting that mends it.",
            "Exit 0 nothing is missing, 1 something is."
        },
        footer = {
            "",
            "Examples:",
            "  firn lake doctor --config firn.yaml",
            "  firn lake doctor --config firn.yaml | grep ^missing"
        })
final class LakeDoctorCommand implements Callable<Integer> {
    @Mixin private final DataOption data = new DataOption();
    @Mixin private final ConfigOption config = new ConfigOption();

    @Override
    public Integer call() throws IOException {
        LakeConfig lake = config.read().lake();
        Clock clock = Clock.system();
        try (var store = new Store(lake, data.directory, new NioDisk(), clock, () -> {})) {
            store.prepare();
            var doctor =
                    new LakeDoctor(
                            lake,
                            store,
                            clock,
                            finding ->
                                    System.out.println(
                                            (finding.ok() ? "ok" : "missing")
                                                    + "\t"
                                                    + finding.step()
                                                    + "\t"
                                                    + finding.detail().replaceAll("\\s+", " ")));
            return doctor.examine() ? 0 : 1;
        }
    }
}
