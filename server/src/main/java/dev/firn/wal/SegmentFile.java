package dev.firn.wal;

import dev.firn.base.ByteWriter;
import dev.firn.base.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;

/// The segment that is being written. Space is taken in steps of zeros ahead of the records, so
/// that most syncs have no metadata to write; a segment used again has its space already.
final class SegmentFile implements AutoCloseable {
    private static final long STEP = 4L << 20;

    final Segment segment;
    final Definitions definitions;
    final long openedTicks;

    /// Bytes of points, which close the segment.
    long sampleBytes;

    private final Disk.File file;
    private final long step;
    private long position = SegmentHeader.BLOCK;

    SegmentFile(Segment segment, Disk.File file, long segmentSize, long openedTicks)
            throws IOException {
        this.segment = segment;
        this.file = file;
        this.openedTicks = openedTicks;
        this.definitions = Definitions.ofSegment(segment.number());
        this.step = Math.min(STEP, Math.max(segmentSize, SegmentHeader.BLOCK));
        segment.fileBytes = file.size();
    }

    /// Where the next record goes.
    long position() {
        return position;
    }

    /// Bytes that the file would grow by if `more` were written.
    long growth(long more) {
        long end = position + more + Records.ALIGNMENT;
        return end <= segment.fileBytes ? 0 : Math.max(step, end - segment.fileBytes);
    }

    /// Writes records and the end mark, and makes them durable. After an exception this file must
    /// never be written again.
    void append(ByteWriter records) throws IOException {
        int bytes = records.size();
        records.i64(0);
        file.write(records.buffer(), position);
        allocate(position + records.size());
        file.force();
        records.truncate(bytes);
        position += bytes;
        segment.endOffset = position;
    }

    private void allocate(long end) throws IOException {
        long allocated = segment.fileBytes;
        if (end <= allocated) {
            return;
        }
        long wanted = (end + step - 1) / step * step;
        if (wanted > end) {
            file.write(ByteBuffer.allocate(Math.toIntExact(wanted - end)), end);
        }
        segment.fileBytes = wanted;
    }

    /// Gives back what lies behind the last durable record. Only for a file that will not be
    /// written again; failing is harmless, because those bytes are void.
    void cutRest() {
        try {
            file.truncate(position);
            segment.fileBytes = position;
        } catch (IOException e) {
            // the next segment's header makes the rest void
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            // what counts was synced before
        }
    }
}
