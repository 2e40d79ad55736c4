package dev.firn.lake;

import dev.firn.base.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.iceberg.io.PositionOutputStream;

/// A file being written front to back; durable, name included, once [#close] has returned.
final class LakeOutput extends PositionOutputStream {
    /// What makes the file's name durable.
    interface NameSync {
        void run() throws IOException;
    }

    private static final int BUFFER_BYTES = 64 * 1024;

    private final Disk.File file;
    private final NameSync nameSync;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int buffered;
    private long flushed;
    private boolean broken;
    private boolean closed;

    LakeOutput(Disk.File file, NameSync nameSync) {
        this.file = file;
        this.nameSync = nameSync;
    }

    @Override
    public long getPos() {
        return flushed + buffered;
    }

    @Override
    public void write(int value) throws IOException {
        if (buffered == BUFFER_BYTES) {
            flush();
        }
        buffer[buffered++] = (byte) value;
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        java.util.Objects.checkFromIndexSize(offset, length, from.length);
        if (length > BUFFER_BYTES - buffered) {
            flush();
        }
        if (length > BUFFER_BYTES) {
            writeOut(from, offset, length);
        } else {
            System.arraycopy(from, offset, buffer, buffered, length);
            buffered += length;
        }
    }

    @Override
    public void flush() throws IOException {
        int length = buffered;
        buffered = 0;
        writeOut(buffer, 0, length);
    }

    private void writeOut(byte[] from, int offset, int length) throws IOException {
        if (broken) {
            throw new IOException("an earlier write of this file failed");
        }
        broken = true; // until the write is known to be whole
        file.write(ByteBuffer.wrap(from, offset, length), flushed);
        flushed += length;
        broken = false;
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (file) {
            flush();
            file.force();
        }
        nameSync.run();
    }
}
