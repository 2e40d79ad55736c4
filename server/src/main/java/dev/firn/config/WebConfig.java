package dev.firn.config;

import dev.firn.config.Config.Address;
import java.util.List;

/// `web`: the server of the page and of the API.
///
/// @param remoteWrite whether it takes Prometheus' remote write
/// @param hosts names beside its own by which it may be asked: exact ones, `*.example.org` for all
///   below one, `*` for all; in lower case
public record WebConfig(Address endpoint, boolean remoteWrite, List<String> hosts) {
    public WebConfig {
        hosts = List.copyOf(hosts);
    }

    static WebConfig read(Section section) {
        var web =
                new WebConfig(
                        section.address("endpoint", "127.0.0.1:8080"),
                        section.bool("remote_write", false),
                        hosts(section));
        section.close();
        return web;
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
