package dev.firn.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/// `--data`, the same for every command that starts something.
final class DataOption {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Data directory (default: ${DEFAULT-VALUE}).",
            defaultValue = "firn-data")
    Path directory = Path.of("firn-data");
}
