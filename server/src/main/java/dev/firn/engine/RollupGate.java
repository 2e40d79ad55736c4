package dev.firn.engine;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Between the sink, which stores points, and the worker that rolls them up: what is closed, and
/// that a mark is never worked off before its points are stored.
///
/// The sink holds the gate while it writes a cut (marks first, then points). The worker holds it
/// for an instant only, to close windows and to draw a version: every mark below that version has
/// its points stored, or will be written again by the sink's retry.
final class RollupGate {
    private final ReentrantLock lock = new ReentrantLock(true);
    private final ReentrantLock computing = new ReentrantLock(true);
    private final AtomicLong versions = new AtomicLong();
    private volatile long closedSeconds = Long.MIN_VALUE;
    private volatile boolean marksWritten = true;
    private @Nullable RollupWindows windows;

    /// Held by the worker for each of its rounds, and by whoever must keep it from computing. It is
    /// taken before the gate.
    ReentrantLock computing() {
        return computing;
    }

    /// The sink begins to write a cut.
    void enter() throws InterruptedException {
        lock.lockInterruptibly();
    }

    /// The cut is written, or it failed.
    void leave() {
        lock.unlock();
    }

    /// Windows that end at or before this are closed: points in them need marks. Seconds since
    /// 1970.
    long closedSeconds() {
        return closedSeconds;
    }

    /// The open windows, for whoever is in the gate; null while nobody rolls up.
    @Nullable RollupWindows windows() {
        return windows;
    }

    /// Rolling up begins.
    void begin(RollupWindows opened) {
        windows = opened;
    }

    /// Points were deleted, or may have come and gone unseen. From within the gate or before it.
    void forget() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (windows != null) {
                windows.forget();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Marks were written that the worker has to read.
    void noteMarks() {
        marksWritten = true;
    }

    /// Whether marks were written since the last call.
    boolean takeMarksWritten() {
        boolean written = marksWritten;
        marksWritten = false;
        return written;
    }

    /// Something that is done between two cuts.
    interface Between<T> {
        T run() throws InterruptedException;
    }

    /// Does something between two cuts.
    <T> T between(Between<T> work) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            return work.run();
        } finally {
            lock.unlock();
        }
    }

    /// Closes windows: whoever enters from now on marks what it brings into them.
    void close(long seconds) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            closedSeconds = seconds;
        } finally {
            lock.unlock();
        }
    }

    /// Grows by two with each call, and over restarts: a mark that is done has its own version plus
    /// one.
    long nextVersion() {
        return versions.addAndGet(2);
    }

    /// Versions from now on are greater than this.
    void startVersions(long used) {
        versions.accumulateAndGet(used, Math::max);
    }
}
