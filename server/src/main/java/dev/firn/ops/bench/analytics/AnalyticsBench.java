package dev.firn.ops.bench.analytics;

import java.nio.file.Path;
import java.util.function.Consumer;

/// Scores the shipped detector and forecaster on public data sets.
public final class AnalyticsBench {
    private AnalyticsBench() {}

    /// Prints scores beside published ones, then `gates: pass` or the gates that failed.
    ///
    /// @param folder holds `nab/`, `kpi/AIOPS/`, `kpi/WSD/` and `m4/`; a set that is not there is
    ///   skipped
    /// @return whether all gates passed
    public static boolean run(Path folder, Consumer<String> out) {
        Data data = new Data(folder);
        Gates gates = new Gates(out);
        AnomalyScores anomalies = new AnomalyScores(data, out, gates);
        anomalies.nab();
        anomalies.kpi(
                "AIOPS",
                0.75,
                0.78,
                "published (Ren et al. 2019, same protocol): SR 0.622, SR-CNN 0.771; static z-score 0.421 (all 29 series)");
        anomalies.kpi("WSD", 0.60, 0.64, "static z-score 0.400 (all series)");
        anomalies.state();
        new ForecastScores(data, out, gates).run();
        return gates.end();
    }
}
