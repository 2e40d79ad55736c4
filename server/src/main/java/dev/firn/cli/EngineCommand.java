package dev.firn.cli;

import dev.firn.base.InputException;
import dev.firn.base.Reason;
import dev.firn.config.Config.Address;
import dev.firn.config.Quantity;
import dev.firn.engine.child.EngineConfig;
import dev.firn.engine.child.EngineMain;
import dev.firn.engine.child.EngineProcess;
import dev.firn.engine.child.QueryLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "engine",
        mixinStandardHelpOptions = true,
        description =
                "Serves a data directory's engine alone over ClickHouse's HTTP interface, for readers, until Ctrl-C.",
        footer = {"", "Example:", "  firn engine --data /var/lib/firn --listen 127.0.0.1:8123"},
        subcommands = {
            EngineDdlCommand.class,
            EngineBackupCommand.Backup.class,
            EngineBackupCommand.Restore.class
        })
final class EngineCommand implements Callable<Integer> {
    @Mixin private final DataOption data = new DataOption();

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            description = "Where to listen (default: ${DEFAULT-VALUE}).",
            defaultValue = "127.0.0.1:8123")
    private String listen = "127.0.0.1:8123";

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            description = "Memory for all queries together (default: ${DEFAULT-VALUE}).",
            defaultValue = "4GiB")
    private String memory = "4GiB";

    @Option(
            names = "--library",
            paramLabel = "FILE",
            description = "libchdb.so (default: the one that ./firn fetched).")
    private String library = "";

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description =
                    "Password of user firn, who may write: another Firn can use this engine by engine.url. Default: nobody may.")
    private @Nullable Path passwordFile;

    /// Of the user who may write; without a file one that nobody knows.
    private String password() {
        Path file = passwordFile;
        if (file == null) {
            return EngineProcess.newSecret();
        }
        try {
            String password = Files.readString(file).strip();
            if (password.length() < 16) {
                throw new InputException(
                        "--password-file: \"" + file + "\" holds fewer than 16 characters");
            }
            return password;
        } catch (IOException e) {
            throw new InputException(
                    "--password-file: cannot read \"" + file + "\": " + Reason.of(e));
        }
    }

    @Override
    public Integer call() {
        Address address = Address.parse(listen);
        long memoryBytes;
        try {
            memoryBytes = Quantity.bytes(memory);
        } catch (IllegalArgumentException e) {
            throw new InputException("--memory: " + e.getMessage());
        }
        var config =
                new EngineConfig(
                        EngineAt.library(library),
                        EngineAt.folder(data.directory),
                        address.host(),
                        address.port(),
                        password(),
                        memoryBytes,
                        "otel_metrics",
                        QueryLimits.within(memoryBytes));
        if (!address.loopback()) {
            System.err.println(
                    "firn: --listen "
                            + address
                            + " is open to the network and asks for no credentials; listen on"
                            + " 127.0.0.1 or put a firewall before it");
        }
        var stop = new Stop();
        Thread serving = Thread.currentThread();
        Thread.ofVirtual()
                .start(() -> {
                    stop.await();
                    serving.interrupt();
                });
        EngineMain.serve(
                config, url -> System.err.println("firn: engine at " + url + "; stop with Ctrl-C"));
        return 0;
    }
}
