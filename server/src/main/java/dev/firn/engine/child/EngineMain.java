package dev.firn.engine.child;

import dev.firn.base.FolderLock;
import dev.firn.base.WorldException;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The engine child's main class. The configuration comes as the first line of standard input; one
/// line on standard output says that the engine is ready, or why not; the process ends when
/// standard input does, and that is also how it notices that its parent was killed.
public final class EngineMain {
    private static final Logger LOG = LoggerFactory.getLogger(EngineMain.class);

    /// A child killed a moment ago may hold the data for as long as it takes to die.
    private static final long LOCK_WAIT_NANOS = 20_000_000_000L;

    /// After the control pipe's end the process is gone within this time, whatever hangs.
    private static final long EXIT_NANOS = 6_000_000_000L;

    private EngineMain() {}

    /// The child of an [EngineProcess].
    public static void main(String[] arguments) throws IOException {
        Posix.ignoreTerminalSignals();
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true);
        var control = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line = control.readLine();
        if (line == null) {
            Runtime.getRuntime().halt(1);
            return;
        }
        // Watches the parent from here on, so that a slow start ends with it too.
        var watcher = Thread.ofPlatform().daemon().name("control").start(() -> drain(control));
        try {
            var engine = open(EngineConfig.fromLine(line));
            if (engine == null) {
                Runtime.getRuntime().halt(1);
                return;
            }
            out.println(ready(engine));
            watcher.join();
            engine.server.close(); // the lock ends with the process, not a moment before
        } catch (WorldException | EngineException e) {
            out.println(EngineConfig.line(Map.of("failed", String.valueOf(e.getMessage()))));
            Runtime.getRuntime().halt(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // No exit hooks: threads of libchdb may still be busy with what they shared.
        Runtime.getRuntime().halt(0);
    }

    /// A running engine with the lock on its data.
    static final class Running implements AutoCloseable {
        private final FolderLock lock;
        private final EngineServer server;

        private Running(FolderLock lock, EngineServer server) {
            this.lock = lock;
            this.server = server;
        }

        int port() {
            return server.port();
        }

        @Override
        public void close() {
            server.close();
            lock.close();
        }
    }

    /// Null when the thread was interrupted while another process held the data.
    private static @Nullable Running open(EngineConfig config) {
        var lock = lock(config);
        if (lock == null) {
            return null;
        }
        try {
            return new Running(lock, new EngineServer(config));
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /// Serves until the calling thread is interrupted: for the stand-alone command `firn engine`.
    /// `onReady` is told the URL.
    public static void serve(EngineConfig config, java.util.function.Consumer<String> onReady) {
        try (var engine = open(config)) {
            if (engine == null) {
                return;
            }
            onReady.accept(EngineProcess.url(config.host(), engine.port()));
            while (!Thread.interrupted()) {
                LockSupport.park();
            }
        }
    }

    private static @Nullable FolderLock lock(EngineConfig config) {
        try {
            Files.createDirectories(config.data());
        } catch (IOException e) {
            throw new WorldException(
                    "cannot create the engine's directory \"" + config.data() + "\": " + e, e);
        }
        long deadline = System.nanoTime() + LOCK_WAIT_NANOS;
        boolean told = false;
        while (true) {
            var lock = FolderLock.tryLock(config.data());
            if (lock.isPresent()) {
                return lock.get();
            }
            if (Thread.currentThread().isInterrupted()) {
                return null; // parking would not wait any more
            }
            if (System.nanoTime() - deadline > 0) {
                throw new WorldException(
                        "cannot open the engine's data in \""
                                + config.data()
                                + "\": another process ("
                                + FolderLock.holder(config.data())
                                + ") holds it; stop that one first");
            }
            if (!told) {
                told = true;
                LOG.info("waiting for {} to leave the data", FolderLock.holder(config.data()));
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static String ready(Running engine) {
        var fields = new LinkedHashMap<String, String>();
        fields.put("ready", "1");
        fields.put("port", Integer.toString(engine.port()));
        fields.put("version", engine.server.version());
        return EngineConfig.line(fields);
    }

    private static void drain(BufferedReader control) {
        try {
            while (control.readLine() != null) {
                // the parent says nothing more; the end is the message
            }
        } catch (IOException e) {
            LOG.debug("the control pipe broke: {}", e.getMessage());
        }
        haltLater();
    }

    private static void haltLater() {
        Thread.ofPlatform()
                .daemon()
                .name("halt")
                .start(() -> {
                    long deadline = System.nanoTime() + EXIT_NANOS;
                    while (System.nanoTime() - deadline < 0) {
                        LockSupport.parkNanos(deadline - System.nanoTime());
                    }
                    Runtime.getRuntime().halt(1);
                });
    }
}
