package dev.firn.config;

import java.util.List;
import java.util.Locale;

/// `otlp` exporter (`otlp_grpc`).
///
/// @param target as gRPC takes it: `host:port`, or a name of its resolvers such as `dns:///…`
/// @param plaintext no TLS
/// @param authority what the request calls the server; "" for its host
/// @param waitForReady a request waits for a connection within its timeout
/// @param balancer policy for a name with several addresses
/// @param keepaliveNanos a ping after so much silence; 0: none
/// @param keepaliveTimeoutNanos how long its answer may take
/// @param keepaliveIdle pings also while nothing is sent
public record OtlpGrpcExporterConfig(
        String target,
        boolean plaintext,
        String authority,
        boolean waitForReady,
        String balancer,
        long keepaliveNanos,
        long keepaliveTimeoutNanos,
        boolean keepaliveIdle,
        ClientConfig client)
        implements ExporterConfig {
    private static final long SECOND = 1_000_000_000L;

    /// With what a `batch` processor before it says of its requests.
    public OtlpGrpcExporterConfig batchedBy(BatchProcessorConfig batch) {
        return new OtlpGrpcExporterConfig(
                target,
                plaintext,
                authority,
                waitForReady,
                balancer,
                keepaliveNanos,
                keepaliveTimeoutNanos,
                keepaliveIdle,
                client.batchedBy(batch));
    }

    static OtlpGrpcExporterConfig read(Section section) {
        String endpoint = section.text("endpoint", "");
        ClientConfig client = ClientConfig.read(section, 5 * SECOND);
        boolean insecure = client.tls().map(TlsConfig::insecure).orElse(false);
        String lower = endpoint.toLowerCase(Locale.ROOT);
        boolean https = lower.startsWith("https://");
        boolean http = lower.startsWith("http://");
        boolean plaintext = http || (insecure && !https);
        String target = http || https ? endpoint.substring(endpoint.indexOf("://") + 3) : endpoint;
        if (target.isEmpty()) {
            section.problem("endpoint", "write one, such as otel.example:4317");
        } else if (!target.matches(
                "(dns:(//[^/]*/)?|passthrough:/*)?(\\[[^\\]]+]|[^/:\\[\\]]+):[0-9]{1,5}")) {
            section.problem(
                    "endpoint", "\"" + endpoint + "\" is not an address such as otel.example:4317");
        }
        if (plaintext && client.auth().isPresent()) {
            section.problem(
                    "auth",
                    "gRPC sends no credentials in plain text, and neither does the Collector; take"
                            + " tls.insecure out, or send a header of your own");
        }
        for (String name : client.headers().keySet()) {
            if (name.endsWith("-bin") || name.toLowerCase(Locale.ROOT).startsWith("grpc-")) {
                section.problem("headers", "gRPC keeps the header \"" + name + "\" for itself");
            }
        }
        Section keepalive = section.section("keepalive");
        long ping = keepalive.nanos("time", 10 * SECOND, 0, 86_400 * SECOND);
        long pong = keepalive.nanos("timeout", 10 * SECOND, 0, 86_400 * SECOND);
        boolean idle = keepalive.bool("permit_without_stream", false);
        keepalive.close();
        var read =
                new OtlpGrpcExporterConfig(
                        target.startsWith("passthrough:")
                                ? target.replaceFirst("passthrough:/*", "")
                                : target,
                        plaintext,
                        section.text("authority", ""),
                        section.bool("wait_for_ready", false),
                        section.word("balancer_name", "round_robin", "round_robin", "pick_first"),
                        ping,
                        pong,
                        idle,
                        client);
        if (section.has("middlewares")) {
            section.problem("middlewares", "Firn has none; take it out");
        }
        SendingQueueConfig.ignoreTuning(
                section, List.of("read_buffer_size", "write_buffer_size", "user_agent"));
        section.close();
        return read;
    }
}
