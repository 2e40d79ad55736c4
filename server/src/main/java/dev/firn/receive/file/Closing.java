package dev.firn.receive.file;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A flag that ends pauses. Thread-safe.
final class Closing {
    private final CountDownLatch closed = new CountDownLatch(1);

    void close() {
        closed.countDown();
    }

    boolean isClosed() {
        return closed.getCount() == 0;
    }

    /// Waits, but not once it is closed.
    void pause(long nanos) throws InterruptedException {
        if (nanos > 0 && closed.await(nanos, TimeUnit.NANOSECONDS)) {
            return; // whoever called looks at the flag
        }
    }
}
