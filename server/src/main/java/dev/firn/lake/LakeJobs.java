package dev.firn.lake;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Worker;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The clock of the lake's upkeep: one worker that runs each job when its time has come, one after
/// the other, within the pace that the configuration gives. Closing interrupts the job that runs.
public final class LakeJobs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LakeJobs.class);
    private static final long WAIT_MILLIS = 250;

    /// A first run comes within this time after the start, so that a process that restarts daily
    /// does what is due weekly.
    private static final long FIRST_NANOS = 300_000_000_000L;

    private static final class Entry {
        final LakeJob job;
        long dueTicks;

        Entry(LakeJob job, long dueTicks) {
            this.job = job;
            this.dueTicks = dueTicks;
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private final LakePace.Limits limits;
    private final Clock clock;
    private final RandomGenerator random;
    private final Counter runs;
    private final Counter seconds;
    private final Counter paused;
    private final Gauge running;
    private @Nullable Worker worker;

    LakeJobs(
            List<LakeJob> jobs,
            LakePace.Limits limits,
            Clock clock,
            RandomGenerator random,
            OwnMetrics metrics) {
        this.limits = limits;
        this.clock = clock;
        this.random = random;
        runs =
                metrics.counter(
                        "firn_lake_job_runs",
                        "Runs of the lake's upkeep by how they ended: done, failed, stopped.",
                        "job",
                        "outcome");
        seconds =
                metrics.counter(
                        "firn_lake_job_seconds", "Time in jobs of the lake's upkeep.", "job");
        paused =
                metrics.counter(
                        "firn_lake_job_paused_seconds",
                        "Part of firn_lake_job_seconds in which the job was held by"
                                + " lake.maintenance.cpu_share or bytes_per_second.",
                        "job");
        running = metrics.gauge("firn_lake_job_running", "1 while the job runs.", "job");
        for (LakeJob job : jobs) {
            long first = Math.min(FIRST_NANOS, job.every().toNanos());
            entries.add(new Entry(job, clock.ticks() + random.nextLong(first + 1)));
            for (String outcome : List.of("done", "failed", "stopped")) {
                runs.initLabelValues(job.name(), outcome);
            }
            seconds.initLabelValues(job.name());
            paused.initLabelValues(job.name());
            running.initLabelValues(job.name());
        }
    }

    /// Starts the worker.
    ///
    /// @param jobs those that are due at once run in this order
    public static LakeJobs start(
            List<LakeJob> jobs,
            LakePace.Limits limits,
            Clock clock,
            RandomGenerator random,
            OwnMetrics metrics) {
        var all = new LakeJobs(jobs, limits, clock, random, metrics);
        all.worker = Worker.start("lake-jobs", all::round);
        return all;
    }

    private void round() throws InterruptedException {
        if (!runDue()) {
            Thread.sleep(WAIT_MILLIS);
        }
    }

    /// Runs the job that has been due for longest.
    ///
    /// @return false if none is due
    boolean runDue() throws InterruptedException {
        long now = clock.ticks();
        Entry next = null;
        for (Entry entry : entries) {
            if (now - entry.dueTicks >= 0 && (next == null || entry.dueTicks - next.dueTicks < 0)) {
                next = entry;
            }
        }
        if (next == null) {
            return false;
        }
        run(next.job);
        long every = next.job.every().toNanos();
        next.dueTicks = clock.ticks() + every - every / 10 + random.nextLong(every / 5 + 1);
        return true;
    }

    private void run(LakeJob job) throws InterruptedException {
        LakePace pace = LakePace.of(limits, LakePace.Progress.NONE, clock);
        long began = clock.ticks();
        String outcome = "failed";
        running.labelValues(job.name()).set(1);
        try {
            job.run(pace);
            outcome = "done";
        } catch (InterruptedException e) {
            outcome = "stopped";
            throw e;
        } catch (RuntimeException e) {
            if (Thread.interrupted()) { // a closed file or connection is how the stop was noticed
                outcome = "stopped";
                throw new InterruptedException("asked to stop");
            }
            LOG.warn(
                    "lake job {} failed and comes again in about {} s: {}",
                    job.name(),
                    job.every().toSeconds(),
                    e.toString(),
                    e);
        } finally {
            running.labelValues(job.name()).set(0);
            runs.labelValues(job.name(), outcome).inc();
            seconds.labelValues(job.name()).inc((clock.ticks() - began) / 1e9);
            paused.labelValues(job.name()).inc(pace.pausedNanos() / 1e9);
        }
    }

    /// Stops the job that runs, at its next step.
    @Override
    public void close() {
        Worker running = worker;
        if (running != null) {
            running.close();
        }
    }
}
