package dev.firn.config;

import dev.firn.config.Config.Address;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What concerns several sections: sizes, ports, open addresses, pipelines that nothing keeps,
/// labels that stand twice.
final class CrossChecks {
    /// @param section that holds `endpoint`
    /// @param guarded senders must show who they are
    private record Listener(Section section, String key, Address address, boolean guarded) {
        String name() {
            return section.path();
        }
    }

    private final Section root;
    private final Config config;

    CrossChecks(Section root, Config config) {
        this.root = root;
        this.config = config;
    }

    void run() {
        largestRequestFits();
        if (!config.lake().enabled() && !config.engine().enabled()) {
            root.problem(
                    "lake",
                    "with lake.enabled and engine.enabled both false nothing keeps the points;"
                            + " enable one");
        }
        List<Listener> listeners = listeners();
        refuseSharedPorts(listeners);
        listeners.forEach(CrossChecks::warnOpen);
        warnKeptByNothing();
    }

    private void largestRequestFits() {
        long body =
                config.receivers(OtlpReceiverConfig.class).values().stream()
                        .mapToLong(OtlpReceiverConfig::requestBytesMax)
                        .max()
                        .orElse(0);
        FirnSections.largestRequestFits(root.section("limits"), config.limits(), body);
    }

    /// Every address that will be listened on.
    private List<Listener> listeners() {
        var listeners = new ArrayList<Listener>();
        config.receivers(OtlpReceiverConfig.class)
                .forEach(
                        (name, otlp) -> {
                            Section protocols =
                                    root.section("receivers").section(name).section("protocols");
                            otlp.grpc()
                                    .ifPresent(
                                            grpc ->
                                                    listeners.add(
                                                            new Listener(
                                                                    protocols.section("grpc"),
                                                                    "endpoint",
                                                                    grpc.endpoint(),
                                                                    false)));
                            otlp.http()
                                    .ifPresent(
                                            http ->
                                                    listeners.add(
                                                            new Listener(
                                                                    protocols.section("http"),
                                                                    "endpoint",
                                                                    http.endpoint(),
                                                                    false)));
                        });
        listeners.add(new Listener(root.section("web"), "endpoint", config.web(), false));
        if (config.engine().enabled()) {
            listeners.add(
                    new Listener(
                            root.section("engine"),
                            "endpoint",
                            config.engine().endpoint(),
                            false));
        }
        Section metrics = root.section("service").section("telemetry").section("metrics");
        config.telemetry()
                .metricsEndpoint()
                .ifPresent(
                        address ->
                                listeners.add(new Listener(metrics, "readers", address, false)));
        return listeners;
    }

    /// Two listeners on one port would fail at start; ports 0 are all different.
    private static void refuseSharedPorts(List<Listener> listeners) {
        var taken = new LinkedHashMap<Integer, Listener>();
        for (Listener one : listeners) {
            Listener other =
                    one.address.port() == 0 ? null : taken.putIfAbsent(one.address.port(), one);
            if (other != null) {
                one.section.problem(
                        one.key,
                        one.name()
                                + " and "
                                + other.name()
                                + " both listen on port "
                                + one.address.port());
            }
        }
    }

    private static void warnOpen(Listener one) {
        if (!one.address.loopback() && !one.guarded) {
            one.section.warning(
                    one.key,
                    one.address
                            + " is open to the network and asks for no credentials; listen on"
                            + " 127.0.0.1 or put a firewall before it");
        }
    }

    /// A receiver's points are kept if one of its pipelines has a durable exporter.
    private void warnKeptByNothing() {
        Set<String> kept = new LinkedHashSet<>();
        config.pipelines().values().stream()
                .filter(config::durable)
                .forEach(one -> kept.addAll(one.receivers()));
        var lost = new ArrayList<String>();
        var receivers = new LinkedHashSet<String>();
        for (Map.Entry<String, Config.Pipeline> one : config.pipelines().entrySet()) {
            List<String> unkept = new ArrayList<>(one.getValue().receivers());
            unkept.removeAll(kept);
            if (!unkept.isEmpty()) {
                lost.add(one.getKey());
                receivers.addAll(unkept);
            }
        }
        if (!lost.isEmpty()) {
            root.section("service")
                    .warning(
                            "pipelines",
                            """
                            nothing durable keeps the points of %s: they are answered before they are \
                            safe; add --config config/firn.yaml, or these lines:
                              exporters:
                                firn:
                              service:
                                pipelines:
                                  metrics/firn: {receivers: [%s], exporters: [firn]}"""
                                    .formatted(
                                            String.join(", ", lost),
                                            String.join(", ", receivers)));
        }
    }
}
