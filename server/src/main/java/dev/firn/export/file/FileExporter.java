package dev.firn.export.file;

import com.github.luben.zstd.Zstd;
import dev.firn.base.ByteWriter;
import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.base.Worker;
import dev.firn.base.WorldException;
import dev.firn.config.FileExporterConfig;
import dev.firn.export.otlp.OtlpEncoder;
import dev.firn.model.Batch;
import dev.firn.model.Exporter;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The `file` exporter: a record for each batch, written by a thread of its own. Without
/// compression and as JSON a record is a line; else it is its length in four bytes, big-endian, and
/// the bytes (of protobuf, or a zstd frame of either), as the Collector has it.
///
/// Requests never wait for the disk. A write that fails is tried again each second; while the queue
/// is full, batches are dropped and counted.
public final class FileExporter implements Exporter {
    /// Batches that may wait for the disk.
    static final int QUEUE_BATCHES_MAX = 10_000;

    /// Bytes of them.
    static final long QUEUE_BYTES_MAX = 64L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(FileExporter.class);
    private static final int WRITE_BYTES = 256 << 10;
    private static final long RETRY_MILLIS = 1_000;
    private static final long CLOSE_MILLIS = 4_000;
    private static final int RETAINED_BYTES_MAX = 8 << 20;
    private static final int ZSTD_LEVEL = 3;

    private final String name;
    private final FileExporterConfig config;
    private final OtlpEncoder encoder;
    private final RotatedFile file;
    private final RecordQueue queue;
    private final Worker worker;
    private final Throttle complaints;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final ArrayBlockingQueue<ByteWriter> buffers =
            new ArrayBlockingQueue<>(2 * Runtime.getRuntime().availableProcessors() + 2);
    private ByteWriter chunk = new ByteWriter(WRITE_BYTES);
    private final CounterDataPoint sent;
    private final CounterDataPoint failed;
    private final CounterDataPoint written;
    private final CounterDataPoint rotated;
    private final GaugeDataPoint queueSize;
    private final GaugeDataPoint queueBytes;

    /// Opens the file and starts the writer.
    ///
    /// @param name as configured, such as `file/buffer`
    /// @throws WorldException when the file cannot be opened
    public FileExporter(
            String name, FileExporterConfig config, Disk disk, OwnMetrics metrics, Clock clock) {
        this(name, config, disk, metrics, clock, QUEUE_BYTES_MAX);
    }

    FileExporter(
            String name,
            FileExporterConfig config,
            Disk disk,
            OwnMetrics metrics,
            Clock clock,
            long queueBytesMax) {
        this.name = name;
        this.config = config;
        this.encoder =
                new OtlpEncoder(
                        config.format() == FileExporterConfig.Format.JSON
                                ? OtlpEncoder.Format.JSON
                                : OtlpEncoder.Format.PROTOBUF);
        this.file = new RotatedFile(config, isLines(), disk, clock);
        this.queue = new RecordQueue(QUEUE_BATCHES_MAX, queueBytesMax);
        this.complaints = new Throttle(clock, 10);
        var counts = new FileMetrics(metrics);
        sent = counts.sent.labelValues(name);
        failed = counts.failed.labelValues(name);
        written = counts.written.labelValues(name);
        rotated = counts.rotations.labelValues(name);
        queueSize = counts.queueSize.labelValues(name, "metrics");
        queueBytes = counts.queueBytes.labelValues(name);
        counts.queueCapacity.labelValues(name, "metrics").set(QUEUE_BATCHES_MAX);
        try {
            file.open();
        } catch (IOException e) {
            throw new WorldException(
                    "cannot open \""
                            + config.path()
                            + "\" of exporter "
                            + name
                            + ": "
                            + e
                            + "; make its directory or set create_directory: true",
                    e);
        }
        this.worker = Worker.start("export-" + name, this::round);
    }

