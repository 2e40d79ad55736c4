package dev.firn.lake;

import dev.firn.base.Clock;
import dev.firn.lake.Failpoint.Step;
import dev.firn.lake.LakeIntents.Intent;
import dev.firn.model.Cut;
import dev.firn.model.CutLog;
import dev.firn.model.Position;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The state of the lake sink: where each table stands, and the cuts gathered for the next commit.
/// One thread.
///
/// Series are committed before points, so that no point is ever seen without its series. Each table
/// has a position of its own: where a crash came between the two, the table behind takes in alone
/// what it lacks, and then both go on together.
final class LakeRounds {
    private static final Logger LOG = LoggerFactory.getLogger(LakeRounds.class);

    /// Order of commits.
    private static final List<String> TABLES = List.of(LakePaths.SERIES, LakePaths.POINTS);

    private static final int CUTS_MAX = 1 << 20;

    /// A refusal that stands for so long is no accident.
    private static final long REFUSAL_NANOS_MIN = 60L * 1_000_000_000;

    /// So many cuts in a row given to quarantine say that the fault is not in the cuts.
    private static final int QUARANTINED_MAX = 3;

    /// Files that wait longer than this for their commit are written anew: orphan removal (minimum
    /// age: an hour) may take them.
    private static final long FILES_AGE_MAX_NANOS = 30L * 60 * 1_000_000_000;

    /// One table while the sink runs.
    private static final class Stand {
        final String name;
        final Table table;
        final @Nullable Position position;

        Stand(String name, Table table, @Nullable Position position) {
            this.name = name;
            this.table = table;
            this.position = position;
        }

        long sequence() {
            return position == null ? 0 : position.sequence();
        }
    }

    /// Files that wait for their commits.
    private record Pending(Position next, Map<String, List<DataFile>> files, long writtenAtTicks) {}

    private final CutLog log;
    private final LakeCatalog catalog;
    private final PointsRun.Factory runs;
    private final LakeIntents intents;
    private final LakeMetrics metrics;
    private final LakeCommit commit;
    private final Clock clock;
    private final Failpoint failpoint;

    private final LakeRetry retry;

    private final Map<String, Stand> stands = new LinkedHashMap<>();
    private final Set<Long> quarantinedHere = new HashSet<>();
    private @Nullable PointsRun run;
    private @Nullable Cut lastCut;
    private int cuts;
    private long openedAtTicks;
    private boolean closed;
    private @Nullable Pending pending;

    /// Falls when a run is refused because of its data, so that halving finds the bad cut.
    private int cutsMax = CUTS_MAX;

    private long suspect;
    private long suspectedAtTicks;
    private int quarantinedInARow;
    private volatile @Nullable String held;

    LakeRounds(
            CutLog log,
            LakeCatalog catalog,
            PointsRun.Factory runs,
            LakeIntents intents,
            LakeMetrics metrics,
            LakeCommit commit,
            Clock clock,
            Failpoint failpoint) {
        this.log = log;
        this.catalog = catalog;
        this.runs = runs;
        this.intents = intents;
        this.metrics = metrics;
        this.commit = commit;
        this.clock = clock;
        this.failpoint = failpoint;
        this.retry = new LakeRetry(log.writer(), catalog, runs, commit, metrics, clock, failpoint);
    }

    /// Takes in quarantined cuts beside the chain, with the same means.
    LakeRetry retry() {
        return retry;
    }

    /// While nothing is gathered: series that come next are written again.
    void forgetSeries() {
        runs.forgetSeries();
    }

    /// True once both tables' positions are known.
    boolean ready() {
        return stands.size() == TABLES.size();
    }

    /// Finds out where the tables stand, against what this data directory meant to do.
    ///
    /// @throws ForeignPosition when a table stands at neither
    void resolve() {
        abandon();
        stands.clear();
        intents.read();
        var found = new LinkedHashMap<String, Stand>();
        for (String name : TABLES) {
            Table table = catalog.load(name);
            found.put(name, new Stand(name, table, position(name, table)));
        }
        refuseHole(found);
        stands.putAll(found);
        log.release(LakeIntents.SINK, committed());
        failpoint.after(Step.RESOLVED);
    }

    private void refuseHole(Map<String, Stand> found) {
        long oldest = log.oldest();
        for (Stand stand : found.values()) {
            if (stand.sequence() + 1 < oldest) {
                throw new MissingCuts(
                        stand.table.name(), log.writer(), stand.sequence() + 1, oldest);
            }
        }
    }

    private @Nullable Position position(String name, Table table) {
        String stored = table.properties().get(LakePaths.writerProperty(log.writer()));
        Intent intent = intents.of(name);
        boolean expected =
                intent == null
                        ? stored == null
                        : Objects.equals(stored, intent.previous())
                                || intent.next().contains(Objects.requireNonNullElse(stored, ""));
        if (!expected) {
            throw new ForeignPosition(table.name(), log.writer(), stored, describe(intent));
        }
        if (stored == null) {
            return null;
        }
        Position position = Position.parse(stored);
        if (position.sequence() > log.newest()) {
            throw new ForeignPosition(
                    table.name(),
                    log.writer(),
                    stored,
                    "cut "
                            + log.newest()
                            + " (the newest of its log, which must have lost cuts that the lake"
                            + " has)");
        }
        return position;
    }

