package dev.firn.process;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.OperatingSystemMXBean;
import dev.firn.base.Clock;
import dev.firn.config.MemoryLimiterConfig;
import dev.firn.model.Batch;
import dev.firn.model.Intake;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `memory_limiter`: while more memory is in use than the soft limit (limit minus spike), requests
/// are refused and their senders told to try again. Looked at by requests, at most every
/// `check_interval`; one limiter of a name serves all pipelines.
///
/// What counts as in use is what the last garbage collection left on the heap: a Java heap fills
/// with garbage up to its maximum in the best of health, so the momentary figure, which a Collector
/// uses, would refuse for nothing. Above a limit a collection is asked for, as a Collector does, at
/// most every 10 s (soft) or 1 s (hard), twice as long each time it frees less than 5 %, up to 30
/// s. Limits above 9/10 of the maximal heap are lowered to it: beyond it the JVM fails before any
/// limit is met.
final class MemoryLimiter implements Processor {
    /// The machine, so that tests can be one.
    interface Memory {
        /// Bytes that the last collection left on the heap; 0 before the first.
        long usedBytes();

        /// What the heap can grow to.
        long heapMaxBytes();

        /// All memory of the machine or container.
        long totalBytes();

        /// Collects garbage before it returns.
        void collect();
    }

    private static final Logger LOG = LoggerFactory.getLogger(MemoryLimiter.class);
    private static final long SECOND = 1_000_000_000L;
    private static final long SOFT_PAUSE_NANOS = 10 * SECOND;
    private static final long HARD_PAUSE_NANOS = SECOND;
    private static final long PAUSE_MAX_NANOS = 30 * SECOND;
    private static final long MIB = 1L << 20;

    private final String name;
    private final Memory memory;
    private final Clock clock;
    private final long checkNanos;
    private final long softBytes;
    private final long hardBytes;
    private final List<CounterDataPoint> accepted;
    private final List<CounterDataPoint> refused;
    private final CounterDataPoint collections;
    private final AtomicLong nextCheck;
    private long lastCollection;
    private long backoff = 1;
    private volatile boolean refusing;

    MemoryLimiter(
            String name,
            MemoryLimiterConfig config,
            Memory memory,
            Clock clock,
            ProcessMetrics metrics) {
        this.name = name;
        this.memory = memory;
        this.clock = clock;
        checkNanos = config.checkIntervalNanos();
        long hard = config.hardLimitBytes(memory.totalBytes());
        long soft = config.softLimitBytes(memory.totalBytes());
        long reachable = memory.heapMaxBytes() / 10 * 9;
        double share = hard <= reachable ? 1 : (double) reachable / hard;
        hardBytes = (long) (hard * share);
        softBytes = (long) (soft * share);
        if (share < 1) {
            LOG.info(
                    "{}: the limit of {} MiB is lowered to {} MiB, 9/10 of the heap",
                    name,
                    hard / MIB,
                    hardBytes / MIB);
        }
        accepted =
                List.of(
                        metrics.accepted.labelValues(name),
                        metrics.acceptedBefore.labelValues(name));
        refused =
                List.of(metrics.refused.labelValues(name), metrics.refusedBefore.labelValues(name));
        collections = metrics.collections.labelValues(name);
        nextCheck = new AtomicLong(clock.ticks());
        lastCollection = clock.ticks() - PAUSE_MAX_NANOS;
    }

    @Override
    public Batch process(Batch in, Batch out) {
        if (refuses()) {
            refused.forEach(one -> one.inc(in.size()));
            throw new Intake.Overloaded(
                    Intake.Overloaded.Cause.EXHAUSTED,
                    (int) Math.clamp((checkNanos + SECOND - 1) / SECOND, 1L, 60L),
                    "memory in use is above the limit of processor "
                            + name
                            + " ("
                            + softBytes / MIB
                            + " MiB)");
        }
        accepted.forEach(one -> one.inc(in.size()));
        return in;
    }

    /// Whether a request would be refused now; looks at memory when that is due.
    boolean refuses() {
        long now = clock.ticks();
        long due = nextCheck.get();
        if (now - due >= 0 && nextCheck.compareAndSet(due, now + checkNanos)) {
            check(now);
        }
        return refusing;
    }

    private synchronized void check(long now) {
        long used = memory.usedBytes();
        if (used >= softBytes) {
            used = collected(now, used);
        } else {
            backoff = 1;
        }
        boolean refuse = used >= softBytes;
        if (refuse != refusing) {
            if (refuse) {
                LOG.warn(
                        "{}: {} MiB are in use, the soft limit is {} MiB: requests are refused",
                        name,
                        used / MIB,
                        softBytes / MIB);
            } else {
                LOG.info("{}: {} MiB are in use: requests are taken again", name, used / MIB);
            }
        }
        refusing = refuse;
    }

    private long collected(long now, long used) {
        long pause = used >= hardBytes ? HARD_PAUSE_NANOS : SOFT_PAUSE_NANOS;
        if (now - lastCollection < Math.min(pause * backoff, PAUSE_MAX_NANOS)) {
            return used;
        }
        memory.collect();
        collections.inc();
        lastCollection = clock.ticks();
        long after = memory.usedBytes();
        boolean effective = after < softBytes || after <= used / 100 * 95;
        backoff = effective ? 1 : Math.min(backoff * 2, PAUSE_MAX_NANOS / HARD_PAUSE_NANOS);
        return after;
    }

    /// The memory of this process. One a process: it listens to the garbage collector.
    static final class OwnMemory implements Memory {
        private final Set<String> heapPools =
                ManagementFactory.getMemoryPoolMXBeans().stream()
                        .filter(pool -> pool.getType() == MemoryType.HEAP)
                        .map(MemoryPoolMXBean::getName)
                        .collect(Collectors.toUnmodifiableSet());
        private volatile long usedBytes;

        OwnMemory() {
            for (GarbageCollectorMXBean collector :
                    ManagementFactory.getGarbageCollectorMXBeans()) {
                if (collector instanceof NotificationEmitter emitter) {
                    emitter.addNotificationListener(
                            (notification, handback) -> heard(notification.getUserData()),
                            notification ->
                                    notification
                                            .getType()
                                            .equals(
                                                    GarbageCollectionNotificationInfo
                                                            .GARBAGE_COLLECTION_NOTIFICATION),
                            null);
                }
            }
        }

        private void heard(Object data) {
            if (data instanceof CompositeData composite) {
                Map<String, MemoryUsage> after =
                        GarbageCollectionNotificationInfo.from(composite)
                                .getGcInfo()
                                .getMemoryUsageAfterGc();
                usedBytes =
                        heapPools.stream()
                                .map(after::get)
                                .mapToLong(usage -> usage == null ? 0 : usage.getUsed())
                                .sum();
            }
        }

        @Override
        public long usedBytes() {
            return usedBytes;
        }

        @Override
        public long heapMaxBytes() {
            return Runtime.getRuntime().maxMemory();
        }

        @Override
        public long totalBytes() {
            return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                    .getTotalMemorySize();
        }

        @Override
        public void collect() {
            System.gc();
            // nothing but live objects is left now; the collector's notice comes a little later
            usedBytes = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        }
    }
}
