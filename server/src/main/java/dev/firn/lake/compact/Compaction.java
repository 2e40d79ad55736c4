package dev.firn.lake.compact;

import dev.firn.base.Clock;
import dev.firn.base.WorldException;
import dev.firn.lake.Backoff;
import dev.firn.lake.Discard;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakePaths;
import dev.firn.lake.LakeSwap;
import java.io.IOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Compaction of the lake's tables: plans at a snapshot, merges group by group, and swaps each
/// group's files in one compare-and-swap on the table's metadata. Any number of writers and other
/// compactors may work at the same time: the swap stands only while all of its old files are in the
/// table, so that of two compactors of the same files one loses, and its round ends.
public final class Compaction {
    /// How files are merged.
    ///
    /// @param targetBytes size of a finished file (`lake.compact.target_size`)
    /// @param memoryMax memory of one merge (`lake.compact.memory_max`)
    public record Settings(long targetBytes, long memoryMax) {
        public Settings {
            if (targetBytes < 2 || memoryMax < 1) {
                throw new IllegalArgumentException("sizes of compaction are positive");
            }
        }
    }

    /// What to look at.
    ///
    /// @param plane partition of `points`; null: all
    /// @param day of the points' time, UTC; null: all
    public record Scope(@Nullable String plane, @Nullable LocalDate day) {
        /// Everything.
        public static final Scope ALL = new Scope(null, null);

        private static final long DAY_MICROS = 86_400_000_000L;

        Expression filter() {
            Expression filter = Expressions.alwaysTrue();
            if (plane != null) {
                filter = Expressions.and(filter, Expressions.equal("plane", plane));
            }
            if (day != null) {
                long from = day.toEpochDay() * DAY_MICROS;
                filter =
                        Expressions.and(
                                filter,
                                Expressions.greaterThanOrEqual("time", from),
                                Expressions.lessThan("time", from + DAY_MICROS));
            }
            return filter;
        }

        boolean takes(int ofDay, String ofPlane) {
            return (plane == null || plane.equals(ofPlane))
                    && (day == null || day.toEpochDay() == ofDay);
        }
    }

    /// One group, merged or to be merged.
    ///
    /// @param day `YYYY-MM-DD`, or `-` for table `series`
    /// @param filesOut 0 before it is merged
    /// @param outcome `planned`, `merged`, `lost` (another process changed the files first) or
    ///   `failed`
    public record Merge(
            String table,
            String day,
            String plane,
            long filesIn,
            long rows,
            long bytesIn,
            long filesOut,
            long bytesOut,
            String outcome) {}

    /// Tables that are compacted, in this order.
    public static final List<String> TABLES = List.of(LakePaths.POINTS, LakePaths.SERIES);

    private static final Logger LOG = LoggerFactory.getLogger(Compaction.class);
    private static final int ATTEMPTS_MAX = 10;
    private static final int FILES_MAX = 128;
    private static final int GROWTH = 4;

    /// Of days that are over: the fewer files the better, and late points are few.
    private static final int GROWTH_SETTLED = 2;

    private static final long SETTLED_NANOS = 6 * 3_600_000_000_000L;
    private static final long DAY_NANOS = 86_400_000_000_000L;

    /// A round plans anew after this time: what it planned gets old.
    private static final long ROUND_NANOS = 600_000_000_000L;

    private final LakeCatalog catalog;
    private final Settings settings;
    private final CompactionMetrics metrics;
    private final Backoff backoff;
    private final Clock clock;

    public Compaction(
            LakeCatalog catalog,
            Settings settings,
            CompactionMetrics metrics,
            Backoff backoff,
            Clock clock) {
        this.catalog = catalog;
        this.settings = settings;
        this.metrics = metrics;
        this.backoff = backoff;
        this.clock = clock;
    }

    /// What a round would merge first; nothing is changed.
    public List<Merge> plan(Scope scope) {
        var merges = new ArrayList<Merge>();
        for (String name : tables(scope)) {
            Table table = catalog.load(name);
            for (CompactionPlan.Group group : plan(table, scope).groups()) {
                merges.add(merge(name, group, List.of(), "planned"));
            }
        }
        return merges;
    }

    /// Merges until nothing is left that is worth it, or another process came first.
    ///
    /// @return what was done
    /// @throws InterruptedException when asked to stop; what was merged so far stands
    public List<Merge> run(Scope scope, LakePace pace) throws InterruptedException {
        var merges = new ArrayList<Merge>();
        for (String name : tables(scope)) {
            while (round(name, scope, pace, merges)) {
                LOG.debug("table {} is planned again", name);
            }
        }
        return merges;
    }

    /// A plane or a day is one of `points`.
    private static List<String> tables(Scope scope) {
        return scope.equals(Scope.ALL) ? TABLES : List.of(LakePaths.POINTS);
    }

    private CompactionPlan plan(Table table, Scope scope) {
        return CompactionPlan.of(table, scope, this::rule);
    }

    private CompactionRule rule(Optional<Integer> day) {
        boolean settled =
                day.isPresent() && (day.get() + 1) * DAY_NANOS + SETTLED_NANOS < clock.nanos();
        return new CompactionRule(
                settings.targetBytes,
                settled ? GROWTH_SETTLED : GROWTH,
                FILES_MAX,
                PointsMerge.keyRowsMax(settings.memoryMax));
    }

