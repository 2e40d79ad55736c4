package dev.firn.ops.doctor;

import dev.firn.config.Config;
import dev.firn.config.OtlpReceiverConfig;
import dev.firn.config.PrometheusExporterConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Looks whether Firn can listen where the configuration says.
public final class Ports {
    private Ports() {}

    /// Where a configuration listens, by what for.
    public static Map<String, Config.Address> of(Config config) {
        var all = new LinkedHashMap<String, Config.Address>();
        config.receivers(OtlpReceiverConfig.class)
                .forEach((name, otlp) -> {
                    otlp.grpc().ifPresent(grpc -> all.put(name + " grpc", grpc.endpoint()));
                    otlp.http().ifPresent(http -> all.put(name + " http", http.endpoint()));
                });
        config.exporters(PrometheusExporterConfig.class)
                .forEach((name, page) -> all.put(name, page.endpoint()));
        config.telemetry().metricsEndpoint().ifPresent(own -> all.put("telemetry", own));
        if (config.engine().enabled() && config.engine().ownsChild()) {
            all.put("engine", config.engine().endpoint());
        }
        all.put("web", config.web().endpoint());
        return all;
    }

    /// Tries each of them.
    ///
    /// @param running a Firn runs with this configuration and holds them itself
    public static List<Finding> look(Map<String, Config.Address> addresses, boolean running) {
        var findings = new ArrayList<Finding>();
        addresses.forEach((name, address) -> findings.add(look(name, address, running)));
        return findings;
    }

    private static Finding look(String name, Config.Address address, boolean running) {
        String subject = "port " + name;
        if (running) {
            return Finding.ok(subject, address + ", held by the Firn that runs");
        }
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(address.host(), address.port()));
        } catch (IOException e) {
            return Finding.missing(
                    subject,
                    address + ": " + e.getMessage(),
                    "end what listens there (ss -ltnp shows it), or choose another address in the"
                            + " configuration");
        }
        return address.loopback()
                ? Finding.ok(subject, address.toString())
                : Finding.ok(
                        subject, address + ", open to other machines: see docs on TLS and auth");
    }
}
