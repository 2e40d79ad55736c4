package dev.firn.lake;

import dev.firn.base.Clock;
import dev.firn.lake.Failpoint.Step;
import dev.firn.model.Cut;
import dev.firn.model.Position;
import dev.firn.model.Retried;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings a quarantined cut into the lake after all, exactly once, beside the writer's chain of
/// positions: under a key of its own (`firn.writer.<writer>-q<cut>`), which goes from nothing to
/// one position that is always the same. Whatever attempts there are, in whatever process, only one
/// can find nothing there. Runs on the sink's thread.
final class LakeRetry {
    private record Pending(
            String name, Table table, String key, String next, List<DataFile> files) {}

    private static final Logger LOG = LoggerFactory.getLogger(LakeRetry.class);

    private final String writer;
    private final LakeCatalog catalog;
    private final PointsRun.Factory runs;
    private final LakeCommit commit;
    private final LakeMetrics metrics;
    private final Clock clock;
    private final Failpoint failpoint;

    LakeRetry(
            String writer,
            LakeCatalog catalog,
            PointsRun.Factory runs,
            LakeCommit commit,
            LakeMetrics metrics,
            Clock clock,
            Failpoint failpoint) {
        this.writer = writer;
        this.catalog = catalog;
        this.runs = runs;
        this.commit = commit;
        this.metrics = metrics;
        this.clock = clock;
        this.failpoint = failpoint;
    }

    /// Takes a cut that both tables' positions have passed.
    Retried take(Cut cut) {
        try {
            PointsRun run = runs.start();
            cut.read(batch -> run.add(batch, writer, cut.sequence()));
            // Both are written before either is committed: rows may be refused in the writing.
            Pending series = write(LakePaths.SERIES, run, cut);
            Pending points = write(LakePaths.POINTS, run, cut);
            if (series != null) {
                commit(series);
                run.seriesCommitted();
            }
            failpoint.after(Step.SERIES_COMMITTED);
            if (points != null) {
                commit(points);
            }
            failpoint.after(Step.POINTS_COMMITTED);
            LOG.info("cut {} is in the lake after all", cut.sequence());
            return Retried.taken(points != null ? "committed" : "it was there already");
        } catch (ForeignPosition e) {
            return Retried.refused(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            metrics.failed();
            return Retried.refused(
                    (Refusal.isOfData(e) ? "the lake refuses it again: " : "not now, try again: ")
                            + e);
        }
    }

    /// What is still to be committed; null: an earlier attempt did it.
    private @Nullable Pending write(String name, PointsRun run, Cut cut) {
        Table table = catalog.load(name);
        String key = LakePaths.retryWriter(writer, cut.sequence());
        String next = new Position(0, cut.sequence(), cut.digest()).toString();
        if (next.equals(table.properties().get(LakePaths.writerProperty(key)))) {
            return null;
        }
        List<DataFile> files = List.of();
        if (!run.isEmpty()) {
            files = name.equals(LakePaths.SERIES) ? run.writeSeries(table) : run.writePoints(table);
        }
        return new Pending(name, table, key, next, files);
    }

    private void commit(Pending pending) {
        long start = clock.ticks();
        LakeCommit.Outcome outcome =
                commit.commit(pending.table, pending.key, null, pending.next, pending.files);
        LakeMetrics.End end =
                switch (outcome) {
                    case COMMITTED -> LakeMetrics.End.COMMITTED;
                    case ALREADY -> LakeMetrics.End.ALREADY;
                };
        metrics.ended(pending.name, end, (clock.ticks() - start) / 1e9);
        metrics.stored(pending.name, pending.files);
        catalog.refreshCurrentMetadata(pending.table);
    }
}
