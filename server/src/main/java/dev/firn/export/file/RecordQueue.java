package dev.firn.export.file;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Records on their way to the writer, bounded by number and bytes. Thread-safe.
final class RecordQueue {
    /// What a batch became.
    record Entry(byte[] bytes, int points) {}

    private final int entriesMax;
    private final long bytesMax;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private long bytes;
    private boolean closed;

    RecordQueue(int entriesMax, long bytesMax) {
        this.entriesMax = entriesMax;
        this.bytesMax = bytesMax;
    }

    /// False if there is no room. A record of any size is taken into an empty queue.
    boolean offer(Entry entry) {
        lock.lock();
        try {
            boolean full =
                    !entries.isEmpty()
                            && (entries.size() >= entriesMax
                                    || bytes + entry.bytes.length > bytesMax);
            if (full || closed) {
                return false;
            }
            entries.add(entry);
            bytes += entry.bytes.length;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Waits for a record, then until there are `enoughBytes`, `gatherNanos` have passed or the
    /// queue is closed.
    ///
    /// @return the oldest records, up to about `mostBytes`; empty when the queue is closed and
    ///   empty
    List<Entry> peek(long enoughBytes, long gatherNanos, long mostBytes)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (entries.isEmpty() && !closed) {
                changed.await();
            }
            long left = gatherNanos;
            while (bytes < enoughBytes && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            return oldest(mostBytes);
        } finally {
            lock.unlock();
        }
    }

    private List<Entry> oldest(long mostBytes) {
        var taken = new java.util.ArrayList<Entry>();
        long sum = 0;
        for (Entry entry : entries) {
            if (!taken.isEmpty() && sum + entry.bytes.length > mostBytes) {
                break;
            }
            taken.add(entry);
            sum += entry.bytes.length;
        }
        return taken;
    }

    /// Takes the oldest `count` records out.
    void remove(int count) {
        lock.lock();
        try {
            for (int i = 0; i < count; i++) {
                bytes -= entries.remove().bytes.length;
            }
        } finally {
            lock.unlock();
        }
    }

    /// Waits, but not once the queue is closed.
    void pause(long millis) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(millis);
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Nothing is taken any more; what is in stays.
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return entries.size();
        } finally {
            lock.unlock();
        }
    }

    long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }
}
