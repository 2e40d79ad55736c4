package dev.firn.engine;

import dev.firn.base.Clock;
import dev.firn.base.Handover;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.base.WorldException;
import dev.firn.model.CheckpointStore;
import dev.firn.model.LakeHistory;
import dev.firn.model.LakeHistory.Change;
import dev.firn.model.PointWatch;
import dev.firn.model.Retried;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings every writer's rows of the lake into the engine, snapshot after snapshot (`engine.source:
/// lake`). Appends bring the rows that they added, rewrites are passed over, of what removed or
/// replaced rows the days are read again. Where the way from the last state is no longer known,
/// days are compared and those that differ are read again. Runs on one [Worker].
public final class EngineFollower implements EngineFeed {
    private static final Logger LOG = LoggerFactory.getLogger(EngineFollower.class);
    private static final long BACKOFF_MILLIS_MIN = 100;
    private static final long BACKOFF_MILLIS_MAX = 5_000;
    private static final long LOG_SECONDS = 30;
    private static final long WAIT_MILLIS = 200;

    /// Moving a tag is a commit: not for each snapshot.
    private static final long KEEP_NANOS = 600_000_000_000L;

    private final LakeHistory history;
    private final EngineClient client;
    private final EngineHome home;
    private final Schema schema;
    private final Clock clock;
    private final Failpoint failpoint;
    private final long pollMillis;
    private final String start;
    private final SinkMetrics metrics;
    private final CutLoader loader;
    private final LakeLoad load;
    private final Throttle failureLog;
    private final Handover<DayRange, Retried> requests = new Handover<>();
    private final Handover<String, Boolean> deletions = new Handover<>();

    private boolean started;
    private boolean recovered;
    private long backoffMillis = BACKOFF_MILLIS_MIN;
    private long keptTicks;
    private long keptSnapshot; // 0: none yet
    private volatile long behindSinceMillis; // 0: nothing is missing
    private volatile @Nullable String trouble;
    private volatile @Nullable EngineContents shown; // null: it is between two states

