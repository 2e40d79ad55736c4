package dev.firn.cli;

import dev.firn.model.Cut;
import dev.firn.model.CutLog;
import org.jspecify.annotations.Nullable;

/// The log of a directory in which no Firn runs, for a command that needs no cut of it: it has none
/// to give and releases none.
///
/// @param newest cut that log, sinks or lake know of
record ClosedLog(String writer, long epoch, long newest) implements CutLog {
    @Override
    public @Nullable Cut next(long afterSequence, long timeoutMillis) throws InterruptedException {
        Thread.sleep(Math.min(10, timeoutMillis));
        return null;
    }

    @Override
    public long cutNow() {
        return newest;
    }

    @Override
    public void release(String sink, long sequence) {
        // the next start releases what the checkpoint names
    }

    @Override
    public void quarantine(String sink, Cut cut, String reason) {
        throw new IllegalStateException("a log that gives no cuts has none refused");
    }

    @Override
    public void stop(String reason) {
        throw new IllegalStateException("a log that takes nothing cannot be stopped: " + reason);
    }
}
