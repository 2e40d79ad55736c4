package dev.firn.engine.child;

import io.airlift.compress.v3.lz4.Lz4JavaCompressor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// `Content-Encoding: lz4`: one LZ4 frame of independent blocks of 64 KB, without checksums of
/// contents. Source: the LZ4 frame format, version 1.6.
final class Lz4FrameOutput extends OutputStream {
    private static final int BLOCK_BYTES = 64 << 10;

    /// Magic number, flags (version 1, independent blocks), block size 64 KB, and the second byte
    /// of the XXH32 of those two.
    private static final byte[] HEAD = {0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, (byte) 0x82};

    private static final int STORED = 1 << 31;

    private final OutputStream out;
    private final Lz4JavaCompressor compressor = new Lz4JavaCompressor();
    private final byte[] plain = new byte[BLOCK_BYTES];
    private final byte[] packed = new byte[compressor.maxCompressedLength(BLOCK_BYTES)];
    private int size;
    private boolean closed;

    Lz4FrameOutput(OutputStream out) throws IOException {
        this.out = out;
        out.write(HEAD);
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
        int count = compressor.compress(plain, 0, size, packed, 0, packed.length);
        boolean smaller = count < size;
        number(smaller ? count : size | STORED);
        out.write(smaller ? packed : plain, 0, smaller ? count : size);
        size = 0;
    }

    private void number(int value) throws IOException {
        out.write(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }

    @Override
    public void flush() throws IOException {
        block();
        out.flush();
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            block();
            number(0);
            out.close();
        }
    }
}
