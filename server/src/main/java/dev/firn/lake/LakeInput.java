package dev.firn.lake;

import dev.firn.base.Disk;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;

/// A file being read at any position. Small reads go through a buffer; large ones do not.
final class LakeInput extends SeekableInputStream implements RangeReadable {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final Disk.File file;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private long bufferStart;
    private int bufferLength;
    private long position;

    LakeInput(Disk.File file) {
        this.file = file;
    }

    @Override
    public long getPos() {
        return position;
    }

    @Override
    public void seek(long newPosition) throws IOException {
        if (newPosition < 0) {
            throw new EOFException("cannot seek to " + newPosition);
        }
        position = newPosition;
    }

    @Override
    public int read() throws IOException {
        if (!fill()) {
            return -1;
        }
        return buffer[(int) (position++ - bufferStart)] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        java.util.Objects.checkFromIndexSize(offset, length, to.length);
        if (length == 0) {
            return 0;
        }
        if (length >= BUFFER_BYTES && !inBuffer()) {
            int read = file.read(ByteBuffer.wrap(to, offset, length), position);
            position += Math.max(0, read);
            return read;
        }
        if (!fill()) {
            return -1;
        }
        int from = (int) (position - bufferStart);
        int count = Math.min(length, bufferLength - from);
        System.arraycopy(buffer, from, to, offset, count);
        position += count;
        return count;
    }

    private boolean inBuffer() {
        return position >= bufferStart && position < bufferStart + bufferLength;
    }

    private boolean fill() throws IOException {
        if (inBuffer()) {
            return true;
        }
        bufferStart = position;
        bufferLength = Math.max(0, file.read(ByteBuffer.wrap(buffer), position));
        return bufferLength > 0;
    }

    @Override
    public long skip(long count) throws IOException {
        long skipped = Math.max(0, Math.min(count, file.size() - position));
        position += skipped;
        return skipped;
    }

    @Override
    public int available() throws IOException {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(0, file.size() - position));
    }

    @Override
    public void readFully(long at, byte[] to, int offset, int length) throws IOException {
        var target = ByteBuffer.wrap(to, offset, length);
        while (target.hasRemaining()) {
            if (file.read(target, at + target.position() - offset) < 0) {
                throw new EOFException(
                        "cannot read " + length + " bytes at " + at + ": the file ends before");
            }
        }
    }

    @Override
    public int readTail(byte[] to, int offset, int length) throws IOException {
        long size = file.size();
        int count = (int) Math.min(length, size);
        readFully(size - count, to, offset, count);
        return count;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
