package dev.firn.export.send;

import dev.firn.base.Clock;
import dev.firn.base.Throttle;
import dev.firn.config.SendingQueueConfig;
import dev.firn.model.Batch;
import dev.firn.model.Exporter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An exporter without a queue (`sending_queue.enabled: false`): a few requests are under way at
/// once, in memory; what comes while they are is dropped and counted.
final class DirectExporter implements Exporter {
    private static final Logger LOG = LoggerFactory.getLogger(DirectExporter.class);
    private static final int UNDER_WAY_MAX = 32;
    private static final long CLOSE_MILLIS = 3_000;

    private final String name;
    private final SendingQueueConfig config;
    private final Requests.Encoder encoder;
    private final Transport transport;
    private final SendMetrics metrics;
    private final Senders senders;
    private final Throttle throttle;

    DirectExporter(
            String name,
            SendingQueueConfig config,
            Requests.Encoder encoder,
            Transport transport,
            Delivery delivery,
            SendMetrics metrics,
            Clock clock) {
        this.name = name;
        this.config = config;
        this.encoder = encoder;
        this.transport = transport;
        this.metrics = metrics;
        this.senders = new Senders(name, delivery, UNDER_WAY_MAX);
        this.throttle = new Throttle(clock, 30);
        metrics.queueCapacity.set(0);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void export(Batch batch) {
        var requests = new Requests(encoder, config.pointsMax(), config.bytesMax(), this::send);
        requests.add(batch);
        requests.flush();
    }

    private void send(Request request) {
        if (senders.tryPlace()) {
            senders.send(request, sent -> {});
            return;
        }
        metrics.notQueued.inc(request.points());
        long silent = throttle.permit();
        if (silent >= 0) {
            LOG.error(
                    "exporter {} drops points: {} requests are under way and sending_queue is off;"
                            + " turn it on ({} such messages were not logged)",
                    name,
                    UNDER_WAY_MAX,
                    silent);
        }
    }

    @Override
    public void close() {
        senders.close(CLOSE_MILLIS);
        transport.close();
    }
}
