package dev.firn.analyse.anomaly.live;

import dev.firn.analyse.anomaly.Detector.Kind;

/// A signal's value in one interval.
///
/// @param value NaN where too little happened for one
/// @param low what it may be by chance, at least: three standard errors of so few events
/// @param high the same at most
/// @param events of which a ratio is; of other signals how many events were behind the value
public record SignalPoint(
        SignalKey key, Kind kind, double value, double low, double high, double events) {
    private static final double ERRORS = 3;

    /// A value whose chance follows from what it is.
    static SignalPoint of(SignalKey key, Kind kind, double value, double events) {
        double error =
                switch (!(events > 0) ? Kind.GAUGE : kind) {
                    case GAUGE -> 0;
                    case COUNT -> Math.sqrt(Math.max(value, 1));
                    case RATIO -> {
                        double share = Math.clamp(value, 1 / (events + 1), events / (events + 1));
                        yield Math.sqrt(share * (1 - share) / events);
                    }
                };
        return new SignalPoint(
                key, kind, value, value - ERRORS * error, value + ERRORS * error, events);
    }

    /// A quantile, which may by chance be that of a somewhat lower or higher share, and anywhere in
    /// its bucket: bounds change with versions.
    static SignalPoint quantile(
            SignalKey key,
            Distribution durations,
            double share,
            double requestsMin,
            double events) {
        double known = durations.total();
        if (!(known >= requestsMin)) {
            return new SignalPoint(key, Kind.GAUGE, Double.NaN, Double.NaN, Double.NaN, events);
        }
        double error = ERRORS * Math.sqrt(share * (1 - share) / known);
        return new SignalPoint(
                key,
                Kind.GAUGE,
                durations.quantile(share),
                durations.least(Math.max(0, share - error)),
                durations.most(Math.min(1, share + error)),
                events);
    }
}
