package dev.firn.engine;

import dev.firn.base.Clock;
import dev.firn.base.Handover;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.base.WorldException;
import dev.firn.model.CheckpointStore;
import dev.firn.model.Cut;
import dev.firn.model.CutLog;
import dev.firn.model.LakeHistory;
import dev.firn.model.PointWatch;
import dev.firn.model.Retried;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the cuts of a write-ahead log into the engine, in order, each point exactly once.
///
/// One INSERT is one table, one month, one cut, one Native block, hence one part or none (DESIGN
/// §4). Whenever it is not certain what became of an insert (start, lost answer, any failure) the
/// sink first lets the engine settle, then counts the rows of newer cuts and compares each block
/// with its count: all there, done; none, insert; anything else, stop. Runs on one [Worker].
public final class EngineSink implements EngineFeed {
    /// Name under which the sink releases and quarantines cuts.
    public static final String NAME = "engine";

    private static final Logger LOG = LoggerFactory.getLogger(EngineSink.class);

    private static final long WAIT_MILLIS = 500;

    /// After so many waits without a cut what was needed for the last ones is let go.
    private static final int IDLE_WAITS = 10;

    private static final long CHECKPOINT_NANOS = 3_000_000_000L;
    private static final long BACKOFF_MILLIS_MIN = 100;
    private static final long BACKOFF_MILLIS_MAX = 5_000;

    /// A refusal that stands after this many attempts is no accident.
    private static final int REFUSALS_MAX = 3;

    /// Nor is one that stands for so long.
    private static final long REFUSAL_NANOS_MIN = 60_000_000_000L;

    /// So many cuts in a row given to quarantine say that the fault is not in the cuts.
    private static final int QUARANTINED_MAX = 3;

    /// Pause between tries while cuts are refused and none goes to quarantine any more.
    private static final long HOLD_NANOS = 60_000_000_000L;

    /// Points that expire within about two days stay out, so that a TTL never takes rows that may
    /// still have to be counted. The border moves once an hour, because it is durable before use.
    private static final long TTL_MARGIN_MILLIS = 2 * 86_400_000L;

    private static final long BORDER_STEP_MILLIS = 3_600_000L;

    static final String START = "start";
    static final String DATABASE = "database";
    private static final String BORDER = "border";
    private static final String MISSING = "missing";

    private static final long LOG_SECONDS = 30;

    private final CutLog log;
    private final EngineClient client;
    private final EngineHome home;
    private final Schema schema;
    private final CheckpointStore checkpoints;
    private final Clock clock;
    private final Failpoint failpoint;
    private final SinkMetrics metrics;
    private final Throttle failureLog;
    private final CutLoader loader;
    private final Retention retention;
    private final @Nullable SinkFromLake fromLake;
    private final String start;
    private final Handover<Cut, Retried> retries = new Handover<>();
    private final Handover<String, Boolean> deletions = new Handover<>();

    private boolean started;
    private boolean recovered;
    private volatile @Nullable String stopped;
    private long backoffMillis = BACKOFF_MILLIS_MIN;
    private int refusals;
    private long refusedTicks; // of the first refusal
    private int quarantinedInARow;
    private long holdUntilTicks;
    private volatile @Nullable String held;
    private long borderMillis;
    private MissingRange missing = MissingRange.NONE;
    private volatile @Nullable String missingText;
    private long checkpointed;
    private long checkpointTicks;
    private @Nullable StoredRows stored;
    private int idleWaits;

    private volatile long done;
    private volatile long caughtUpTicks;

