package dev.firn.engine.child;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.firn.base.WorldException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// libchdb, whose C header is `programs/local/chdb.h` of chdb-io/chdb-core. One engine a process:
/// every connection names the same absolute data path, and the first one boots it.
///
/// A connection runs one statement at a time and must not be shared by threads at once. All calls
/// block their thread, so they belong on platform threads (a native call pins a virtual one).
final class Chdb {
    private static final int SUCCESS = 0;

    private final MethodHandle connect;
    private final MethodHandle close;
    private final MethodHandle query;
    private final MethodHandle queryWithParameters;
    private final MethodHandle destroyResult;
    private final MethodHandle resultBuffer;
    private final MethodHandle resultLength;
    private final MethodHandle resultError;
    private final MethodHandle resultElapsed;
    private final MethodHandle resultRows;
    private final MethodHandle resultBytes;
    private final MethodHandle storageRows;
    private final MethodHandle storageBytes;
    private final MethodHandle rowsWritten;
    private final MethodHandle bytesWritten;
    private final MethodHandle streamInsert;
    private final MethodHandle streamAppend;
    private final MethodHandle streamDone;
    private final MethodHandle streamCancel;
    private final MethodHandle streamError;
    private final MethodHandle streamDestroy;
    private final MethodHandle classify;

    /// Loads the library, for the life of the process: it cannot be unloaded safely.
    static Chdb load(Path library) {
        try {
            return new Chdb(SymbolLookup.libraryLookup(library, Arena.global()));
        } catch (IllegalArgumentException e) {
            throw new WorldException(
                    "cannot load the engine library \""
                            + library
                            + "\": "
                            + e.getMessage()
                            + "; run ./firn once to fetch it, or set engine.library",
                    e);
        }
    }

