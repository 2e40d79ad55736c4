package dev.firn.config;

import dev.firn.config.Config.Address;
import java.util.Optional;

/// `otlp` receiver.
///
/// @param grpc absent: not listening
/// @param http absent: not listening
public record OtlpReceiverConfig(Optional<Grpc> grpc, Optional<Http> http)
        implements ReceiverConfig {
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;

    /// @param messageBytesMax as it travels
    public record Grpc(Address endpoint, long messageBytesMax, ListenerSecurityConfig security) {
        static Grpc read(Section section) {
            var grpc =
                    new Grpc(
                            section.address("endpoint", "127.0.0.1:4317"),
                            MIB * section.integer("max_recv_msg_size_mib", 4, 1, 512),
                            ListenerSecurityConfig.read(section));
            ListenerKeys.grpc(section);
            section.close();
            return grpc;
        }
    }

    /// @param bodyBytesMax as it travels
    /// @param cors absent: pages of other origins may not send
    public record Http(
            Address endpoint,
            long bodyBytesMax,
            ListenerSecurityConfig security,
            Optional<CorsConfig> cors) {
        static Http read(Section section) {
            var http =
                    new Http(
                            section.address("endpoint", "127.0.0.1:4318"),
                            section.bytes("max_request_body_size", 20 * MIB, KIB, 512 * MIB),
                            ListenerSecurityConfig.read(section),
                            CorsConfig.read(section));
            ListenerKeys.http(section);
            if (!section.text("metrics_url_path", "/v1/metrics").matches("/?v1/metrics")) {
                section.problem(
                        "metrics_url_path",
                        "Firn takes metrics at /v1/metrics only; write metrics_url_path:"
                                + " /v1/metrics");
            }
            section.ignore(
                    "Firn keeps metrics; take this line out", "traces_url_path", "logs_url_path");
            section.close();
            return http;
        }
    }

    static OtlpReceiverConfig read(Section section) {
        Section protocols = section.section("protocols");
        var read =
                new OtlpReceiverConfig(
                        protocols.has("grpc")
                                ? Optional.of(Grpc.read(protocols.section("grpc")))
                                : Optional.empty(),
                        protocols.has("http")
                                ? Optional.of(Http.read(protocols.section("http")))
                                : Optional.empty());
        if (read.grpc.isEmpty() && read.http.isEmpty()) {
            section.problem("protocols", "name at least one of grpc and http");
        }
        protocols.close();
        section.close();
        return read;
    }

    /// The largest request that it takes, as it travels.
    long requestBytesMax() {
        return Math.max(
                grpc.map(Grpc::messageBytesMax).orElse(0L),
                http.map(Http::bodyBytesMax).orElse(0L));
    }
}
