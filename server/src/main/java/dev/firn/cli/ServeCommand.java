package dev.firn.cli;

import dev.firn.config.Config;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description =
                "Receives OpenTelemetry metrics, keeps them in Iceberg, answers SQL; runs until Ctrl-C.",
        footer = {"", "Example:", "  firn serve --config firn.yaml --data /var/lib/firn"})
final class ServeCommand implements Callable<Integer> {
    private final Starter starter;

    @Mixin private final ConfigOption config = new ConfigOption();
    @Mixin private final DataOption data = new DataOption();

    ServeCommand(Starter starter) {
        this.starter = starter;
    }

    @Override
    public Integer call() {
        Config read = config.read();
        read.warnings().forEach(warning -> System.err.println("firn: warning: " + warning));
        var stop = new Stop();
        Optional<Starter.Running> started = stop.start(starter, read, data.directory);
        if (started.isEmpty()) {
            return 0;
        }
        try (Starter.Running running = started.get()) {
            running.listening().forEach(line -> System.err.println("firn: " + line));
            System.err.println("firn: ready; stop with Ctrl-C");
            stop.await();
            System.err.println("firn: stopping");
        }
        return 0;
    }
}
