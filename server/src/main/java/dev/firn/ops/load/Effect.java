package dev.firn.ops.load;

import java.util.List;

/// What incidents do to one stream.
///
/// @param share of the service's usual requests that end in this stream
/// @param latencyFactor of its durations
record Effect(double share, double latencyFactor) {

    static Effect of(List<Incident> active, ServicePlan.Stream stream, long nanos) {
        double rate = 1;
        double latency = 1;
        double errors = stream.routeErrorShare();
        for (Incident incident : active) {
            if (!incident.touchesRoute(stream.route().path())) {
                continue;
            }
            double factor = incident.factor();
            switch (incident.kind()) {
                case LATENCY -> latency *= factor;
                case ERRORS -> errors = Math.max(errors, factor);
                case TRAFFIC_DROP -> rate *= factor;
                case SLOW_LEAK -> latency *= 1 + (factor - 1) * incident.progress(nanos);
                case BAD_DEPLOY -> {
                    errors = Math.max(errors, factor);
                    latency *= 2;
                }
                default -> {} // it touches exports only
            }
        }
        return new Effect(rate * share(stream, errors), latency);
    }

    /// Errors take their share from all other outcomes evenly.
    private static double share(ServicePlan.Stream stream, double errors) {
        double usual = stream.routeErrorShare();
        return stream.outcome().isError()
                ? stream.share() / usual * errors
                : stream.share() / (1 - usual) * (1 - errors);
    }
}
