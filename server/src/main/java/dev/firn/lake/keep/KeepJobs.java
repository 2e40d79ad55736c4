package dev.firn.lake.keep;

import dev.firn.base.Clock;
import dev.firn.config.LakeKeepConfig;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakeJob;
import dev.firn.lake.LakePace;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/// The upkeep of this room as jobs of `firn serve`.
public final class KeepJobs {
    private static final Duration RETENTION_EVERY = Duration.ofHours(1);

    private KeepJobs() {}

    /// Retention first, so that what it drops is on its way out before files are counted; orphans
    /// last, because they are what the others leave.
    public static List<LakeJob> of(
            LakeCatalog catalog,
            LakeKeepConfig config,
            Clock clock,
            RandomGenerator random,
            KeepMetrics metrics) {
        var retirement =
                new Retirement(
                        catalog, new RetentionRules(config.retention()), clock, random, metrics);
        var expiry = new Expiry(catalog, clock, random, metrics);
        var orphans = new Orphans(catalog, metrics);
        return List.of(
                new Job("retention", RETENTION_EVERY, pace -> retirement.run(false, pace)),
                new Job(
                        "expire",
                        Duration.ofNanos(config.snapshotsEveryNanos()),
                        pace ->
                                expiry.run(
                                        Duration.ofNanos(config.snapshotsOlderThanNanos()),
                                        false,
                                        pace)),
                new Job(
                        "orphans",
                        Duration.ofNanos(config.orphansEveryNanos()),
                        pace ->
                                orphans.run(
                                        Duration.ofNanos(config.orphansOlderThanNanos()),
                                        false,
                                        pace)));
    }

    private interface Round {
        Object run(LakePace pace) throws InterruptedException;
    }

    private record Job(String name, Duration every, Round round) implements LakeJob {
        @Override
        public void run(LakePace pace) throws InterruptedException {
            round.run(pace);
        }
    }
}
