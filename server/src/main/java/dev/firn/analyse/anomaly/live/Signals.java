package dev.firn.analyse.anomaly.live;

import dev.firn.analyse.anomaly.Detector.Kind;
import java.util.List;

/// The signals that Firn reads by itself, each interval.
public final class Signals {
    static final String REQUEST_RATE = "request_rate";
    static final String ERROR_RATIO = "error_ratio";
    static final String LATENCY_P50 = "latency_p50";
    static final String LATENCY_P95 = "latency_p95";
    static final String PLANE_VOLUME = "plane_volume";
    static final String PLANE_FRESHNESS = "plane_freshness";

    /// An interval, as the engine's finest rollup has it.
    public static final long STEP_SECONDS = 300;

    /// All of them.
    static final List<String> ALL =
            List.of(
                    REQUEST_RATE,
                    ERROR_RATIO,
                    LATENCY_P50,
                    LATENCY_P95,
                    PLANE_VOLUME,
                    PLANE_FRESHNESS);

    /// Requests of an interval below which a quantile, or a ratio, says nothing.
    private static final double P50_REQUESTS_MIN = 20;

    private static final double P95_REQUESTS_MIN = 60;
    private static final double RATIO_REQUESTS_MIN = 20;

    private static final double DROP = 0.3;
    private static final double RISE = 0.6;
    private static final double ERRORS_MORE = 0.01;
    private static final double SLOWER = 1.5;

    private Signals() {}

    /// The signals of a route's requests in one interval.
    ///
    /// @param requests all of them
    /// @param errors those that ended in 5xx
    /// @param durations of those that came with buckets
    public static List<SignalPoint> ofRequests(
            String environment,
            String service,
            String route,
            double requests,
            double errors,
            Distribution durations) {
        return List.of(
                SignalPoint.of(
                        new SignalKey(REQUEST_RATE, environment, service, route, ""),
                        Kind.COUNT,
                        requests,
                        requests),
                SignalPoint.of(
                        new SignalKey(ERROR_RATIO, environment, service, route, ""),
                        Kind.RATIO,
                        requests >= RATIO_REQUESTS_MIN ? errors / requests : Double.NaN,
                        requests),
                SignalPoint.quantile(
                        new SignalKey(LATENCY_P50, environment, service, route, ""),
                        durations,
                        0.5,
                        P50_REQUESTS_MIN,
                        requests),
                SignalPoint.quantile(
                        new SignalKey(LATENCY_P95, environment, service, route, ""),
                        durations,
                        0.95,
                        P95_REQUESTS_MIN,
                        requests));
    }

    /// Requests to all routes of a service together: where each route has too few to tell.
    public static SignalPoint ofService(String environment, String service, double requests) {
        return SignalPoint.of(
                new SignalKey(REQUEST_RATE, environment, service, "", ""),
                Kind.COUNT,
                requests,
                requests);
    }

    /// The signals of one instance's requests in one interval, for its peers.
    public static List<SignalPoint> ofInstance(
            String environment,
            String service,
            String instance,
            double requests,
            double errors,
            Distribution durations) {
        return List.of(
                SignalPoint.of(
                        new SignalKey(REQUEST_RATE, environment, service, "", "", instance),
                        Kind.COUNT,
                        requests,
                        requests),
                SignalPoint.of(
                        new SignalKey(ERROR_RATIO, environment, service, "", "", instance),
                        Kind.RATIO,
                        requests >= RATIO_REQUESTS_MIN ? errors / requests : Double.NaN,
                        requests),
                SignalPoint.quantile(
                        new SignalKey(LATENCY_P95, environment, service, "", "", instance),
                        durations,
                        0.95,
                        P95_REQUESTS_MIN,
                        requests));
    }

    /// Whether more of it is worse, so that a slow rise is told of.
    static boolean rises(String signal) {
        return switch (signal) {
            case ERROR_RATIO, LATENCY_P50, LATENCY_P95 -> true;
            default -> false;
        };
    }

    /// Whether a difference is large enough that somebody should be told: what is sure need not
    /// matter.
    ///
    /// @param low what the value is at least, less what chance explains; the same `high`
    static boolean matters(String signal, double low, double high, double expected) {
        return switch (signal) {
            case REQUEST_RATE, PLANE_VOLUME ->
                    high <= expected * (1 - DROP) || low >= expected * (1 + RISE);
            case ERROR_RATIO -> low >= expected + ERRORS_MORE && low >= 2 * expected;
            case LATENCY_P50, LATENCY_P95 -> low >= expected * SLOWER;
            case PLANE_FRESHNESS -> low >= expected + STEP_SECONDS;
            default -> true;
        };
    }

    /// What a value is multiplied by to be what people read: rates are judged as counts of an
    /// interval, for chance is in the counts, and shown by the second.
    static double shown(String signal) {
        return signal.equals(REQUEST_RATE) || signal.equals(PLANE_VOLUME) ? 1.0 / STEP_SECONDS : 1;
    }
}
