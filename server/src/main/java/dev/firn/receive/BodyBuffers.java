package dev.firn.receive;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Byte arrays for bodies: reused up to a bound, and counted against the limit on bytes in flight.
/// Hot path (`ServersBench` in bench/): a body of 120 KB would otherwise cost the heap two such
/// arrays a request.
///
/// However much `limits.inflight_bytes_max` allows, all requests together get a quarter of the
/// heap, and a sixteenth while memory is short: what waits to be refused would keep it short. A
/// body that is the bulk of what is in flight may always grow.
final class BodyBuffers {
    private static final int SHIFT_MIN = 14;
    private static final int SHIFT_MAX = 22;
    private static final long RETAINED_BYTES_MAX = 64L << 20;
    private static final int HEAP_PART = 4;
    private static final int HEAP_PART_WHEN_SHORT = 16;

    private final ServerLimits limits;
    private final long heapMax;
    private final BooleanSupplier memoryIsShort;
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

        synchronized long clear() {
            long bytes = free.stream().mapToLong(each -> each.length).sum();
            free.clear();
            return bytes;
        }
    }

    /// @param heapMax bytes that the heap can grow to
    /// @param memoryIsShort asked beyond a sixteenth of them, and before an array is kept
    BodyBuffers(ServerLimits limits, long heapMax, BooleanSupplier memoryIsShort) {
        this.limits = limits;
        this.heapMax = heapMax;
        this.memoryIsShort = memoryIsShort;
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
        long all = inflight.addAndGet(size);
        if (all > limits.inflightBytesMax()) {
            inflight.addAndGet(-size);
            throw Refusal.limit(
                    Refusal.Limit.INFLIGHT_BYTES,
                    Refusal.Kind.EXHAUSTED,
                    limits.retryAfterSeconds(),
                    "cannot receive more now: requests in flight hold limits.inflight_bytes_max "
                            + limits.inflightBytesMax()
                            + " bytes; retry later, or raise that limit");
        }
        if (beyondShare(all, size)) {
            inflight.addAndGet(-size);
            throw Refusal.limit(
                    Refusal.Limit.INFLIGHT_HEAP,
                    Refusal.Kind.EXHAUSTED,
                    limits.retryAfterSeconds(),
                    "cannot receive more now: requests in flight hold their share of the heap of "
                            + (heapMax >> 20)
                            + " MiB; retry later, or give Java more");
        }
        return shelf < 0 ? new byte[size] : take(shelf, size);
    }

    private boolean beyondShare(long all, int size) {
        if (all <= heapMax / HEAP_PART_WHEN_SHORT) {
            return false;
        }
        boolean isShort = memoryIsShort.getAsBoolean();
        if (isShort && retained.get() > 0) {
            for (Shelf shelf : shelves) {
                retained.addAndGet(-shelf.clear());
            }
        }
        boolean isBulk = all - size <= 2L * size;
        return !isBulk && (isShort || all > heapMax / HEAP_PART);
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
        long most =
                memoryIsShort.getAsBoolean()
                        ? 0
                        : Math.min(RETAINED_BYTES_MAX, heapMax / HEAP_PART_WHEN_SHORT);
        if (shelf >= 0 && retained.addAndGet(bytes.length) <= most) {
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
