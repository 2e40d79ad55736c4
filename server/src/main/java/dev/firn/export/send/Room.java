package dev.firn.export.send;

/// What a queue may hold and holds. Thread-safe.
final class Room {
    private final long most;
    private long used;

    Room(long most) {
        this.most = most;
    }

    synchronized long used() {
        return used;
    }

    /// Takes `size` if it fits, waiting for it up to `waitMillis`.
    synchronized boolean take(long size, long waitMillis) {
        long deadline = System.nanoTime() + waitMillis * 1_000_000;
        while (used + size > most) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return false;
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        used += size;
        return true;
    }

    /// What was there before this process; it may exceed the limit.
    synchronized void found(long size) {
        used += size;
    }

    synchronized void give(long size) {
        used -= size;
        notifyAll();
    }
}
