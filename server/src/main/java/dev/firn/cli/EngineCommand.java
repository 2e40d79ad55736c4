package dev.firn.cli;

import dev.firn.base.InputException;
import dev.firn.config.Config.Address;
import dev.firn.config.Quantity;
import dev.firn.engine.child.EngineConfig;
import dev.firn.engine.child.EngineMain;
import dev.firn.engine.child.EngineProcess;
import dev.firn.engine.child.QueryLimits;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "engine",
        mixinStandardHelpOptions = true,
        description =
                "Serves a data directory's engine alone over ClickHouse's HTTP interface, read-only, until Ctrl-C.",
        footer = {"", "Example:", "  firn engine --data /var/lib/firn --listen 127.0.0.1:8123"})
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
                        EngineProcess.newSecret(),
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
