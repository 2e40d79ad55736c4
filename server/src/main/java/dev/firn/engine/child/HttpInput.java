package dev.firn.engine.child;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// The receiving side of a connection, with a buffer of its own, so that one can look for the
/// peer's end of stream without losing what it sent ahead.
final class HttpInput extends InputStream {
    /// As much as a ClickHouse server takes in a request line (`http_max_uri_size`).
    private static final int LINE_BYTES_MAX = 1 << 20;

    /// Longer ones need one of a few places, so that many together do not exhaust the memory.
    private static final int LINE_BYTES_USUAL = 64 << 10;

    private final Socket socket;
    private final InputStream in;
    private final int idleTimeoutMillis;
    private final Semaphore longLines;
    private long limitAt;
    private long limitMillis;
    private byte[] buffer = new byte[16_384];
    private int start;
    private int end;

    /// `longLines` has a place for each line that may be long at the same time.
    HttpInput(Socket socket, int idleTimeoutMillis, Semaphore longLines) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        this.idleTimeoutMillis = idleTimeoutMillis;
        this.longLines = longLines;
    }

    /// From now on all reads together may take so long; 0: each may take the idle time.
    void limit(long millis) {
        limitMillis = millis;
        limitAt = millis == 0 ? 0 : System.nanoTime() + millis * 1_000_000L;
    }

    /// Waits for the next byte; false: the stream has ended.
    boolean awaitByte() throws IOException {
        return fill();
    }

    /// The request's line; null at the end of the stream.
    @Nullable String requestLine() throws IOException {
        boolean[] placed = new boolean[1];
        try {
            return line(LINE_BYTES_MAX, placed);
        } finally {
            if (placed[0]) {
                longLines.release();
            }
        }
    }

    /// A line of at most so many bytes without its end, or null at the end of the stream.
    @Nullable String line(int bytesMax) throws IOException {
        return line(Math.min(bytesMax, LINE_BYTES_USUAL), new boolean[1]);
    }

    private @Nullable String line(int bytesMax, boolean[] placed) throws IOException {
        var bytes = new java.io.ByteArrayOutputStream(128);
        while (true) {
            int c = read();
            if (c < 0) {
                if (bytes.size() == 0) {
                    return null;
                }
                throw new Http.MalformedException("the connection ended inside a line");
            }
            if (c == '\n') {
                String line = bytes.toString(StandardCharsets.UTF_8);
                return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
            }
            if (bytes.size() >= bytesMax) {
                throw new Http.MalformedException("a line, or all headers together, are too long");
            }
            if (bytes.size() == LINE_BYTES_USUAL) {
                placed[0] = longLines.tryAcquire();
                if (!placed[0]) {
                    throw new Http.MalformedException(
                            "too many requests with long lines at once; send statements in bodies");
                }
            }
            bytes.write(c);
        }
    }

    @Override
    public int read() throws IOException {
        return fill() ? buffer[start++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (start == end && length >= buffer.length) {
            awaitAtMost();
            return in.read(target, offset, length);
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, end - start);
        System.arraycopy(buffer, start, target, offset, count);
        start += count;
        return count;
    }

    private boolean fill() throws IOException {
        if (start == end) {
            awaitAtMost();
            receive();
        }
        return start < end;
    }

    private void receive() throws IOException {
        int count = in.read(buffer, 0, buffer.length); // a timeout leaves the buffer empty
        start = 0;
        end = Math.max(0, count);
    }

    private void awaitAtMost() throws IOException {
        long millis = idleTimeoutMillis;
        if (limitAt != 0) {
            long left = (limitAt - System.nanoTime()) / 1_000_000L;
            if (left <= 0) {
                throw new SocketTimeoutException("it took longer than " + limitMillis + " ms");
            }
            millis = Math.min(millis, left);
        }
        socket.setSoTimeout((int) millis);
    }

    /// Whether the peer has ended or broken the connection. Call when the request's body is read;
    /// takes about a millisecond.
    boolean peerGone() {
        if (start < end) {
            return false; // a request sent ahead: the peer waits for its turn
        }
        try {
            socket.setSoTimeout(1);
            receive();
            return start == end;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }
}
