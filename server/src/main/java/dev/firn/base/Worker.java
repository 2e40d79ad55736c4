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

    private final Thread thread;
    private final String name;
    private final Duty duty;
    private final Object ending = new Object();
    private volatile boolean closing;
    private boolean ended; // guarded by ending: no interrupt from here on

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
            }
        }
        synchronized (ending) {
            ended = true;
            Thread.interrupted(); // file channels close themselves on an interrupted thread
        }
        duty.onClose();
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            // closing: the loop's condition decides
        }
    }

    /// Lets the running round end, then stops; waits for the thread. Idempotent.
    @Override
    public void close() {
        closing = true;
        synchronized (ending) {
            if (!ended) {
                thread.interrupt();
            }
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
