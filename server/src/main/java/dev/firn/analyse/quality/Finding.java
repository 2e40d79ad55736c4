package dev.firn.analyse.quality;

import java.util.LinkedHashMap;
import java.util.Map;

/// What a check saw of a metric of a source.
///
/// @param metric empty if it is of all metrics of the source
/// @param service empty if it is of the whole plane
/// @param series how many are concerned
/// @param points the same
/// @param evidence an example, may be empty
record Finding(
        Check check,
        String plane,
        String environment,
        String service,
        String metric,
        double observed,
        double expected,
        long series,
        long points,
        String evidence) {
    /// The two in one, of what is counted in series.
    Finding plus(Finding other) {
        return new Finding(
                check,
                plane,
                environment,
                service,
                metric,
                observed + other.observed,
                expected,
                series + other.series,
                points + other.points,
                evidence);
    }

    /// Of what it is.
    Map<String, String> subject() {
        var subject = new LinkedHashMap<String, String>();
        subject.put("data_plane_id", plane);
        subject.put("environment", environment);
        if (!service.isEmpty() || !metric.isEmpty()) {
            subject.put("service_name", service);
        }
        if (!metric.isEmpty()) {
            subject.put("metric_name", metric);
        }
        return subject;
    }
}
