package dev.firn;

import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.OwnMetrics;
import dev.firn.config.Config;
import dev.firn.config.LakeKeepConfig;
import dev.firn.lake.Backoff;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakeJob;
import dev.firn.lake.LakeMetrics;
import dev.firn.lake.LakeSink;
import dev.firn.lake.LakeTable;
import dev.firn.lake.PointsTable;
import dev.firn.lake.Runs;
import dev.firn.lake.SeriesTable;
import dev.firn.lake.keep.KeepJobs;
import dev.firn.lake.keep.KeepMetrics;
import dev.firn.wal.Wal;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/// The Iceberg catalog with its tables, and the sink that commits to them.
final class LakeRoom implements AutoCloseable {
    /// On a busy machine the first commit of a process takes seconds.
    private static final long CLOSE_MILLIS = 11_000;

    private final LakeCatalog catalog;
    private final LakeSink sink;
    private final LakeKeepConfig keep;
    private final KeepMetrics keepMetrics;

    private LakeRoom(
            LakeCatalog catalog, LakeSink sink, LakeKeepConfig keep, KeepMetrics keepMetrics) {
        this.catalog = catalog;
        this.sink = sink;
        this.keep = keep;
        this.keepMetrics = keepMetrics;
    }

    static LakeRoom open(
            Config config, Path data, Disk disk, Clock clock, Wal wal, OwnMetrics metrics) {
        var lakeMetrics = new LakeMetrics(metrics);
        LakeCatalog catalog =
                LakeCatalog.open(config.lake(), data, disk, clock, lakeMetrics::requestRetried);
        try {
            List<LakeTable> tables = List.of(PointsTable.table(), SeriesTable.table());
            if (catalog.remote()) {
                catalog.createTablesWhenReached(tables);
            } else {
                catalog.createTables(tables);
            }
            Runs.Settings defaults = Runs.Settings.DEFAULT;
            var runs =
                    new Runs(
                            new Runs.Settings(
                                    config.lake().partitionPlanesMax(),
                                    defaults.fileBytesMax(),
                                    defaults.seriesWrittenMax()),
                            metrics);
            LakeSink sink =
                    LakeSink.start(
                            new LakeSink.Settings(
                                    config.lake().commitIntervalNanos() / 1_000_000,
                                    Math.min(
                                            config.lake().memoryMax(),
                                            Runtime.getRuntime().maxMemory() / 8),
                                    CLOSE_MILLIS),
                            wal,
                            catalog,
                            runs,
                            wal.checkpoints(),
                            lakeMetrics,
                            new Backoff(new SplittableRandom(), 50, 10_000),
                            clock);
            var keepMetrics = new KeepMetrics(metrics);
            return new LakeRoom(catalog, sink, config.lake().keep(), keepMetrics);
        } catch (RuntimeException e) {
            catalog.close();
            throw e;
        }
    }

    LakeCatalog catalog() {
        return catalog;
    }

    LakeSink sink() {
        return sink;
    }

    /// How long things stay.
    LakeKeepConfig keep() {
        return keep;
    }

    /// Counts of the upkeep, for what is asked by hand.
    KeepMetrics keepMetrics() {
        return keepMetrics;
    }

    /// Expiry, orphans and retention, to be run on a schedule.
    List<LakeJob> jobs(Clock clock) {
        return KeepJobs.of(catalog, keep, clock, new SplittableRandom(), keepMetrics);
    }

    /// The last commit is part of closing.
    @Override
    public void close() {
        close(CLOSE_MILLIS);
    }

    /// The same with another limit for the last commit.
    void close(long timeoutMillis) {
        try {
            sink.close(Math.min(CLOSE_MILLIS, timeoutMillis));
        } finally {
            catalog.close();
        }
    }
}
