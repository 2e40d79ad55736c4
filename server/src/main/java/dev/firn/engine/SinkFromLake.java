package dev.firn.engine;

import dev.firn.base.Handover;
import dev.firn.model.LakeHistory;
import dev.firn.model.Retried;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the engine sink takes from the lake: cuts that the log no longer has, and everything anew
/// when somebody asks. Only rows of the log's own writer, up to the cut that the lake has; the log
/// gives the rest, so that both may go on side by side.
final class SinkFromLake {
    private static final Logger LOG = LoggerFactory.getLogger(SinkFromLake.class);

    /// Cuts of the log that are taken in between two steps when both have work.
    private static final int CUTS_BETWEEN = 64;

    private final LakeHistory history;
    private final LakeLoad load;
    private final String writer;
    private final Handover<DayRange, Retried> requests = new Handover<>();
    private int cutsSinceStep;

    SinkFromLake(LakeHistory history, LakeLoad load, String writer) {
        this.history = history;
        this.load = load;
        this.writer = writer;
    }

    LakeProgress progress() {
        return load.progress();
    }

    /// Takes up what an earlier process left.
    ///
    /// @return the cut after which the log goes on: those before it come from the lake
    long open(long done) throws InterruptedException {
        load.open();
        LoadJob job = load.job();
        return job == null ? done : Math.max(done, job.upTo());
    }

    /// Begins to read the cuts after `done` that the log no longer has.
    ///
    /// @param oldest the first that it has
    /// @return the cut after which the log goes on; `done` if the lake does not have them
    long catchUp(long done, long oldest) {
        LakeHistory.State state = history.newest();
        long position = state.position(writer);
        if (position <= done) {
            return done;
        }
        LoadJob job = load.job();
        long after = job == null ? done : Math.min(job.after(), done); // and what was not done yet
        LOG.warn(
                "the log begins with cut {}, the engine has those up to {}: reading cuts {} to {}"
                        + " from the lake",
                oldest,
                done,
                after + 1,
                position);
        begin(state, after, position);
        load.countCatchUp();
        return position;
    }

    /// Begins to read cuts that were missed when there was no lake to read them from.
    ///
    /// @return whether the lake has them
    boolean mend(MissingRange missing) {
        LakeHistory.State state = history.newest();
        if (state.position(writer) < missing.to() || load.job() != null) {
            return false;
        }
        LOG.info("reading cuts {} to {} from the lake", missing.from(), missing.to());
        begin(state, missing.from() - 1, missing.to());
        return true;
    }

    private void begin(LakeHistory.State state, long after, long upTo) {
        load.begin(job(state, after, upTo, false));
    }

    private LoadJob job(LakeHistory.State state, long after, long upTo, boolean clear) {
        var days = history.days(state.snapshot(), writer, after, upTo).keySet();
        return new LoadJob(state.snapshot(), writer, after, upTo, List.copyOf(days), clear, "");
    }

    /// Asks for everything, or the days of a range, to be loaded anew; any thread may call.
    @Nullable Retried rebuild(DayRange range, long timeoutMillis) throws InterruptedException {
        return requests.ask(range, timeoutMillis);
    }

    /// Begins what was asked for.
    ///
    /// @return the cut after which the log goes on
    long serve(long done) throws InterruptedException {
        var next = new long[] {done};
        requests.serve(range -> true, range -> begin(range, done, next));
        return next[0];
    }

    private Retried begin(DayRange range, long done, long[] next) throws InterruptedException {
        Retried running = LoadJob.running(load.job(), range);
        if (running != null) {
            return running;
        }
        LakeHistory.State state = history.newest();
        // A range leaves days alone that may lack the cuts between: those still come from the log.
        long position = state.position(writer);
        long upTo = range.isAll() ? position : Math.min(position, done);
        if (!range.isAll() && upTo == 0 && position > 0) {
            return Retried.refused(
                    "the engine holds nothing of the log yet, and its days come by themselves;"
                            + " load all of it (without --from and --to), or let it catch up");
        }
        if (range.isAll()) {
            load.begin(job(state, 0, upTo, true).asked(range));
        } else {
            beginRange(state, upTo, range);
        }
        next[0] = Math.max(done, upTo);
        return Retried.taken("begun");
    }

    private void beginRange(LakeHistory.State state, long upTo, DayRange range)
            throws InterruptedException {
        var job = job(state, 0, upTo, false);
        var days = new TreeSet<>(Objects.requireNonNull(job.days()));
        days.addAll(load.storedDays(job.condition()).keySet());
        load.begin(job.withDays(LakeLoad.within(days, range)).asked(range));
    }

    /// True if a step is due; cuts of the log go first, within measure.
    boolean due(boolean idle) {
        return load.job() != null && (idle || cutsSinceStep++ >= CUTS_BETWEEN);
    }

    /// Does a step of what is being read.
    void step(long borderMillis) throws InterruptedException {
        cutsSinceStep = 0;
        LoadJob job = load.job();
        if (job != null && history.lostRowsSince(job.snapshot())) {
            // The rows of these cuts are in every later state, too, but for those deleted since.
            // What was deleted must not come back: whoever erases also deletes what is here, in a
            // later round of this thread.
            load.moveTo(history.newest().snapshot());
        }
        if (!load.step(borderMillis)) {
            load.letGo();
        }
    }
}
