package dev.firn.receive.file;

import dev.firn.base.Clock;
import dev.firn.base.Throttle;
import dev.firn.base.WorldException;
import dev.firn.config.OtlpJsonFileReceiverConfig;
import dev.firn.model.Intake;
import dev.firn.receive.KeyedReceiver;
import dev.firn.receive.Receiver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Cuts a file's new bytes into lines and hands each over, until it is taken. Used by one thread.
final class LineReader {
    private static final Logger LOG = LoggerFactory.getLogger(LineReader.class);
    private static final String SENDER = "file";
    private static final int CHUNK_BYTES = 256 << 10;
    private static final long WAIT_MIN_NANOS = 50_000_000;
    private static final long WAIT_MAX_NANOS = 5_000_000_000L;

    /// Attempts for a line over which Firn itself stumbles.
    private static final int FAILURES_MAX = 3;

    private final String name;
    private final OtlpJsonFileReceiverConfig config;
    private final KeyedReceiver receiver;
    private final FileSet files;
    private final LineQuarantine quarantine;
    private final FileReceiveMetrics metrics;
    private final Closing closing;
    private final Throttle complaints;
    private final Clock clock;
    private byte[] buffer;
    private byte[] line = new byte[CHUNK_BYTES];

    LineReader(
            String name,
            OtlpJsonFileReceiverConfig config,
            KeyedReceiver receiver,
            FileSet files,
            LineQuarantine quarantine,
            FileReceiveMetrics metrics,
            Closing closing,
            Clock clock) {
        this.name = name;
        this.config = config;
        this.receiver = receiver;
        this.files = files;
        this.quarantine = quarantine;
        this.metrics = metrics;
        this.closing = closing;
        this.clock = clock;
        this.complaints = new Throttle(clock, 10);
        this.buffer = firstBuffer();
    }

    /// Takes the whole lines that are there now.
    void read(OpenFile opened) throws IOException, InterruptedException {
        OpenFile file = opened;
        if (!file.isUnchanged()) {
            metrics.truncated.inc();
            file = files.renew(file);
        }
        long end = file.channel().size();
        int have = 0;
        while (!closing.isClosed()) {
            if (have == buffer.length && !grow()) {
                if (!skipLongLine(file, end)) {
                    return;
                }
                have = 0;
                continue;
            }
            if (file.skippedTo > 0) {
                have = 0;
                if (!skipLongLine(file, end)) {
                    return;
                }
            }
            int more = fill(file, have, end);
            if (more <= 0) {
                file.endSeen = end;
                break;
            }
            if (!file.isUnchanged()) {
                break; // what was read is no longer what was there
            }
            int searched = have;
            have += more;
            int taken = takeLines(file, searched, have);
            if (taken > 0) {
                file.mark(buffer, taken, config.fingerprintBytes());
                System.arraycopy(buffer, taken, buffer, 0, have - taken);
                have -= taken;
            }
        }
        shrink();
    }

    private int fill(OpenFile file, int have, long end) throws IOException {
        long position = file.offset() + have;
        int room = (int) Math.min(buffer.length - have, end - position);
        return room <= 0 ? 0 : file.channel().read(ByteBuffer.wrap(buffer, have, room), position);
    }

    private boolean grow() {
        if (buffer.length >= bufferBytesMax()) {
            return false;
        }
        buffer = Arrays.copyOf(buffer, (int) Math.min(bufferBytesMax(), 2L * buffer.length));
        return true;
    }

    /// The longest line and its newline.
    private int bufferBytesMax() {
        return config.lineBytesMax() + 1;
    }

    private byte[] firstBuffer() {
        return new byte[Math.min(CHUNK_BYTES, bufferBytesMax())];
    }

    private void shrink() {
        if (buffer.length > 8 * CHUNK_BYTES) {
            buffer = firstBuffer();
            line = new byte[CHUNK_BYTES];
        }
    }

