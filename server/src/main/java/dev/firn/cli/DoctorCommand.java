package dev.firn.cli;

import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.FolderLock;
import dev.firn.base.InputException;
import dev.firn.base.NioDisk;
import dev.firn.base.WorldException;
import dev.firn.config.Config;
import dev.firn.config.LakeCatalogConfig;
import dev.firn.lake.store.LakeDoctor;
import dev.firn.lake.store.Store;
import dev.firn.ops.doctor.Finding;
import dev.firn.ops.doctor.Finding.Verdict;
import dev.firn.ops.doctor.Library;
import dev.firn.ops.doctor.Machine;
import dev.firn.ops.doctor.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "Looks for what commonly goes wrong, before a start and while Firn runs: Java, memory,",
            "open files, clock, disk, engine library, configuration, ports, access to the lake, and",
            "what the health of a running Firn says. A line a look, tab-separated: verdict, subject,",
            "what was seen, how to mend it.",
            "Exit 0 nothing is missing (warnings included), 1 something is."
        },
        footer = {
            "",
            "Examples:",
            "  firn doctor",
            "  firn doctor --config firn.yaml --data /var/lib/firn | grep -v ^ok",
            "  firn doctor --config firn.yaml --bundle support.zip   for whoever helps; no secrets"
        })
final class DoctorCommand implements Callable<Integer> {
    @Mixin private final DataOption data = new DataOption();
    @Mixin private final ConfigOption config = new ConfigOption();

    @Option(
            names = "--bundle",
            paramLabel = "FILE",
            description =
                    "Also write a zip file of this, the configuration without secrets, and what a running Firn says of itself.")
    @Nullable Path bundle;

    private final List<Finding> findings = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        Path folder = data.directory.toAbsolutePath().normalize();
        Optional<Remote> running = running(folder);
        tell(Machine.java());
        Config read = configuration();
        tell(Machine.openFiles());
        tell(Machine.clock(Clock.system(), folder.resolve("wal")));
        if (read != null) {
            look(read, folder, running.isPresent());
        }
        running.ifPresent(this::health);
        if (bundle != null) {
            new SupportBundle(findings, config.files, running).write(bundle);
            System.err.println(
                    "firn: wrote \"" + bundle + "\"; look through it before you send it");
        }
        return findings.stream().anyMatch(one -> one.verdict() == Verdict.MISSING) ? 1 : 0;
    }

    private void tell(Finding finding) {
        findings.add(finding);
        System.out.println(line(finding));
    }

    static String line(Finding finding) {
        return finding.verdict().name().toLowerCase(Locale.ROOT)
                + "\t"
                + finding.subject()
                + "\t"
                + finding.detail().strip().replaceAll("\\s+", " ")
                + "\t"
                + finding.advice();
    }

    /// The Firn that holds the directory.
    private static Optional<Remote> running(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        Optional<FolderLock> lock = FolderLock.tryLock(folder);
        if (lock.isPresent()) {
            lock.get().close();
            return Optional.empty();
        }
        return InstanceOption.holder(folder);
    }

    private @Nullable Config configuration() {
        try {
            Config read = config.read();
            ConfigFiles.readNamed(read);
            String names = config.files.isEmpty() ? "built in" : config.files.toString();
            if (read.warnings().isEmpty()) {
                tell(new Finding(Verdict.OK, "configuration", names, ""));
            }
            for (String warning : read.warnings()) {
                tell(new Finding(Verdict.WARNING, "configuration", warning, "see there"));
            }
            return read;
        } catch (InputException e) {
            String.valueOf(e.getMessage())
                    .lines()
                    .forEach(line ->
                            tell(new Finding(Verdict.MISSING, "configuration", line, "see there")));
            return null;
        }
    }

    private void look(Config read, Path folder, boolean running) throws IOException {
        boolean child = read.engine().enabled() && read.engine().ownsChild();
        tell(Machine.memory(read.memoryMax(), child));
        if (child) {
            library(read);
        }
        Disk disk = new NioDisk();
        Path place = nearest(folder);
        long total = Files.getFileStore(place).getTotalSpace();
        tell(Machine.space(disk, place, total, read.wal().diskFreeMin()));
        tell(Machine.syncs(disk, place, Clock.system()));
        Ports.look(Ports.of(read), running).forEach(this::tell);
        boolean elsewhere =
                read.lake().remote()
                        || read.lake().catalog().type() != LakeCatalogConfig.Type.SQLITE;
        if (read.lake().enabled() && elsewhere && !running) { // else disk and health tell of it
            lake(read, folder);
        }
    }

    /// The folder, or what is there of the way to it.
    private static Path nearest(Path folder) {
        Path at = folder;
        while (!Files.isDirectory(at) && at.getParent() != null) {
            at = at.getParent();
        }
        return at;
    }

    private void library(Config read) {
        try {
            tell(Library.look(EngineAt.library(read.engine().library())));
        } catch (InputException e) {
            tell(
                    new Finding(
                            Verdict.MISSING,
                            "engine library",
                            String.valueOf(e.getMessage()),
                            "see there"));
        }
    }

    private void lake(Config read, Path folder) throws IOException {
        try (var store = new Store(read.lake(), folder, new NioDisk(), Clock.system(), () -> {})) {
            store.prepare();
            new LakeDoctor(
                            read.lake(),
                            store,
                            Clock.system(),
                            step ->
                                    tell(
                                            new Finding(
                                                    step.ok() ? Verdict.OK : Verdict.MISSING,
                                                    "lake " + step.step(),
                                                    step.detail(),
                                                    step.ok() ? "" : "see there")))
                    .examine();
        }
    }

    private void health(Remote remote) {
        try {
            JsonNode health = remote.getAnyState("/health");
            boolean well = true;
            for (JsonNode check : health.path("checks")) {
                String state = check.path("state").asString("");
                boolean critical = state.equals("critical");
                if (critical || state.equals("warning")) {
                    well = false;
                    tell(
                            new Finding(
                                    critical ? Verdict.MISSING : Verdict.WARNING,
                                    "health " + check.path("id").asString(""),
                                    check.path("figure").asString("")
                                            + " since "
                                            + check.path("since").asString(""),
                                    check.path("advice").asString("")));
                }
            }
            if (well) {
                String state = health.path("state").asString("unknown");
                tell(new Finding(Verdict.OK, "health", state, ""));
            }
        } catch (WorldException e) {
            tell(
                    new Finding(
                            Verdict.MISSING,
                            "health",
                            String.valueOf(e.getMessage()),
                            "the process holds the data directory and does not answer: look at"
                                    + " its log"));
        }
    }
}
