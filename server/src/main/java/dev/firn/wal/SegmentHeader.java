package dev.firn.wal;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteWriter;
import dev.firn.base.Disk;
import dev.firn.base.WorldException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// The first block of a segment: who wrote it and where in the log it stands. Two copies in one
/// block, half a block apart, so that one damaged sector does not make the segment unreadable.
///
/// The header is durable before the file gets its segment's name. Its `firstRecord` also ends the
/// segment before it: records there with that number or a higher one are void (they were never
/// acknowledged).
///
/// @param number of the segment, unique for the life of the writer
/// @param writer its id
/// @param epoch of the process that wrote it
/// @param firstRecord number of the first record
/// @param openCut sequence of the cut that was open when the segment began
/// @param openCutFirstRecord first record of that cut, at most `firstRecord`
/// @param digest running digest before `firstRecord`
/// @param createdMillis wall time
record SegmentHeader(
        long number,
        String writer,
        long epoch,
        long firstRecord,
        long openCut,
        long openCutFirstRecord,
        long digest,
        long createdMillis) {
    /// Version of segments and records: 2 may hold state of processors, 1 does not and is read too.
    static final int VERSION = 2;

    /// Bytes before the first record.
    static final int BLOCK = 4096;

    private static final int COPY = BLOCK / 2;
    private static final int LENGTH = 128;
    private static final byte[] MAGIC = "FIRNWAL\n".getBytes(StandardCharsets.US_ASCII);

    /// The whole block.
    byte[] toBytes() {
        var out = new ByteWriter(BLOCK);
        out.bytes(MAGIC).i32(VERSION).i32(0);
        out.i64(number).i64(epoch).i64(firstRecord).i64(openCut).i64(openCutFirstRecord);
        out.i64(digest).i64(createdMillis);
        byte[] id = writer.getBytes(StandardCharsets.US_ASCII);
        out.u8(id.length).bytes(id);
        byte[] copy = Arrays.copyOf(out.toBytes(), LENGTH);
        out.reset().bytes(copy);
        out.i32At(12, checksum(copy));
        byte[] block = Arrays.copyOf(out.toBytes(), BLOCK);
        System.arraycopy(block, 0, block, COPY, LENGTH);
        return block;
    }

    /// Reads a segment's header.
    ///
    /// @throws WorldException when both copies are damaged or a newer Firn wrote them
    static SegmentHeader read(Disk disk, Path path) throws IOException {
        var block = ByteBuffer.allocate(BLOCK);
        try (Disk.File file = disk.openRead(path)) {
            while (block.hasRemaining() && file.read(block, block.position()) > 0) {}
        }
        byte[] bytes = block.array();
        for (int from = 0; from < BLOCK; from += COPY) {
            byte[] copy = Arrays.copyOfRange(bytes, from, from + LENGTH);
            if (Arrays.equals(MAGIC, 0, MAGIC.length, copy, 0, MAGIC.length)) {
                var in = new ByteReader(copy, MAGIC.length, LENGTH);
                int version = in.i32();
                int stored = in.i32();
                if (stored == checksum(copy)) {
                    return parse(path, version, in);
                }
                refuseNewer(path, version, copy);
            }
        }
        throw new WorldException(
                "cannot read wal segment \""
                        + path
                        + "\": both copies of its header are damaged; move the file away to start"
                        + " without its records");
    }

    private static SegmentHeader parse(Path path, int version, ByteReader in) {
        if (version < 1 || version > VERSION) {
            throw newer(path, version);
        }
        long number = in.i64();
        long epoch = in.i64();
        long firstRecord = in.i64();
        long openCut = in.i64();
        long openCutFirstRecord = in.i64();
        long digest = in.i64();
        long created = in.i64();
        String writer = new String(in.bytes(in.u8()), StandardCharsets.US_ASCII);
        return new SegmentHeader(
                number, writer, epoch, firstRecord, openCut, openCutFirstRecord, digest, created);
    }

    /// A newer format may put its checksum elsewhere: a small, higher version is believed.
    private static void refuseNewer(Path path, int version, byte[] copy) {
        if (version > VERSION && version < 1000 && copy.length == LENGTH) {
            throw newer(path, version);
        }
    }

    private static WorldException newer(Path path, int version) {
        return new WorldException(
                "cannot read wal segment \""
                        + path
                        + "\": its format has version "
                        + version
                        + ", this Firn knows "
                        + VERSION
                        + "; start the Firn that wrote it, or a newer one");
    }

    private static int checksum(byte[] copy) {
        var crc = new CRC32C();
        crc.update(copy, 0, 12);
        crc.update(copy, 16, LENGTH - 16);
        return (int) crc.getValue();
    }
}
