package dev.firn.lake;

import dev.firn.base.Clock;
import dev.firn.base.Handover;
import dev.firn.base.InputException;
import dev.firn.base.Throttle;
import dev.firn.base.Worker;
import dev.firn.base.WorldException;
import dev.firn.model.CheckpointStore;
import dev.firn.model.Cut;
import dev.firn.model.CutLog;
import dev.firn.model.Retried;
import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes the write-ahead log's cuts into the lake: gathers them, and commits about once a minute,
/// when memory asks for it, when somebody asks, and at the end. What fails is tried again, with
/// pauses, for ever; the log holds what is not committed.
public final class LakeSink implements AutoCloseable {
    /// The sink's limits.
    ///
    /// @param commitIntervalMillis age of the oldest gathered cut at which a commit is due
    ///   (`lake.commit_interval`)
    /// @param memoryMaxBytes memory of gathered rows at which one is due (`lake.memory_max`)
    /// @param closeTimeoutMillis how long [#close] waits for the last commit
    public record Settings(
            long commitIntervalMillis, long memoryMaxBytes, long closeTimeoutMillis) {
        /// A minute, 256 MiB, 10 s.
        public static final Settings DEFAULT = new Settings(60_000, 256L << 20, 10_000);
    }

    private static final Logger LOG = LoggerFactory.getLogger(LakeSink.class);
    private static final long WAIT_MILLIS = 200;

    /// How long the worker may take to end its round; the process ends whatever it does.
    private static final long WORKER_MILLIS = 2_000;

    /// While commits end unknown each try leaves metadata files behind: pauses grow to this many
    /// times the longest usual one.
    private static final int SLOW_FACTOR = 30;

    /// While memory is short a commit is due after this part of its interval.
    private static final int SHORT_PART = 10;

    private static final int SEEN_MAX = 1 << 16;

    /// When the cuts up to `newest` were first seen.
    private record Seen(long newest, long ticks) {}

    private final Settings settings;
    private final CutLog log;
    private final LakeRounds rounds;
    private final Handover<Cut, Retried> retries = new Handover<>();
    private final Handover<Long, Long> boundaries = new Handover<>();
    private final LakeMetrics metrics;
    private final Backoff backoff;
    private final Backoff slow;
    private final Clock clock;
    private final Throttle complaints;
    private volatile BooleanSupplier memoryIsShort = () -> false;
    private @Nullable Worker worker;
    private volatile boolean broken; // the time for the last commit is over
    private int failures;

    private final Object progress = new Object();
    private long requested; // guarded by progress, as are the next two
    private long committed;
    private @Nullable String stopped;
    private volatile long behindSince = -1; // clock ticks; -1: nothing is missing in the lake
    private final ArrayDeque<Seen> seen = new ArrayDeque<>(); // the worker's; not in the lake yet

    /// Does nothing until [#start]; tests call [#round] instead.
    LakeSink(
            Settings settings,
            CutLog log,
            LakeRounds rounds,
            LakeMetrics metrics,
            Backoff backoff,
            Clock clock) {
        this.settings = settings;
        this.log = log;
        this.rounds = rounds;
        this.metrics = metrics;
        this.backoff = backoff;
        this.slow = backoff.longer(SLOW_FACTOR);
        this.clock = clock;
        this.complaints = new Throttle(clock, 60);
        metrics.lag(this::lagSeconds, () -> Math.max(0, log.newest() - committed()));
    }

    /// Asked whether gathered rows should rather go to the lake soon. Any thread may call.
    public void memoryIsShort(BooleanSupplier asked) {
        memoryIsShort = asked;
    }

