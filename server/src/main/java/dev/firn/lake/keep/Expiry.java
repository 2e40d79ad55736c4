package dev.firn.lake.keep;

import dev.firn.base.Clock;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets old snapshots go: first out of the metadata, in one compare-and-swap, then deletes the
/// files that nothing named any more reaches. Killed in between, it leaves orphans, which [Orphans]
/// takes.
public final class Expiry {
    /// What happened, or would, to one table.
    ///
    /// @param snapshots that went
    /// @param kept that stay
    /// @param references tags and branches that went, because they outlived their own maximum age
    /// @param dataFiles deleted, as are `manifests`, `lists` and `bytes` (of the former two)
    public record Report(
            String table,
            int snapshots,
            int kept,
            List<String> references,
            long dataFiles,
            long manifests,
            long lists,
            long bytes) {
        public Report {
            references = List.copyOf(references);
        }
    }

    /// A place where a test ends it as a crash would.
    interface Failpoint {
        void after(String step);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Expiry.class);

    private final LakeCatalog catalog;
    private final Clock clock;
    private final Decided decided;
    private final KeepMetrics metrics;
    private final Failpoint failpoint;

    public Expiry(
            LakeCatalog catalog,
            Clock clock,
            java.util.random.RandomGenerator random,
            KeepMetrics metrics) {
        this(catalog, clock, Decided.of(random), metrics, step -> {});
    }

    Expiry(
            LakeCatalog catalog,
            Clock clock,
            Decided decided,
            KeepMetrics metrics,
            Failpoint failpoint) {
        this.catalog = catalog;
        this.clock = clock;
        this.decided = decided;
        this.metrics = metrics;
        this.failpoint = failpoint;
    }

    /// All tables.
    ///
    /// @param age of the youngest snapshot that goes; an hour at least
    /// @param dry changes nothing
    public List<Report> run(Duration age, boolean dry, LakePace pace) throws InterruptedException {
        var reports = new ArrayList<Report>();
        for (String name : catalog.tables()) {
            reports.add(run(name, age, dry, pace));
        }
        return reports;
    }

    /// One table.
    public Report run(String name, Duration age, boolean dry, LakePace pace)
            throws InterruptedException {
        Table table = catalog.load(name);
        return dry ? plan(name, table, age, pace) : expire(name, table, age, pace);
    }

    private Report plan(String name, Table table, Duration age, LakePace pace)
            throws InterruptedException {
        TableMetadata now = operations(table).refresh();
        KeptSnapshots keep = KeptSnapshots.of(now, clock.millis(), age);
        List<Snapshot> gone = keep.expired(now);
        Unreached unreached =
                Unreached.of(table.io(), table.specs(), gone, keep.remaining(now), pace::step);
        return report(name, gone.size(), keep.kept().size(), keep.refsGone(), unreached);
    }

    private Report expire(String name, Table table, Duration age, LakePace pace)
            throws InterruptedException {
        // Of all attempts: an answer may have been lost after the deed.
        var asked = new LinkedHashMap<Long, Snapshot>();
        var references = new TreeSet<String>();
        decided.change(
                table,
                (fresh, base) -> {
                    KeptSnapshots keep = KeptSnapshots.of(base, clock.millis(), age);
                    keep.expired(base).forEach(one -> asked.put(one.snapshotId(), one));
                    references.addAll(keep.refsGone());
                    return keep.next(base);
                });
        if (asked.isEmpty() && references.isEmpty()) {
            return report(
                    name,
                    0,
                    operations(table).current().snapshots().size(),
                    references,
                    Unreached.NOTHING);
        }
        failpoint.after("swapped");
        catalog.refreshCurrentMetadata(table);
        TableMetadata now = operations(table).refresh();
        List<Snapshot> gone =
                asked.values().stream()
                        .filter(snapshot -> now.snapshot(snapshot.snapshotId()) == null)
                        .toList();
        Unreached unreached =
                Unreached.of(table.io(), table.specs(), gone, now.snapshots(), pace::step);
        metrics.expired(name, gone.size());
        delete(name, table, unreached, pace);
        return report(name, gone.size(), now.snapshots().size(), references, unreached);
    }

    private void delete(String name, Table table, Unreached unreached, LakePace pace)
            throws InterruptedException {
        long total = unreached.files();
        long done = 0;
        for (String location : unreached.inOrder()) {
            try {
                table.io().deleteFile(location);
            } catch (RuntimeException e) {
                LOG.warn(
                        "cannot delete \"{}\" of expired snapshots of {}: {}; orphan removal takes"
                                + " it",
                        location,
                        table.name(),
                        e.toString());
            }
            failpoint.after("deleted");
            pace.progress(name + ": files of expired snapshots", ++done, total);
            pace.step(0);
        }
        metrics.deleted(name, "expired", total, unreached.bytes());
    }

    private static TableOperations operations(Table table) {
        return ((HasTableOperations) table).operations();
    }

    private static Report report(
            String name, int gone, int kept, Set<String> references, Unreached unreached) {
        return new Report(
                name,
                gone,
                kept,
                references.stream().sorted().toList(),
                unreached.data().size(),
                unreached.manifests().size(),
                unreached.lists().size(),
                unreached.bytes());
    }
}
