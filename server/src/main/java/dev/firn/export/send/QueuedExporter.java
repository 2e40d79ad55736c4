package dev.firn.export.send;

import dev.firn.base.Clock;
import dev.firn.base.Throttle;
import dev.firn.base.Worker;
import dev.firn.base.WorldException;
import dev.firn.config.SendingQueueConfig;
import dev.firn.model.Batch;
import dev.firn.model.Cut;
import dev.firn.model.Exporter;
import dev.firn.model.Intake;
import dev.firn.model.Intake.RequestKey;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An exporter with a queue on disk. A batch is in the queue's log, synced, before [#export]
/// returns; when the queue is full the newest is dropped and counted, as the Collector does.
///
/// Cuts of the log become requests; a cut is released when all of its requests were taken or
/// dropped. What is unsent at [#close] stays in the log for the next start.
final class QueuedExporter implements Exporter {
    private static final Logger LOG = LoggerFactory.getLogger(QueuedExporter.class);
    private static final long WAIT_MILLIS = 1_000;
    private static final long NEXT_MILLIS = 200;
    private static final long QUIET_MILLIS = 2_000;
    private static final long CLOSE_MILLIS = 3_000;
    private static final int SPARE_BATCHES = 16;

    private final String name;
    private final SendingQueueConfig config;
    private final Requests.Encoder encoder;
    private final Transport transport;
    private final SendMetrics metrics;
    private final QueueLog log;
    private final Senders senders;
    private final Room room;
    private final Progress progress;
    private final OwnSeries series;
    private final Throttle throttle;
    private final ArrayBlockingQueue<Batch> spare = new ArrayBlockingQueue<>(SPARE_BATCHES);
    private final long keyHigh;
    private final AtomicLong keyLow = new AtomicLong();
    private final Worker worker;
    private final CountDownLatch quiet = new CountDownLatch(1);
    private volatile boolean closing;
    private final long found;
    private long read;
    private boolean counted;

    QueuedExporter(
            String name,
            SendingQueueConfig config,
            Requests.Encoder encoder,
            Transport transport,
            Delivery delivery,
            SendMetrics metrics,
            QueueLog log,
            Clock clock,
            RandomGenerator random) {
        this.name = name;
        this.config = config;
        this.encoder = encoder;
        this.transport = transport;
        this.metrics = metrics;
        this.log = log;
        this.senders = new Senders(name, delivery, config.consumers());
        this.room = new Room(config.sizeMax());
        this.progress = new Progress(name, log.checkpoints(), this::released, clock);
        this.series = new OwnSeries(log.series(), clock);
        this.throttle = new Throttle(clock, 30);
        this.keyHigh = random.nextLong();
        // what is not in the log any more cannot be sent
        this.read = Math.max(progress.sequence(), log.cuts().oldest() - 1);
        this.found = log.cuts().newest();
        metrics.queueCapacity.set((double) config.sizeMax());
        log.cuts().release(QueueLog.SINK, read);
        this.worker = Worker.start("export-" + name, this::round);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void export(Batch batch) {
        if (batch.size() == 0) {
            return;
        }
        long size = Sizes.of(config.sizer(), batch);
        if (!room.take(size, config.blockOnOverflow() ? WAIT_MILLIS : 0)) {
            dropped(batch.size(), "sending_queue.queue_size " + config.sizeMax() + " is reached");
            return;
        }
        metrics.queueSize.set((double) room.used());
        Batch own = spare.poll();
        if (own == null) {
            own = new Batch();
        }
        try {
            own.append(batch, (points, row) -> series.of(points.series[row]));
            append(own);
        } catch (Intake.Overloaded | WorldException e) {
            room.give(size);
            dropped(batch.size(), String.valueOf(e.getMessage()));
        } finally {
            own.clear();
            spare.offer(own);
        }
    }

    private void append(Batch own) {
        var key = new RequestKey(keyHigh, keyLow.incrementAndGet());
        log.intake().accept(key, () -> new Intake.Decoded(own, Intake.Answer.OK));
    }

    private void dropped(long points, String why) {
        metrics.notQueued.inc(points);
        long silent = throttle.permit();
        if (silent >= 0) {
            LOG.error(
                    "exporter {} drops points before its queue: {}; make room, or mend the other"
                            + " side ({} such messages were not logged)",
                    name,
                    why,
                    silent);
        }
    }

    private void released(long sequence, long size) {
        room.give(size);
        metrics.queueSize.set((double) room.used());
        log.cuts().release(QueueLog.SINK, sequence);
    }

    private void round() throws InterruptedException {
        if (closing) {
            quiet.countDown();
            new CountDownLatch(1).await(); // for the interrupt that ends the worker
        }
        if (!counted) {
            countFound();
            counted = true;
        }
        series.sweep();
        Cut cut = log.cuts().next(read, NEXT_MILLIS);
        if (cut != null && send(cut)) {
            read = cut.sequence();
        }
    }

    /// What the process before left behind counts for the queue's size: the cuts that were there at
    /// the start. (A log that is opened ends the cut that was open.)
    private void countFound() throws InterruptedException {
        for (long at = read; at < found; at++) {
            Cut cut = log.cuts().next(at, 0);
            if (cut != null) {
                room.found(foundSize(cut));
            }
        }
        metrics.queueSize.set((double) room.used());
    }

    /// Without reading it, which could take minutes: a cut counts as one request, as its points, or
    /// as its bytes in the log.
    private long foundSize(Cut cut) {
        return switch (config.sizer()) {
            case REQUESTS -> 1;
            case ITEMS -> cut.points();
            case BYTES -> cut.bytes();
        };
    }

    /// False if it was broken off.
    private boolean send(Cut cut) {
        progress.begin(cut.sequence());
        long[] size = {0};
        var requests =
                new Requests(
                        encoder,
                        config.pointsMax(),
                        config.bytesMax(),
                        request -> dispatch(cut.sequence(), request));
        try {
            cut.read(batch -> {
                size[0] += Sizes.of(config.sizer(), batch);
                requests.add(batch);
            });
            requests.flush();
        } catch (Stopped e) {
            return false; // what was not sent stays in the log
        }
        boolean before = cut.sequence() <= found;
        progress.whole(cut.sequence(), before ? foundSize(cut) : size[0]);
        return true;
    }

    /// Ends a reading because of [#close].
    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1;

        Stopped() {
            super(null, null, false, false);
        }
    }

    private void dispatch(long cut, Request request) {
        try {
            if (!senders.awaitPlace()) {
                throw new Stopped();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Stopped();
        }
        if (!progress.start(cut, request.part())) {
            senders.giveBack();
            return;
        }
        senders.send(request, sent -> progress.done(cut, sent.part()));
    }

    @Override
    public void close() {
        closing = true;
        senders.stop();
        try {
            // an interrupt would hit a checkpoint that is being written
            if (!quiet.await(QUIET_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.warn("exporter {} reads its queue slowly and is interrupted", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        worker.close();
        senders.close(CLOSE_MILLIS);
        transport.close();
        log.close();
    }
}
