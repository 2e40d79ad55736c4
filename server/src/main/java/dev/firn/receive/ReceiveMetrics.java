package dev.firn.receive;

import dev.firn.base.OwnMetrics;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.Locale;

/// Firn's own metrics about receiving; made once a process.
final class ReceiveMetrics {
    /// How a request ended.
    enum Outcome {
        STORED,
        PARTIAL,
        REPEATED,
        MALFORMED,
        UNAVAILABLE,
        EXHAUSTED,
        FAILED;

        private final String label = name().toLowerCase(Locale.ROOT);
    }

    /// What a Collector counts of one receiver.
    static final class Source {
        private final CounterDataPoint accepted;
        private final CounterDataPoint refused;

        private Source(CounterDataPoint accepted, CounterDataPoint refused) {
            this.accepted = accepted;
            this.refused = refused;
        }

        void accepted(long points) {
            accepted.inc(points);
        }

        void refused(long points) {
            refused.inc(points);
        }
    }

    private final Counter sourceAccepted;
    private final Counter sourceRefused;
    private final Counter points;
    private final Counter rejected;
    private final Counter requests;
    private final Counter bytes;
    private final Counter future;
    private final Counter late;
    private final Counter duplicateKeys;
    private final Counter droppedExemplars;

    ReceiveMetrics(OwnMetrics metrics, SeriesCache cache) {
        sourceAccepted =
                metrics.counter(
                        "otelcol_receiver_accepted_metric_points",
                        "Points taken into the pipelines.",
                        "receiver",
                        "transport");
        sourceRefused =
                metrics.counter(
                        "otelcol_receiver_refused_metric_points",
                        "Points refused: for cause, or because the sender must retry.",
                        "receiver",
                        "transport");
        points = metrics.counter("firn_receive_points", "Points stored durably.");
        rejected =
                metrics.counter(
                        "firn_receive_rejected_points",
                        "Points refused for cause, told to the sender as partial success.",
                        "reason");
        requests =
                metrics.counter(
                        "firn_receive_requests",
                        "Requests by how they ended.",
                        "format",
                        "outcome");
        bytes =
                metrics.counter(
                        "firn_receive_bytes", "Bytes of bodies after decompression.", "format");
        future =
                metrics.counter(
                        "firn_receive_future_points",
                        "Stored points whose time is ahead of this machine's clock.");
        late =
                metrics.counter(
                        "firn_receive_late_points",
                        "Stored points whose time is long past on arrival.");
        duplicateKeys =
                metrics.counter(
                        "firn_receive_duplicate_attribute_keys",
                        "Attributes dropped because an earlier one of the list has their key,"
                                + " counted when an identity is parsed.");
        droppedExemplars =
                metrics.counter(
                        "firn_receive_dropped_exemplars",
                        "Exemplars beyond limits.exemplars_per_point_max,"
                                + " limits.exemplars_per_request_max or the limits of attributes.");
        metrics.gauge(
                "firn_receive_series_cache_entries",
                "Identities whose raw bytes are known, all levels.",
                cache::size);
        metrics.gauge(
                "firn_receive_series_cache_bytes",
                "Memory of the known identities, estimated.",
                cache::bytes);
        metrics.gauge(
                "firn_receive_series_cache_refused",
                "Identities not kept since the start because the cache was full.",
                cache::refused);
        startAtZero();
    }

    Source source(String receiver, String transport) {
        return new Source(
                sourceAccepted.labelValues(receiver, transport),
                sourceRefused.labelValues(receiver, transport));
    }

    private void startAtZero() {
        for (Reason reason : Reason.values()) {
            rejected.labelValues(reason.label()).inc(0);
        }
        for (Receiver.Format format : Receiver.Format.values()) {
            bytes.labelValues(label(format)).inc(0);
            for (Outcome outcome : Outcome.values()) {
                requests.labelValues(label(format), outcome.label).inc(0);
            }
        }
    }

    private static String label(Receiver.Format format) {
        return format.name().toLowerCase(Locale.ROOT);
    }

    void request(Receiver.Format format, int length, Outcome outcome) {
        requests.labelValues(label(format), outcome.label).inc();
        bytes.labelValues(label(format)).inc(length);
    }

    /// After a request's points are durable.
    void stored(long count, PointFrame frame, long keysDropped) {
        points.inc(count);
        future.inc(frame.future());
        late.inc(frame.late());
        duplicateKeys.inc(keysDropped);
        droppedExemplars.inc(frame.exemplars.dropped());
        for (Reason reason : Reason.values()) {
            long refused = frame.refusals.count(reason);
            if (refused > 0) {
                rejected.labelValues(reason.label()).inc(refused);
            }
        }
    }
}
