package dev.firn.ops;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.firn.base.InputException;
import dev.firn.config.Quantity;
import java.lang.management.ManagementFactory;

/// How `memory.max` is divided at start, in bytes. Java's heap and direct memory are fixed when the
/// process starts; the rest is the engine's.
///
/// @param max for everything together
/// @param heap of this process, as it was started
/// @param direct buffers outside the heap, as it was started
/// @param java code, classes, threads and native libraries of this process, about
/// @param engine the ClickHouse child
public record MemoryPlan(long max, long heap, long direct, long java, long engine) {
    private static final long JAVA = 128L << 20;
    private static final long ENGINE_MIN = 512L << 20;

    /// On a machine with less than twice this, half would be too little for the engine.
    private static final long SMALL_MAX = 2L << 30;

    /// Divides.
    ///
    /// @param configured `memory.max`; 0 for half of the machine, on a small one more
    /// @param machine memory of the machine or container
    /// @param heap this process's greatest heap
    /// @param direct this process's most direct memory
    public static MemoryPlan divide(
            long configured, long machine, long heap, long direct, boolean withEngine) {
        long max = configured > 0 ? configured : usual(machine);
        long engine = withEngine ? max - heap - direct - JAVA : 0;
        if (withEngine && engine < ENGINE_MIN) {
            throw new InputException(
                    "memory.max of "
                            + Quantity.showBytes(max)
                            + " leaves less than "
                            + Quantity.showBytes(ENGINE_MIN)
                            + " for the engine beside a heap of "
                            + Quantity.showBytes(heap)
                            + ", direct memory of "
                            + Quantity.showBytes(direct)
                            + " and "
                            + Quantity.showBytes(JAVA)
                            + " for Java itself; raise memory.max, or start Java smaller:"
                            + " FIRN_JAVA_OPTIONS=\"-Xmx512m -XX:MaxDirectMemorySize=128m\""
                            + " ./firn serve");
        }
        return new MemoryPlan(max, heap, direct, JAVA, engine);
    }

    private static long usual(long machine) {
        return Math.max(machine / 2, Math.min(machine / 4 * 3, SMALL_MAX));
    }

    /// The most direct memory of this process (`-XX:MaxDirectMemorySize`); as much as the heap
    /// where that is not set.
    public static long directMax() {
        var bean = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        long option = Long.parseLong(bean.getVMOption("MaxDirectMemorySize").getValue());
        return option > 0 ? option : Runtime.getRuntime().maxMemory();
    }

    /// The line printed at start.
    public String describe() {
        return "memory "
                + Quantity.showBytes(max)
                + " = heap "
                + Quantity.showBytes(heap)
                + " + direct "
                + Quantity.showBytes(direct)
                + " + java "
                + Quantity.showBytes(java)
                + " + engine "
                + Quantity.showBytes(engine);
    }
}
