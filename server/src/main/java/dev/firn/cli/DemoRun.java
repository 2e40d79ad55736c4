package dev.firn.cli;

import dev.firn.base.Clock;
import dev.firn.ops.load.Load;
import dev.firn.ops.load.LoadOptions;
import java.io.PrintStream;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/// The demo's shop at work: tells how far its history is, asks the questions once they can be
/// answered, and remembers up to when everything was acknowledged.
final class DemoRun {
    private static final long LOOK_MILLIS = 2_000;

    private final Load load;
    private final long historyUntil;
    private final String questions;
    private final LongConsumer remember;
    private final PrintStream out;
    private final Clock clock;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /// @param historyUntil nanoseconds since 1970 up to which the history must be acknowledged
    /// @param questions printed when it is
    /// @param remember takes the time up to which everything was acknowledged, now and then and at
    ///   the end
    DemoRun(
            Load load,
            long historyUntil,
            String questions,
            LongConsumer remember,
            PrintStream out,
            Clock clock) {
        this.load = load;
        this.historyUntil = historyUntil;
        this.questions = questions;
        this.remember = remember;
        this.out = out;
        this.clock = clock;
    }

    /// Runs until `stopped` says so, which is asked to wait for the milliseconds it is given.
    ///
    /// @throws IllegalStateException when the shop fails: a bug
    void run(LongPredicate stopped) throws InterruptedException {
        Thread shop = Thread.ofPlatform().name("firn-demo").start(this::simulate);
        try {
            follow(shop, stopped);
        } finally {
            load.stop();
            shop.join();
        }
        remember.accept(load.progress().acknowledgedNanos());
        Throwable why = failure.get();
        if (why != null) {
            throw new IllegalStateException("the demo's shop failed", why);
        }
    }

    private void simulate() {
        try {
            load.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            failure.set(e);
        }
    }

    private void follow(Thread shop, LongPredicate stopped) {
        long began = clock.ticks();
        boolean written = false;
        String told = "";
        while (shop.isAlive() && !stopped.test(LOOK_MILLIS)) {
            Load.Progress progress = load.progress();
            if (!written) {
                written = progress.acknowledgedNanos() >= historyUntil;
                out.println(line(progress, written, clock.ticks() - began));
                if (written) {
                    out.println(questions);
                }
            }
            if (!progress.trouble().equals(told)) {
                told = progress.trouble();
                out.println("firn: warning: " + told);
            }
            remember.accept(progress.acknowledgedNanos());
        }
    }

    private static String line(Load.Progress progress, boolean written, long tookNanos) {
        return String.format(
                Locale.ROOT,
                "firn: %s%s, %,d points, %,.0f points/s",
                written ? "the history is written; live since " : "writing history: ",
                Instant.ofEpochSecond(progress.acknowledgedNanos() / LoadOptions.SECOND),
                progress.points(),
                progress.points() * 1e9 / Math.max(1, tookNanos));
    }
}
