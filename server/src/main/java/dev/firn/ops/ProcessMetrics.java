package dev.firn.ops;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a Collector says of its own process, under the names that it has there.
public final class ProcessMetrics {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB");

    private ProcessMetrics() {}

    /// Registers them.
    public static void register(OwnMetrics metrics, Clock clock) {
        long began = clock.ticks();
        var system =
                (com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean();
        var memory = ManagementFactory.getMemoryMXBean();
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        metrics.counter(
                "otelcol_process_uptime",
                "Uptime of the process, in seconds.",
                () -> (clock.ticks() - began) / 1e9);
        metrics.counter(
                "otelcol_process_cpu_seconds",
                "User and system CPU time of the process, in seconds.",
                () -> system.getProcessCpuTime() / 1e9);
        metrics.gauge(
                "otelcol_process_memory_rss",
                "Resident memory of the process, in bytes; 0 where the system does not say.",
                ProcessMetrics::resident);
        metrics.gauge(
                "otelcol_process_runtime_heap_alloc_bytes",
                "Java heap in use.",
                () -> memory.getHeapMemoryUsage().getUsed());
        metrics.counter(
                "otelcol_process_runtime_total_alloc_bytes",
                "Bytes allocated on the heap since the start.",
                threads::getTotalThreadAllocatedBytes);
        metrics.gauge(
                "otelcol_process_runtime_total_sys_memory_bytes",
                "Memory that the Java runtime has reserved for itself.",
                () ->
                        memory.getHeapMemoryUsage().getCommitted()
                                + memory.getNonHeapMemoryUsage().getCommitted());
    }

    private static double resident() {
        try {
            Matcher found = RESIDENT.matcher(Files.readString(STATUS));
            return found.find() ? Long.parseLong(found.group(1)) * 1024.0 : 0;
        } catch (IOException e) {
            return 0; // no Linux
        }
    }
}
