package dev.firn.cli;

import dev.firn.config.ConfigReader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        description = "Shows configuration.",
        footer = {"", "Example:", "  firn config default > firn.yaml"},
        subcommands = ConfigCommand.Default.class)
final class ConfigCommand {
    @Command(
            name = "default",
            mixinStandardHelpOptions = true,
            description = "Prints the built-in configuration, commented.",
            footer = {"", "Example:", "  firn config default > firn.yaml"})
    static final class Default implements Callable<Integer> {
        @Override
        public Integer call() {
            System.out.print(ConfigReader.defaultText());
            return 0;
        }
    }
}
