package dev.firn.analyse.anomaly.live;

import java.util.LinkedHashMap;
import java.util.Map;

/// Which series of values; what does not apply is empty.
///
/// @param signal `request_rate`, … or the name of a signal of `config/anomaly.yaml`
/// @param plane of signals about planes
/// @param instance of signals about one instance of a service, which are held against its peers'
public record SignalKey(
        String signal,
        String environment,
        String service,
        String route,
        String plane,
        String instance) {
    /// Of no single instance.
    public SignalKey(
            String signal, String environment, String service, String route, String plane) {
        this(signal, environment, service, route, plane, "");
    }

    /// Of which environment, plane, service, route and instance, without what is empty.
    public Map<String, String> labels() {
        var labels = new LinkedHashMap<String, String>();
        put(labels, "environment", environment);
        put(labels, "data_plane_id", plane);
        put(labels, "service_name", service);
        put(labels, "http_route", route);
        put(labels, "service_instance_id", instance);
        return labels;
    }

    private static void put(Map<String, String> labels, String name, String value) {
        if (!value.isEmpty()) {
            labels.put(name, value);
        }
    }

    @Override
    public String toString() {
        return signal + " of " + String.join(" ", labels().values());
    }
}
