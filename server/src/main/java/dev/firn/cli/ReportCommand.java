package dev.firn.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Prints what analyses found, for people. Exit 0 whatever it is.",
        footer = {"", "Example:", "  firn report slo"},
        subcommands = {ReportCommand.Slo.class})
final class ReportCommand {
    @Command(
            name = "slo",
            mixinStandardHelpOptions = true,
            description = "Reports objectives: what is breached first.",
            footer = {"", "Example:", "  firn report slo --data /var/lib/firn"})
    static final class Slo implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();
        @Mixin private final ConfigOption config = new ConfigOption();

        @Override
        public Integer call() throws InterruptedException {
            SloAnswers.report(
                    Stored.rows(
                            instance,
                            config,
                            SloAnswers.PATH,
                            "objectives",
                            SloAnswers.SQL));
            return 0;
        }
    }
}
