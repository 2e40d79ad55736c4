package dev.firn.receive;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Byte arrays for bodies: reused up to a bound, and counted against the limit on bytes in flight.
/// Hot path (`ServersBench` in bench/): a body of 120 KB would otherwise cost the heap two such
/// arrays a request.
final class BodyBuffers {
    private static final int SHIFT_MIN = 14;
    private static final int SHIFT_MAX = 22;
    private static final long RETAINED_BYTES_MAX = 64L << 20;

    private final ServerLimits limits;
    private final AtomicLong inflight = new AtomicLong();
    private final AtomicLong retained = new AtomicLong();
    private final Shelf[] shelves = new Shelf[SHIFT_MAX - SHIFT_MIN + 1];

    /// Free arrays of one size, the most recently used on top.
    private static final class Shelf {
        private final ArrayDeque<byte[]> free = new ArrayDeque<>();

        synchronized byte @Nullable [] take() {
            return free.pollLast();
        }

        synchronized void put(byte[] bytes) {
            free.addLast(bytes);
        }
    }

    BodyBuffers(ServerLimits limits) {
        this.limits = limits;
        for (int i = 0; i < shelves.length; i++) {
            shelves[i] = new Shelf();
        }
    }

    long inflightBytes() {
        return inflight.get();
    }

    /// An empty body without an array yet; close it in every case.
    Body open() {
        return new Body(this);
    }

    /// An array of at least `capacity` bytes.
    ///
    /// @throws Refusal EXHAUSTED when the bytes in flight would pass their limit
    byte[] acquire(int capacity) {
        int shelf = shelf(capacity);
        int size = shelf < 0 ? capacity : 1 << (shelf + SHIFT_MIN);
        if (inflight.addAndGet(size) > limits.inflightBytesMax()) {
            inflight.addAndGet(-size);
            throw Refusal.limit(
                    Refusal.Limit.INFLIGHT_BYTES,
                    Refusal.Kind.EXHAUSTED,
                    limits.retryAfterSeconds(),
                    "cannot receive more now: requests in flight hold limits.inflight_bytes_max "
                            + limits.inflightBytesMax()
                            + " bytes; retry later, or raise that limit");
        }
        return shelf < 0 ? new byte[size] : take(shelf, size);
    }

    private byte[] take(int shelf, int size) {
        byte[] bytes = shelves[shelf].take();
        if (bytes == null) {
            return new byte[size];
        }
        retained.addAndGet(-size);
        return bytes;
    }

    void release(byte[] bytes) {
        inflight.addAndGet(-bytes.length);
        int shelf = shelf(bytes.length);
        if (shelf >= 0 && retained.addAndGet(bytes.length) <= RETAINED_BYTES_MAX) {
            shelves[shelf].put(bytes);
        } else if (shelf >= 0) {
            retained.addAndGet(-bytes.length);
        }
    }

    /// -1: too large to be kept.
    private static int shelf(int capacity) {
        int shift = 32 - Integer.numberOfLeadingZeros(Math.max(1, capacity) - 1);
        return shift > SHIFT_MAX ? -1 : Math.max(0, shift - SHIFT_MIN);
    }
}
