package dev.firn.wal;

import dev.firn.base.ByteReader;
import dev.firn.base.Disk;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Hands out the records of one segment, one after the other, and stops where a valid one does not
/// follow. Not thread-safe. An interrupt of the thread never breaks it: the file is opened again.
final class SegmentScan implements AutoCloseable {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int CHUNK = 256 << 10;

    private final Disk disk;
    private final Path path;
    private final long segment;
    private final long epoch;
    private Disk.@Nullable File file;

    private byte[] window = new byte[0];
    private long windowFrom;
    private int windowLength;

    private long limit = Long.MAX_VALUE;
    private long next = SegmentHeader.BLOCK;
    private long offset;
    private int from;
    private int length;

    SegmentScan(Disk disk, Path path, SegmentHeader header) {
        this.disk = disk;
        this.path = path;
        this.segment = header.number();
        this.epoch = header.epoch();
    }

    /// No byte from here on is read: what stands there may still change.
    void limit(long bytes) {
        limit = bytes;
    }

    /// Where the next record is expected.
    long position() {
        return next;
    }

    /// Goes to another place, where a record must start.
    void seek(long position) {
        next = position;
    }

    /// Steps to the next record; false where no valid one stands.
    boolean next() throws IOException {
        if (!valid(next)) {
            return false;
        }
        next = offset + Records.framed(length);
        return true;
    }

    /// Steps to the first valid record after `damaged`; false if there is none.
    boolean findAfter(long damaged) throws IOException {
        for (long at = damaged + Records.ALIGNMENT; has(at, Records.HEADER); ) {
            int index = (int) (at - windowFrom);
            int last = windowLength - Records.HEADER;
            while (index <= last && (long) LONGS.get(window, index + 8) != epoch) {
                index += Records.ALIGNMENT;
            }
            at = windowFrom + index;
            if (index <= last) {
                if (valid(at)) {
                    next = offset + Records.framed(length);
                    return true;
                }
                at += Records.ALIGNMENT;
            }
        }
        return false;
    }

    private boolean valid(long at) throws IOException {
        if (!has(at, Records.HEADER)) {
            return false;
        }
        int index = (int) (at - windowFrom);
        int claimed = (int) INTS.get(window, index);
        if (claimed <= 0
                || (long) LONGS.get(window, index + 8) != epoch
                || (int) INTS.get(window, index + 24) != (int) segment
                || !has(at, Records.HEADER + (long) claimed)) {
            return false;
        }
        index = (int) (at - windowFrom);
        if (Records.checksum(window, index, claimed) != (int) INTS.get(window, index + 4)) {
            return false;
        }
        offset = at;
        from = index;
        length = claimed;
        return true;
    }

    /// Where the current record starts.
    long offset() {
        return offset;
    }

    /// [Records#BATCH] and so on.
    int type() {
        return window[from + 28] & 0xff;
    }

    /// The current record's number.
    long number() {
        return (long) LONGS.get(window, from + 16);
    }

    /// All records below this number were durable when the current one was written.
    long firstUnsynced() {
        return number() - ((int) INTS.get(window, from + 28) >>> 8);
    }

    /// The current record's checksum.
    int crc() {
        return (int) INTS.get(window, from + 4);
    }

    /// Bytes of the current record with its frame.
    long framed() {
        return Records.framed(length);
    }

    /// The current record's payload, valid until the next step.
    ByteReader payload() {
        int start = from + Records.HEADER;
        return new ByteReader(window, start, start + length);
    }

    /// The array behind [#payload].
    byte[] array() {
        return window;
    }

    /// True if something other than the end mark (zeros) stands where the next record would.
    boolean endsInRubbish() throws IOException {
        return has(next, 8) && (long) LONGS.get(window, (int) (next - windowFrom)) != 0;
    }

    private boolean has(long at, long bytes) throws IOException {
        if (at >= windowFrom && at + bytes <= windowFrom + windowLength) {
            return true;
        }
        if (bytes > CHUNK && at + bytes > Math.min(limit, size())) {
            return false; // a claimed length, before memory is taken for it
        }
        long wanted = Math.min(Math.max(bytes, CHUNK), limit - at);
        if (wanted < bytes || wanted > Integer.MAX_VALUE - 16) {
            return false;
        }
        fill(at, (int) wanted);
        return windowLength >= bytes;
    }

    private void fill(long at, int wanted) throws IOException {
        if (window.length < wanted) {
            window = new byte[wanted];
        }
        windowFrom = at;
        windowLength = 0;
        while (windowLength < wanted) {
            int step = Math.min(wanted - windowLength, CHUNK);
            int read = read(ByteBuffer.wrap(window, windowLength, step), at + windowLength);
            if (read <= 0) {
                return;
            }
            windowLength += read;
        }
    }

    private int read(ByteBuffer to, long at) throws IOException {
        boolean interrupted = Thread.interrupted();
        int start = to.position();
        try {
            while (true) {
                try {
                    return open().read(to, at);
                } catch (ClosedChannelException e) {
                    if (!Thread.interrupted()) {
                        throw e;
                    }
                    interrupted = true;
                    file = null;
                    to.position(start);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private long size() throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            return open().size();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Disk.File open() throws IOException {
        Disk.File opened = file;
        if (opened == null) {
            opened = disk.openRead(path);
            file = opened;
        }
        return opened;
    }

    @Override
    public void close() throws IOException {
        Disk.File opened = file;
        file = null;
        if (opened != null) {
            opened.close();
        }
    }
}
