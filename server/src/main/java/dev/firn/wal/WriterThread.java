package dev.firn.wal;

import dev.firn.base.Worker;
import dev.firn.base.WorldException;
import dev.firn.model.Intake.Overloaded;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that writes: drains the queue, lets [LogWriter] make a group of it, and ends cuts
/// when they are due. Never interrupted, because an interrupt would close the file under it; that
/// is why it is no [dev.firn.base.Worker].
final class WriterThread implements AutoCloseable {
    /// What waits in the queue.
    sealed interface Command {}

    record Request(Pending.Append append) implements Command {}

    /// @param segment that the segment ends, too
    record CutNow(boolean segment, Outcome<Long> outcome) implements Command {}

    record Close() implements Command {}

    /// What became of an offer.
    enum Offer {
        TAKEN,
        FULL,
        CLOSED
    }

    private static final Logger LOG = LoggerFactory.getLogger(WriterThread.class);
    private static final long IDLE_MILLIS = 250;
    private static final long CUT_POLL_MILLIS = 50;

    private final LogWriter log;
    private final Runnable afterTidy;
    private final ArrayBlockingQueue<Command> queue;
    private final Thread thread;
    private volatile boolean closing;
    private volatile boolean ended;

    WriterThread(LogWriter log, int queueMax, Runnable afterTidy) {
        this.log = log;
        this.afterTidy = afterTidy;
        this.queue = new ArrayBlockingQueue<>(queueMax);
        this.thread = Thread.ofPlatform().name("firn-wal").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// Puts a command into the queue, waiting for a place if need be.
    Offer offer(Command command, long waitMillis) {
        if (closing) {
            return Offer.CLOSED;
        }
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    if (!queue.offer(command, waitMillis, TimeUnit.MILLISECONDS)) {
                        return Offer.FULL;
                    }
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        // either the ending thread found it in the queue, or we take it out again
        return ended && queue.remove(command) ? Offer.CLOSED : Offer.TAKEN;
    }

    private void run() {
        while (!(closing && queue.isEmpty())) {
            try {
                round();
            } catch (RuntimeException e) {
                LOG.error("the write-ahead log's writer failed and goes on in a new segment", e);
                log.abandon(e);
            } catch (Throwable e) {
                Worker.halt("wal", e); // senders would wait for ever
            }
        }
        try {
            log.close();
        } catch (RuntimeException e) {
            LOG.error(
                    "the write-ahead log did not close well; it is replayed at the next start", e);
            log.abandon(e);
        }
        ended = true;
        for (Command left = queue.poll(); left != null; left = queue.poll()) {
            refuse(left);
        }
    }

    private static void refuse(Command command) {
        var why =
                new Overloaded(
                        Overloaded.Cause.UNAVAILABLE,
                        LogWriter.RETRY_SECONDS,
                        "Firn is shutting down");
        switch (command) {
            case Request(Pending.Append append) -> append.outcome().fail(why);
            case CutNow(_, Outcome<Long> outcome) -> outcome.fail(why);
            case Close() -> {}
        }
    }

    private void round() {
        Command command = poll();
        int taken = 0;
        while (command != null) {
            take(command);
            // what came in during this round waits for the next, so that nobody waits for ever
            command = ++taken < 4096 ? queue.poll() : null;
        }
        if (log.cutIsOpen() && log.cutDueNanos() == 0) {
            log.endCut();
        }
        log.flush();
        log.tidy();
        afterTidy.run();
    }

    private void take(Command command) {
        switch (command) {
            case Request(Pending.Append append) -> log.append(append);
            case CutNow(boolean segment, Outcome<Long> outcome) -> cutNow(segment, outcome);
            case Close() -> {}
        }
    }

    private void cutNow(boolean segment, Outcome<Long> outcome) {
        try {
            if (segment) {
                log.endSegment();
            } else {
                log.endCut();
                log.flush();
            }
        } catch (IOException e) {
            outcome.fail(new WorldException("cannot end the log's segment: " + e.getMessage(), e));
            return;
        } catch (RuntimeException e) {
            outcome.fail(e);
            throw e;
        }
        if (log.cutIsOpen()) {
            outcome.fail(
                    new WorldException(
                            "cannot end the open cut: " + log.trouble() + "; try later"));
        } else {
            outcome.succeed(0L);
        }
    }

    private @Nullable Command poll() {
        long wait = IDLE_MILLIS;
        if (log.cutIsOpen() && log.trouble() == null) { // a broken disk ends no cut
            long due = TimeUnit.NANOSECONDS.toMillis(log.cutDueNanos());
            wait = Math.clamp(due + 1, 1, CUT_POLL_MILLIS);
        }
        try {
            return queue.poll(wait, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return null; // nobody has a reason to; the flag is cleared, so that files stay open
        }
    }

    @Override
    public void close() {
        closing = true;
        queue.offer(new Close()); // wakes it; a full queue needs no waking
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
