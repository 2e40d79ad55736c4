package dev.firn.lake;

import dev.firn.base.Clock;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;

/// How fast a job of the lake may go: at most a share of one core, and at most so many bytes a
/// second. A job calls [#step] between small steps and is held there until it is within both, and
/// until the process stops. Belongs to one thread.
public final class LakePace {
    /// Waits; throws at once when the process stops.
    interface Pause {
        void millis(long millis) throws InterruptedException;
    }

    /// How far a job is, for whoever started it by hand.
    public interface Progress {
        /// Nobody looks.
        Progress NONE = (what, done, total) -> {};

        /// @param what in a few words, the same while the same is counted
        /// @param total of the same unit as `done`
        void at(String what, long done, long total);
    }

    /// @param cpuShare of one core, above 0; 1 and more is no limit
    /// @param bytesPerSecond read and written together; 0 is no limit
    public record Limits(double cpuShare, long bytesPerSecond) {
        /// As fast as it goes.
        public static final Limits NONE = new Limits(1, 0);

        public Limits {
            if (!(cpuShare > 0) || bytesPerSecond < 0) {
                throw new IllegalArgumentException(
                        "a share of a core is above 0 and bytes a second are not negative");
            }
        }
    }

    /// A shorter wait is put off: the clock of a sleep is no finer.
    private static final long PAUSE_MIN_MILLIS = 5;

    /// A wait is cut into pieces, so that a thread that is asked to stop by other means than an
    /// interrupt is not held for long.
    private static final long PAUSE_MAX_MILLIS = 1_000;

    /// What was not used up in idle times longer than this is forgotten.
    private static final long BURST_NANOS = 1_000_000_000L;

    private final Limits limits;
    private final Progress progress;
    private final LongSupplier ticks;
    private final LongSupplier cpuNanos;
    private final Pause pause;
    private long lastTicks;
    private long lastCpu;

    /// Time that must still pass by until all work so far is within the limits; negative: to spare.
    private long owedNanos;

    private long pausedNanos;

    LakePace(
            Limits limits,
            Progress progress,
            LongSupplier ticks,
            LongSupplier cpuNanos,
            Pause pause) {
        this.limits = limits;
        this.progress = progress;
        this.ticks = ticks;
        this.cpuNanos = cpuNanos;
        this.pause = pause;
        this.lastTicks = ticks.getAsLong();
        this.lastCpu = cpuNanos.getAsLong();
    }

    /// For the calling thread.
    public static LakePace of(Limits limits, Progress progress, Clock clock) {
        var threads = ManagementFactory.getThreadMXBean();
        return new LakePace(
                limits,
                progress,
                clock::ticks,
                threads.isCurrentThreadCpuTimeSupported()
                        ? threads::getCurrentThreadCpuTime
                        : clock::ticks,
                Thread::sleep);
    }

    /// As fast as it goes, and nobody looks.
    public static LakePace unlimited() {
        return of(Limits.NONE, Progress.NONE, Clock.system());
    }

    /// Ends a step of at most some tens of milliseconds of work.
    ///
    /// @param bytes read and written in it
    /// @throws InterruptedException when the process stops
    public void step(long bytes) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("asked to stop");
        }
        owe(bytes);
        while (owedNanos >= PAUSE_MIN_MILLIS * 1_000_000) {
            pause.millis(Math.min(PAUSE_MAX_MILLIS, owedNanos / 1_000_000));
            long before = lastTicks;
            lastTicks = ticks.getAsLong();
            pausedNanos += lastTicks - before;
            owedNanos -= lastTicks - before;
        }
        owedNanos = Math.max(owedNanos, -BURST_NANOS);
    }

    private void owe(long bytes) {
        long now = ticks.getAsLong();
        long cpu = cpuNanos.getAsLong();
        long byCpu = limits.cpuShare >= 1 ? 0 : (long) ((cpu - lastCpu) / limits.cpuShare);
        long byBytes =
                limits.bytesPerSecond == 0 ? 0 : (long) (bytes * 1e9 / limits.bytesPerSecond);
        owedNanos += Math.max(byCpu, byBytes) - (now - lastTicks);
        lastTicks = now;
        lastCpu = cpu;
    }

    /// Says how far the job is.
    public void progress(String what, long done, long total) {
        progress.at(what, done, total);
    }

    /// Time that the job was held.
    long pausedNanos() {
        return pausedNanos;
    }
}
