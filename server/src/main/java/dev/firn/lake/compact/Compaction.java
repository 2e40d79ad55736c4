package dev.firn.lake.compact;

import dev.firn.base.Clock;
import dev.firn.base.WorldException;
import dev.firn.lake.Backoff;
import dev.firn.lake.Discard;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakePaths;
import dev.firn.lake.keep.LakeKeep;
import dev.firn.lake.keep.RetentionRules;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Compaction of the lake's tables: plans at a snapshot, merges group by group, and swaps each
/// group's files in one compare-and-swap on the table's metadata. Any number of writers and other
/// compactors may work at the same time: the swap stands only while all of its old files are in the
/// table, so that of two compactors of the same files one loses, and its round ends. Rows past
/// their retention are left out on the way; such a swap is an `overwrite`, any other a `replace`.
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
    private final RetentionRules retention;
    private final SearchedFiles searched = new SearchedFiles();

    /// @param retention rows that are past it are left out of the files that are written
    public Compaction(
            LakeCatalog catalog,
            Settings settings,
            CompactionMetrics metrics,
            Backoff backoff,
            Clock clock,
            RetentionRules retention) {
        this.catalog = catalog;
        this.settings = settings;
        this.metrics = metrics;
        this.backoff = backoff;
        this.clock = clock;
        this.retention = retention;
    }

    /// A table as one round sees it.
    ///
    /// @param holds that `keep` respects
    private record View(
            String name,
            Table table,
            LakeKeep keep,
            Map<String, String> holds,
            CompactionPlan plan) {}

    private View view(String name, Scope scope) {
        Table table = catalog.load(name);
        Map<String, String> properties = Map.copyOf(table.properties());
        LakeKeep keep =
                name.equals(LakePaths.POINTS)
                        ? retention.at(clock.millis(), table.schema(), properties)
                        : LakeKeep.ALL;
        return new View(
                name,
                table,
                keep,
                SearchedFiles.holds(properties),
                CompactionPlan.of(table, scope, keep, this::rule));
    }

    /// What a round would merge first; nothing is changed.
    public List<Merge> plan(Scope scope) throws InterruptedException {
        var merges = new ArrayList<Merge>();
        for (String name : tables(scope)) {
            View view = view(name, scope);
            for (CompactionPlan.Group group : view.plan.groups()) {
                if (worth(view, group, LakePace.unlimited())) {
                    merges.add(merge(name, group, List.of(), "planned"));
                }
            }
        }
        return merges;
    }

    /// Bounds alone do not say that rows of a file go that is written anew for these rows only.
    private boolean worth(View view, CompactionPlan.Group group, LakePace pace)
            throws InterruptedException {
        if (group.due().isEmpty()) {
            return true;
        }
        DataFile file = group.files().getFirst();
        if (searched.knows(file, group.due(), view.holds)) {
            return false;
        }
        boolean drops = points(view.keep).drops(view.table, file, pace);
        if (!drops) {
            searched.add(file, group.due(), view.holds);
        }
        return drops;
    }

    private PointsMerge points(LakeKeep keep) {
        return new PointsMerge(settings.targetBytes, settings.memoryMax, keep);
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
        View view = view(name, scope);
        CompactionPlan plan = view.plan;
        FileMerge merge =
                name.equals(LakePaths.POINTS)
                        ? points(view.keep)
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
            @Nullable Merge result = one(view, group, merge, pace);
            if (result == null) {
                continue;
            }
            merges.add(result);
            if (result.outcome.equals("lost")) {
                return false;
            }
            merged |= result.outcome.equals("merged");
            if (clock.ticks() - until > 0) {
                break;
            }
        }
        metrics.backlog(name, merged ? view(name, scope).plan : plan, 0);
        return merged;
    }

    /// @return null if there was nothing to do
    private @Nullable Merge one(
            View view, CompactionPlan.Group group, FileMerge merge, LakePace pace)
            throws InterruptedException {
        long began = clock.ticks();
        List<DataFile> fresh;
        try {
            if (!worth(view, group, pace)) {
                return null;
            }
            fresh = merged(view.table, group, merge, pace);
        } catch (WorldException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw e;
            }
            LOG.warn("{}", e.getMessage());
            metrics.failed(view.name);
            return merge(view.name, group, List.of(), "failed");
        }
        var swap =
                new FileSwap(catalog, view.table, view.plan.snapshot(), group, fresh, view.holds);
        Merge result = merge(view.name, group, fresh, swap.commit(backoff) ? "merged" : "lost");
        metrics.ended(result, swap.rowsDropped(), (clock.ticks() - began) / 1e9);
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
                    fresh.addAll(merge.merge(table, group.sorting(file), pace));
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
}
