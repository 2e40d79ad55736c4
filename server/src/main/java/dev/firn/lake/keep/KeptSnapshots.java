package dev.firn.lake.keep;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/// Which snapshots of a table stay when all older than an age go. Iceberg's rules: a branch keeps
/// its head, its `min-snapshots-to-keep` newest and all that are young; a tag keeps its snapshot; a
/// tag or branch (never `main`) whose snapshot is older than the reference's own maximum age goes.
///
/// @param kept ids
/// @param refsGone names of tags and branches that go
record KeptSnapshots(Set<Long> kept, Set<String> refsGone) {
    /// Snapshots stay for an hour at least, whatever is asked: longer than a commit can hang
    /// (`docs/decisions/004-iceberg-commit.md`).
    static final Duration AGE_MIN = Duration.ofHours(1);

    KeptSnapshots {
        kept = Set.copyOf(kept);
        refsGone = Set.copyOf(refsGone);
    }

    /// @param age of the youngest snapshot that may go; less than an hour counts as an hour
    static KeptSnapshots of(TableMetadata table, long nowMillis, Duration age) {
        long ageMillis = Math.max(age.toMillis(), AGE_MIN.toMillis());
        var kept = new HashSet<Long>();
        var gone = new TreeSet<String>();
        var belongs = new HashSet<Long>(); // to a branch or tag, kept or not
        for (Map.Entry<String, SnapshotRef> entry : table.refs().entrySet()) {
            SnapshotRef ref = entry.getValue();
            Snapshot head = table.snapshot(ref.snapshotId());
            boolean main = entry.getKey().equals(SnapshotRef.MAIN_BRANCH);
            if (!main && (head == null || outlived(ref, head, nowMillis))) {
                gone.add(entry.getKey());
            } else if (head != null && ref.isTag()) {
                kept.add(head.snapshotId());
                belongs.add(head.snapshotId());
            } else if (head != null) {
                keepBranch(table, ref, head, nowMillis, ageMillis, kept, belongs);
            }
        }
        for (Snapshot snapshot : table.snapshots()) {
            boolean young = nowMillis - snapshot.timestampMillis() <= ageMillis;
            if (young && !belongs.contains(snapshot.snapshotId())) {
                kept.add(snapshot.snapshotId());
            }
        }
        return new KeptSnapshots(kept, gone);
    }

    private static boolean outlived(SnapshotRef ref, Snapshot head, long nowMillis) {
        Long max = ref.maxRefAgeMs();
        return max != null && nowMillis - head.timestampMillis() > max;
    }

    private static void keepBranch(
            TableMetadata table,
            SnapshotRef ref,
            Snapshot head,
            long nowMillis,
            long ageMillis,
            Set<Long> kept,
            Set<Long> belongs) {
        int countMin = Objects.requireNonNullElse(ref.minSnapshotsToKeep(), 1);
        long age =
                Math.max(
                        AGE_MIN.toMillis(),
                        Objects.requireNonNullElse(ref.maxSnapshotAgeMs(), ageMillis));
        int count = 0;
        for (@Nullable Snapshot at = head; at != null; at = parent(table, at)) {
            belongs.add(at.snapshotId());
            if (count++ < Math.max(1, countMin) || nowMillis - at.timestampMillis() <= age) {
                kept.add(at.snapshotId());
            }
        }
    }

    private static @Nullable Snapshot parent(TableMetadata table, Snapshot snapshot) {
        Long parent = snapshot.parentId();
        return parent == null ? null : table.snapshot(parent);
    }

    /// Those of a table that go, oldest first.
    List<Snapshot> expired(TableMetadata table) {
        return table.snapshots().stream()
                .filter(snapshot -> !kept.contains(snapshot.snapshotId()))
                .toList();
    }

    /// Those that stay, newest first.
    List<Snapshot> remaining(TableMetadata table) {
        return table.snapshots().stream()
                .filter(snapshot -> kept.contains(snapshot.snapshotId()))
                .toList()
                .reversed();
    }

    /// The table without what goes; null if nothing does.
    @Nullable TableMetadata next(TableMetadata table) {
        List<Long> ids = expired(table).stream().map(Snapshot::snapshotId).toList();
        if (ids.isEmpty() && refsGone.isEmpty()) {
            return null;
        }
        TableMetadata.Builder next = TableMetadata.buildFrom(table);
        refsGone.forEach(next::removeRef);
        next.removeSnapshots(ids);
        return next.build();
    }
}
