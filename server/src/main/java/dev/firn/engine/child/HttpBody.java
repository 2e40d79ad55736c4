package dev.firn.engine.child;

import java.io.EOFException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Message bodies, sized or chunked. A body that ends before its announced end is an error, never
/// an end: a truncated INSERT must not be stored.
final class HttpBody {
    private static final byte[] CONTINUE =
            "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /// A chunk's size with its extensions.
    private static final int CHUNK_LINE_BYTES_MAX = 4 << 10;

    private HttpBody() {}

    /// A body of known length; `holder` is where to answer "100 Continue" before the first read.
    static Input sized(HttpInput in, long bytes, @Nullable OutputStream holder) {
        return new SizedInput(in, bytes, holder);
    }

    /// A body in chunks; its trailers may have so many bytes.
    static Input chunked(HttpInput in, @Nullable OutputStream holder, int trailerBytesMax) {
        return new ChunkedInput(in, holder, trailerBytesMax);
    }

    abstract static class Input extends InputStream {
        final HttpInput in;
        private @Nullable OutputStream holder;

        Input(HttpInput in, @Nullable OutputStream holder) {
            this.in = in;
            this.holder = holder;
        }

        /// Whether the client still waits for "100 Continue", so that nobody can know whether its
        /// body comes.
        boolean isHeld() {
            return holder != null;
        }

        void begin() throws IOException {
            if (holder != null) {
                holder.write(CONTINUE);
                holder.flush();
                holder = null;
            }
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        int part(byte[] target, int offset, long length) throws IOException {
            int count = in.read(target, offset, (int) Math.min(length, Integer.MAX_VALUE));
            if (count < 0) {
                throw new EOFException("the connection ended inside the request's body");
            }
            return count;
        }
    }

    private static final class SizedInput extends Input {
        private long left;

        SizedInput(HttpInput in, long bytes, @Nullable OutputStream holder) {
            super(in, holder);
            this.left = bytes;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            begin();
            int count = part(target, offset, Math.min(length, left));
            left -= count;
            return count;
        }
    }

    private static final class ChunkedInput extends Input {
        private long left;
        private boolean first = true;
        private boolean ended;
        private int trailerBytesLeft;

        ChunkedInput(HttpInput in, @Nullable OutputStream holder, int trailerBytesMax) {
            super(in, holder);
            this.trailerBytesLeft = trailerBytesMax;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (left == 0 && !ended) {
                begin();
                nextChunk();
            }
            if (ended) {
                return -1;
            }
            int count = part(target, offset, Math.min(length, left));
            left -= count;
            return count;
        }

        private void nextChunk() throws IOException {
            if (!first && !lineOrEnd(CHUNK_LINE_BYTES_MAX).isEmpty()) {
                throw new Http.MalformedException("a chunk is longer than it says");
            }
            first = false;
            String line = lineOrEnd(CHUNK_LINE_BYTES_MAX);
            int semicolon = line.indexOf(';');
            String size = (semicolon < 0 ? line : line.substring(0, semicolon)).strip();
            if (!size.matches("[0-9a-fA-F]{1,15}")) {
                throw new Http.MalformedException("a chunk's size is no number");
            }
            left = Long.parseLong(size, 16);
            if (left == 0) {
                skipTrailers();
                ended = true;
            }
        }

        /// Trailers say nothing here.
        private void skipTrailers() throws IOException {
            String line = lineOrEnd(trailerBytesLeft);
            while (!line.isEmpty()) {
                trailerBytesLeft -= line.length() + 2;
                line = lineOrEnd(trailerBytesLeft);
            }
        }

        private String lineOrEnd(int bytesMax) throws IOException {
            String line = in.line(bytesMax);
            if (line == null) {
                throw new EOFException("the connection ended inside the request's body");
            }
            return line;
        }
    }

    /// Writes chunks; closing writes the last one.
    static final class ChunkedOutput extends OutputStream {
        private static final byte[] LINE_END = {'\r', '\n'};
        private final OutputStream out;
        private boolean closed;

        ChunkedOutput(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length > 0) {
                out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.UTF_8));
                out.write(bytes, offset, length);
                out.write(LINE_END);
            }
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                out.write("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        }
    }

    /// A body whose end is the connection's end.
    static final class PlainOutput extends FilterOutputStream {
        PlainOutput(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            out.flush();
        }
    }
}