    private boolean isLines() {
        return config.format() == FileExporterConfig.Format.JSON
                && config.compression() == FileExporterConfig.Compression.NONE;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void export(Batch batch) {
        int points = batch.size();
        if (points == 0) {
            return;
        }
        if (!queue.offer(new RecordQueue.Entry(record(batch), points))) {
            drop(
                    points,
                    queue.isClosed()
                            ? "it is closed"
                            : "its queue of " + queue.bytes() + " bytes is full");
        }
        showQueue();
    }

    private void showQueue() {
        queueSize.set(queue.size());
        queueBytes.set((double) queue.bytes());
    }

    private void drop(int points, String why) {
        failed.inc(points);
        long more = complaints.permit();
        if (more >= 0) {
            LOG.error(
                    "exporter {} drops {} points: {}; make room on the disk of \"{}\" ({} more of"
                            + " these)",
                    name,
                    points,
                    why,
                    config.path(),
                    more);
        }
    }

    private byte[] record(Batch batch) {
        ByteWriter buffer = buffers.poll();
        if (buffer == null) {
            buffer = new ByteWriter(4096);
        }
        buffer.reset();
        encoder.encode(batch, buffer);
        byte[] record;
        if (isLines()) {
            record = buffer.u8('\n').toBytes();
        } else {
            byte[] bytes = buffer.toBytes();
            record =
                    framed(
                            config.compression() == FileExporterConfig.Compression.ZSTD
                                    ? Zstd.compress(bytes, ZSTD_LEVEL)
                                    : bytes);
        }
        if (buffer.array().length <= RETAINED_BYTES_MAX) {
            buffers.offer(buffer);
        }
        return record;
    }

    private static byte[] framed(byte[] bytes) {
        return new ByteWriter(bytes.length + 4)
                .i32(Integer.reverseBytes(bytes.length))
                .bytes(bytes)
                .toBytes();
    }

    /// The writer's round: gathers, writes.
    private void round() throws InterruptedException {
        boolean gathers = config.rotation().isEmpty();
        List<RecordQueue.Entry> entries =
                queue.peek(WRITE_BYTES, gathers ? config.flushIntervalNanos() : 0, WRITE_BYTES);
        if (entries.isEmpty()) {
            end();
            return;
        }
        try {
            int count = file.append(entries.stream().map(RecordQueue.Entry::bytes).toList(), chunk);
            account(entries.subList(0, count));
            rotated.inc(file.rotations() - rotated.get());
        } catch (IOException e) {
            trouble(entries, e);
        }
        if (chunk.array().length > RETAINED_BYTES_MAX) {
            chunk = new ByteWriter(WRITE_BYTES);
        }
        showQueue();
    }

    private void account(List<RecordQueue.Entry> entries) {
        queue.remove(entries.size());
        for (RecordQueue.Entry entry : entries) {
            sent.inc(entry.points());
            written.inc(entry.bytes().length);
        }
    }

    private void trouble(List<RecordQueue.Entry> entries, IOException e)
            throws InterruptedException {
        if (queue.isClosed()) { // the last try
            queue.remove(entries.size());
            int points = entries.stream().mapToInt(RecordQueue.Entry::points).sum();
            drop(points, "Firn stops, and it cannot write: " + e.getMessage());
            return;
        }
        long more = complaints.permit();
        if (more >= 0) {
            LOG.error(
                    "exporter {} cannot write \"{}\": {}; it tries again each second and drops"
                            + " when its queue is full ({} more of these)",
                    name,
                    config.path(),
                    e.getMessage(),
                    more);
        }
        queue.pause(RETRY_MILLIS);
    }

    /// Everything is written: waits for the worker's end.
    private void end() throws InterruptedException {
        try {
            file.close();
        } catch (IOException e) {
            LOG.error("exporter {} cannot close \"{}\": {}", name, config.path(), e.getMessage());
        }
        ended.countDown();
        Thread.sleep(Long.MAX_VALUE);
    }

    /// Writes what waits; what the disk does not take within a few seconds is dropped and counted.
    @Override
    public void close() {
        queue.close();
        try {
            // not by the worker's interrupt, which would close the file under a write
            if (!ended.await(CLOSE_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.error("exporter {} did not write everything in time", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        worker.close();
    }
}
