package dev.firn.config;

import dev.firn.base.Clock;
import dev.firn.base.security.ServerSecurity;
import dev.firn.base.security.Tls;
import dev.firn.config.Config.Address;
import java.util.List;
import java.util.Optional;

/// `web`: the server of the page and of the API.
///
/// @param remoteWrite whether it takes Prometheus' remote write
/// @param hosts names beside its own by which it may be asked: exact ones, `*.example.org` for all
///   below one, `*` for all; in lower case
/// @param requestsPerUser so many of one user's may run at once
public record WebConfig(
        Address endpoint,
        boolean remoteWrite,
        List<String> hosts,
        Optional<TlsConfig> tls,
        WebUsersConfig users,
        int requestsPerUser) {
    public WebConfig {
        hosts = List.copyOf(hosts);
    }

    static WebConfig read(Section section) {
        var web =
                new WebConfig(
                        section.address("endpoint", "127.0.0.1:8080"),
                        section.bool("remote_write", false),
                        hosts(section),
                        TlsConfig.server(section),
                        WebUsersConfig.read(section),
                        (int) section.integer("requests_per_user", 256, 1, 100_000));
        boolean shown = web.tls.flatMap(tls -> tls.settings().authorities()).isPresent();
        if (!shown && web.users.users().stream().anyMatch(one -> !one.certificate().isEmpty())) {
            section.problem(
                    "users", "nobody is asked for a certificate; write web.tls.client_ca_file");
        }
        section.close();
        return web;
    }

    /// Reads the files of `tls`.
    ///
    /// @throws dev.firn.base.InputException when one cannot be used
    public ServerSecurity security(Clock clock) {
        return new ServerSecurity(
                tls.map(one -> Tls.server(one.settings(), clock)), Optional.empty());
    }

    /// Where programs on this machine ask. With TLS by a name that the certificate may have: no
    /// certificate has an address of all interfaces.
    ///
    /// @param port that is served
    public String url(int port) {
        return tls.isEmpty()
                ? "http://" + new Address(endpoint.host(), port)
                : secureUrl(endpoint, port);
    }

    /// The same for another listener with TLS.
    public String secureUrl(Address endpoint, int port) {
        boolean everywhere = endpoint.host().equals("0.0.0.0") || endpoint.host().equals("::");
        String host =
                endpoint.loopback()
                        ? endpoint.host()
                        : hosts.stream()
                                .filter(name -> !name.startsWith("*"))
                                .findFirst()
                                .orElse(everywhere ? "localhost" : endpoint.host());
        return "https://" + new Address(host, port);
    }

    /// Whether not everybody may do something.
    boolean guarded() {
        return users.said() || !users.users().isEmpty();
    }

    private static List<String> hosts(Section section) {
        List<String> hosts =
                section.texts("hosts").stream()
                        .map(host -> host.toLowerCase(java.util.Locale.ROOT))
                        .toList();
        for (String host : hosts) {
            if (!host.matches("\\*|(\\*\\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")) {
                section.problem(
                        "hosts",
                        "\""
                                + host
                                + "\" is no name such as firn.example.org or *.example.org; write"
                                + " it without a port");
            }
        }
        return hosts;
    }
}
