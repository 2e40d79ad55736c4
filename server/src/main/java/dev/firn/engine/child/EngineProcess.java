package dev.firn.engine.child;

import dev.firn.base.OwnMetrics;
import dev.firn.base.Reason;
import dev.firn.base.WorldException;
import io.prometheus.metrics.core.metrics.Counter;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The parent's hold on an engine child: starts it, starts it again when it dies (same port, same
/// secret), and ends it by closing its control pipe. Thread-safe.
///
/// An incarnation is one life of the child, numbered from 1: who inserts remembers the number, and
/// a greater one later means that what was in flight is in doubt.
public final class EngineProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EngineProcess.class);
    private static final Logger CHILD = LoggerFactory.getLogger("dev.firn.engine.child.output");
    private static final Duration READY_MAX = Duration.ofSeconds(60);
    private static final int HEAP_MIB = 256;
    private static final long CLOSE_SECONDS = 10;
    private static final long BACKOFF_FIRST_MILLIS = 100;
    private static final long BACKOFF_MAX_MILLIS = 5_000;

    private final Counter restarts;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Written under the lock, read without it: a restart must not block a scrape or a reader.
    private volatile EngineConfig config;
    private volatile @Nullable Child child;
    // Not ready yet: closing ends it without waiting for the lock.
    private volatile @Nullable Child starting;
    private volatile long generation;
    // As last heard; starts again with each child, as counters may.
    private volatile EngineFigures figures = EngineFigures.NONE;
    private volatile boolean closing;
    private final Thread supervisor;
    private final EngineProbe probe;
    private final Consumer<Act> acts;

    /// One incarnation's process with its control pipe.
    private record Child(Process process, OutputStream control, BufferedReader output) {}

    /// Starts a child and waits until it answers. An interrupt ends the wait and the child.
    ///
    /// @throws WorldException if it cannot start: port in use, data held, library not loadable
    public static EngineProcess start(EngineConfig config, OwnMetrics metrics) {
        return start(config, metrics, _ -> {});
    }

    /// The same, and tells what administrators write there.
    public static EngineProcess start(EngineConfig config, OwnMetrics metrics, Consumer<Act> acts) {
        return start(config, metrics, acts, EngineProbe.USUAL);
    }

    static EngineProcess start(
            EngineConfig config, OwnMetrics metrics, Consumer<Act> acts, EngineProbe probe) {
        try {
            return new EngineProcess(config, metrics, acts, probe);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static WorldException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new WorldException("cannot start the engine: interrupted", e);
    }

    /// A password for the internal user, new for each Firn process.
    public static String newSecret() {
        byte[] bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    static String url(String host, int port) {
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    private EngineProcess(
            EngineConfig config, OwnMetrics metrics, Consumer<Act> acts, EngineProbe probe)
            throws InterruptedException {
        this.config = config;
        this.acts = acts;
        this.probe = probe;
        this.restarts =
                metrics.counter(
                        "firn_engine_restarts", "Times the engine child was started again.");
        metrics.gauge(
                "firn_engine_up", "Whether the engine child is ready.", () -> alive() ? 1 : 0);
        register(metrics);
        lock.lock();
        try {
            launch();
        } finally {
            lock.unlock();
        }
        this.supervisor = Thread.ofPlatform().daemon().name("firn-engine-watch").start(this::watch);
    }

    private void register(OwnMetrics metrics) {
        metrics.counter(
                "firn_engine_cache_hits",
                "Statements answered from the cache of results.",
                () -> figures.cache().hits());
        metrics.counter(
                "firn_engine_cache_misses",
                "Statements that asked for a cached result when there was none.",
                () -> figures.cache().misses());
        metrics.gauge(
                "firn_engine_cache_entries",
                "Results in the cache.",
                () -> figures.cache().entries());
        metrics.gauge(
                "firn_engine_cache_bytes",
                "Memory of the results in the cache.",
                () -> figures.cache().bytes());
        metrics.histogram(
                "clickhouse_query_duration_seconds",
                "How long readers' and Firn's own queries took in the engine.",
                QueryTimes.BOUNDS,
                () -> new OwnMetrics.Counts(figures.queryCounts(), figures.querySeconds()));
    }

    /// Where the engine's HTTP interface is; the same for all incarnations.
    public String url() {
        var current = config;
        return url(current.host(), current.port());
    }

    /// The password with which this process may always ask as user `default`.
    public String readerKey() {
        return config.readerKey();
    }

    /// The password of user `firn`.
    public String secret() {
        return config.secret();
    }

    /// Number of the newest incarnation that became ready; grows with every restart.
    public long generation() {
        return generation;
    }

    /// The child's process id, for tests and diagnosis; 0 while there is none.
    public long pid() {
        var current = child;
        return current == null ? 0 : current.process().pid();
    }

    /// Whether a child runs and was ready.
    public boolean alive() {
        var current = child;
        return current != null && current.process().isAlive();
    }

    /// Kills the child at once and starts a new one: afterwards no insert of before is running.
    /// Returns the new incarnation's number; throws [WorldException] when it does not come up (the
    /// watch goes on trying).
    public long restart() {
        lock.lock();
        try {
            checkOpen();
            kill();
            restarts.inc();
            launch();
            return generation;
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            lock.unlock();
        }
    }

    // -- starting ---------------------------------------------------------------------------------

    private void checkOpen() {
        if (closing) {
            throw new WorldException("cannot start the engine: it is closing");
        }
    }

    private void launch() throws InterruptedException {
        long from = System.nanoTime();
        checkOpen();
        var started = spawn(config);
        boolean ready = false;
        starting = started;
        try {
            checkOpen(); // after telling what starts: either closing sees it, or this sees closing
            var fields = readyLine(started);
            String failure = fields.get("failed");
            String port = fields.get("port");
            if (failure != null || port == null) {
                throw new WorldException(
                        failure == null ? "cannot start the engine: no port" : failure);
            }
            config = config.withPort(Integer.parseInt(port));
            ready = true;
        } finally {
            starting = null;
            if (!ready) {
                destroy(started);
            }
        }
        drain(
                started.output(),
                "engine-out",
                line -> Act.of(line).ifPresentOrElse(acts, () -> CHILD.info("{}", line)));
        child = started;
        generation = generation + 1;
        changed.signalAll();
        LOG.info(
                "engine is ready at {} after {} ms (pid {}, incarnation {})",
                url(config.host(), config.port()),
                (System.nanoTime() - from) / 1_000_000,
                started.process().pid(),
                generation);
    }

    private static Child spawn(EngineConfig config) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var command =
                List.of(
                        java,
                        "-Xmx" + (HEAP_MIB + (config.cache().heapBytes() >> 20)) + "m",
                        "-Xss8m",
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dlogback.configurationFile=dev/firn/engine/child/logback-child.xml",
                        "-cp",
                        absoluteClassPath(),
                        EngineMain.class.getName());
        try {
            // libchdb reads a config.xml where it is started, so not where the user happens to be.
            Files.createDirectories(config.data());
            var process = new ProcessBuilder(command).directory(config.data().toFile()).start();
            var output = process.inputReader(StandardCharsets.UTF_8);
            drain(
                    process.errorReader(StandardCharsets.UTF_8),
                    "engine-err",
                    line -> CHILD.info("{}", line));
            var control = process.getOutputStream();
            var started = new Child(process, control, output);
            control.write((config.toLine() + "\n").getBytes(StandardCharsets.UTF_8));
            control.flush();
            return started;
        } catch (IOException e) {
            throw new WorldException("cannot start the engine child: " + Reason.of(e), e);
        }
    }

    private static String absoluteClassPath() {
        return Stream.of(System.getProperty("java.class.path", "").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /// The first line of pairs on the child's output. Read by another thread, because reading a
    /// pipe hears no interrupt.
    private static Map<String, String> readyLine(Child started) throws InterruptedException {
        var answer = new ArrayBlockingQueue<Map<String, String>>(1);
        Thread.ofPlatform()
                .daemon()
                .name("engine-ready")
                .start(() -> answer.add(firstPairs(started.output())));
        Map<String, String> pairs = answer.poll(READY_MAX.toNanos(), TimeUnit.NANOSECONDS);
        if (pairs == null || pairs.isEmpty()) {
            throw new WorldException(
                    "cannot start the engine: its process "
                            + (pairs == null
                                    ? "needed more than " + READY_MAX.toSeconds() + " s"
                                    : "ended before it was ready")
                            + "; its lines in the log say why");
        }
        return pairs;
    }

    /// Empty if the output ends before.
    private static Map<String, String> firstPairs(BufferedReader output) {
        try {
            String line = output.readLine();
            while (line != null) {
                if (line.startsWith("ready=") || line.startsWith("failed=")) {
                    return EngineConfig.fields(line);
                }
                CHILD.info("{}", line);
                line = output.readLine();
            }
        } catch (IOException e) {
            CHILD.warn("cannot hear the engine child: {}", e.getMessage());
        }
        return Map.of();
    }

    private static void drain(BufferedReader reader, String name, Consumer<String> each) {
        Thread.ofPlatform()
                .daemon()
                .name(name)
                .start(() -> {
                    try (reader) {
                        String line = reader.readLine();
                        while (line != null) {
                            each.accept(line);
                            line = reader.readLine();
                        }
                    } catch (IOException e) {
                        CHILD.debug("the child's output ended: {}", e.getMessage());
                    }
                });
    }

    // -- watching ---------------------------------------------------------------------------------

    private void watch() {
        long backoffMillis = BACKOFF_FIRST_MILLIS;
        while (true) {
            try {
                if (!awaitDeath()) {
                    return;
                }
                backoffMillis = revive(backoffMillis);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /// Waits until there is no living child; false: closing.
    private boolean awaitDeath() throws InterruptedException {
        while (true) {
            Child current;
            lock.lockInterruptibly();
            try {
                if (closing) {
                    return false;
                }
                current = child;
            } finally {
                lock.unlock();
            }
            if (current == null) {
                return true;
            }
            int status = await(current);
            lock.lockInterruptibly();
            try {
                if (closing) {
                    return false;
                }
                if (child == current) {
                    LOG.warn("the engine child ended with status {}; starting it again", status);
                    child = null;
                    return true;
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /// Waits for a child's death, and kills one that gives no sign of life; its status.
    private int await(Child current) throws InterruptedException {
        int failures = 0;
        while (!current.process().waitFor(probe.intervalMillis(), TimeUnit.MILLISECONDS)) {
            EngineFigures heard = probe.figures(config);
            if (heard != null) {
                figures = heard;
            }
            failures = child != current || heard != null ? 0 : failures + 1;
            if (failures >= probe.failuresMax()) {
                LOG.warn("the engine child gave no sign of life {} times; killing it", failures);
                current.process().destroyForcibly();
                failures = 0;
            }
        }
        return current.process().exitValue();
    }

    /// Starts a new child, or waits a moment if that fails; returns the next pause.
    private long revive(long backoffMillis) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (closing || child != null) {
                return BACKOFF_FIRST_MILLIS;
            }
            restarts.inc();
            launch();
            return BACKOFF_FIRST_MILLIS;
        } catch (WorldException e) {
            if (closing) {
                return backoffMillis;
            }
            LOG.error("{} (next attempt in {} ms)", e.getMessage(), backoffMillis);
            long left = TimeUnit.MILLISECONDS.toNanos(backoffMillis);
            while (left > 0 && !closing) {
                left = changed.awaitNanos(left);
            }
            return Math.min(BACKOFF_MAX_MILLIS, backoffMillis * 2);
        } finally {
            lock.unlock();
        }
    }

    // -- ending -----------------------------------------------------------------------------------

    private void kill() {
        var current = child;
        child = null;
        if (current != null) {
            destroy(current);
        }
    }

    private static void destroy(Child child) {
        child.process().destroyForcibly();
        boolean interrupted = false;
        while (child.process().isAlive()) {
            try {
                child.process().waitFor();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Closes the control pipe, waits up to 10 s for the child to close its data, then kills it.
    @Override
    public void close() {
        closing = true;
        var begun = starting;
        if (begun != null) {
            begun.process().destroyForcibly(); // whoever starts it holds the lock until it ends
        }
        Child current;
        lock.lock();
        try {
            current = child;
            child = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        supervisor.interrupt();
        if (current == null) {
            return;
        }
        try {
            current.control().close();
        } catch (IOException e) {
            LOG.debug("the engine's control pipe was closed already: {}", e.getMessage());
        }
        try {
            if (!current.process().waitFor(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("the engine child did not end within {} s; killing it", CLOSE_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        destroy(current);
    }
}
