package dev.firn.export.send;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Requests under way: so many at once, each on a virtual thread of its own.
final class Senders {
    private static final Logger LOG = LoggerFactory.getLogger(Senders.class);

    private static final long LOOK_MILLIS = 100;

    private final String name;
    private final Delivery delivery;
    private final Semaphore places;
    private final ExecutorService executor;
    private volatile boolean stopped;

    Senders(String name, Delivery delivery, int most) {
        this.name = name;
        this.delivery = delivery;
        this.places = new Semaphore(most);
        this.executor =
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("firn-export-" + name + "-", 0).factory());
    }

    /// Waits for a place; what follows must use it or give it back. False once [#stop] was called.
    boolean awaitPlace() throws InterruptedException {
        while (!stopped) {
            if (places.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                return true;
            }
        }
        return false;
    }

    boolean tryPlace() {
        return places.tryAcquire();
    }

    void giveBack() {
        places.release();
    }

    /// Sends in the place taken before.
    ///
    /// @param done called when nothing is left to do about the request
    void send(Request request, Consumer<Request> done) {
        try {
            executor.execute(() -> {
                try {
                    if (delivery.deliver(request)) {
                        done.accept(request);
                    }
                } finally {
                    places.release();
                }
            });
        } catch (RejectedExecutionException e) { // closed: it stays unsent
            places.release();
        }
    }

    /// Ends waits for a place and between attempts.
    void stop() {
        stopped = true;
        delivery.stop();
    }

    /// The same, and gives answers that are due `millis`.
    void close(long millis) {
        stop();
        executor.shutdown();
        boolean interrupted = false;
        try {
            if (!executor.awaitTermination(millis, TimeUnit.MILLISECONDS)) {
                LOG.warn("exporter {} stops without the answers to its last requests", name);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        executor.shutdownNow();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
