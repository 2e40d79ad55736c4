package dev.firn.lake;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/// Lets Parquet read one of Iceberg's files, or its bytes where they are in memory.
///
/// @param bytes all of the file; null: it is read where it lies
public record ParquetInput(
        org.apache.iceberg.io.InputFile file, long length, byte @Nullable [] bytes)
        implements InputFile {
    /// The file where it lies.
    public static ParquetInput of(org.apache.iceberg.io.InputFile file) {
        return new ParquetInput(file, file.getLength(), null);
    }

    @Override
    public long getLength() {
        return length;
    }

    @Override
    public SeekableInputStream newStream() {
        return bytes != null ? new Memory(bytes) : new Stream(file.newStream());
    }

    @Override
    public String toString() {
        return file.location();
    }

    private static final class Stream extends DelegatingSeekableInputStream {
        private final org.apache.iceberg.io.SeekableInputStream in;

        Stream(org.apache.iceberg.io.SeekableInputStream in) {
            super(in);
            this.in = in;
        }

        @Override
        public long getPos() throws IOException {
            return in.getPos();
        }

        @Override
        public void seek(long position) throws IOException {
            in.seek(position);
        }
    }

    private static final class Memory extends DelegatingSeekableInputStream {
        private static final class Bytes extends ByteArrayInputStream {
            Bytes(byte[] all) {
                super(all);
            }

            int position() {
                return pos;
            }

            void seek(long to) {
                pos = (int) Math.min(count, to);
            }
        }

        private final Bytes in;

        Memory(byte[] all) {
            this(new Bytes(all));
        }

        private Memory(Bytes in) {
            super(in);
            this.in = in;
        }

        @Override
        public long getPos() {
            return in.position();
        }

        @Override
        public void seek(long position) {
            in.seek(position);
        }
    }
}
