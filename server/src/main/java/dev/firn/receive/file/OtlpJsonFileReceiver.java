package dev.firn.receive.file;

import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.base.Worker;
import dev.firn.base.WorldException;
import dev.firn.config.OtlpJsonFileReceiverConfig;
import dev.firn.receive.KeyedReceiver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToLongFunction;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The `otlpjsonfile` receiver: reads lines of OTLP/JSON from files that others append to and
/// rotate, each line once, in order, one file after the other.
public final class OtlpJsonFileReceiver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OtlpJsonFileReceiver.class);
    private static final long SAVE_NANOS = 1_000_000_000L;
    private static final long CLOSE_MILLIS = 5_000;

    private final String name;
    private final OtlpJsonFileReceiverConfig config;
    private final Clock clock;
    private final FileSet files;
    private final LineReader reader;
    private final FileReceiveMetrics metrics;
    private final Throttle complaints;
    private final Closing closing = new Closing();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Worker worker;
    private long savedTicks;
    private boolean restored;

    /// Starts to read.
    ///
    /// @param name as configured, such as `otlpjsonfile/buffer`
    /// @param data the data directory: positions and quarantined lines lie there
    /// @param receiver takes the lines
    /// @param answeredUpTo what the log knows of a source ([dev.firn.model.Intake#answeredUpTo])
    /// @param random names contents of files
    public OtlpJsonFileReceiver(
            String name,
            OtlpJsonFileReceiverConfig config,
            Path data,
            KeyedReceiver receiver,
            IntToLongFunction answeredUpTo,
            Disk disk,
            RandomGenerator random,
            OwnMetrics metrics,
            Clock clock) {
        this.name = name;
        this.config = config;
        this.clock = clock;
        this.metrics = new FileReceiveMetrics(metrics, name);
        this.complaints = new Throttle(clock, 10);
        String plain = name.replaceAll("[^A-Za-z0-9._-]", "_");
        var positions = new PositionFile(disk, data.resolve("receive").resolve(plain + ".json"));
        this.files = new FileSet(config, positions, answeredUpTo, random, clock);
        var quarantine =
                new LineQuarantine(
                        disk,
                        data.resolve("quarantine").resolve("otlpjsonfile").resolve(plain),
                        name,
                        new Throttle(clock, 10));
        this.reader =
                new LineReader(
                        name, config, receiver, files, quarantine, this.metrics, closing, clock);
        this.worker = Worker.start("receive-" + name, this::round);
    }

    private void round() throws InterruptedException {
        if (closing.isClosed()) {
            end();
        }
        try {
            if (!restored) {
                files.restore();
                restored = true;
            }
            files.look();
            read();
            saveNowAndThen();
        } catch (IOException | WorldException e) {
            complain("its files", e);
        }
        show();
        closing.pause(config.pollIntervalNanos());
    }

    private void read() throws IOException, InterruptedException {
        for (OpenFile one : files.files()) {
            if (closing.isClosed()) {
                return;
            }
            try {
                reader.read(one);
            } catch (IOException e) {
                complain("\"" + one.path() + "\"", e); // the others go on
            }
            saveNowAndThen();
        }
    }

    private void complain(String what, Exception e) {
        long more = complaints.permit();
        if (more >= 0) {
            LOG.error(
                    "receiver {} cannot read {}: {}; it goes on trying ({} more of these)",
                    name,
                    what,
                    e.getMessage(),
                    more,
                    e);
        }
    }

    /// The log has newer positions; this keeps what files are known by close to them.
    private void saveNowAndThen() throws IOException {
        if (clock.ticks() - savedTicks > SAVE_NANOS) {
            files.save();
            savedTicks = clock.ticks();
        }
    }

    private void show() {
        long lag = 0;
        int count = 0;
        for (OpenFile one : files.files()) {
            try {
                lag += Math.max(0, one.channel().size() - one.offset());
                count++;
            } catch (IOException e) {
                // the next round tells
            }
        }
        metrics.lag.set((double) lag);
        metrics.open.set(count);
        metrics.skipped.set(files.skipped());
    }

    private void end() throws InterruptedException {
        try {
            files.close();
        } catch (IOException e) {
            LOG.error("receiver {} cannot write down its positions: {}", name, e.getMessage());
        }
        ended.countDown();
        Thread.sleep(Long.MAX_VALUE); // until the worker's end
    }

    /// Lets the line that is being stored end, and writes positions down.
    @Override
    public void close() {
        closing.close();
        try {
            // not by the worker's interrupt, which would close files under a read
            if (!ended.await(CLOSE_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.error("receiver {} did not end in time", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        worker.close();
    }
}
