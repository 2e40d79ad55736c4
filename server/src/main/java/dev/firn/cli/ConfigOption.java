package dev.firn.cli;

import dev.firn.config.Config;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/// `--config`, repeatable and merged in order.
final class ConfigOption {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "Configuration file; repeat to merge several (default: built in, see `firn config default`).")
    List<Path> files = new ArrayList<>();

    Config read() {
        return ConfigFiles.read(files);
    }
}
