package dev.firn.engine.child;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends connections whose peer reads nothing: a socket has no deadline for writing, and a query
/// whose answer nobody takes would keep its place for ever.
final class WriteWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WriteWatch.class);

    /// So much must pass within the limit.
    private static final int PIECE_BYTES = 64 << 10;

    private final long limitNanos;
    private final Set<Output> writing = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private volatile boolean closing;

    WriteWatch(long limitMillis) {
        this.limitNanos = limitMillis * 1_000_000L;
        this.thread = Thread.ofPlatform().daemon().name("write-watch").start(this::watch);
    }

    /// The socket's sending side; a write that blocks beyond the limit fails.
    OutputStream output(Socket socket) throws IOException {
        return new Output(socket);
    }

    private void watch() {
        while (!closing) {
            long now = System.nanoTime();
            for (Output output : writing) {
                if (now - output.since > limitNanos) {
                    output.cut();
                }
            }
            LockSupport.parkNanos(Math.min(1_000_000_000L, limitNanos / 2 + 1));
        }
    }

    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
    }

    private final class Output extends OutputStream {
        private final Socket socket;
        private final OutputStream out;
        private volatile long since;

        Output(Socket socket) throws IOException {
            this.socket = socket;
            this.out = socket.getOutputStream();
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                for (int done = 0; done < length; done += PIECE_BYTES) {
                    since = System.nanoTime();
                    writing.add(this);
                    out.write(bytes, offset + done, Math.min(PIECE_BYTES, length - done));
                }
            } finally {
                writing.remove(this);
            }
        }

        private void cut() {
            try {
                LOG.info("a client took nothing for {} s; cutting it", limitNanos / 1_000_000_000L);
                socket.close();
            } catch (IOException e) {
                LOG.debug("cannot close: {}", e.getMessage());
            }
        }
    }
}
