package dev.firn.receive;

import dev.firn.base.InputException;

/// Limits of the two OTLP servers together. Each has a message for the sender and counts in
/// `firn_receive_refused_total{limit}` when hit.
///
/// @param httpBodyBytesMax an HTTP body as sent (`max_request_body_size`); 413 above it
/// @param grpcMessageBytesMax a gRPC message as sent **and** decompressed, as the Collector counts
///   (`max_recv_msg_size_mib`)
/// @param decompressedBytesMax an HTTP body after decompression; 413 above it
/// @param inflightBytesMax buffers of all requests being received or stored
///   (`limits.inflight_bytes_max`); 429 / RESOURCE_EXHAUSTED above it
/// @param concurrentRequestsMax requests whose bodies are there, being decoded or stored; 429 /
///   RESOURCE_EXHAUSTED above it
/// @param connectionsMax open HTTP connections; further ones wait in the kernel's backlog
/// @param bodyTimeoutMillis how long a body may take to arrive; then the connection is closed, or
///   the call answered UNAVAILABLE: senders retry both
/// @param drainMillis how long [AutoCloseable#close] waits for requests in flight
/// @param retryAfterSeconds what Retry-After and RetryInfo say when one of these limits refuses
public record ServerLimits(
        int httpBodyBytesMax,
        int grpcMessageBytesMax,
        int decompressedBytesMax,
        long inflightBytesMax,
        int concurrentRequestsMax,
        int connectionsMax,
        int bodyTimeoutMillis,
        int drainMillis,
        int retryAfterSeconds) {

    private static final int MIB = 1 << 20;

    /// 20 MiB is the OTLP specification's recommendation for HTTP, 4 MiB the Collector's for gRPC.
    public static final ServerLimits DEFAULT =
            new ServerLimits(20 * MIB, 4 * MIB, 64 * MIB, 256L * MIB, 256, 4096, 30_000, 10_000, 2);

    public ServerLimits {
        within("max_request_body_size", httpBodyBytesMax, 1024, 512 * MIB);
        within("max_recv_msg_size_mib", grpcMessageBytesMax, 1024, 512 * MIB);
        within("limits.request_bytes_max", decompressedBytesMax, 1024, 1024 * MIB);
        within("limits.requests_max", concurrentRequestsMax, 1, 1 << 20);
        within("limits.connections_max", connectionsMax, 1, 1 << 20);
        within("limits.body_timeout", bodyTimeoutMillis, 1, 3_600_000);
        within("drainMillis", drainMillis, 0, 3_600_000);
        within("retryAfterSeconds", retryAfterSeconds, 1, 3_600);
        // One largest request must fit: its body, and the old and the new array while one grows.
        long least =
                2L
                        * (Math.max(httpBodyBytesMax, grpcMessageBytesMax)
                                + (long) decompressedBytesMax);
        if (inflightBytesMax < least) {
            throw new InputException(
                    "limits.inflight_bytes_max: "
                            + inflightBytesMax
                            + " is too small for one largest request and its decompressed copy;"
                            + " raise it to at least "
                            + least
                            + " or lower max_request_body_size or limits.request_bytes_max");
        }
    }

    /// The same with other limits for bodies.
    ServerLimits withBodies(long httpBytesMax, long grpcBytesMax) {
        return new ServerLimits(
                Math.toIntExact(httpBytesMax),
                Math.toIntExact(grpcBytesMax),
                decompressedBytesMax,
                inflightBytesMax,
                concurrentRequestsMax,
                connectionsMax,
                bodyTimeoutMillis,
                drainMillis,
                retryAfterSeconds);
    }

    private static void within(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new InputException(
                    name + ": " + value + " is not between " + least + " and " + most);
        }
    }
}
