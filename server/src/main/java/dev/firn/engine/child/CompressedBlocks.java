package dev.firn.engine.child;

import com.github.luben.zstd.Zstd;
import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.lz4.Lz4JavaCompressor;
import io.airlift.compress.v3.lz4.Lz4JavaDecompressor;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// ClickHouse's own compression of a stream (`compress=1`, `decompress=1`): blocks of
///
/// ```
/// 16 bytes  CityHash128 of everything after it
///  1 byte   method: 0x82 LZ4, 0x90 ZSTD, 0x02 none
///  4 bytes  size with these 9 bytes
///  4 bytes  size when unpacked
///  …        the packed bytes
/// ```
final class CompressedBlocks {
    private static final int CHECKSUM = 16;
    private static final int HEADER = 9;
    private static final int LZ4 = 0x82;
    private static final int ZSTD = 0x90;
    private static final int NONE = 0x02;
    private static final int BLOCK_BYTES = 256 << 10;

    /// ClickHouse itself refuses blocks over 1 GiB; 64 MiB bounds what one request holds here.
    static final int BLOCK_BYTES_MAX = 64 << 20;

    private CompressedBlocks() {}

    /// Packs what is written to it.
    static final class Output extends OutputStream {
        private final OutputStream out;
        private final Lz4JavaCompressor compressor = new Lz4JavaCompressor();
        private final byte[] plain = new byte[BLOCK_BYTES];
        private final byte[] packed =
                new byte[CHECKSUM + HEADER + compressor.maxCompressedLength(BLOCK_BYTES)];
        private int size;

        Output(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            int done = 0;
            while (done < length) {
                int count = Math.min(length - done, plain.length - size);
                System.arraycopy(bytes, offset + done, plain, size, count);
                size += count;
                done += count;
                if (size == plain.length) {
                    block();
                }
            }
        }

        private void block() throws IOException {
            if (size == 0) {
                return;
            }
            int from = CHECKSUM + HEADER;
            int bytes =
                    HEADER
                            + compressor.compress(
                                    plain, 0, size, packed, from, packed.length - from);
            var header = ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN);
            header.put(CHECKSUM, (byte) LZ4);
            header.putInt(CHECKSUM + 1, bytes);
            header.putInt(CHECKSUM + 5, size);
            var hash = CityHash.hash128(packed, CHECKSUM, bytes);
            header.putLong(0, hash.low());
            header.putLong(8, hash.high());
            out.write(packed, 0, CHECKSUM + bytes);
            size = 0;
        }

        @Override
        public void flush() throws IOException {
            block();
            out.flush();
        }

        @Override
        public void close() throws IOException {
            block();
            out.close();
        }
    }

    /// Unpacks and checks.
    static final class Input extends InputStream {
        private final InputStream in;
        private final int blockBytesMax;
        private byte[] plain = new byte[0];
        private int position;
        private int size;

        /// Takes blocks of at most so many bytes, packed or not.
        Input(InputStream in, int blockBytesMax) {
            this.in = in;
            this.blockBytesMax = blockBytesMax;
        }

        @Override
        public int read() throws IOException {
            return fill() ? plain[position++] & 0xff : -1;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (!fill()) {
                return -1;
            }
            int count = Math.min(length, size - position);
            System.arraycopy(plain, position, target, offset, count);
            position += count;
            return count;
        }

        private boolean fill() throws IOException {
            while (position == size) {
                if (!block()) {
                    return false;
                }
            }
            return true;
        }

        private boolean block() throws IOException {
            byte[] start = in.readNBytes(CHECKSUM + HEADER);
            if (start.length == 0) {
                return false;
            }
            if (start.length < CHECKSUM + HEADER) {
                throw new EOFException("the body ends inside a compressed block");
            }
            var header = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
            int bytes = header.getInt(CHECKSUM + 1);
            int unpacked = header.getInt(CHECKSUM + 5);
            if (bytes < HEADER || bytes > blockBytesMax) {
                throw refused("has a size of " + Integer.toUnsignedString(bytes) + " bytes");
            }
            if (unpacked < 0 || unpacked > blockBytesMax) {
                throw refused("unpacks to " + Integer.toUnsignedString(unpacked) + " bytes");
            }
            byte[] packed = in.readNBytes(bytes - HEADER); // takes memory as bytes arrive
            if (packed.length < bytes - HEADER) {
                throw new EOFException("the body ends inside a compressed block");
            }
            byte[] block = new byte[bytes];
            System.arraycopy(start, CHECKSUM, block, 0, HEADER);
            System.arraycopy(packed, 0, block, HEADER, packed.length);
            var hash = CityHash.hash128(block, 0, bytes);
            if (hash.low() != header.getLong(0) || hash.high() != header.getLong(8)) {
                throw EngineException.of(
                        EngineException.CHECKSUM_DOESNT_MATCH,
                        "CHECKSUM_DOESNT_MATCH",
                        "Checksum of a compressed block does not match");
            }
            unpack(block, unpacked);
            return true;
        }

        private void unpack(byte[] block, int unpacked) {
            if (plain.length < unpacked) {
                plain = new byte[unpacked];
            }
            int packed = block.length - HEADER;
            long count =
                    switch (block[0] & 0xff) {
                        case LZ4 -> lz4(block, packed, unpacked);
                        case ZSTD ->
                                Zstd.decompressByteArray(plain, 0, unpacked, block, HEADER, packed);
                        case NONE -> {
                            int plainBytes = Math.min(packed, unpacked);
                            System.arraycopy(block, HEADER, plain, 0, plainBytes);
                            yield packed;
                        }
                        default -> throw refused("has method " + (block[0] & 0xff));
                    };
            if (count != unpacked) {
                throw refused("does not unpack to the size it says");
            }
            position = 0;
            size = unpacked;
        }

        private long lz4(byte[] block, int packed, int unpacked) {
            try {
                return new Lz4JavaDecompressor()
                        .decompress(block, HEADER, packed, plain, 0, unpacked);
            } catch (MalformedInputException e) {
                throw refused("is not LZ4");
            }
        }

        private static EngineException refused(String why) {
            return EngineException.of(
                    EngineException.CANNOT_DECOMPRESS,
                    "CANNOT_DECOMPRESS",
                    "Cannot decompress the body: a block " + why);
        }
    }
}