    /// @return whether to plan again: something was merged, and nobody else was met
    private boolean round(String name, Scope scope, LakePace pace, List<Merge> merges)
            throws InterruptedException {
        Table table = catalog.load(name);
        CompactionPlan plan = plan(table, scope);
        FileMerge merge =
                name.equals(LakePaths.POINTS)
                        ? new PointsMerge(settings.targetBytes, settings.memoryMax)
                        : new SeriesMerge(settings.targetBytes, settings.memoryMax);
        long until = clock.ticks() + ROUND_NANOS;
        boolean merged = false;
        int done = 0;
        for (CompactionPlan.Group group : plan.groups()) {
            metrics.backlog(name, plan, done);
            pace.progress(
                    name + " " + group.dayText() + " " + group.plane(),
                    done++,
                    plan.groups().size());
            Merge result = one(table, name, plan.snapshot(), group, merge, pace);
            merges.add(result);
            if (result.outcome.equals("lost")) {
                return false;
            }
            merged |= result.outcome.equals("merged");
            if (clock.ticks() - until > 0) {
                break;
            }
        }
        metrics.backlog(name, merged ? plan(catalog.load(name), scope) : plan, 0);
        return merged;
    }

    private Merge one(
            Table table,
            String name,
            long snapshot,
            CompactionPlan.Group group,
            FileMerge merge,
            LakePace pace)
            throws InterruptedException {
        long began = clock.ticks();
        List<DataFile> fresh;
        try {
            fresh = merged(table, group, merge, pace);
        } catch (WorldException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw e;
            }
            LOG.warn("{}", e.getMessage());
            metrics.failed(name);
            return merge(name, group, List.of(), "failed");
        }
        boolean stands = commit(table, snapshot, group.files(), fresh);
        Merge result = merge(name, group, fresh, stands ? "merged" : "lost");
        metrics.ended(result, (clock.ticks() - began) / 1e9);
        return result;
    }

    /// A file that is not in the order that it claims is sorted in place of the merge.
    private static List<DataFile> merged(
            Table table, CompactionPlan.Group group, FileMerge merge, LakePace pace)
            throws InterruptedException {
        try {
            return merge.merge(table, group, pace);
        } catch (UnsortedFile e) {
            LOG.warn("{}; it is sorted now", e.getMessage());
            var fresh = new ArrayList<DataFile>();
            boolean done = false;
            try {
                for (DataFile file : group.files()) {
                    var alone =
                            new CompactionPlan.Group(
                                    group.partition(),
                                    group.day(),
                                    group.plane(),
                                    List.of(file),
                                    true);
                    fresh.addAll(merge.merge(table, alone, pace));
                }
                done = true;
                return fresh;
            } finally {
                if (!done) {
                    fresh.forEach(file -> Discard.file(table, file.location()));
                }
            }
        }
    }

    private static Merge merge(
            String table, CompactionPlan.Group group, List<DataFile> fresh, String outcome) {
        return new Merge(
                table,
                group.dayText(),
                group.plane(),
                group.files().size(),
                group.rows(),
                group.bytes(),
                fresh.size(),
                fresh.stream().mapToLong(DataFile::fileSizeInBytes).sum(),
                outcome);
    }

    /// Swaps old files for new ones. A conflict retries the commit, never the files: it cannot come
    /// in twice, because the swap stands only while all old files are in the table.
    ///
    /// @return false if another process changed the old files first
    private boolean commit(Table table, long snapshot, List<DataFile> old, List<DataFile> fresh)
            throws InterruptedException {
        var named = new boolean[1]; // an attempt may stand: nothing is deleted any more
        for (int attempt = 0; ; attempt++) {
            try {
                LakeSwap.once(
                        table,
                        (refreshed, base) -> {
                            TableMetadata next = replace(refreshed, base, snapshot, old, fresh);
                            named[0] = true;
                            return next;
                        });
                catalog.refreshCurrentMetadata(table);
                return true;
            } catch (ValidationException e) {
                return ended(table, old, fresh, named[0], e);
            } catch (RuntimeException e) {
                if (attempt + 1 == ATTEMPTS_MAX) {
                    throw e;
                }
                LOG.debug("compaction of {} is unknown, looking again", table.name(), e);
                Thread.sleep(backoff.pauseMillis(attempt));
            }
        }
    }

    private static TableMetadata replace(
            Table table,
            TableMetadata base,
            long snapshot,
            List<DataFile> old,
            List<DataFile> fresh) {
        Snapshot next =
                table.newRewrite()
                        .validateFromSnapshot(snapshot)
                        .rewriteFiles(Set.copyOf(old), Set.copyOf(fresh))
                        .apply();
        return TableMetadata.buildFrom(base)
                .setBranchSnapshot(next, SnapshotRef.MAIN_BRANCH)
                .build();
    }

    /// The old files are no longer all there: this swap took them away, and its answer was lost, or
    /// somebody else's did.
    private boolean ended(
            Table table,
            List<DataFile> old,
            List<DataFile> fresh,
            boolean named,
            ValidationException why) {
        if (!named) {
            fresh.forEach(file -> Discard.file(table, file.location()));
        } else if (holds(table, fresh)) {
            catalog.refreshCurrentMetadata(table);
            return true;
        }
        LOG.info(
                "compaction of {} files of {} ends its round, another process came first: {}",
                old.size(),
                table.name(),
                why.getMessage());
        return false;
    }

    private static boolean holds(Table table, List<DataFile> fresh) {
        table.refresh();
        var wanted = new HashSet<String>();
        fresh.forEach(file -> wanted.add(file.location()));
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                wanted.remove(task.file().location());
            }
        } catch (IOException e) {
            return false;
        }
        return wanted.isEmpty();
    }
}