    /// @param history the lake, for cuts that the log no longer has; null without one
    /// @param retention of each series
    /// @param failpoint [Failpoint#NONE] outside tests
    public EngineSink(
            CutLog log,
            @Nullable LakeHistory history,
            EngineClient client,
            EngineHome home,
            Schema schema,
            Retention retention,
            CheckpointStore checkpoints,
            Clock clock,
            OwnMetrics ownMetrics,
            Failpoint failpoint) {
        this.log = log;
        this.client = client;
        this.home = home;
        this.schema = schema;
        this.checkpoints = checkpoints;
        this.clock = clock;
        this.failpoint = failpoint;
        this.retention = retention;
        this.start = log.writer() + "-" + HexFormat.of().toHexDigits(log.epoch());
        this.failureLog = new Throttle(clock, LOG_SECONDS);
        this.caughtUpTicks = clock.ticks();
        this.checkpointTicks = caughtUpTicks;
        String queryIds =
                queryIdPrefix(log.writer()) + HexFormat.of().toHexDigits(log.epoch()) + "-";
        this.metrics = new SinkMetrics(ownMetrics, this::lagSeconds, this::knownSeries);
        this.loader =
                new CutLoader(
                        log.writer(),
                        queryIds,
                        client,
                        schema,
                        retention,
                        clock,
                        metrics,
                        failpoint);
        this.fromLake = history == null ? null : fromLake(history, ownMetrics);
    }

    private SinkFromLake fromLake(LakeHistory history, OwnMetrics ownMetrics) {
        var load =
                new LakeLoad(
                        history,
                        client,
                        schema,
                        loader,
                        retention,
                        checkpoints,
                        clock,
                        ownMetrics,
                        failpoint,
                        start,
                        "firn.rebuild." + log.writer());
        return new SinkFromLake(history, load, log.writer());
    }

    /// What the query ids of all inserts of a writer begin with.
    public static String queryIdPrefix(String writer) {
        return "firn-sink-" + writer + "-";
    }

    /// The newest cut that is in the engine in whole.
    public long done() {
        return done;
    }

    /// Why the sink has stopped for good; null while it works.
    @Override
    public @Nullable String stopped() {
        return stopped;
    }

    /// What a human should know or mend, beside [#stopped].
    @Override
    public List<String> troubles() {
        var troubles = new ArrayList<String>();
        Optional.ofNullable(missingText).ifPresent(troubles::add);
        Optional.ofNullable(held).ifPresent(troubles::add);
        return troubles;
    }

    /// How long the oldest cut that is not in the engine has been waiting, in seconds.
    @Override
    public double lagSeconds() {
        return log.newest() <= done ? 0 : (clock.ticks() - caughtUpTicks) / 1e9;
    }

    private double knownSeries() {
        return loader.knownSeries();
    }

    /// Takes a quarantined cut in after all: counts its rows and inserts the blocks that are not
    /// there. Any thread may call; the sink's own does it, once it has passed the cut.
    ///
    /// @param timeoutMillis how long to wait for the sink
    public Retried retry(Cut cut, long timeoutMillis) throws InterruptedException {
        String reason = stopped;
        if (reason != null) {
            return Retried.refused("the engine sink has stopped: " + reason);
        }
        Retried retried = retries.ask(cut, timeoutMillis);
        return retried == null
                ? Retried.refused(
                        "the engine sink did not come to it within "
                                + timeoutMillis / 1_000
                                + " s; it stands at cut "
                                + done
                                + "; try again")
                : retried;
    }

    @Override
    public boolean delete(String statement, long timeoutMillis) throws InterruptedException {
        return stopped == null && Boolean.TRUE.equals(deletions.ask(statement, timeoutMillis));
    }

    private boolean deleteNow(String statement) throws InterruptedException {
        loader.doubtSeries();
        recovered = false;
        client.execute(statement);
        return true;
    }

    /// Loads whole days of the lake anew, or all of it; [#lakeProgress] tells how far it is.
    ///
    /// @param timeoutMillis how long to wait for the sink to begin
    @Override
    public Retried rebuild(DayRange range, long timeoutMillis) throws InterruptedException {
        if (fromLake == null) {
            return Retried.refused("there is no lake here");
        }
        String reason = stopped;
        if (reason != null) {
            return Retried.refused("the engine sink has stopped: " + reason);
        }
        Retried begun = fromLake.rebuild(range, timeoutMillis);
        return begun == null ? Retried.refused("the engine sink is busy; try again") : begun;
    }