    /// Starts the sink's worker.
    ///
    /// @throws MissingCuts when the log no longer has what the lake needs next
    /// @param checkpoints where intents are kept
    /// @param backoff pauses after failures
    public static LakeSink start(
            Settings settings,
            CutLog log,
            LakeCatalog catalog,
            PointsRun.Factory runs,
            CheckpointStore checkpoints,
            LakeMetrics metrics,
            Backoff backoff,
            Clock clock) {
        var rounds =
                new LakeRounds(
                        log,
                        catalog,
                        runs,
                        new LakeIntents(checkpoints),
                        metrics,
                        new LakeCommit(
                                backoff,
                                LakeCommit.ATTEMPTS_MAX,
                                clock,
                                () -> metrics.again(LakeMetrics.Again.COMMIT)),
                        clock,
                        Failpoint.NONE);
        var sink = new LakeSink(settings, log, rounds, metrics, backoff, clock);
        try {
            if (!catalog.remote()) { // a lake out of reach must not hold up the start
                rounds.resolve();
                sink.report();
            }
        } catch (MissingCuts e) {
            throw e; // nothing was acknowledged yet: better not to start
        } catch (RuntimeException e) {
            LOG.warn("the lake cannot be read yet, the sink tries again: {}", e.toString());
        }
        sink.worker = Worker.start("lake-sink", sink::round);
        return sink;
    }

