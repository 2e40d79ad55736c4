package dev.firn.config;

import dev.firn.base.security.Role;
import dev.firn.config.Config.Address;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What concerns several sections: sizes, ports, open addresses, pipelines that nothing keeps,
/// labels that stand twice.
final class CrossChecks {
    /// @param key of `section`, for messages
    private record Listener(
            Section section, String key, Address address, ListenerSecurityConfig security) {
        String name() {
            return section.path();
        }

        /// True if senders must show who they are.
        boolean guarded() {
            return security.auth().isPresent()
                    || security.tls().flatMap(tls -> tls.settings().authorities()).isPresent();
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
        if (config.engine().follows() && !config.lake().enabled()) {
            root.section("engine")
                    .problem("source", "there is no lake to follow; set lake.enabled: true");
        }
        if (!config.reports().isEmpty() && !config.engine().enabled()) {
            root.problem("reports", "they are asked of the engine; set engine.enabled: true");
        }
        warnS3Unused();
        List<Listener> listeners = listeners();
        listeners.forEach(this::warnOpen);
        listeners.add(
                listener(
                        root.section("web"), config.web().endpoint(), ListenerSecurityConfig.NONE));
        refuseSharedPorts(listeners);
        checkWeb(root.section("web"), config.web());
        checkHeld();
        listeners.forEach(this::checkAuthenticator);
        checkExporters();
        warnLabelsTwice();
        warnKeptByNothing();
    }

    private void warnS3Unused() {
        LakeConfig lake = config.lake();
        boolean used =
                lake.remote()
                        || lake.catalog().type() == LakeCatalogConfig.Type.REST
                        || config.reports().stream()
                                .anyMatch(report -> report.directory().startsWith("s3://"));
        if (!used && !lake.s3().equals(S3Config.DEFAULT)) {
            root.section("lake")
                    .warning("s3", "nothing lies on S3; set lake.warehouse to s3://bucket/prefix");
        }
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
        for (var one : config.receivers(OtlpReceiverConfig.class).entrySet()) {
            Section protocols =
                    root.section("receivers").section(one.getKey()).section("protocols");
            one.getValue()
                    .grpc()
                    .map(grpc ->
                            listener(protocols.section("grpc"), grpc.endpoint(), grpc.security()))
                    .ifPresent(listeners::add);
            one.getValue()
                    .http()
                    .map(http ->
                            listener(protocols.section("http"), http.endpoint(), http.security()))
                    .ifPresent(listeners::add);
        }
        config.exporters(PrometheusExporterConfig.class)
                .forEach((name, page) -> {
                    Section section = root.section("exporters").section(name);
                    listeners.add(listener(section, page.endpoint(), page.security()));
                });
        if (config.engine().ownsChild()) {
            listeners.add(
                    listener(
                            root.section("engine"),
                            config.engine().endpoint(),
                            new ListenerSecurityConfig(config.engine().tls(), Optional.empty())));
        }
        Section metrics = root.section("service").section("telemetry").section("metrics");
        String key = metrics.has("address") && !metrics.has("readers") ? "address" : "readers";
        config.telemetry()
                .metricsEndpoint()
                .map(at -> new Listener(metrics, key, at, config.telemetry().security()))
                .ifPresent(listeners::add);
        return listeners;
    }

    private static Listener listener(
            Section section, Address address, ListenerSecurityConfig security) {
        return new Listener(section, "endpoint", address, security);
    }

    private void checkExporters() {
        Section exporters = root.section("exporters");
        config.exporters(OtlpGrpcExporterConfig.class)
                .forEach((name, one) ->
                        checkAuthenticator(exporters.section(name), one.client().auth(), false));
        config.exporters(OtlpHttpExporterConfig.class)
                .forEach((name, one) ->
                        checkAuthenticator(exporters.section(name), one.client().auth(), false));
    }

    private void checkAuthenticator(Section section, Optional<AuthConfig> auth, boolean listens) {
        auth.ifPresent(one -> checkAuthenticator(section, one, listens));
    }

    private void checkAuthenticator(Listener one) {
        checkAuthenticator(one.section, one.security.auth(), true);
    }

    private void checkAuthenticator(Section section, AuthConfig auth, boolean listens) {
        ExtensionConfig extension = config.extensions().get(auth.authenticator());
        String name = "\"" + auth.authenticator() + "\"";
        if (!(extension instanceof AuthExtensionConfig known)) {
            section.problem(
                    "auth",
                    name
                            + " is not among the extensions that are started; define it under"
                            + " extensions: and add it to service.extensions");
        } else if (listens && !known.forListeners()) {
            section.problem("auth", name + " knows no users; give it htpasswd");
        } else if (!listens && !known.forExporters()) {
            section.problem("auth", name + " says not who Firn is; give it client_auth");
        }
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

    private void warnOpen(Listener one) {
        boolean asksUsers =
                one.section.path().equals("engine") && config.web().users().anonymous().isEmpty();
        if (!one.address.loopback() && asksUsers && one.security.tls().isEmpty()) {
            one.section.warning(
                    one.key,
                    one.address
                            + " hears passwords and tokens in plain text; write engine.tls, or put"
                            + " a proxy with TLS before it");
        } else if (!asksUsers && !one.address.loopback() && !one.guarded()) {
            one.section.warning(
                    one.key,
                    one.address
                            + " is open to the network and asks for no credentials; listen on"
                            + " 127.0.0.1 or put a firewall before it");
        }
    }

    /// More can be done there than anywhere else.
    private static void checkWeb(Section section, WebConfig web) {
        if (web.endpoint().loopback()) {
            return;
        }
        if (!web.guarded()) {
            section.problem(
                    "endpoint",
                    web.endpoint()
                            + " is open to the network, and nobody has to show who it is; write"
                            + " web.users, or web.anonymous: read (or admin) if whoever reaches it"
                            + " may");
        } else if (web.tls().isEmpty() && !web.users().users().isEmpty()) {
            section.warning(
                    "endpoint",
                    web.endpoint()
                            + " hears passwords and tokens in plain text; write web.tls, or put a"
                            + " proxy with TLS before it");
        }
    }

    /// Who sees some environments only must not see the others elsewhere.
    private void checkHeld() {
        WebUsersConfig users = config.web().users();
        if (!users.held()) {
            return;
        }
        Section web = root.section("web");
        if (users.anonymous().filter(role -> role.covers(Role.READ)).isPresent()) {
            web.problem(
                    "anonymous",
                    "whoever shows nothing sees all environments, and some of web.users are not"
                            + " to; write none or ingest");
        }
        if (config.engine().enabled() && !config.engine().ownsChild()) {
            web.problem(
                    "users",
                    "environments of a user need Firn's own engine; with engine.url leave them out,"
                            + " and let the server's row policies decide");
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
                                  metrics/firn: {receivers: [%s], exporters: [firn]}\
                            """
                                    .formatted(
                                            String.join(", ", lost), String.join(", ", receivers)));
        }
    }

    /// A constant label that a processor also sets on the resource, whose attributes become labels.
    private void warnLabelsTwice() {
        config.exporters(PrometheusExporterConfig.class)
                .forEach((name, page) -> {
                    Set<String> resource = new LinkedHashSet<>();
                    setOnResource(name).stream()
                            .filter(page.resourceLabels()::takes)
                            .forEach(key -> resource.add(label(key)));
                    Section labels =
                            root.section("exporters").section(name).section("const_labels");
                    for (String label : page.constLabels().keySet()) {
                        if (resource.contains(label(label))) {
                            labels.warning(
                                    label,
                                    "the resource has this label too, and its value is the"
                                            + " one shown; take this line out");
                        }
                    }
                });
    }

    /// Attributes that processors before an exporter set on the resource.
    private Set<String> setOnResource(String exporter) {
        var keys = new LinkedHashSet<String>();
        for (Config.Pipeline pipeline : config.pipelines().values()) {
            if (!pipeline.exporters().contains(exporter)) {
                continue;
            }
            for (String name : pipeline.processors()) {
                if (config.processors().get(name) instanceof ResourceProcessorConfig resource) {
                    resource.attributes().stream()
                            .filter(AttributeAction::sets)
                            .forEach(action -> keys.add(action.key()));
                }
            }
        }
        return keys;
    }

    private static String label(String attribute) {
        return attribute.replaceAll("[^A-Za-z0-9_]", "_");
    }
}
