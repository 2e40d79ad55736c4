package dev.firn.engine;

import dev.firn.base.Clock;
import dev.firn.base.Handover;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.base.Worker;
import dev.firn.base.WorldException;
import dev.firn.model.CheckpointStore;
import dev.firn.model.Cut;
import dev.firn.model.CutLog;
import dev.firn.model.Retried;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the cuts of a write-ahead log into the engine, in order, each point exactly once.
///
/// One INSERT is one table, one month, one cut, one Native block, hence one part or none (DESIGN
/// §4). Whenever it is not certain what became of an insert (start, lost answer, any failure) the
/// sink first lets the engine settle, then counts the rows of newer cuts and compares each block
/// with its count: all there, done; none, insert; anything else, stop. Runs on one [Worker].
public final class EngineSink implements Worker.Duty {
    /// Name under which the sink releases and quarantines cuts.
    public static final String NAME = "engine";

    private static final Logger LOG = LoggerFactory.getLogger(EngineSink.class);

    private static final long WAIT_MILLIS = 500;
    private static final long CHECKPOINT_NANOS = 3_000_000_000L;
    private static final long BACKOFF_MILLIS_MIN = 100;
    private static final long BACKOFF_MILLIS_MAX = 5_000;

    /// A refusal that stands after this many attempts is no accident.
    private static final int REFUSALS_MAX = 3;

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
    private final Handover<Cut, Retried> retries = new Handover<>();

    private boolean started;
    private boolean recovered;
    private volatile @Nullable String stopped;
    private long backoffMillis = BACKOFF_MILLIS_MIN;
    private int refusals;
    private long checkpointed;
    private long checkpointTicks;
    private @Nullable StoredRows stored;

    private volatile long done;
    private volatile long caughtUpTicks;

    /// @param retention of each series
    /// @param failpoint [Failpoint#NONE] outside tests
    public EngineSink(
            CutLog log,
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
    public @Nullable String stopped() {
        return stopped;
    }

    /// How long the oldest cut that is not in the engine has been waiting, in seconds.
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

    /// One round: recovers if need be, takes in the next cut if there is one.
    @Override
    public void run() throws InterruptedException {
        if (stopped != null) {
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
        // A cut that the log will give once more is not for a retry: it would come in twice.
        if (retries.serve(cut -> cut.sequence() <= done, this::takeAfterAll)) {
            return;
        }
        Cut cut = log.next(done, WAIT_MILLIS);
        if (cut == null) {
            caughtUpTicks = clock.ticks();
        } else {
            take(cut);
        }
        checkpointIfDue();
        backoffMillis = BACKOFF_MILLIS_MIN;
    }

    private void recover() throws InterruptedException {
        settle();
        failpoint.reach("settled");
        schema.migrate(client);
        failpoint.reach("migrated");
        forAllTables("engine/stop_ttl_merges");
        failpoint.reach("ttl merges stopped");
        loader.loadKnown();
        failpoint.reach("series loaded");
        StoredRows counted =
                StoredRows.count(
                        client, schema.database(), log.writer(), done, loader.borderMillis());
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
            CheckpointStore.Checkpoint last = checkpoints.read(NAME);
            checkpointed = last == null ? 0 : last.sequence();
            done = checkpointed;
            home.settleAtStart();
            started = true;
        } else if (loader.insertLost()) {
            home.settleAfterLoss();
        }
        loader.settled();
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
            loader.load(cut, counted ? known : null);
        } catch (EngineException e) {
            if (e.retryable() || ++refusals < REFUSALS_MAX) {
                throw e;
            }
            quarantine(cut, Objects.requireNonNullElse(e.getMessage(), "refused"));
        } catch (CutLoader.Unfit e) {
            quarantine(cut, Objects.requireNonNullElse(e.getMessage(), "unfit"));
        }
        refusals = 0;
        done = cut.sequence();
        if (!counted) {
            stored = null;
        }
        if (log.newest() <= done) {
            caughtUpTicks = clock.ticks();
        }
        failpoint.reach("cut done");
    }

    /// No insert of ours is at work here: a round that left one in doubt recovers first.
    private Retried takeAfterAll(Cut cut) throws InterruptedException {
        boolean well = false;
        try {
            StoredRows there =
                    StoredRows.countOne(
                            client,
                            schema.database(),
                            log.writer(),
                            cut.sequence(),
                            loader.borderMillis());
            long before = loader.inserts();
            loader.load(cut, there);
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
        checkpoints.write(new CheckpointStore.Checkpoint(NAME, done, Map.of()));
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
                        + " and the lake are whole; was the data directory copied or restored? rebuild"
                        + " the engine from the lake, then start again",
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
        if (stopped == null && done > checkpointed) {
            checkpoint();
        }
    }
}
