package dev.firn.cli;

import dev.firn.config.Config;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/// Waits for Ctrl-C or SIGTERM; a second Ctrl-C ends the process at once.
final class Stop {
    /// From the signal to the end, whatever hangs: what is not done by then is done from the log at
    /// the next start, as after a crash.
    private static final long STOP_MILLIS_MAX = 14_500;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Thread starting; // under the lock

    Stop() {
        for (String name : new String[] {"INT", "TERM"}) {
            Signal.handle(new Signal(name), signal -> asked(signal.getName()));
        }
    }

    private void asked(String signal) {
        lock.lock();
        try {
            if (asked() && signal.equals("INT")) {
                Runtime.getRuntime().halt(130);
            }
            asked.countDown();
            if (starting != null) {
                starting.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Starts a server that a signal ends within 15 s, also while it is starting; then it is empty.
    Optional<Starter.Running> start(Starter starter, Config config, Path data) {
        endInTime();
        starting(Thread.currentThread());
        try {
            return Optional.of(starter.start(config, data));
        } catch (RuntimeException e) {
            if (asked()) {
                System.err.println("firn: stopped while starting");
                return Optional.empty();
            }
            throw e;
        } finally {
            starting(null);
        }
    }

    private void starting(@Nullable Thread thread) {
        lock.lock();
        try {
            starting = thread;
            if (thread == null) {
                Thread.interrupted(); // the stop itself is not to be hurried
            } else if (asked()) {
                thread.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    private void endInTime() {
        Thread.ofPlatform()
                .daemon()
                .name("firn-stop")
                .start(() -> {
                    await();
                    pause();
                    System.err.println(
                            "firn: stopping takes too long: ended at once; the next start goes on"
                                    + " from the log");
                    System.err.flush();
                    Runtime.getRuntime().halt(1);
                });
    }

    private static void pause() {
        try {
            Thread.sleep(STOP_MILLIS_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean asked() {
        return asked.getCount() == 0;
    }

    void await() {
        boolean done = false;
        while (!done) {
            try {
                asked.await();
                done = true;
            } catch (InterruptedException e) {
                // only the signals end a server
            }
        }
    }

    /// True if the stop was asked for within the time.
    boolean await(long millis) {
        try {
            return asked.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