    /// How far the reading of the lake is.
    @Override
    public void watch(PointWatch watch) {
        loader.watch(watch);
    }

    @Override
    public LakeProgress lakeProgress() {
        return fromLake == null ? LakeProgress.NONE : fromLake.progress();
    }

    @Override
    public @Nullable EngineContents contents() {
        return fromLake != null && fromLake.progress().running()
                ? null
                : new EngineContents(0, new TreeMap<>(Map.of(log.writer(), done)));
    }

    /// One round: recovers if need be, takes in the next cut if there is one.
    @Override
    public void run() throws InterruptedException {
        if (stopped != null || held != null && clock.ticks() - holdUntilTicks < 0) {
            Thread.sleep(WAIT_MILLIS);
            return;
        }
        boolean well = false;
        try {
            round();
            well = true;
        } catch (EngineException e) {
            onFailure(e, e.retryable());
        } catch (Contradiction e) {
            stop(e.getMessage());
        } catch (WorldException e) {
            onFailure(e, true);
        } finally {
            recovered &= well; // whatever was being done, look again
        }
    }

    private void round() throws InterruptedException {
        if (!recovered) {
            recover();
            recovered = true;
        }
        if (deletions.serve(statement -> true, this::deleteNow)) {
            return;
        }
        // A cut that the log will give once more is not for a retry: it would come in twice.
        if (retries.serve(cut -> cut.sequence() <= done, this::takeAfterAll)) {
            return;
        }
        if (fromLake != null && stepFromLake(fromLake)) {
            return;
        }
        Cut cut = log.next(done, WAIT_MILLIS);
        if (cut == null) {
            caughtUpTicks = clock.ticks();
            if (++idleWaits == IDLE_WAITS) {
                loader.rest();
            }
        } else {
            idleWaits = 0;
            moveBorder();
            take(cut);
        }
        checkpointIfDue();
        backoffMillis = BACKOFF_MILLIS_MIN;
    }

    private boolean stepFromLake(SinkFromLake lake) throws InterruptedException {
        long oldest = log.oldest();
        goOnAfter(done + 1 < oldest ? lake.catchUp(done, oldest) : lake.serve(done));
        if (!lake.due(log.newest() <= done)) {
            return false;
        }
        moveBorder();
        lake.step(borderMillis);
        backoffMillis = BACKOFF_MILLIS_MIN;
        return true;
    }

    /// What the lake gives is noted durably before the log goes on behind it.
    private void goOnAfter(long cut) {
        if (cut > done) {
            done = cut;
            checkpoint();
        }
    }

    private void recover() throws InterruptedException {
        settle();
        failpoint.reach("settled");
        schema.migrate(client);
        failpoint.reach("migrated");
        if (!started) {
            begin();
        }
        moveBorder();
        forAllTables("engine/stop_ttl_merges");
        failpoint.reach("ttl merges stopped");
        loader.loadKnown();
        failpoint.reach("series loaded");
        StoredRows counted =
                StoredRows.count(client, schema, log.writer(), done, borderMillis, retention);
        stored = counted;
        failpoint.reach("rows counted");
        forAllTables("engine/start_ttl_merges");
        if (counted.newest() > log.newest()) {
            throw new Contradiction(
                    "the engine has rows of cut %d, the log ends with cut %d"
                            .formatted(counted.newest(), log.newest()));
        }
        failpoint.reach("recovered");
    }

    private void settle() throws InterruptedException {
        if (!started) {
            home.settleAtStart();
        } else if (loader.insertLost()) {
            home.settleAfterLoss();
        }
        loader.settled();
    }

