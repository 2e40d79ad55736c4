package dev.firn.wal;

import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// What the writer thread tells the thread that waits for it: an answer, or why there is none.
final class Outcome<T> {
    private final CountDownLatch done = new CountDownLatch(1);
    private @Nullable T answer;
    private @Nullable RuntimeException failure;

    void succeed(T result) {
        answer = result;
        done.countDown();
    }

    void fail(RuntimeException why) {
        failure = why;
        done.countDown();
    }

    boolean isDone() {
        return done.getCount() == 0;
    }

    /// Waits, whatever interrupts: the batch is in the writer's hands until then.
    private void await() {
        boolean interrupted = false;
        while (true) {
            try {
                done.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// The answer; throws why there is none.
    T take() {
        await();
        if (failure != null) {
            throw failure;
        }
        return java.util.Objects.requireNonNull(answer);
    }

    /// The answer, or null if there is none.
    @Nullable T takeOrNull() {
        await();
        return answer;
    }
}
