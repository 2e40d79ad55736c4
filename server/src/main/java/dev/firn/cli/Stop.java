package dev.firn.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import sun.misc.Signal;

/// Waits for Ctrl-C or SIGTERM; a second Ctrl-C ends the process at once.
final class Stop {
    private final CountDownLatch asked = new CountDownLatch(1);

    Stop() {
        for (String name : new String[] {"INT", "TERM"}) {
            Signal.handle(
                    new Signal(name),
                    signal -> {
                        if (asked.getCount() == 0 && signal.getName().equals("INT")) {
                            Runtime.getRuntime().halt(130);
                        }
                        asked.countDown();
                    });
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
