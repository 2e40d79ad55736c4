package dev.firn.cli;

import dev.firn.base.InputException;
import dev.firn.config.Config;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description =
                "Validates configuration files without starting anything; exit 0 also with warnings.",
        footer = {"", "Example:", "  firn check collector.yaml firn.yaml"})
final class CheckCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Files, merged in order.")
    private List<Path> files = new ArrayList<>();

    @Override
    public Integer call() {
        try {
            Config config = ConfigFiles.read(files);
            ConfigFiles.readNamed(config);
            config.warnings().forEach(warning -> System.err.println("warning: " + warning));
            System.out.println("ok");
            return 0;
        } catch (InputException e) {
            System.err.println(e.getMessage());
            return 1;
        }
    }
}
