package dev.firn.cli;

import dev.firn.config.Config;
import dev.firn.config.ConfigReader;
import dev.firn.process.Processors;
import java.nio.file.Path;
import java.util.List;

/// Configuration files, read and their statements parsed: what `firn check` finds wrong is what
/// `firn serve` refuses.
final class ConfigFiles {
    private ConfigFiles() {}

    /// @throws dev.firn.base.InputException with all mistakes, a line each
    static Config read(List<Path> files) {
        return ConfigReader.read(files, System::getenv, ConfigFiles::statements);
    }

    private static ConfigReader.Findings statements(Config config) {
        Processors.Findings found = Processors.check(config);
        return new ConfigReader.Findings(found.problems(), found.warnings());
    }
}