    /// Finds out where to go on: behind the checkpoint, if it speaks of this engine and the log
    /// still has what comes next; else with the first cut that the log has.
    private void begin() throws InterruptedException {
        CheckpointStore.Checkpoint last = checkpoints.read(NAME);
        Map<String, String> fields = last == null ? Map.of() : last.fields();
        done = last == null ? 0 : last.sequence();
        missing = MissingRange.parse(fields.getOrDefault(MISSING, ""));
        if (!isThisEngine(fields)) {
            LOG.error(
                    "database \"{}\" is not the one that took cuts up to {}: it was dropped,"
                            + " restored from an older copy, or renamed; starting over with what"
                            + " the log still holds",
                    schema.database(),
                    done);
            done = 0;
            missing = MissingRange.NONE;
        }
        schema.recordStart(client, start); // before anything is noted that names it
        failpoint.reach("start recorded");
        if (fromLake != null) {
            openLake(fromLake);
        }
        long oldest = log.oldest();
        if (done + 1 < oldest) {
            missing = missing.and(done + 1, oldest - 1);
            done = oldest - 1;
        }
        metrics.missing.set(missing.cuts());
        if (missing.cuts() > 0) {
            missingText =
                    "the engine lacks cuts "
                            + missing.from()
                            + " to "
                            + missing.to()
                            + "; there is no lake that has them";
            LOG.error("{}; going on with cut {}", missingText, done + 1);
        }
        borderMillis = Math.max(Long.parseLong(fields.getOrDefault(BORDER, "0")), wantedBorder());
        checkpoint();
        started = true;
    }

    private void openLake(SinkFromLake lake) throws InterruptedException {
        done = lake.open(done);
        long oldest = log.oldest();
        if (done + 1 < oldest) {
            done = lake.catchUp(done, oldest);
        }
        if (missing.cuts() > 0 && lake.mend(missing)) {
            missing = MissingRange.NONE;
        }
    }

    private boolean isThisEngine(Map<String, String> fields) throws InterruptedException {
        String recorded = fields.get(START);
        return recorded == null
                || schema.database().equals(fields.get(DATABASE))
                        && schema.hasStart(client, recorded);
    }

    private long wantedBorder() {
        return borderAt(clock.millis());
    }

    /// Points that expire before this moment stay out of an engine that is filled now.
    static long borderAt(long nowMillis) {
        long border = nowMillis + TTL_MARGIN_MILLIS;
        return border - Math.floorMod(border, BORDER_STEP_MILLIS);
    }

    /// The checkpoint names the latest border that any cut after it may have been placed by. With a
    /// clock that was set back it falls only when no such cut is there.
    private void moveBorder() {
        long wanted = wantedBorder();
        if (wanted > borderMillis || wanted < borderMillis && stored == null && recovered) {
            borderMillis = wanted;
            checkpoint();
        }
    }

    private void forAllTables(String statement) throws InterruptedException {
        for (Table table : Table.values()) {
            var parameters = Map.of("database", schema.database(), "table", table.label());
            client.execute(EngineSql.read(statement, parameters));
        }
    }

    private void take(Cut cut) throws InterruptedException {
        StoredRows known = stored;
        boolean counted = known != null && cut.sequence() <= known.newest();
        try {
            loader.load(cut, borderMillis, counted ? known : null);
            if (cut.points() > 0) {
                quarantinedInARow = 0;
            }
        } catch (EngineException e) {
            if (e.retryable()) {
                throw e;
            }
            refused(cut, e);
        } catch (CutLoader.Unfit e) {
            refused(cut, new WorldException(String.valueOf(e.getMessage()), e));
        }
        refusals = 0;
        held = null;
        done = cut.sequence();
        if (!counted) {
            stored = null;
        }
        if (log.newest() <= done) {
            caughtUpTicks = clock.ticks();
        }
        failpoint.reach("cut done");
    }

