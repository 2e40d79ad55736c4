package dev.firn.cli;

import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Tells a person at a terminal that an answer is being worked on, in one line that goes when the
/// answer comes. A pipe or a file gets nothing.
final class Waiting implements AutoCloseable {
    private static final long PERIOD_MILLIS = 1_000;
    static final String ERASE = "\r\033[K";

    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread teller;

    private Waiting(String what, PrintStream out, long periodMillis) {
        teller = Thread.ofVirtual().start(() -> tell(what, out, periodMillis));
    }

    /// @param what is being done, like "comparing lake and engine"
    static Waiting on(String what) {
        var console = System.console();
        boolean terminal = console != null && console.isTerminal();
        return on(what, System.err, terminal ? PERIOD_MILLIS : Long.MAX_VALUE);
    }

    static Waiting on(String what, PrintStream out, long periodMillis) {
        return new Waiting(what, out, periodMillis);
    }

    private void tell(String what, PrintStream out, long periodMillis) {
        long told = 0;
        try {
            while (!over.await(periodMillis, TimeUnit.MILLISECONDS)) {
                told++;
                out.print(ERASE + "firn: " + what + ", " + told * periodMillis / 1_000 + " s");
                out.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (told > 0) {
            out.print(ERASE);
            out.flush();
        }
    }

    @Override
    public void close() {
        over.countDown();
        try {
            teller.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
