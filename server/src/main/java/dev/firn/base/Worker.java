package dev.firn.base;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A named single-writer thread: calls one duty again and again until closed. What a duty throws is
/// logged (throttled) and the duty is called again after a pause; errors of the JVM end the
/// process, because half a program is worse.
public final class Worker implements AutoCloseable {
    /// What a worker does.
    public interface Duty {
        /// One round; blocks for at most a moment when there is nothing to do. Interrupted when the
        /// worker closes.
        void run() throws Exception;

        /// Called on the worker's own thread after the last round.
        default void onClose() {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final long PAUSE_MILLIS = 500;
    private static final long CLOSE_MILLIS = 5_000;

    private final Thread thread;
    private final String name;
    private final Duty duty;
    private final Object lock = new Object();
    private volatile boolean closing;

    private Worker(String name, Duty duty) {
        this.name = name;
        this.duty = duty;
        this.thread = Thread.ofPlatform().name("firn-" + name).daemon().unstarted(this::loop);
    }

    /// Starts a worker.
    public static Worker start(String name, Duty duty) {
        var worker = new Worker(name, duty);
        worker.thread.start();
        return worker;
    }

    private void loop() {
        long failures = 0;
        while (!closing) {
            try {
                duty.run();
                failures = 0;
            } catch (InterruptedException e) {
                if (closing) {
                    break;
                }
            } catch (Exception e) {
                failures++;
                if (Long.bitCount(failures) == 1) {
                    LOG.error(
                            "worker {} failed ({} times in a row) and goes on", name, failures, e);
                }
                pause();
            } catch (Throwable e) {
                halt(name, e);
            }
        }
        takeInterrupt();
        try {
            duty.onClose();
        } catch (RuntimeException e) {
            LOG.error("worker {} did not close cleanly", name, e);
        } catch (Throwable e) {
            halt(name, e);
        }
    }

    /// Ends the process at once: after an error of the JVM nothing that goes on can be trusted, and
    /// the write-ahead log makes a hard end safe.
    public static void halt(String who, Throwable error) {
        try {
            LOG.error("worker {} met an error of the JVM; the process ends now", who, error);
        } finally {
            Runtime.getRuntime().halt(1);
        }
    }

    /// The interrupt that ends the loop must not reach what [Duty#onClose] writes: it would close
    /// the file under it. A round that waited for nothing has left it pending.
    private void takeInterrupt() {
        synchronized (lock) { // close() may be between its two steps
            Thread.interrupted();
        }
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            // closing: the loop's condition decides
        }
    }

    /// Lets the running round end, then stops; waits for the thread, but not for ever. Idempotent.
    @Override
    public void close() {
        close(CLOSE_MILLIS);
    }

    /// The same with another limit.
    ///
    /// @return false if the thread still runs; it is a daemon and dies with the process
    public boolean close(long timeoutMillis) {
        synchronized (lock) {
            closing = true;
            thread.interrupt();
        }
        boolean interrupted = false;
        long deadline = System.nanoTime() + timeoutMillis * 1_000_000;
        while (thread.isAlive() && deadline - System.nanoTime() > 0) {
            try {
                thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        boolean ended = !thread.isAlive();
        if (!ended) {
            LOG.error("worker {} did not end within {} ms and is left behind", name, timeoutMillis);
        }
        return ended;
    }
}
