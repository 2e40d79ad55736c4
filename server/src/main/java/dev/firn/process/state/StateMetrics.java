package dev.firn.process.state;

import dev.firn.base.OwnMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import java.util.HashMap;
import java.util.Map;

/// What stateful processors say about themselves. Drops of a request count once it is stored.
final class StateMetrics {
    private record Drop(String processor, String reason) {}

    private final Gauge streams;
    private final Counter drops;
    private final Map<Drop, Long> pending = new HashMap<>();

    /// Bytes of all states in the newest checkpoint, before compression.
    final Gauge checkpointBytes;

    /// Records of the log whose changes were repeated at the start.
    final Counter replayed;

    StateMetrics(OwnMetrics metrics) {
        streams =
                metrics.gauge(
                        "firn_process_state_streams",
                        "Streams that a stateful processor remembers.",
                        "processor");
        drops =
                metrics.counter(
                        "firn_process_state_dropped_points",
                        "Points that a stateful processor did not let pass, by reason.",
                        "processor",
                        "reason");
        checkpointBytes =
                metrics.gauge(
                        "firn_process_state_checkpoint_bytes",
                        "Bytes of the newest checkpoint of processors' state, uncompressed.");
        replayed =
                metrics.counter(
                        "firn_process_state_replayed_records",
                        "Records of the log whose changes of state were repeated at the start.");
    }

    void streams(String processor, long count) {
        streams.labelValues(processor).set(count);
    }

    void dropped(String processor, String reason) {
        pending.merge(new Drop(processor, reason), 1L, Long::sum);
    }

    void keep() {
        if (!pending.isEmpty()) {
            pending.forEach(
                    (drop, count) -> drops.labelValues(drop.processor, drop.reason).inc(count));
            pending.clear();
        }
    }

    void undo() {
        pending.clear();
    }
}
