package dev.firn.lake.compact;

import dev.firn.lake.Backoff;
import dev.firn.lake.Discard;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakeSwap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.CloseableIterable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One group's old files swapped for new ones. A conflict retries the commit, never the files: it
/// cannot come in twice, because the swap stands only while all old files are in the table; and one
/// that leaves rows out only while the holds are those that the rows were compared with.
final class FileSwap {
    private static final Logger LOG = LoggerFactory.getLogger(FileSwap.class);
    private static final int ATTEMPTS_MAX = 10;

    private final LakeCatalog catalog;
    private final Table table;
    private final long snapshot;
    private final CompactionPlan.Group group;
    private final List<DataFile> fresh;
    private final Map<String, String> holds;
    private boolean named; // an attempt may stand: nothing is deleted any more

    /// @param table as it was when the group was planned
    FileSwap(
            LakeCatalog catalog,
            Table table,
            long snapshot,
            CompactionPlan.Group group,
            List<DataFile> fresh,
            Map<String, String> holds) {
        this.catalog = catalog;
        this.table = table;
        this.snapshot = snapshot;
        this.group = group;
        this.fresh = fresh;
        this.holds = holds;
    }

    long rowsDropped() {
        return group.rows() - fresh.stream().mapToLong(DataFile::recordCount).sum();
    }

    /// @return false if another process changed the old files or the holds first
    boolean commit(Backoff backoff) throws InterruptedException {
        for (int attempt = 0; ; attempt++) {
            try {
                LakeSwap.once(
                        table,
                        (refreshed, base) -> {
                            Snapshot next = rowsDropped() == 0 ? replace() : overwrite(base);
                            named = true;
                            return TableMetadata.buildFrom(base)
                                    .setBranchSnapshot(next, SnapshotRef.MAIN_BRANCH)
                                    .build();
                        });
                catalog.refreshCurrentMetadata(table);
                return true;
            } catch (ValidationException e) {
                return ended(e);
            } catch (RuntimeException e) {
                if (attempt + 1 == ATTEMPTS_MAX) {
                    throw e;
                }
                LOG.debug("compaction of {} is unknown, looking again", table.name(), e);
                Thread.sleep(backoff.pauseMillis(attempt));
            }
        }
    }

    private Snapshot replace() {
        return table.newRewrite()
                .validateFromSnapshot(snapshot)
                .rewriteFiles(Set.copyOf(group.files()), Set.copyOf(fresh))
                .apply(); // never commit()
    }

    /// Rows went: whoever follows the table must look.
    private Snapshot overwrite(TableMetadata base) {
        if (!SearchedFiles.holds(base.properties()).equals(holds)) {
            throw new ValidationException("holds changed");
        }
        Set<String> live = live();
        for (DataFile file : group.files()) {
            if (!live.contains(file.location())) { // else its rows would come back
                throw new ValidationException("file %s is gone", file.location());
            }
        }
        OverwriteFiles overwrite =
                table.newOverwrite()
                        .set("firn.reason", "retention")
                        .validateFromSnapshot(snapshot)
                        .validateNoConflictingDeletes();
        group.files().forEach(overwrite::deleteFile);
        fresh.forEach(overwrite::addFile);
        return overwrite.apply(); // never commit()
    }

    /// Either this swap took the old files away, and its answer was lost, or somebody else did.
    private boolean ended(ValidationException why) {
        if (!named) {
            fresh.forEach(file -> Discard.file(table, file.location()));
        } else if (stands()) {
            catalog.refreshCurrentMetadata(table);
            return true;
        }
        LOG.info(
                "compaction of {} files of {} ends its round, another process came first: {}",
                group.files().size(),
                table.name(),
                why.getMessage());
        return false;
    }

    private boolean stands() {
        table.refresh();
        Set<String> live = live();
        return fresh.isEmpty()
                ? group.files().stream().noneMatch(file -> live.contains(file.location()))
                : fresh.stream().allMatch(file -> live.contains(file.location()));
    }

    /// Files of the group's partition.
    private Set<String> live() {
        var live = new HashSet<String>();
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan().filter(group.filter()).planFiles()) {
            tasks.forEach(task -> live.add(task.file().location()));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot plan lake table " + table.name() + ": " + e.getMessage(), e);
        }
        return live;
    }
}