    private static String describe(@Nullable Intent intent) {
        if (intent == null) {
            return "none";
        }
        return ForeignPosition.quoted(intent.previous())
                + " or \""
                + String.join("\", \"", intent.next())
                + "\"";
    }

    /// Number of the last cut that both tables hold.
    long committed() {
        return stands.values().stream().mapToLong(Stand::sequence).min().orElse(0);
    }

    /// Number of the last cut gathered or committed.
    long last() {
        return lastCut == null ? committed() : lastCut.sequence();
    }

    /// True if cuts are gathered.
    boolean isOpen() {
        return lastCut != null;
    }

    /// Memory of gathered rows.
    long bytes() {
        return run == null ? 0 : run.bytes();
    }

    /// Since the first gathered cut was taken in.
    long ageMillis() {
        return (clock.ticks() - openedAtTicks) / 1_000_000;
    }

    /// The last commit ended unknown.
    boolean commitInDoubt() {
        return commit.inDoubt();
    }

    /// Why cuts are refused and do not go to quarantine; null: none are.
    @Nullable String held() {
        return held;
    }

    /// True if the next cut belongs to the next commit.
    boolean full() {
        return closed || pending != null || cuts >= cutsMax || isOpen() && last() >= limit();
    }

    /// Where the table behind catches up with the other; no limit while they stand together.
    private long limit() {
        long ahead = stands.values().stream().mapToLong(Stand::sequence).max().orElse(0);
        return ahead > committed() ? ahead : Long.MAX_VALUE;
    }

    /// The tables that take part in the next commit: all, or the one behind.
    private List<Stand> partakers() {
        long from = committed();
        return TABLES.stream()
                .map(name -> Objects.requireNonNull(stands.get(name)))
                .filter(stand -> stand.sequence() == from)
                .toList();
    }

    /// Takes the next cut in; waits for one.
    ///
    /// @return false if there was none, or it found no room
    boolean take(long memoryMaxBytes, long timeoutMillis) throws InterruptedException {
        Cut cut = log.next(last(), timeoutMillis);
        if (cut == null) {
            return false;
        }
        if (isOpen() && bytes() + expected(cut) > memoryMaxBytes) {
            closed = true;
            return false;
        }
        if (run == null) {
            run = runs.start();
            openedAtTicks = clock.ticks();
        }
        cuts++;
        if (intents.isQuarantined(cut.sequence())) {
            quarantineAgain(cut);
        } else {
            add(run, cut);
        }
        if (run != null) {
            lastCut = cut;
            failpoint.after(Step.CUT_ADDED);
        }
        return true;
    }

    /// Memory that a cut will take, by that of the points before it.
    private long expected(Cut cut) {
        long points = run == null ? 0 : run.points();
        return points == 0 ? cut.bytes() : bytes() / points * cut.points();
    }

    private void add(PointsRun into, Cut cut) {
        try {
            cut.read(batch -> into.add(batch, log.writer(), cut.sequence()));
        } catch (RuntimeException e) {
            int before = cuts - 1;
            abandon();
            if (!Refusal.isOfData(e)) {
                throw e;
            }
            refused(cut, before, e);
        }
    }

    /// A run failed because of its data. With cuts that may go before it they go first; alone and
    /// for the second time, the cut is the bad one.
    private void refused(Cut last, int fewer, RuntimeException e) {
        if (fewer > 0) {
            cutsMax = fewer;
            LOG.warn(
                    "the lake refuses cuts up to {}: {}; trying {} at a time",
                    last.sequence(),
                    e.toString(),
                    cutsMax);
            return;
        }
        cutsMax = 1;
        if (suspect != last.sequence()) {
            suspect = last.sequence();
            suspectedAtTicks = clock.ticks();
            throw e; // with a pause
        }
        if (clock.ticks() - suspectedAtTicks < REFUSAL_NANOS_MIN) {
            throw e;
        }
        if (quarantinedInARow >= QUARANTINED_MAX) {
            held =
                    "the lake refuses cut "
                            + last.sequence()
                            + " and the "
                            + quarantinedInARow
                            + " before it, so that none goes to quarantine any more; the log holds"
                            + " what comes until the cause is mended: "
                            + e;
            throw e;
        }
        quarantinedInARow++;
        LOG.error("the lake refuses cut {} for good; it goes to quarantine", last.sequence(), e);
        intents.quarantine(last.sequence());
        failpoint.after(Step.QUARANTINE_NOTED);
        quarantine(last, e.toString());
        metrics.quarantined();
    }

    /// The cut may have been noted and not stored before a crash: storing it twice is harmless,
    /// taking it in would not be.
    private void quarantineAgain(Cut cut) {
        if (!quarantinedHere.contains(cut.sequence())) {
            quarantine(cut, "refused before a restart");
        }
    }

