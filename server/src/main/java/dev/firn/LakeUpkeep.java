package dev.firn;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.config.LakeConfig;
import dev.firn.config.LakeMaintenanceConfig;
import dev.firn.lake.Backoff;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakeJob;
import dev.firn.lake.LakeJobs;
import dev.firn.lake.LakePace;
import dev.firn.lake.compact.CompactJob;
import dev.firn.lake.compact.Compaction;
import dev.firn.lake.compact.CompactionMetrics;
import dev.firn.lake.compact.ManifestRewrite;
import dev.firn.lake.keep.RetentionRules;
import dev.firn.web.Task;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The lake's upkeep: jobs on a schedule, and the same started by hand through the web interface.
/// Several at once, here or in other processes, are safe; one wastes the other's work.
final class LakeUpkeep implements AutoCloseable {
    private final LakeJobs jobs;
    private final Compaction compaction;
    private final Clock clock;
    private final Set<Thread> byHand = ConcurrentHashMap.newKeySet();

    private LakeUpkeep(LakeJobs jobs, Compaction compaction, Clock clock) {
        this.jobs = jobs;
        this.compaction = compaction;
        this.clock = clock;
    }

    static LakeUpkeep start(LakeConfig lake, LakeRoom room, Clock clock, OwnMetrics metrics) {
        LakeCatalog catalog = room.catalog();
        LakeMaintenanceConfig config = lake.maintenance();
        var compaction =
                new Compaction(
                        catalog,
                        settings(config),
                        new CompactionMetrics(metrics),
                        new Backoff(new SplittableRandom(), 50, 5_000),
                        clock,
                        new RetentionRules(lake.keep().retention()));
        var jobs = new ArrayList<LakeJob>(room.jobs(clock));
        if (config.enabled()) {
            if (config.compact().enabled()) {
                jobs.add(
                        new CompactJob(
                                compaction, Duration.ofNanos(config.compact().intervalNanos())));
            }
            jobs.add(
                    new ManifestRewrite(
                            catalog,
                            Duration.ofNanos(config.manifestsIntervalNanos()),
                            config.manifestsMin()));
        }
        LakeJobs started =
                LakeJobs.start(
                        List.copyOf(jobs),
                        new LakePace.Limits(config.cpuShare(), config.bytesPerSecond()),
                        clock,
                        new SplittableRandom(),
                        metrics);
        return new LakeUpkeep(started, compaction, clock);
    }

    private static Compaction.Settings settings(LakeMaintenanceConfig config) {
        return new Compaction.Settings(config.compact().targetSize(), config.compact().memoryMax());
    }

    /// By the name in the address that starts them.
    Map<String, Task> tasks() {
        return Map.of("lake/compact", this::compact);
    }

    /// As fast as it goes: somebody waits for it.
    private List<Compaction.Merge> compact(Map<String, String> options, Consumer<String> lines)
            throws InterruptedException {
        Compaction.Scope scope = scope(options);
        if (options.getOrDefault("dry_run", "").equals("true")) {
            return compaction.plan(scope);
        }
        byHand.add(Thread.currentThread());
        try {
            LakePace.Progress progress =
                    (what, done, total) ->
                            lines.accept(done + " of " + total + " merges, now " + what);
            return compaction.run(scope, LakePace.of(LakePace.Limits.NONE, progress, clock));
        } catch (WorldException e) {
            if (Thread.interrupted()) { // a closed file is how the stop was noticed
                throw new InterruptedException("asked to stop");
            }
            throw e;
        } finally {
            byHand.remove(Thread.currentThread());
        }
    }

    private static Compaction.Scope scope(Map<String, String> options) {
        String day = options.get("day");
        try {
            return new Compaction.Scope(
                    options.get("plane"), day == null ? null : LocalDate.parse(day));
        } catch (DateTimeParseException e) {
            throw new InputException("\"" + day + "\" is not a day such as 2026-01-31");
        }
    }

    /// What runs stops at its next step.
    @Override
    public void close() {
        byHand.forEach(Thread::interrupt);
        jobs.close();
    }
}