    /// @param id names this follower among others of the same lake
    /// @param epoch random, new for each process
    /// @param pollMillis how often to look for a new snapshot (`engine.follow_interval`)
    public EngineFollower(
            String id,
            long epoch,
            LakeHistory history,
            EngineClient client,
            EngineHome home,
            Schema schema,
            Retention retention,
            CheckpointStore checkpoints,
            Clock clock,
            OwnMetrics ownMetrics,
            long pollMillis,
            Failpoint failpoint) {
        this.history = history;
        this.client = client;
        this.home = home;
        this.schema = schema;
        this.clock = clock;
        this.failpoint = failpoint;
        this.pollMillis = pollMillis;
        this.start = id + "-" + HexFormat.of().toHexDigits(epoch);
        this.failureLog = new Throttle(clock, LOG_SECONDS);
        this.metrics = new SinkMetrics(ownMetrics, this::lagSeconds, this::knownSeries);
        this.loader =
                new CutLoader(
                        id,
                        queryIdPrefix(id) + HexFormat.of().toHexDigits(epoch) + "-",
                        client,
                        schema,
                        retention,
                        clock,
                        metrics,
                        failpoint);
        this.load =
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
                        LakeHistory.FOLLOWER_TAG + id);
    }

    /// What the query ids of all inserts of a follower begin with.
    public static String queryIdPrefix(String id) {
        return "firn-follow-" + id + "-";
    }

    private double knownSeries() {
        return loader.knownSeries();
    }

    /// The snapshot that the engine shows; 0 for none, or while it is between two.
    public long applied() {
        EngineContents now = shown;
        return now == null ? 0 : now.snapshot();
    }

    @Override
    public @Nullable EngineContents contents() {
        return shown;
    }

    @Override
    public @Nullable String stopped() {
        return null;
    }

    @Override
    public List<String> troubles() {
        String now = trouble;
        return now == null ? List.of() : List.of(now);
    }

    @Override
    public double lagSeconds() {
        long since = behindSinceMillis;
        return since == 0 ? 0 : Math.max(0, clock.millis() - since) / 1e3;
    }

    @Override
    public void watch(PointWatch watch) {
        loader.watch(watch);
    }

    @Override
    public LakeProgress lakeProgress() {
        return load.progress();
    }

    @Override
    public Retried rebuild(DayRange range, long timeoutMillis) throws InterruptedException {
        Retried begun = requests.ask(range, timeoutMillis);
        return begun == null ? Retried.refused("the follower is busy; try again") : begun;
    }

    @Override
    public boolean delete(String statement, long timeoutMillis) throws InterruptedException {
        return Boolean.TRUE.equals(deletions.ask(statement, timeoutMillis));
    }

    /// One round: recovers if need be, then does what there is to do.
    @Override
    public void run() throws InterruptedException {
        boolean well = false;
        try {
            round();
            well = true;
            backoffMillis = BACKOFF_MILLIS_MIN;
            trouble = null;
            shown =
                    load.job() == null
                            ? new EngineContents(
                                    load.applied().snapshot(), load.applied().positions())
                            : null;
        } catch (WorldException e) {
            onFailure(e);
        } finally {
            recovered &= well;
        }
    }

    private void onFailure(WorldException e) throws InterruptedException {
        metrics.failures.inc();
        long dropped = failureLog.permit();
        if (dropped >= 0) {
            trouble = "the engine does not follow the lake now: " + e.getMessage();
            LOG.warn(
                    "cannot follow the lake after snapshot {}, trying again ({} such messages"
                            + " dropped): {}",
                    load.applied().snapshot(),
                    dropped,
                    e.getMessage());
        }
        Thread.sleep(backoffMillis);
        backoffMillis = Math.min(2 * backoffMillis, BACKOFF_MILLIS_MAX);
    }

    private void round() throws InterruptedException {
        if (!recovered) {
            recover();
            recovered = true;
        }
        if (serve()) {
            return;
        }
        if (load.job() != null) {
            finish();
        } else {
            follow();
        }
    }

    private void recover() throws InterruptedException {
        if (!started) {
            home.settleAtStart();
        } else if (loader.insertLost()) {
            home.settleAfterLoss();
        }
        loader.settled();
        schema.migrate(client);
        if (!started) {
            load.open();
            schema.recordStart(client, start);
            load.pass(load.applied());
            started = true;
        }
        loader.loadKnown();
        failpoint.reach("recovered");
    }

    /// Goes on with a job, a step at a time.
    private void finish() throws InterruptedException {
        LoadJob job = load.job();
        if (job != null && !history.has(job.snapshot())) {
            LakeHistory.State state = history.newest();
            List<Long> days = job.days();
            readAgain(
                    state,
                    days == null
                            ? history.days(state.snapshot(), job.src(), job.after(), job.upTo())
                                    .keySet()
                            : days);
        }
        load.step(EngineSink.borderAt(clock.millis()));
    }

    private boolean serve() throws InterruptedException {
        return deletions.serve(statement -> true, this::delete)
                || requests.serve(range -> true, this::begin);
    }

    private boolean delete(String statement) throws InterruptedException {
        loader.doubtSeries();
        recovered = false;
        client.execute(statement);
        return true;
    }

    private Retried begin(DayRange range) throws InterruptedException {
        Retried running = LoadJob.running(load.job(), range);
        if (running != null) {
            return running;
        }
        LakeHistory.State state = history.newest();
        var days = new TreeSet<>(lakeDays(state).keySet());
        if (range.isAll()) {
            begin(LoadJob.all(state.snapshot(), List.copyOf(days), true).asked(range), state);
        } else if (state.snapshot() == load.applied().snapshot()) {
            days.addAll(load.storedDays("1").keySet());
            begin(
                    LoadJob.all(state.snapshot(), LakeLoad.within(days, range), false).asked(range),
                    state);
        } else {
            return Retried.refused("the engine is behind the lake; try again when it is not");
        }
        return Retried.taken("begun");
    }

    private TreeMap<Long, Long> lakeDays(LakeHistory.State state) {
        return new TreeMap<>(history.days(state.snapshot(), LakeHistory.ANY, 0, Long.MAX_VALUE));
    }

    private void begin(LoadJob job, LakeHistory.State state) {
        load.begin(job, new LakeLoad.Applied(state.snapshot(), state.positions()));
        keptSnapshot = 0; // the job keeps another under this name
    }

    private void follow() throws InterruptedException {
        List<Change> changes = history.changes(load.applied().snapshot());
        if (changes == null) {
            LOG.warn(
                    "the lake no longer tells what happened after snapshot {}: comparing day by"
                            + " day",
                    load.applied().snapshot());
            compare();
            return;
        }
        if (changes.isEmpty()) {
            behindSinceMillis = 0;
            keepApplied();
            waitForNext();
            return;
        }
        shown = null;
        for (Change change : together(changes)) {
            behindSinceMillis = change.millis();
            apply(change);
        }
        behindSinceMillis = 0;
    }

    /// An erasure makes a snapshot for each partition, and each would have whole days read again:
    /// where rows were replaced more than once, what happened from the first to the last time is
    /// one change.
    private static List<Change> together(List<Change> changes) {
        List<Change> replaced = changes.stream().filter(Change.Replaced.class::isInstance).toList();
        if (replaced.size() < 2) {
            return changes;
        }
        int begin = changes.indexOf(replaced.getFirst());
        int end = changes.indexOf(replaced.getLast()) + 1;
        var days = new TreeSet<Long>();
        var appended = new TreeMap<String, Long>();
        for (Change change : changes.subList(begin, end)) {
            days.addAll(change.days());
            if (change instanceof Change.Appended one) {
                appended.merge(one.src(), one.to(), Math::max);
            }
        }
        var all = new ArrayList<>(changes.subList(0, begin));
        all.add(
                new Change.Replaced(
                        replaced.getLast().snapshot(),
                        replaced.getFirst().millis(),
                        days,
                        appended));
        all.addAll(changes.subList(end, changes.size()));
        return all;
    }

    private void waitForNext() throws InterruptedException {
        long deadline = clock.ticks() + pollMillis * 1_000_000;
        while (clock.ticks() - deadline < 0) {
            if (serve()) {
                return;
            }
            Thread.sleep(Math.min(WAIT_MILLIS, pollMillis));
        }
    }

    private void keepApplied() {
        long at = load.applied().snapshot();
        if (at != keptSnapshot && (keptSnapshot == 0 || clock.ticks() - keptTicks >= KEEP_NANOS)) {
            load.keepApplied();
            keptSnapshot = at;
            keptTicks = clock.ticks();
        }
    }

    private void apply(Change change) throws InterruptedException {
        switch (change) {
            case Change.Appended one ->
                    load.begin(
                            new LoadJob(
                                    one.snapshot(),
                                    one.src(),
                                    one.from() - 1,
                                    one.to(),
                                    null,
                                    false,
                                    ""),
                            after(one.snapshot(), Map.of(one.src(), one.to())));
            case Change.Replaced one ->
                    load.begin(
                            LoadJob.all(one.snapshot(), List.copyOf(one.days()), false),
                            after(one.snapshot(), one.appended()));
            case Change.Rewritten one -> load.pass(after(one.snapshot(), Map.of()));
        }
        while (load.step(EngineSink.borderAt(clock.millis()))) {
            failpoint.reach("step done");
        }
        failpoint.reach("change applied");
    }

    private LakeLoad.Applied after(long snapshot, Map<String, Long> appended) {
        var positions = new TreeMap<>(load.applied().positions());
        appended.forEach((src, seq) -> positions.merge(src, seq, Math::max));
        return new LakeLoad.Applied(snapshot, positions);
    }

    /// The way from the last state is not known: first the cuts that came since, writer by writer,
    /// then the days whose number of points differs all the same.
    private void compare() throws InterruptedException {
        LakeHistory.State state = history.newest();
        LakeLoad.Applied now = load.applied();
        for (var writer : state.positions().entrySet()) {
            String src = writer.getKey();
            long upTo = writer.getValue();
            long after = now.positions().getOrDefault(src, 0L);
            if (after < upTo) {
                var days = history.days(state.snapshot(), src, after, upTo).keySet();
                var positions = new TreeMap<>(now.positions());
                positions.put(src, upTo);
                load.begin(
                        new LoadJob(
                                state.snapshot(), src, after, upTo, List.copyOf(days), false, ""),
                        new LakeLoad.Applied(now.snapshot(), positions));
                keptSnapshot = 0;
                return;
            }
        }
        readAgain(state, List.of());
    }

    /// Begins to read again whole days: these, and those whose number of points differs.
    private void readAgain(LakeHistory.State state, Iterable<Long> more)
            throws InterruptedException {
        TreeMap<Long, Long> lake = lakeDays(state);
        var stored = load.storedDays("1");
        var days = new TreeSet<Long>();
        more.forEach(days::add);
        var all = new TreeSet<>(lake.keySet());
        all.addAll(stored.keySet());
        for (Long day : all) {
            if (!lake.getOrDefault(day, 0L).equals(stored.getOrDefault(day, 0L))) {
                days.add(day);
            }
        }
        begin(LoadJob.all(state.snapshot(), List.copyOf(days), false), state);
    }

    @Override
    public void onClose() {}
}
