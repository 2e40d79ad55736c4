package dev.firn.base;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Tasks that other threads hand to a worker, each waiting for what became of its own. The worker
/// serves them between its rounds, so that what it owns stays with one thread.
///
/// @param <T> a task
/// @param <R> what became of it
public final class Handover<T, R> {
    /// What the worker does with a task.
    public interface Work<T, R> {
        R run(T task) throws InterruptedException;
    }

    private static final class Slot<T, R> {
        final T task;
        @Nullable R result;
        @Nullable RuntimeException failure;

        Slot(T task) {
            this.task = task;
        }

        boolean ended() {
            return result != null || failure != null;
        }
    }

    private final Deque<Slot<T, R>> waiting = new ArrayDeque<>(); // guarded by this

    /// Hands a task over and waits for its end.
    ///
    /// @return null if it did not end in time: it was withdrawn, or is at work still
    /// @throws RuntimeException what the work threw
    public synchronized @Nullable R ask(T task, long timeoutMillis) throws InterruptedException {
        long deadline = System.nanoTime() + timeoutMillis * 1_000_000;
        var slot = new Slot<T, R>(task);
        waiting.add(slot);
        try {
            while (!slot.ended()) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return null;
                }
                wait(left / 1_000_000 + 1);
            }
        } finally {
            waiting.remove(slot);
        }
        if (slot.failure != null) {
            throw slot.failure;
        }
        return slot.result;
    }

    /// For the worker: does one waiting task that is due.
    ///
    /// @return false if there was none
    public boolean serve(Predicate<T> due, Work<T, R> work) throws InterruptedException {
        Slot<T, R> slot = next(due);
        if (slot == null) {
            return false;
        }
        try {
            end(slot, work.run(slot.task), null);
        } catch (RuntimeException e) {
            end(slot, null, e);
        }
        return true;
    }

    private synchronized @Nullable Slot<T, R> next(Predicate<T> due) {
        for (Slot<T, R> slot : waiting) {
            if (due.test(slot.task)) {
                waiting.remove(slot);
                return slot;
            }
        }
        return null;
    }

    private synchronized void end(
            Slot<T, R> slot, @Nullable R result, @Nullable RuntimeException failure) {
        slot.result = result;
        slot.failure = failure;
        notifyAll();
    }
}