    /// Commits all that was appended before the call.
    ///
    /// @return false if it was not done in time, or the sink has stopped
    public boolean commitNow(long timeoutMillis) throws InterruptedException {
        long target = log.cutNow();
        long deadline = System.nanoTime() + timeoutMillis * 1_000_000;
        synchronized (progress) {
            requested = Math.max(requested, target);
            while (committed < target && stopped == null) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                progress.wait(left / 1_000_000 + 1);
            }
            return stopped == null;
        }
    }

    /// Takes a quarantined cut in after all, under a position of its own. Any thread may call; the
    /// sink's own does it, once both tables have passed the cut.
    ///
    /// @param timeoutMillis how long to wait for the sink, twice: to pass the cut, and to take it
    public Retried retry(Cut cut, long timeoutMillis) throws InterruptedException {
        if (committed() < cut.sequence()) {
            commitNow(timeoutMillis); // the cut may have been the last: pass it now
        }
        String reason = stopped();
        if (reason != null) {
            return Retried.refused("the lake sink has stopped: " + reason);
        }
        Retried retried = retries.ask(cut, timeoutMillis);
        return retried == null
                ? Retried.refused(
                        "the lake sink did not come to it within "
                                + timeoutMillis / 1_000
                                + " s; it stands at cut "
                                + committed()
                                + "; try again")
                : retried;
    }

    /// Commits all that was appended before the call, and from the next cut on writes every series
    /// again: whatever stands in the lake up to the boundary may then be erased, and what comes
    /// after stands for itself.
    ///
    /// @return number of the last cut before the boundary
    /// @throws WorldException when the sink did not come to it in time, or has stopped
    public long boundary(long timeoutMillis) throws InterruptedException {
        boolean committedAll = commitNow(timeoutMillis);
        Long cut = committedAll ? boundaries.ask(committed(), timeoutMillis) : null;
        if (cut == null) {
            String reason = stopped();
            throw new WorldException(
                    "cannot bring what is in the log into the lake within "
                            + timeoutMillis / 1_000
                            + " s"
                            + (reason == null ? "; try again" : ": the sink stopped: " + reason));
        }
        return cut;
    }

    /// Why the sink has stopped for good; null while it works.
    public @Nullable String stopped() {
        synchronized (progress) {
            return stopped;
        }
    }

    /// Why cuts wait in the log that the lake refuses; null: none do.
    public @Nullable String trouble() {
        return rounds.held();
    }

    /// Number of the last cut that both tables hold.
    public long committed() {
        synchronized (progress) {
            return committed;
        }
    }

    private double lagSeconds() {
        long since = behindSince;
        return since == -1 ? 0 : Math.max(0, clock.ticks() - since) / 1e9;
    }

    /// One step: a cut taken in, or a commit, or a try that failed.
    void round() throws InterruptedException {
        if (stopped() != null) {
            Thread.sleep(WAIT_MILLIS);
            return;
        }
        observe();
        try {
            step();
            failures = 0;
        } catch (ForeignPosition | MissingCuts | InputException e) {
            stop(e);
        } catch (RuntimeException e) {
            if (broken) {
                LOG.debug("the last commit was broken off", e);
                return;
            }
            complain(e);
            metrics.again(LakeMetrics.Again.ROUND);
            Backoff pauses = rounds.commitInDoubt() || rounds.held() != null ? slow : backoff;
            Thread.sleep(pauses.pauseMillis(failures++));
        }
    }

    private void step() throws InterruptedException {
        if (!rounds.ready()) {
            rounds.resolve();
            report();
        }
        if (boundaries.serve(
                least -> !rounds.isOpen() && rounds.committed() >= least, this::mark)) {
            return;
        }
        // A cut that a table has not passed is still in the log's chain: it would come in twice.
        if (retries.serve(cut -> cut.sequence() <= rounds.committed(), rounds.retry()::take)) {
            return;
        }
        boolean room = !rounds.full() && rounds.bytes() < settings.memoryMaxBytes;
        if (room && !due()) {
            boolean took = rounds.take(settings.memoryMaxBytes, Math.min(WAIT_MILLIS, untilDue()));
            if (took) {
                return; // gather all there is before looking at the clock
            }
        }
        if (rounds.isOpen() && (due() || rounds.full() || !room)) {
            rounds.commit();
            report();
        }
    }

    private long mark(long least) {
        rounds.forgetSeries();
        return rounds.committed();
    }

    private boolean due() {
        if (!rounds.isOpen()) {
            return false;
        }
        synchronized (progress) {
            if (requested > committed && rounds.last() >= requested) {
                return true;
            }
        }
        return untilDue() == 0;
    }

    private long untilDue() {
        if (!rounds.isOpen()) {
            return Long.MAX_VALUE;
        }
        int part = memoryIsShort.getAsBoolean() ? SHORT_PART : 1;
        return Math.max(0, settings.commitIntervalMillis / part - rounds.ageMillis());
    }

    /// Notes when cuts were first seen, so that the lag counts from there.
    private void observe() {
        long newest = log.newest();
        if (newest > committed() && (seen.isEmpty() || seen.getLast().newest < newest)) {
            if (seen.size() < SEEN_MAX) {
                seen.addLast(new Seen(newest, clock.ticks()));
            } else { // the lag of the newest is shown a little too long then
                seen.addLast(new Seen(newest, seen.removeLast().ticks));
            }
        }
        Seen oldest = seen.peekFirst();
        behindSince = oldest == null ? -1 : oldest.ticks;
    }

    private void report() {
        long now = rounds.committed();
        while (!seen.isEmpty() && seen.getFirst().newest <= now) {
            seen.removeFirst();
        }
        Seen oldest = seen.peekFirst();
        behindSince = oldest == null ? -1 : oldest.ticks;
        synchronized (progress) {
            committed = now;
            progress.notifyAll();
        }
    }

    private void stop(RuntimeException e) {
        String reason = String.valueOf(e.getMessage());
        LOG.error("the lake sink stops, and ingestion with it: {}", reason);
        metrics.stopped();
        log.stop(reason);
        synchronized (progress) {
            stopped = reason;
            progress.notifyAll();
        }
    }

    private void complain(RuntimeException e) {
        long dropped = complaints.permit();
        if (dropped >= 0) {
            LOG.error(
                    "cannot bring cuts after {} into the lake, the log holds them and the sink"
                            + " tries again ({} more failures not shown)",
                    committed(),
                    dropped,
                    e);
        }
    }

    /// Commits what there is, within the time for that, and ends the worker. What is not committed
    /// by then is after the next start.
    @Override
    public void close() {
        close(settings.closeTimeoutMillis);
    }

    /// The same in this time.
    public void close(long timeoutMillis) {
        Worker running = worker;
        if (running == null) {
            return;
        }
        try {
            if (stopped() == null && !commitNow(timeoutMillis)) {
                LOG.warn("closed without the last commit; the next start makes it from the log");
            }
        } catch (WorldException e) {
            LOG.warn("closed without the last commit: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            broken = true;
            running.close(WORKER_MILLIS);
        }
    }
}