    private void quarantine(Cut cut, String reason) {
        log.quarantine(LakeIntents.SINK, cut, reason);
        quarantinedHere.add(cut.sequence());
        failpoint.after(Step.QUARANTINED);
    }

    /// Drops what was gathered; it is read from the log again.
    private void abandon() {
        metrics.waiting(0);
        run = null;
        lastCut = null;
        cuts = 0;
        closed = false;
        pending = null;
    }

    /// Commits what was gathered to each table that lacks it. After an exception it is unknown what
    /// was done: call again, and the same commits are tried until each is decided.
    ///
    /// @throws ForeignPosition when a table stands where no commit of ours has brought it
    void commit() {
        PointsRun current = Objects.requireNonNull(run, "something was gathered");
        Cut last = Objects.requireNonNull(lastCut, "something was gathered");
        if (pending == null || clock.ticks() - pending.writtenAtTicks > FILES_AGE_MAX_NANOS) {
            try {
                pending = write(current, last);
            } catch (RuntimeException e) {
                metrics.failed();
                if (!Refusal.isOfData(e)) {
                    throw e;
                }
                int fewer = cuts / 2;
                abandon();
                refused(last, fewer, e);
                return;
            }
        }
        noteIntents(pending, last);
        for (Stand stand : partakers()) {
            if (!commit(stand, pending)) {
                resolve();
                return;
            }
            if (stand.name.equals(LakePaths.SERIES)) {
                current.seriesCommitted();
                failpoint.after(Step.SERIES_COMMITTED);
            } else {
                failpoint.after(Step.POINTS_COMMITTED);
            }
        }
        if (!current.isEmpty()) {
            quarantinedInARow = 0;
        }
        held = null;
        abandon();
        cutsMax = (int) Math.min(CUTS_MAX, cutsMax * 2L);
        log.release(LakeIntents.SINK, committed());
        failpoint.after(Step.RELEASED);
    }

    private Pending write(PointsRun current, Cut last) {
        long began = clock.ticks();
        var files = new LinkedHashMap<String, List<DataFile>>();
        try {
            for (Stand stand : partakers()) {
                boolean series = stand.name.equals(LakePaths.SERIES);
                files.put(stand.name, List.of());
                if (!current.isEmpty()) {
                    files.put(
                            stand.name,
                            series
                                    ? current.writeSeries(stand.table)
                                    : current.writePoints(stand.table));
                }
                failpoint.after(series ? Step.SERIES_WRITTEN : Step.POINTS_WRITTEN);
            }
        } catch (RuntimeException e) {
            deleteUnnamed(files);
            throw e;
        }
        metrics.uploaded((clock.ticks() - began) / 1e9);
        metrics.waiting(files.values().stream().mapToInt(List::size).sum());
        return new Pending(
                new Position(log.epoch(), last.sequence(), last.digest()), files, clock.ticks());
    }

    /// Deletes files that no commit has named yet: the disk may be full.
    private void deleteUnnamed(Map<String, List<DataFile>> files) {
        files.forEach((name, written) -> {
            Stand stand = Objects.requireNonNull(stands.get(name));
            for (DataFile file : written) {
                try {
                    stand.table.io().deleteFile(file.location());
                } catch (RuntimeException e) {
                    LOG.debug("cannot delete {}; it stays an orphan", file.location(), e);
                }
            }
        });
    }

    private void noteIntents(Pending waiting, Cut last) {
        var changed = new LinkedHashMap<String, Intent>();
        String range = (committed() + 1) + "-" + last.sequence();
        for (Stand stand : partakers()) {
            changed.put(
                    stand.name,
                    Intent.after(
                            intents.of(stand.name),
                            text(stand.position),
                            waiting.next.toString(),
                            range));
        }
        intents.write(changed, committed());
        failpoint.after(Step.INTENT_WRITTEN);
    }

    private static @Nullable String text(@Nullable Position position) {
        return position == null ? null : position.toString();
    }

    /// False: the table stands elsewhere, perhaps through a commit of ours that was thought lost.
    private boolean commit(Stand stand, Pending waiting) {
        List<DataFile> files = Objects.requireNonNull(waiting.files.get(stand.name));
        long start = clock.ticks();
        var end = LakeMetrics.End.FAILED;
        try {
            LakeCommit.Outcome outcome =
                    commit.commit(
                            stand.table,
                            log.writer(),
                            text(stand.position),
                            waiting.next.toString(),
                            files);
            end =
                    switch (outcome) {
                        case COMMITTED -> LakeMetrics.End.COMMITTED;
                        case ALREADY -> LakeMetrics.End.ALREADY;
                    };
        } catch (ForeignPosition e) {
            end = LakeMetrics.End.FOREIGN;
            LOG.warn("{}; looking whether it is a commit of ours", e.getMessage());
            return false;
        } finally {
            if (end == LakeMetrics.End.FAILED) {
                metrics.failed();
            }
            metrics.ended(stand.name, end, (clock.ticks() - start) / 1e9);
        }
        stands.put(stand.name, new Stand(stand.name, stand.table, waiting.next));
        metrics.stored(stand.name, files);
        catalog.refreshCurrentMetadata(stand.table);
        return true;
    }
}
