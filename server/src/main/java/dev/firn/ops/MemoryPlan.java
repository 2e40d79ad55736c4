package dev.firn.ops;

import dev.firn.base.InputException;
import dev.firn.config.Quantity;

/// How `memory.max` is divided at start, in bytes. Java's heap is fixed when the process starts;
/// the rest is what the engine and direct buffers get.
///
/// @param max for everything together
/// @param heap of this process, as it was started
/// @param direct buffers outside the heap, libraries, threads
/// @param engine the ClickHouse child
public record MemoryPlan(long max, long heap, long direct, long engine) {
    private static final long DIRECT = 512L << 20;
    private static final long ENGINE_MIN = 512L << 20;
    private static final long DEFAULT_MAX = 16L << 30;

    /// Divides.
    ///
    /// @param configured `memory.max`; 0 for half of the machine
    /// @param machine memory of the machine or container
    /// @param heap this process's greatest heap
    public static MemoryPlan divide(long configured, long machine, long heap, boolean withEngine) {
        long max = configured > 0 ? configured : Math.min(machine / 2, DEFAULT_MAX);
        long engine = withEngine ? max - heap - DIRECT : 0;
        if (withEngine && engine < ENGINE_MIN) {
            throw new InputException(
                    "memory.max of "
                            + Quantity.showBytes(max)
                            + " leaves less than "
                            + Quantity.showBytes(ENGINE_MIN)
                            + " for the engine beside a heap of "
                            + Quantity.showBytes(heap)
                            + " and "
                            + Quantity.showBytes(DIRECT)
                            + " outside it; raise memory.max, or start with a smaller heap:"
                            + " FIRN_JAVA_OPTIONS=-Xmx1g ./firn serve");
        }
        return new MemoryPlan(max, heap, DIRECT, engine);
    }

    /// The line printed at start.
    public String describe() {
        return "memory "
                + Quantity.showBytes(max)
                + " = heap "
                + Quantity.showBytes(heap)
                + " + direct "
                + Quantity.showBytes(direct)
                + " + engine "
                + Quantity.showBytes(engine);
    }
}
