package dev.firn.lake.compact;

import dev.firn.lake.keep.LakeKeep;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableScan;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;

/// What a round would merge, as the table was at one snapshot.
///
/// @param snapshot id; 0 for an empty table
/// @param smallFiles files below half of the target size
/// @param left files that compaction cannot take: with deletes of their own, or of another
///   partition layout
record CompactionPlan(long snapshot, List<Group> groups, long smallFiles, long left) {
    /// Files of one partition that become fewer, or lose rows.
    ///
    /// @param day days since 1970-01-01; empty for a table without partitions
    /// @param sort the only file is in no order and is sorted first
    /// @param trims rows past their retention may be among them and are left out
    /// @param due of a group that is there for these rows alone: the rules that all rows of theirs
    ///   are past
    record Group(
            StructLike partition,
            Optional<Integer> day,
            String plane,
            List<DataFile> files,
            boolean sort,
            boolean trims,
            Set<Integer> due) {
        Group {
            files = List.copyOf(files);
            due = Set.copyOf(due);
        }

        /// One of its files, to be sorted.
        Group sorting(DataFile file) {
            return new Group(partition, day, plane, List.of(file), true, trims, Set.of());
        }

        /// Lets the partition's files pass, and others maybe.
        Expression filter() {
            return day.isEmpty()
                    ? Expressions.alwaysTrue()
                    : new Compaction.Scope(null, LocalDate.ofEpochDay(day.get())).filter();
        }

        long rows() {
            return files.stream().mapToLong(DataFile::recordCount).sum();
        }

        long bytes() {
            return files.stream().mapToLong(DataFile::fileSizeInBytes).sum();
        }

        /// For messages and lists.
        String dayText() {
            return day.map(number -> LocalDate.ofEpochDay(number).toString()).orElse("-");
        }
    }

    CompactionPlan {
        groups = List.copyOf(groups);
    }

    private record Key(int day, String plane) {}

    private static final class Partition {
        final StructLike partition;
        final List<DataFile> sorted = new ArrayList<>();
        final List<DataFile> unsorted = new ArrayList<>();
        final Set<DataFile> trims = Collections.newSetFromMap(new IdentityHashMap<>());
        final Map<DataFile, Set<Integer>> due = new IdentityHashMap<>();

        Partition(StructLike partition) {
            this.partition = partition;
        }
    }

    /// Plans over the table's newest snapshot. Full files are passed over while the table is
    /// scanned, so that memory is that of the small ones.
    ///
    /// @param rule of a partition, by its day
    /// @param keep what stays of a table that is partitioned
    static CompactionPlan of(
            Table table,
            Compaction.Scope scope,
            LakeKeep keep,
            Function<Optional<Integer>, CompactionRule> rule) {
        Snapshot snapshot = table.currentSnapshot();
        if (snapshot == null) {
            return new CompactionPlan(0, List.of(), 0, 0);
        }
        boolean partitioned = table.spec().isPartitioned();
        Map<Key, Partition> partitions = new HashMap<>();
        long left = 0;
        long small = 0;
        boolean keepsAll = keep == LakeKeep.ALL || !partitioned;
        TableScan scan = table.newScan().useSnapshot(snapshot.snapshotId());
        if (!keepsAll) {
            scan = scan.includeColumnStats();
        }
        try (CloseableIterable<FileScanTask> tasks =
                (partitioned ? scan.filter(scope.filter()) : scan).planFiles()) {
            for (FileScanTask task : tasks) {
                DataFile file = task.file();
                if (!task.deletes().isEmpty() || file.specId() != table.spec().specId()) {
                    left++;
                    continue;
                }
                Key key = partitioned ? key(file.partition()) : new Key(0, "");
                if (partitioned && !scope.takes(key.day, key.plane)) {
                    continue;
                }
                boolean sorted = Objects.equals(file.sortOrderId(), table.sortOrder().orderId());
                boolean full = rule.apply(day(partitioned, key)).full(file.fileSizeInBytes());
                small += full ? 0 : 1;
                Set<Integer> due = keepsAll ? Set.of() : keep.due(file);
                if (full && sorted && due.isEmpty()) {
                    continue;
                }
                DataFile kept = file.copyWithoutStats();
                Partition partition =
                        partitions.computeIfAbsent(key, k -> new Partition(kept.partition()));
                (sorted ? partition.sorted : partition.unsorted).add(kept);
                if (!keepsAll && keep.trims(file)) {
                    partition.trims.add(kept);
                }
                if (!due.isEmpty() && sorted) {
                    partition.due.put(kept, due);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot plan lake table " + table.name() + ": " + e.getMessage(), e);
        }
        var groups = new ArrayList<Group>();
        partitions.forEach((key, partition) ->
                group(day(partitioned, key), key.plane, partition, rule, groups));
        // Where most files go away comes first.
        groups.sort((a, b) -> Integer.compare(b.files().size(), a.files().size()));
        return new CompactionPlan(snapshot.snapshotId(), groups, small, left);
    }

    private static Optional<Integer> day(boolean partitioned, Key key) {
        return partitioned ? Optional.of(key.day) : Optional.empty();
    }

    private static Key key(StructLike partition) {
        String plane = partition.get(1, String.class);
        return new Key(partition.get(0, Integer.class), plane == null ? "" : plane);
    }

    private static void group(
            Optional<Integer> day,
            String plane,
            Partition partition,
            Function<Optional<Integer>, CompactionRule> rule,
            List<Group> groups) {
        for (DataFile file : partition.unsorted) {
            groups.add(group(partition, day, plane, List.of(file), true, Set.of()));
        }
        for (List<DataFile> merge : rule.apply(day).merges(partition.sorted)) {
            groups.add(group(partition, day, plane, merge, false, Set.of()));
            merge.forEach(partition.due::remove);
        }
        partition.due.forEach(
                (file, due) -> groups.add(group(partition, day, plane, List.of(file), false, due)));
    }

    private static Group group(
            Partition partition,
            Optional<Integer> day,
            String plane,
            List<DataFile> files,
            boolean sort,
            Set<Integer> due) {
        boolean trims = files.stream().anyMatch(partition.trims::contains);
        return new Group(partition.partition, day, plane, files, sort, trims, due);
    }
}
