package dev.firn.engine.child;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.firn.base.WorldException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The few system calls that Java has no way to: an anonymous pipe that another part of this
/// process opens by name (`/dev/fd/N`, on Linux and macOS), and ignoring signals.
final class Posix {
    private static final short POLLIN = 1;
    private static final MethodHandle PIPE = handle("pipe", JAVA_INT, ADDRESS);
    private static final MethodHandle CLOSE = handle("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle READ =
            handle("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle POLL = handle("poll", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SIGNAL = handle("signal", ADDRESS, JAVA_INT, ADDRESS);

    private Posix() {}

    private static MethodHandle handle(
            String name, MemoryLayout result, MemoryLayout... arguments) {
        var linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, arguments));
    }

    /// Ctrl-C and a hang-up reach every process of the terminal's group; this one ends when its
    /// parent says so and not before (SIGHUP 1, SIGINT 2, SIGTERM 15; SIG_IGN is 1).
    static void ignoreTerminalSignals() {
        for (int signal : new int[] {1, 2, 15}) {
            try {
                var before = (MemorySegment) SIGNAL.invokeExact(signal, MemorySegment.ofAddress(1));
                assert before != null;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /// A pipe whose writing end is opened by name. The reader sees the end once [#closeWriter()]
    /// was called and whoever opened the name has closed it.
    static final class Pipe implements AutoCloseable {
        private final Arena arena = Arena.ofShared();
        private final MemorySegment buffer;
        private final MemorySegment request;
        private final int reader;
        private int writer;
        private boolean closed;

        Pipe(int bufferBytes) {
            buffer = arena.allocate(bufferBytes);
            request = arena.allocate(8, 4); // struct pollfd: int fd, short events, short revents
            var ends = arena.allocate(8, 4);
            int state;
            try {
                state = (int) PIPE.invokeExact(ends);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
            if (state != 0) {
                arena.close();
                throw new WorldException(
                        "cannot open a pipe for a result: too many open files; raise the limit");
            }
            reader = ends.get(JAVA_INT, 0);
            writer = ends.get(JAVA_INT, 4);
        }

        /// The name under which this process opens the writing end.
        synchronized String writerPath() {
            return "/dev/fd/" + writer;
        }

        /// Waits for bytes or the end, at most so long; false: nothing came.
        boolean await(int timeoutMillis) {
            request.set(JAVA_INT, 0, reader);
            request.set(JAVA_SHORT, 4, POLLIN);
            request.set(JAVA_SHORT, 6, (short) 0);
            try {
                return (int) POLL.invokeExact(request, 1L, timeoutMillis) > 0;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        /// The next bytes, valid until the next call; of size 0 at the end.
        MemorySegment read() {
            try {
                long count = (long) READ.invokeExact(reader, buffer, buffer.byteSize());
                return buffer.asSlice(0, Math.max(0, count));
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        /// This side's hold on the writing end; idempotent.
        synchronized void closeWriter() {
            if (writer >= 0) {
                closeDescriptor(writer);
                writer = -1;
            }
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                closeWriter();
                closeDescriptor(reader);
                arena.close();
            }
        }

        private static void closeDescriptor(int descriptor) {
            try {
                int state = (int) CLOSE.invokeExact(descriptor);
                assert state <= 0;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
