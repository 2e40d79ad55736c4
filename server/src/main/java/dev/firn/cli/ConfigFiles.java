package dev.firn.cli;

import dev.firn.analyse.anomaly.live.SignalSettings;
import dev.firn.analyse.cost.Prices;
import dev.firn.analyse.quality.QualityRules;
import dev.firn.analyse.slo.OpenSlo;
import dev.firn.analyse.slo.SloFiles;
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

    /// Reads the files that a configuration names, as `firn serve` will.
    ///
    /// @throws dev.firn.base.InputException with the mistakes of the first that has some
    static void readNamed(Config config) {
        QualityRules.open(config.quality().rules());
        SignalSettings.open(config.anomaly().signals());
        Prices.open(config.cost().prices());
        OpenSlo.read(SloFiles.texts(config.slo().definitions()));
    }

    private static ConfigReader.Findings statements(Config config) {
        Processors.Findings found = Processors.check(config);
        return new ConfigReader.Findings(found.problems(), found.warnings());
    }
}
