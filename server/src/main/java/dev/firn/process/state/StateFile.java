package dev.firn.process.state;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import dev.firn.base.ByteReader;
import dev.firn.base.ByteWriter;
import dev.firn.base.Disk;
import dev.firn.base.Reason;
import dev.firn.base.WorldException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The checkpoint of all processors' states: one file, replaced atomically.
/// `docs/formats/processor-state.md` draws it.
///
/// @param writer of the log that it belongs to; empty: of none
/// @param cut up to and with which the log's records are in it
/// @param nowNanos time of the newest request in it
/// @param states as [StateRoom] writes them
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
record StateFile(String writer, long cut, long nowNanos, byte[] states) {
    static final int VERSION = 1;
    private static final byte[] MAGIC = "FIRNSTA\n".getBytes(StandardCharsets.US_ASCII);
    private static final int CHECKED_FROM = 16;

    static Path path(Path data) {
        return data.resolve("state").resolve("processors");
    }

    void replace(Disk disk, Path path) {
        byte[] packed = Zstd.compress(states, 1);
        var out = new ByteWriter(packed.length + 128);
        out.bytes(MAGIC).i32(VERSION).i32(0);
        out.string(writer).i64(cut).i64(nowNanos).varint(states.length);
        out.varint(packed.length).bytes(packed);
        out.i32At(12, checksum(out.array(), out.size()));
        try {
            Path folder = java.util.Objects.requireNonNull(path.getParent(), "it has a folder");
            if (!disk.exists(folder)) {
                disk.createDirectories(folder);
                disk.syncDirectory(java.util.Objects.requireNonNull(folder.getParent()));
            }
            disk.replace(path, out.toBytes());
        } catch (IOException e) {
            throw new WorldException("cannot write \"" + path + "\": " + Reason.of(e), e);
        }
    }

    /// Null if there is none.
    ///
    /// @throws WorldException when it is damaged or a newer Firn wrote it
    static @Nullable StateFile read(Disk disk, Path path) {
        if (!disk.exists(path)) {
            return null;
        }
        byte[] bytes;
        try {
            bytes = disk.readAll(path);
        } catch (IOException e) {
            throw new WorldException("cannot read \"" + path + "\": " + Reason.of(e), e);
        }
        int magic = MAGIC.length;
        if (bytes.length < CHECKED_FROM || !Arrays.equals(MAGIC, 0, magic, bytes, 0, magic)) {
            throw damaged(path, "it does not begin as one");
        }
        var in = new ByteReader(bytes, magic, bytes.length);
        int version = in.i32();
        if (version > VERSION) {
            throw new WorldException(
                    "cannot read the state of processors \""
                            + path
                            + "\": its format has version "
                            + version
                            + ", this Firn knows "
                            + VERSION
                            + "; start the Firn that wrote it, or a newer one");
        }
        if (in.i32() != checksum(bytes, bytes.length)) {
            throw damaged(path, "its checksum is wrong");
        }
        try {
            String writer = in.string();
            long cut = in.i64();
            long now = in.i64();
            int length = Math.toIntExact(in.varint());
            return new StateFile(writer, cut, now, Zstd.decompress(in.bytes(in.count()), length));
        } catch (ByteReader.Malformed | ArithmeticException | ZstdException e) {
            throw damaged(path, String.valueOf(e.getMessage()));
        }
    }

    private static WorldException damaged(Path path, String why) {
        return new WorldException(
                "cannot read the state of processors \""
                        + path
                        + "\": "
                        + why
                        + "; move it away to start them anew, or restore it from a backup together"
                        + " with the rest of the data directory");
    }

    private static int checksum(byte[] bytes, int size) {
        var crc = new CRC32C();
        crc.update(bytes, 0, CHECKED_FROM - Integer.BYTES);
        crc.update(bytes, CHECKED_FROM, size - CHECKED_FROM);
        return (int) crc.getValue();
    }
}
