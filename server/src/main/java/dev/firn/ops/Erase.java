package dev.firn.ops;

import dev.firn.base.InputException;
import dev.firn.engine.EngineErasure;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakePaths;
import dev.firn.lake.LakeWriters;
import dev.firn.lake.keep.Bounds;
import dev.firn.lake.keep.Erasure;
import dev.firn.lake.keep.Expiry;
import dev.firn.lake.keep.Held;
import dev.firn.lake.keep.LastSnapshot;
import dev.firn.lake.keep.Where;
import dev.firn.model.LakeHistory;
import dev.firn.wal.Quarantine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// `firn lake erase`: takes rows out of lake, engine, quarantined cuts and the log for good, and
/// says where else they may still be, and for how long.
public final class Erase {
    /// What stands around the lake: a running Firn, or a directory that was opened for this.
    public interface Around {
        /// Everything acknowledged so far stands in the lake, and what comes later does not rest on
        /// it.
        ///
        /// @return number of the last cut of [#writer] that is meant
        long boundary() throws InterruptedException;

        /// Who writes here.
        String writer();

        /// Waits until the engine has, and will not look at again, all cuts up to this one.
        void engineHas(long cut) throws InterruptedException;

        /// The engine; null without one.
        @Nullable EngineErasure engine();

        /// Cuts that sinks refused.
        Quarantine quarantine();

        /// Takes all that was acknowledged so far out of the log's files.
        Cleared clearLog() throws InterruptedException;

        /// Where such points may be besides, a line each.
        List<String> elsewhere();
    }

    /// What became of the log.
    ///
    /// @param segments that went
    /// @param held why some did not; empty: all did
    public record Cleared(long segments, String held) {}

    /// What was asked.
    ///
    /// @param dry counts only
    /// @param allSeries rows of table `series` go whoever wrote them; only while no other writer
    ///   runs
    /// @param expireNow lets snapshots older than an hour go afterwards
    /// @param snapshotAge `lake.snapshots.older_than`
    public record Order(
            Where where, boolean dry, boolean allSeries, boolean expireNow, Duration snapshotAge) {}

    /// What happened, or would.
    ///
    /// @param lake rows by table
    /// @param engine rows by table; empty without an engine
    /// @param quarantine points of refused cuts, by sink
    /// @param log null if it was only counted
    /// @param snapshots that still hold the rows
    /// @param elsewhere where such points may still be
    public record Outcome(
            boolean dry,
            List<Erasure.Count> lake,
            Map<String, Long> engine,
            List<QuarantineErasure.Count> quarantine,
            @Nullable Cleared log,
            List<LastSnapshot> snapshots,
            List<String> elsewhere) {
        public Outcome {
            lake = List.copyOf(lake);
            quarantine = List.copyOf(quarantine);
            snapshots = List.copyOf(snapshots);
            elsewhere = List.copyOf(elsewhere);
        }
    }

    private static final long ENGINE_MILLIS = 600_000; // a day of the lake may be in the way

    private final LakeCatalog catalog;
    private final Erasure erasure;
    private final Expiry expiry;
    private final Around around;

    public Erase(LakeCatalog catalog, Erasure erasure, Expiry expiry, Around around) {
        this.catalog = catalog;
        this.erasure = erasure;
        this.expiry = expiry;
        this.around = around;
    }

    /// @throws Held when a hold covers one of the rows; nothing was erased then
    public Outcome run(Order order, LakePace pace) throws InterruptedException {
        if (order.where().terms().isEmpty()) {
            throw new InputException(
                    "cannot erase everything; say what with --where \"metric_name = '…'\"");
        }
        synchronized (around.quarantine()) { // nobody brings back what is in it meanwhile
            return between(order, pace);
        }
    }

    private Outcome between(Order order, LakePace pace) throws InterruptedException {
        long cut = around.boundary();
        Where where = order.where();
        Bounds bounds = erasure.bounds().with(around.writer(), cut);
        var refused = new QuarantineErasure(around.quarantine(), where, bounds);
        Erasure.Count points = erasure.countPoints(where, bounds, pace);
        List<QuarantineErasure.Count> quarantined = refused.count(erasure.holds());
        if (order.dry()) {
            return new Outcome(
                    true,
                    List.of(points),
                    engineRows(where, bounds, true),
                    quarantined,
                    null,
                    snapshots(order),
                    elsewhere(bounds));
        }
        var lake = new ArrayList<Erasure.Count>();
        lake.add(erasure.erasePoints(where, bounds, pace));
        if (where.seriesOnly()) {
            lake.add(erasure.eraseSeries(where, bounds, writers(order, bounds), pace));
        }
        if (around.engine() != null) {
            around.engineHas(cut);
        }
        Map<String, Long> engine = engineRows(where, bounds, false);
        quarantined = refused.erase(erasure.holds());
        Cleared log = around.clearLog();
        if (order.expireNow()) {
            expiry.run(Duration.ZERO, false, pace);
        }
        return new Outcome(
                false, lake, engine, quarantined, log, snapshots(order), elsewhere(bounds));
    }

    private List<String> elsewhere(Bounds bounds) {
        var lines = new ArrayList<>(around.elsewhere());
        lines.add(
                "orphans: files that no commit took, until firn lake orphans removes them"
                        + " (lake.maintenance does by itself)");
        var others = new TreeSet<String>();
        bounds.cuts().keySet().forEach(key -> others.add(LakeWriters.owner(key)));
        others.remove(around.writer());
        if (!others.isEmpty()) {
            lines.add(
                    "writers: logs, refused cuts and engines of the others that write here are"
                            + " theirs; say it to each: "
                            + String.join(", ", others));
        }
        List<String> followers = followers();
        if (!followers.isEmpty()) {
            lines.add(
                    "followers: their engines let the points go by themselves, their series and"
                            + " rollups when it is said to them: "
                            + String.join(", ", followers));
        }
        return lines;
    }

    private List<String> followers() {
        String prefix = LakeHistory.FOLLOWER_TAG;
        return catalog.load(LakePaths.POINTS).refs().keySet().stream()
                .filter(tag -> tag.startsWith(prefix))
                .map(tag -> tag.substring(prefix.length()))
                .filter(id -> !id.equals(around.writer()))
                .sorted()
                .toList();
    }

    private Set<String> writers(Order order, Bounds bounds) {
        var writers = new java.util.HashSet<String>(Set.of(around.writer()));
        if (order.allSeries()) {
            writers.addAll(bounds.cuts().keySet());
        }
        return writers;
    }

    private Map<String, Long> engineRows(Where where, Bounds bounds, boolean dry)
            throws InterruptedException {
        EngineErasure engine = around.engine();
        if (engine == null) {
            return Map.of();
        }
        EngineErasure.Rows rows = EraseSql.engine(where, bounds);
        if (dry) {
            return engine.count(rows);
        }
        Map<String, Long> deleted = engine.deleteRows(rows, ENGINE_MILLIS);
        if (where.seriesOnly()) {
            engine.deleteSeries(rows.series(), ENGINE_MILLIS);
        }
        return deleted;
    }

    private List<LastSnapshot> snapshots(Order order) {
        return List.of(
                LastSnapshot.of(catalog, LakePaths.POINTS, order.snapshotAge()),
                LastSnapshot.of(catalog, LakePaths.SERIES, order.snapshotAge()));
    }
}
