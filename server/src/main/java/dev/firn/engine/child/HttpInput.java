package dev.firn.engine.child;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The receiving side of a connection, with a buffer of its own, so that one can look for the
/// peer's end of stream without losing what it sent ahead.
final class HttpInput extends InputStream {
    /// As much as a ClickHouse server takes in a request line (`http_max_uri_size`).
    private static final int LINE_BYTES_MAX = 1 << 20;

    private final Socket socket;
    private final InputStream in;
    private final int idleTimeoutMillis;
    private byte[] buffer = new byte[16_384];
    private int start;
    private int end;

    HttpInput(Socket socket, int idleTimeoutMillis) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        this.idleTimeoutMillis = idleTimeoutMillis;
        socket.setSoTimeout(idleTimeoutMillis);
    }

    /// A line without its end, or null at the end of the stream.
    @Nullable String line() throws IOException {
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
            if (bytes.size() >= LINE_BYTES_MAX) {
                throw new Http.MalformedException("a line is longer than 1 MiB");
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
            int count = in.read(buffer, 0, buffer.length); // a timeout leaves the buffer empty
            start = 0;
            end = Math.max(0, count);
        }
        return start < end;
    }

    /// Whether the peer has ended or broken the connection. Call when the request's body is read;
    /// takes about a millisecond.
    boolean peerGone() {
        if (start < end) {
            return false; // a request sent ahead: the peer waits for its turn
        }
        try {
            socket.setSoTimeout(1);
            try {
                return !fill();
            } catch (SocketTimeoutException e) {
                return false;
            } finally {
                socket.setSoTimeout(idleTimeoutMillis);
            }
        } catch (IOException e) {
            return true;
        }
    }
}
