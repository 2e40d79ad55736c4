package dev.firn.cli;

import dev.firn.base.Clock;
import dev.firn.base.FolderLock;
import dev.firn.base.InputException;
import dev.firn.base.NioDisk;
import dev.firn.config.Config;
import dev.firn.engine.EngineBackup;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineContents;
import dev.firn.wal.WalInspector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `firn engine backup` and `firn engine restore`.
final class EngineBackupCommand {
    private static final Duration RESTORE_MAX = Duration.ofHours(24);

    private EngineBackupCommand() {}

    @Command(
            name = "backup",
            mixinStandardHelpOptions = true,
            description =
                    "Backs the running Firn's engine up into folder backup/NAME of its data directory, while points come in.",
            footer = {"", "Example:", "  firn engine backup monday"})
    static final class Backup implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Parameters(
                paramLabel = "NAME",
                arity = "0..1",
                description = "Name of the backup (default: the time).")
        private @Nullable String name;

        @Override
        public Integer call() {
            String called =
                    name == null
                            ? DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")
                                    .format(LocalDateTime.now(ZoneOffset.UTC))
                            : name;
            JsonNode done =
                    instance.running("back up the engine")
                            .task(
                                    "/api/firn/v1/engine/backup",
                                    Map.of("name", called),
                                    LakeTask::progress);
            System.out.println("path\t" + done.get("path").asString());
            done.get("positions")
                    .properties()
                    .forEach(one ->
                            System.out.println(
                                    "position\t" + one.getKey() + "\t" + one.getValue()));
            return 0;
        }
    }

    @Command(
            name = "restore",
            mixinStandardHelpOptions = true,
            description = {
                "Restores the engine of a data directory that no Firn holds from its folder backup/NAME. The engine must have no such database yet.",
                "The next firn serve goes on where the backup stands, from the log and the lake."
            },
            footer = {"", "Example:", "  firn engine restore monday --data /var/lib/firn"})
    static final class Restore implements Callable<Integer> {
        @Mixin private final DataOption data = new DataOption();
        @Mixin private final ConfigOption config = new ConfigOption();

        @Parameters(paramLabel = "NAME", description = "Name of the backup.")
        private String name = "";

        @Override
        public Integer call() throws InterruptedException {
            Config.Engine engine = config.read().engine();
            if (!engine.ownsChild()) {
                throw new InputException(
                        "cannot restore the engine: it is the server of engine.url, or there is"
                                + " none; use the server's own RESTORE");
            }
            BackupFolder folder = BackupFolder.of(data.directory, name);
            EngineContents contents = EngineContents.fromLines(folder.read(), engine.database());
            try (FolderLock lock = lock(data.directory)) {
                restore(data.directory, engine, folder, contents);
            }
            System.out.println("restored\t" + folder.path());
            contents.positions()
                    .forEach((writer, cut) ->
                            System.out.println("position\t" + writer + "\t" + cut));
            return 0;
        }

        private static FolderLock lock(Path data) {
            return FolderLock.tryLock(data)
                    .orElseThrow(() ->
                            new InputException(
                                    "cannot restore the engine of \""
                                            + data
                                            + "\": a Firn runs there ("
                                            + FolderLock.holder(data).replace("\n", ", ")
                                            + "); stop it first"));
        }

        private static void restore(
                Path data, Config.Engine settings, BackupFolder folder, EngineContents contents)
                throws InterruptedException {
            var disk = new NioDisk();
            boolean logged = Files.isDirectory(data.resolve("wal"));
            String writer = logged ? WalInspector.inspect(disk, data).writer() : "";
            if (logged
                    && settings.source() == Config.EngineSource.WAL
                    && !contents.positions().containsKey(writer)) {
                System.err.println(
                        "firn: the backup is of another log; its rows stay as they are, and what its"
                                + " writer stored later is in the lake only");
            }
            try (EnginePlace engine = EnginePlace.forCommand(data, settings);
                    EngineClient client = engine.client(Clock.system(), RESTORE_MAX)) {
                EngineBackup.restore(
                        client,
                        engine.schema(),
                        contents,
                        folder.place(),
                        writer,
                        WalInspector.checkpoints(disk, data));
            }
        }
    }
}