    private Chdb(SymbolLookup symbols) {
        // The JVM keeps its signals: without this, libchdb replaces its SIGSEGV handler.
        var signals = handle(symbols, "chdb_set_signal_handlers_enabled", null, JAVA_INT);
        call(() -> signals.invoke(0));
        connect = handle(symbols, "chdb_connect", ADDRESS, JAVA_INT, ADDRESS);
        close = handle(symbols, "chdb_close_conn", null, ADDRESS);
        query =
                handle(
                        symbols,
                        "chdb_query_n",
                        ADDRESS,
                        ADDRESS,
                        ADDRESS,
                        JAVA_LONG,
                        ADDRESS,
                        JAVA_LONG);
        queryWithParameters =
                handle(
                        symbols,
                        "chdb_query_with_params_n",
                        ADDRESS,
                        ADDRESS,
                        ADDRESS,
                        JAVA_LONG,
                        ADDRESS,
                        JAVA_LONG,
                        ADDRESS,
                        ADDRESS,
                        ADDRESS,
                        ADDRESS,
                        JAVA_LONG);
        destroyResult = handle(symbols, "chdb_destroy_query_result", null, ADDRESS);
        resultBuffer = handle(symbols, "chdb_result_buffer", ADDRESS, ADDRESS);
        resultLength = handle(symbols, "chdb_result_length", JAVA_LONG, ADDRESS);
        resultError = handle(symbols, "chdb_result_error", ADDRESS, ADDRESS);
        resultElapsed = handle(symbols, "chdb_result_elapsed", JAVA_DOUBLE, ADDRESS);
        resultRows = handle(symbols, "chdb_result_rows_read", JAVA_LONG, ADDRESS);
        resultBytes = handle(symbols, "chdb_result_bytes_read", JAVA_LONG, ADDRESS);
        storageRows = handle(symbols, "chdb_result_storage_rows_read", JAVA_LONG, ADDRESS);
        storageBytes = handle(symbols, "chdb_result_storage_bytes_read", JAVA_LONG, ADDRESS);
        rowsWritten = handle(symbols, "chdb_result_rows_written", JAVA_LONG, ADDRESS);
        bytesWritten = handle(symbols, "chdb_result_bytes_written", JAVA_LONG, ADDRESS);
        streamInsert =
                handle(
                        symbols,
                        "chdb_stream_insert_n",
                        ADDRESS,
                        ADDRESS,
                        ADDRESS,
                        JAVA_LONG,
                        ADDRESS,
                        JAVA_LONG);
        streamAppend = handle(symbols, "chdb_stream_append", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
        streamDone = handle(symbols, "chdb_stream_done", ADDRESS, ADDRESS);
        streamCancel = handle(symbols, "chdb_stream_cancel_insert", null, ADDRESS);
        streamError = handle(symbols, "chdb_stream_insert_error", ADDRESS, ADDRESS);
        streamDestroy = handle(symbols, "chdb_destroy_insert_stream", null, ADDRESS);
        classify =
                handle(
                        symbols,
                        "chdb_classify_query_n",
                        JAVA_INT,
                        ADDRESS,
                        ADDRESS,
                        JAVA_LONG,
                        ADDRESS,
                        JAVA_LONG,
                        ADDRESS);
    }

    private static MethodHandle handle(
            SymbolLookup symbols,
            String name,
            @Nullable MemoryLayout result,
            MemoryLayout... arguments) {
        var symbol =
                symbols.find(name)
                        .orElseThrow(() ->
                                new WorldException(
                                        "cannot use the engine library: it has no function"
                                                + " \""
                                                + name
                                                + "\"; use the pinned version"));
        var descriptor =
                result == null
                        ? FunctionDescriptor.ofVoid(arguments)
                        : FunctionDescriptor.of(result, arguments);
        return Linker.nativeLinker().downcallHandle(symbol, descriptor);
    }

    /// Opens a connection. `arguments` are `--name=value`: settings of this connection only, and
    /// for the first one server options too. A wrong value of a known setting refuses the
    /// connection; an unknown name is silently ignored by libchdb.
    Connection connect(List<String> arguments) {
        try (Arena arena = Arena.ofConfined()) {
            var vector = arena.allocate(ADDRESS, arguments.size() + 1L);
            vector.setAtIndex(ADDRESS, 0, arena.allocateFrom("firn"));
            for (int i = 0; i < arguments.size(); i++) {
                vector.setAtIndex(ADDRESS, i + 1, arena.allocateFrom(arguments.get(i)));
            }
            MemorySegment pointer =
                    call(() -> (MemorySegment) connect.invokeExact(arguments.size() + 1, vector));
            if (pointer.address() == 0) {
                throw EngineException.of(
                        EngineException.BAD_ARGUMENTS,
                        "BAD_ARGUMENTS",
                        "Cannot open a connection: a setting's value is not valid");
            }
            return new Connection(pointer);
        }
    }

    /// What a statement did, as far as libchdb counts it.
    record Statistics(
            long resultRows,
            long resultBytes,
            long readRows,
            long readBytes,
            long writtenRows,
            long writtenBytes,
            long elapsedNanos) {
        static final Statistics NONE = new Statistics(0, 0, 0, 0, 0, 0, 0);
    }

    /// A small result, whole.
    record Result(byte[] bytes, Statistics statistics) {
        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /// What the parser says of a text without running it; `MUTATING` ones land in a database,
    /// `CONTROL` ones in the session, a file or the server.
    enum StatementClass {
        READ_ONLY,
        MUTATING,
        MUTATING_GLOBAL,
        CONTROL,
        UNKNOWN
    }

    /// How many statements a text holds and the most restricted class among them.
    record Analysis(int statements, StatementClass statementClass) {}

    /// One session: its settings, current database and temporary tables end with it.
    final class Connection implements AutoCloseable {
        private final MemorySegment pointer;
        private final MemorySegment session;
        private boolean closed;

        private Connection(MemorySegment pointer) {
            this.pointer = pointer;
            this.session = pointer.reinterpret(ADDRESS.byteSize()).get(ADDRESS, 0);
        }

        /// Runs a statement and takes its whole output: for statements whose output is small or
        /// goes elsewhere.
        Result query(byte[] sql, String format, Map<String, byte[]> parameters) {
            try (Arena arena = Arena.ofConfined()) {
                var text = Text.of(arena, sql);
                var formatText = Text.of(arena, format.getBytes(StandardCharsets.UTF_8));
                MemorySegment result;
                if (parameters.isEmpty()) {
                    result =
                            call(() ->
                                    (MemorySegment)
                                            query.invokeExact(
                                                    session,
                                                    text.bytes(),
                                                    text.length(),
                                                    formatText.bytes(),
                                                    formatText.length()));
                } else {
                    result = bound(arena, text, formatText, parameters);
                }
                return take(result);
            }
        }

        /// The same for our own statements.
        Result query(String sql) {
            return query(sql.getBytes(StandardCharsets.UTF_8), "TabSeparated", Map.of());
        }

        private MemorySegment bound(
                Arena arena, Text text, Text format, Map<String, byte[]> parameters) {
            int count = parameters.size();
            var names = arena.allocate(ADDRESS, count);
            var nameLengths = arena.allocate(JAVA_LONG, count);
            var values = arena.allocate(ADDRESS, count);
            var valueLengths = arena.allocate(JAVA_LONG, count);
            int i = 0;
            for (var entry : parameters.entrySet()) {
                var name = Text.of(arena, entry.getKey().getBytes(StandardCharsets.UTF_8));
                var value = Text.of(arena, entry.getValue());
                names.setAtIndex(ADDRESS, i, name.bytes());
                nameLengths.setAtIndex(JAVA_LONG, i, name.length());
                values.setAtIndex(ADDRESS, i, value.bytes());
                valueLengths.setAtIndex(JAVA_LONG, i, value.length());
                i++;
            }
            return call(() ->
                    (MemorySegment)
                            queryWithParameters.invokeExact(
                                    session,
                                    text.bytes(),
                                    text.length(),
                                    format.bytes(),
                                    format.length(),
                                    names,
                                    nameLengths,
                                    values,
                                    valueLengths,
                                    (long) count));
        }

        /// Parses without running, with this connection's own parser settings.
        Analysis classify(byte[] sql) {
            try (Arena arena = Arena.ofConfined()) {
                var text = Text.of(arena, sql);
                // struct chdb_query_analysis_v1: size, statements, flags, class; 4 bytes each
                var report = arena.allocate(16, 4);
                report.set(JAVA_INT, 0, 16);
                int state =
                        call(() ->
                                (int)
                                        classify.invokeExact(
                                                session,
                                                text.bytes(),
                                                text.length(),
                                                MemorySegment.NULL,
                                                0L,
                                                report));
                int number = report.get(JAVA_INT, 12);
                if (state != SUCCESS || number < 0 || number >= StatementClass.values().length) {
                    return new Analysis(0, StatementClass.UNKNOWN);
                }
                return new Analysis(report.get(JAVA_INT, 4), StatementClass.values()[number]);
            }
        }

        /// Begins an INSERT whose rows follow in pieces; `sql` has no FORMAT and no data. The
        /// connection takes no other statement until the stream is closed.
        InsertStream insert(byte[] sql, String format) {
            try (Arena arena = Arena.ofConfined()) {
                var text = Text.of(arena, sql);
                var formatText = Text.of(arena, format.getBytes(StandardCharsets.UTF_8));
                MemorySegment stream =
                        call(() ->
                                (MemorySegment)
                                        streamInsert.invokeExact(
                                                session,
                                                text.bytes(),
                                                text.length(),
                                                formatText.bytes(),
                                                formatText.length()));
                var insert = new InsertStream(stream);
                try {
                    insert.check();
                } catch (EngineException e) {
                    insert.close();
                    throw e;
                }
                return insert;
            }
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                call(() -> close.invoke(pointer));
            }
        }
    }

    /// An INSERT in progress. Nothing is stored before [#finish()]; closing without it cancels.
    final class InsertStream implements AutoCloseable {
        private final MemorySegment stream;
        private boolean finished;
        private boolean closed;

        private InsertStream(MemorySegment stream) {
            this.stream = stream;
        }

        /// Hands over a piece of the body; blocks while the engine is behind.
        void append(MemorySegment bytes) {
            int state = call(() -> (int) streamAppend.invokeExact(stream, bytes, bytes.byteSize()));
            if (state != SUCCESS) {
                check();
                throw EngineException.of(
                        EngineException.UNKNOWN, "UNKNOWN_EXCEPTION", "The insert stopped");
            }
        }

        /// Ends the body and stores the rows.
        Statistics finish() {
            finished = true;
            return take(call(() -> (MemorySegment) streamDone.invokeExact(stream))).statistics();
        }

        private void check() {
            MemorySegment error = call(() -> (MemorySegment) streamError.invokeExact(stream));
            if (error.address() != 0) {
                throw EngineException.parse(string(error));
            }
        }

        @Override
        public void close() {
            if (closed) {
                return;
            }
            closed = true;
            if (!finished) {
                call(() -> streamCancel.invoke(stream));
            }
            call(() -> streamDestroy.invoke(stream));
        }
    }

    private Result take(MemorySegment result) {
        try {
            MemorySegment error = call(() -> (MemorySegment) resultError.invokeExact(result));
            if (error.address() != 0) {
                throw EngineException.parse(string(error));
            }
            long length = number(resultLength, result);
            byte[] bytes = new byte[Math.toIntExact(length)];
            if (length > 0) {
                MemorySegment buffer = call(() -> (MemorySegment) resultBuffer.invokeExact(result));
                MemorySegment.copy(
                        buffer.reinterpret(length),
                        java.lang.foreign.ValueLayout.JAVA_BYTE,
                        0,
                        bytes,
                        0,
                        bytes.length);
            }
            return new Result(bytes, statistics(result));
        } finally {
            call(() -> destroyResult.invoke(result));
        }
    }

    private Statistics statistics(MemorySegment result) {
        double seconds = call(() -> (double) resultElapsed.invokeExact(result));
        return new Statistics(
                number(resultRows, result),
                number(resultBytes, result),
                number(storageRows, result),
                number(storageBytes, result),
                number(rowsWritten, result),
                number(bytesWritten, result),
                (long) (seconds * 1e9));
    }

    private static long number(MethodHandle function, MemorySegment result) {
        return call(() -> (long) function.invokeExact(result));
    }

    private static String string(MemorySegment text) {
        return text.reinterpret(Long.MAX_VALUE).getString(0).strip();
    }

    /// Bytes outside the heap with their length: libchdb takes texts by length, NUL included.
    private record Text(MemorySegment bytes, long length) {
        static Text of(Arena arena, byte[] bytes) {
            var segment = arena.allocate(bytes.length + 1L);
            MemorySegment.copy(
                    bytes, 0, segment, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, bytes.length);
            return new Text(segment, bytes.length);
        }
    }

    private interface NativeCall<T> {
        T invoke() throws Throwable;
    }

    /// A native call throws nothing of its own; what the handle's type allows is a bug of ours.
    private static <T> T call(NativeCall<T> body) {
        try {
            return body.invoke();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
