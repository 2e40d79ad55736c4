package dev.firn.ops.doctor;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.InputException;
import dev.firn.config.Quantity;
import dev.firn.ops.MemoryPlan;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;

/// Looks at what Firn runs on: Java, memory, open files, clock, and the disk of its data.
public final class Machine {
    private static final int JAVA_MIN = 25;

    /// Segments, the engine's parts, and a socket for each sender.
    private static final long FILES_MIN = 4_096;

    private static final int SYNCS = 32;
    private static final int SYNC_BYTES = 4_096;

    /// A local disk with a cache that survives a loss of power needs less than one, a spinning one
    /// about ten.
    private static final double SYNC_MILLIS_MAX = 10;

    private static final double FREE_PART_MIN = 0.1;
    private static final Duration AHEAD_MAX = Duration.ofSeconds(60);

    private Machine() {}

    /// The Java that runs this.
    public static Finding java() {
        Runtime.Version version = Runtime.version();
        return version.feature() >= JAVA_MIN
                ? Finding.ok("java", version + " of " + System.getProperty("java.vendor"))
                : Finding.missing(
                        "java",
                        version.toString(),
                        "install a JDK " + JAVA_MIN + " and point JAVA_HOME at it");
    }

    /// How `memory.max` would be divided.
    ///
    /// @param configured `memory.max`; 0 for what the machine gives
    public static Finding memory(long configured, boolean withEngine) {
        return memory(configured, withEngine, machineBytes(), Runtime.getRuntime().maxMemory());
    }

    static Finding memory(long configured, boolean withEngine, long machine, long heap) {
        try {
            MemoryPlan plan =
                    MemoryPlan.divide(
                            configured, machine, heap, MemoryPlan.directMax(), withEngine);
            String detail =
                    plan.describe() + ", of " + Quantity.showBytes(machine) + " of the machine";
            return plan.max() > machine
                    ? Finding.warning(
                            "memory",
                            detail,
                            "lower memory.max below what the machine has, or the kernel ends Firn"
                                    + " when both grow")
                    : Finding.ok("memory", detail);
        } catch (InputException e) {
            return Finding.missing("memory", String.valueOf(e.getMessage()), "see there");
        }
    }

    private static long machineBytes() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                .getTotalMemorySize();
    }

    /// How many files a process may open.
    public static Finding openFiles() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof UnixOperatingSystemMXBean unix
                ? openFiles(unix.getMaxFileDescriptorCount())
                : Finding.ok("open files", "this system does not say how many are allowed");
    }

    static Finding openFiles(long most) {
        return most >= FILES_MIN
                ? Finding.ok("open files", most + " allowed")
                : Finding.warning(
                        "open files",
                        most + " allowed, " + FILES_MIN + " are wanted",
                        "ulimit -n 65536 before the start, LimitNOFILE=65536 in a systemd unit");
    }

    /// Whether the clock goes forward: nothing that was written in a folder is from the future.
    public static Finding clock(Clock clock, Path folder) {
        Instant now = Instant.ofEpochMilli(clock.millis());
        Instant newest = Instant.MIN;
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Instant written = Files.getLastModifiedTime(file).toInstant();
                    newest = written.isAfter(newest) ? written : newest;
                }
            } catch (IOException e) {
                return Finding.warning(
                        "clock", "cannot list \"" + folder + "\": " + e.getMessage(), "look there");
            }
        }
        return newest.isAfter(now.plus(AHEAD_MAX))
                ? Finding.warning(
                        "clock",
                        now + ", and a file in \"" + folder + "\" is from " + newest,
                        "keep the clock set, with chrony or systemd-timesyncd: points and commits"
                                + " carry its time")
                : Finding.ok("clock", now.toString());
    }

    /// How long the disk takes until a write is safe, which each request waits for.
    public static Finding syncs(Disk disk, Path folder, Clock clock) {
        Path probe = folder.resolve("firn-doctor.tmp");
        long[] nanos = new long[SYNCS];
        try {
            disk.delete(probe);
            try (Disk.File file = disk.create(probe)) {
                ByteBuffer block = ByteBuffer.allocate(SYNC_BYTES);
                for (int i = 0; i < SYNCS; i++) {
                    long began = clock.ticks();
                    file.write(block.clear(), (long) i * SYNC_BYTES);
                    file.force();
                    nanos[i] = clock.ticks() - began;
                }
            } finally {
                disk.delete(probe);
            }
        } catch (IOException e) {
            return Finding.missing(
                    "disk",
                    "cannot write in \"" + folder + "\": " + e.getMessage(),
                    "give the user that runs Firn the right to write there, or choose another"
                            + " with --data DIR");
        }
        Arrays.sort(nanos);
        double median = nanos[SYNCS / 2] / 1e6;
        String detail =
                String.format(
                        Locale.ROOT,
                        "%d writes of %d bytes synced in %.1f ms each, %.1f ms at most",
                        SYNCS,
                        SYNC_BYTES,
                        median,
                        nanos[SYNCS - 1] / 1e6);
        return median <= SYNC_MILLIS_MAX
                ? Finding.ok("disk", detail)
                : Finding.warning(
                        "disk",
                        detail,
                        "each request waits for one: put --data on a local solid-state disk");
    }

    /// Room on the disk.
    ///
    /// @param freeMin `wal.disk_free_min`
    public static Finding space(Disk disk, Path folder, long total, long freeMin) {
        long free;
        try {
            free = disk.usableSpace(folder);
        } catch (IOException e) {
            return Finding.warning("space", String.valueOf(e.getMessage()), "look at the disk");
        }
        String detail =
                Quantity.showBytes(free)
                        + " free of "
                        + Quantity.showBytes(total)
                        + " at \""
                        + folder
                        + "\"";
        if (free < freeMin) {
            return Finding.missing(
                    "space",
                    detail,
                    "wal.disk_free_min keeps "
                            + Quantity.showBytes(freeMin)
                            + " free, so that every request would be refused: free space");
        }
        return free < FREE_PART_MIN * total
                ? Finding.warning("space", detail, "less than a tenth is free: free space")
                : Finding.ok("space", detail);
    }
}
