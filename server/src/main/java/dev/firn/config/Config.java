package dev.firn.config;

import dev.firn.base.InputException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The whole configuration, checked. Sizes are bytes, durations nanoseconds.
///
/// @param receivers by name, only those that a pipeline uses are started
/// @param pipelines by name
/// @param warnings what is allowed but probably not meant, each with its place
public record Config(
        Map<String, OtlpReceiver> receivers,
        List<String> firnExporters,
        Map<String, Pipeline> pipelines,
        Wal wal,
        Lake lake,
        Engine engine,
        Limits limits,
        Address web,
        long memoryMax,
        List<String> warnings) {
    public Config {
        receivers = Map.copyOf(receivers);
        firnExporters = List.copyOf(firnExporters);
        pipelines = Map.copyOf(pipelines);
        warnings = List.copyOf(warnings);
    }

    /// Host and port.
    public record Address(String host, int port) {
        /// `host:port`, `[v6]:port` or `:port` (all interfaces, as the Collector has it).
        public static Address parse(String text) {
            int colon = text.lastIndexOf(':');
            if (colon < 0) {
                throw new InputException(
                        "\"" + text + "\" is not an address such as 127.0.0.1:4317");
            }
            String host = text.substring(0, colon);
            if (host.contains("/") || (host.contains(":") && !host.startsWith("["))) {
                throw new InputException(
                        "\"" + text + "\" is not an address such as 127.0.0.1:4317 or [::1]:4317");
            }
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            }
            try {
                int port = Integer.parseInt(text.substring(colon + 1));
                if (port < 0 || port > 65_535) {
                    throw new NumberFormatException();
                }
                return new Address(host.isEmpty() ? "0.0.0.0" : host, port);
            } catch (NumberFormatException e) {
                throw new InputException(
                        "\"" + text + "\" does not end with a port from 0 to 65535");
            }
        }

        /// True if only this machine can connect.
        public boolean loopback() {
            return dev.firn.base.Browsers.isLoopback(host);
        }

        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /// `receivers.otlp`.
    public record OtlpReceiver(
            Optional<Address> grpc,
            long grpcMessageBytesMax,
            Optional<Address> http,
            long httpBodyBytesMax) {}

    /// `service.pipelines.*`.
    public record Pipeline(List<String> receivers, List<String> exporters) {
        public Pipeline {
            receivers = List.copyOf(receivers);
            exporters = List.copyOf(exporters);
        }
    }

    /// What to do with a damaged record in the middle of the log.
    public enum OnCorruption {
        FAIL,
        SKIP
    }

    /// `wal`.
    public record Wal(
            long segmentSize,
            long segmentAgeMaxNanos,
            long sizeMax,
            long diskFreeMin,
            long cutIntervalNanos,
            OnCorruption onCorruption) {}

    /// `lake`.
    public record Lake(
            boolean enabled, long commitIntervalNanos, long memoryMax, int partitionPlanesMax) {}

    /// `engine`.
    public record Engine(
            boolean enabled,
            Address endpoint,
            String library,
            String database,
            int timePrecision,
            int retentionDays,
            long queryTimeMaxNanos,
            int queriesMax) {}

    /// `limits`.
    public record Limits(
            long seriesMax,
            long seriesBytesMax,
            long newSeriesPerSender,
            long seriesIdleNanos,
            int attributesPerPointMax,
            int attributesPerResourceMax,
            int identityBytesMax,
            int pointsPerRequestMax,
            int bucketsPerPointMax,
            int valuesPerRequestMax,
            int exemplarsPerPointMax,
            int exemplarsPerRequestMax,
            int requestBytesMax,
            long inflightBytesMax,
            int requestsMax,
            int connectionsMax,
            long bodyTimeoutNanos,
            long futureMaxNanos,
            long lateMaxNanos) {}
}