    /// Takes the lines in `buffer[0, have)`.
    ///
    /// @param searched bytes known to hold no newline
    /// @return bytes taken
    private int takeLines(OpenFile file, int searched, int have) throws InterruptedException {
        int from = 0;
        for (int i = searched; i < have; i++) {
            if (buffer[i] == '\n') {
                if (!take(file, from, i - from)) {
                    return from;
                }
                from = i + 1;
            }
        }
        return from;
    }

    /// False when Firn stops before the line was taken.
    private boolean take(OpenFile file, int from, int length) throws InterruptedException {
        long end = file.offset() + length + 1;
        int stripped = length;
        while (stripped > 0
                && buffer[from + stripped - 1] <= ' '
                && buffer[from + stripped - 1] >= 0) {
            stripped--; // the \r of a foreign writer
        }
        if (stripped > 0) {
            if (line.length < stripped) {
                line = new byte[stripped + stripped / 4];
            }
            System.arraycopy(buffer, from, line, 0, stripped);
            if (!handOver(file, stripped, end)) {
                return false;
            }
            metrics.lines.inc();
            metrics.bytes.inc(length + 1);
        }
        file.advance(end);
        file.lastTicks = clock.ticks();
        files.changed();
        return true;
    }

    /// Until the line is durable, or known to be broken; false when Firn stops before.
    private boolean handOver(OpenFile file, int length, long end) throws InterruptedException {
        var key = Intake.RequestKey.position(file.source(), end);
        long wait = WAIT_MIN_NANOS;
        int failures = 0;
        while (!closing.isClosed()) {
            try {
                KeyedReceiver.Taken taken =
                        receiver.receive(key, Receiver.Format.JSON, line, length, SENDER);
                metrics.accepted.inc(taken.points());
                metrics.refused.inc(taken.answer().rejectedPoints());
                return true;
            } catch (Receiver.MalformedBody e) {
                pass(file, length, String.valueOf(e.getMessage()));
                return true;
            } catch (Intake.Overloaded | WorldException e) {
                complain(file, e);
            } catch (RuntimeException e) {
                if (++failures == FAILURES_MAX) {
                    LOG.error("receiver {} failed on a line of \"{}\"", name, file.path(), e);
                    pass(file, length, "Firn failed on it: " + e);
                    return true;
                }
            }
            metrics.waits.inc();
            closing.pause(wait);
            wait = Math.min(2 * wait, WAIT_MAX_NANOS);
        }
        return false;
    }

    private void complain(OpenFile file, RuntimeException e) {
        long more = complaints.permit();
        if (more >= 0) {
            LOG.warn(
                    "receiver {} waits with \"{}\" at byte {}: {} ({} more of these)",
                    name,
                    file.path(),
                    file.offset(),
                    e.getMessage(),
                    more);
        }
    }

    private void pass(OpenFile file, int length, String why) {
        metrics.broken.inc();
        quarantine.keep(file.source(), file.path().toString(), file.offset(), line, length, why);
    }

    /// Looks for the end of a line that is longer than the limit; false if it is not there yet.
    private boolean skipLongLine(OpenFile file, long end) throws IOException {
        if (file.skippedTo == 0) {
            metrics.broken.inc();
            quarantine.keep(
                    file.source(),
                    file.path().toString(),
                    file.offset(),
                    buffer,
                    buffer.length,
                    "the line is longer than max_log_size " + config.lineBytesMax());
            file.skippedTo = file.offset() + buffer.length;
        }
        while (file.skippedTo < end && !closing.isClosed()) {
            int room = (int) Math.min(buffer.length, end - file.skippedTo);
            int more = file.channel().read(ByteBuffer.wrap(buffer, 0, room), file.skippedTo);
            if (more <= 0 || !file.isUnchanged()) {
                return false;
            }
            for (int i = 0; i < more; i++) {
                if (buffer[i] == '\n') {
                    file.advance(file.skippedTo + i + 1);
                    file.mark(buffer, i + 1, config.fingerprintBytes());
                    files.changed();
                    return true;
                }
            }
            file.skippedTo += more;
        }
        file.endSeen = closing.isClosed() ? -1 : end;
        return false;
    }
}
