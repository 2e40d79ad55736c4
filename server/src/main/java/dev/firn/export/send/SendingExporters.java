package dev.firn.export.send;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.ClientConfig;
import dev.firn.config.SendingQueueConfig;
import dev.firn.export.otlp.OtlpEncoder;
import dev.firn.model.Exporter;
import java.util.random.RandomGenerator;

/// Puts an exporter together: queue or none, before a transport.
public final class SendingExporters {
    private SendingExporters() {}

    /// Opens the queue, if there is one, and starts to send what it holds.
    ///
    /// @param name in the configuration
    /// @param transport closed by the exporter
    /// @param queues asked only where the queue is on; its log is closed by the exporter
    /// @throws dev.firn.base.WorldException when the queue cannot be opened
    public static Exporter open(
            String name,
            ClientConfig config,
            OtlpEncoder.Format format,
            Transport transport,
            QueueLog.Opener queues,
            OwnMetrics ownMetrics,
            Clock clock,
            RandomGenerator random) {
        SendingQueueConfig queue = config.queue();
        var encoder = new OtlpEncoder(format);
        var metrics = new SendMetrics(name, ownMetrics);
        var delivery = new Delivery(name, transport, config.retry(), clock, random, metrics);
        if (!queue.enabled()) {
            return new DirectExporter(
                    name, queue, encoder::encode, transport, delivery, metrics, clock);
        }
        QueueLog log =
                queues.open(name, Math.max(1, queue.flushNanos() / 1_000_000), queue.pointsMin());
        return new QueuedExporter(
                name, queue, encoder::encode, transport, delivery, metrics, log, clock, random);
    }
}
