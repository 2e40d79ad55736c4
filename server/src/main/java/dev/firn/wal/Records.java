package dev.firn.wal;

import dev.firn.base.ByteWriter;
import dev.firn.model.Fingerprint;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32C;

/// The frame around every record, and the running digest over records. `docs/formats/wal.md` draws
/// it.
final class Records {
    /// Bytes before the payload.
    static final int HEADER = 32;

    /// Records start at multiples of this, counted from the file's start.
    static final int ALIGNMENT = 8;

    /// A request's points.
    static final int BATCH = 1;

    /// The end of a cut.
    static final int CUT = 2;

    /// Requests of deleted segments that are still to be recognised.
    static final int RETRIES = 3;

    private static final int UNSYNCED_MAX = (1 << 24) - 1;

    private Records() {}

    /// Leaves room for a header; returns where the record starts.
    static int begin(ByteWriter out) {
        int start = out.size();
        for (int i = 0; i < HEADER / 8; i++) {
            out.i64(0);
        }
        return start;
    }

    /// Fills in the header of the record begun at `start`, pads it, and returns its checksum.
    ///
    /// @param unsynced how many records before this one were not yet known to be durable when it
    ///   was written
    static int end(
            ByteWriter out,
            int start,
            long epoch,
            long record,
            long segment,
            int type,
            long unsynced) {
        int length = out.size() - start - HEADER;
        out.i32At(start, length);
        out.i32At(start + 8, (int) epoch);
        out.i32At(start + 12, (int) (epoch >>> 32));
        out.i32At(start + 16, (int) record);
        out.i32At(start + 20, (int) (record >>> 32));
        out.i32At(start + 24, (int) segment);
        out.i32At(start + 28, (int) Math.min(unsynced, UNSYNCED_MAX) << 8 | type);
        int crc = checksum(out.array(), start, length);
        out.i32At(start + 4, crc);
        while (out.size() % ALIGNMENT != start % ALIGNMENT) {
            out.u8(0);
        }
        return crc;
    }

    /// The checksum over everything but itself.
    static int checksum(byte[] bytes, int start, int length) {
        var crc = new CRC32C();
        crc.update(bytes, start, 4);
        crc.update(bytes, start + 8, HEADER - 8 + length);
        return (int) crc.getValue();
    }

    /// Bytes of a record with its padding.
    static long framed(long length) {
        return (HEADER + length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /// The running digest after a record: first 8 bytes of SHA-256 over digest before, record
    /// number and checksum (which covers epoch and contents).
    static long digest(long before, long record, int crc) {
        byte[] bytes = new ByteWriter(20).i64(before).i64(record).i32(crc).toBytes();
        try {
            return Fingerprint.of(MessageDigest.getInstance("SHA-256").digest(bytes)).high();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