    /// Gives a cut up that was refused often and long enough, unless those before it were, too.
    private void refused(Cut cut, WorldException why) {
        if (refusals++ == 0) {
            refusedTicks = clock.ticks();
        }
        if (refusals < REFUSALS_MAX || clock.ticks() - refusedTicks < REFUSAL_NANOS_MIN) {
            throw why;
        }
        if (quarantinedInARow >= QUARANTINED_MAX) {
            held =
                    "the engine refuses cut "
                            + cut.sequence()
                            + " and the "
                            + quarantinedInARow
                            + " before it, so that none goes to quarantine any more; the log holds"
                            + " what comes until the cause is mended: "
                            + why.getMessage();
            holdUntilTicks = clock.ticks() + HOLD_NANOS;
            LOG.error("{}", held);
            throw why;
        }
        quarantine(cut, String.valueOf(why.getMessage()));
        quarantinedInARow++;
    }

    /// No insert of ours is at work here: a round that left one in doubt recovers first.
    private Retried takeAfterAll(Cut cut) throws InterruptedException {
        boolean well = false;
        try {
            StoredRows there =
                    StoredRows.countOne(
                            client, schema, log.writer(), cut.sequence(), borderMillis, retention);
            long before = loader.inserts();
            loader.load(cut, borderMillis, there);
            well = true;
            LOG.info("cut {} is in the engine after all", cut.sequence());
            return Retried.taken(loader.inserts() > before ? "inserted" : "it was there already");
        } catch (CutLoader.Unfit e) {
            return Retried.refused("it is refused again: " + e.getMessage());
        } catch (EngineException e) {
            return Retried.refused(
                    (e.retryable() ? "not now, try again: " : "the engine refuses it again: ")
                            + e.getMessage());
        } catch (Contradiction | WorldException e) {
            return Retried.refused(String.valueOf(e.getMessage()));
        } finally {
            recovered &= well;
        }
    }

    private void quarantine(Cut cut, String reason) {
        log.quarantine(NAME, cut, reason);
        metrics.quarantined.inc();
        LOG.error(
                "cut {} is not in the engine and waits in the log's quarantine/{}: {}; mend the"
                        + " cause, then run firn wal retry",
                cut.sequence(),
                NAME,
                reason);
        failpoint.reach("quarantined");
        recovered = false; // its series may count as known and not be there
    }

    private void checkpointIfDue() {
        if (done > checkpointed && clock.ticks() - checkpointTicks >= CHECKPOINT_NANOS) {
            checkpoint();
        }
    }

    private void checkpoint() {
        var fields = new TreeMap<String, String>();
        fields.put(START, start);
        fields.put(DATABASE, schema.database());
        fields.put(BORDER, Long.toString(borderMillis));
        if (missing.cuts() > 0) {
            fields.put(MISSING, missing.toString());
        }
        checkpoints.write(new CheckpointStore.Checkpoint(NAME, done, fields));
        failpoint.reach("checkpointed");
        checkpointed = done;
        checkpointTicks = clock.ticks();
        log.release(NAME, done);
        failpoint.reach("released");
    }

    private void onFailure(WorldException e, boolean retryable) throws InterruptedException {
        metrics.failures.inc();
        long dropped = failureLog.permit();
        if (dropped >= 0) {
            LOG.warn(
                    "engine sink cannot go on after cut {} and tries again{} ({} such messages"
                            + " dropped): {}",
                    done,
                    retryable ? "" : ", though the engine refuses",
                    dropped,
                    e.getMessage());
        }
        Thread.sleep(backoffMillis);
        backoffMillis = Math.min(2 * backoffMillis, BACKOFF_MILLIS_MAX);
    }

    private void stop(@Nullable String reason) {
        stopped = reason;
        metrics.stopped.set(1);
        LOG.error(
                "engine sink stopped after cut {}: {}; nothing more goes into the engine, the log"
                        + " and the lake are whole; was the data directory copied or restored? put"
                        + " back the engine's data that belong to it, or set engine.database to a"
                        + " new name, which starts with what the log still holds, then start again",
                done,
                reason);
    }

    /// Log and engine say different things about a cut.
    static final class Contradiction extends RuntimeException {
        private static final long serialVersionUID = 1;

        Contradiction(String message) {
            super(message);
        }
    }

    @Override
    public void onClose() {
        if (started && stopped == null && done > checkpointed) {
            checkpoint();
        }
    }
}
