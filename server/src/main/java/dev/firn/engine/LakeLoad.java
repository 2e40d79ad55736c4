package dev.firn.engine;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.model.CheckpointStore;
import dev.firn.model.LakeHistory;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings rows of the lake into the engine, each exactly once: a [LoadJob] is durable before its
/// first row moves; each step takes out what the engine has of one day (or of one append that was
/// begun before) and puts in what the lake has. A step that was cut off by a crash is done again.
/// Rows keep their (`src`, `seq`), so that afterwards counting by cut tells the truth again.
/// Belongs to the thread of the sink or follower.
final class LakeLoad {
    /// Name of its checkpoint.
    static final String NAME = "engine-lake";

    private static final Logger LOG = LoggerFactory.getLogger(LakeLoad.class);
    private static final String START = "start";
    private static final String APPLIED = "applied";
    private static final String POSITION = "position.";
    private static final long DAY_MILLIS = 86_400_000L;
    private static final long LOG_NANOS = 10_000_000_000L;

    /// The state of the lake that the engine shows, where it follows.
    ///
    /// @param snapshot 0 for none
    /// @param positions newest cut by writer, as far as rows told
    record Applied(long snapshot, SortedMap<String, Long> positions) {
        static final Applied NOTHING = new Applied(0, new TreeMap<>());

        /// As a checkpoint has them.
        Map<String, String> fields(String start) {
            var fields = new TreeMap<String, String>();
            fields.put(START, start);
            fields.put(APPLIED, Long.toString(snapshot));
            positions.forEach((src, seq) -> fields.put(POSITION + src, Long.toString(seq)));
            return fields;
        }
    }

    private final LakeHistory history;
    private final EngineClient client;
    private final Schema schema;
    private final CutLoader loader;
    private final Retention retention;
    private final ExpiredSeries expired;
    private final RollupErasure rollups;
    private final CheckpointStore checkpoints;
    private final Clock clock;
    private final Failpoint failpoint;
    private final String start;
    private final String tag;
    private final Counter rows;
    private final Counter catchUps;

    private @Nullable LoadJob job;
    private Applied applied = Applied.NOTHING;

    /// Begun by this process, and no step of it has failed.
    private boolean fresh;

    private SortedMap<Long, Long> rowsByDay = new TreeMap<>();
    private long rowsTotal;
    private long rowsDone;
    private long beganTicks;
    private long loggedTicks;
    private volatile LakeProgress progress = LakeProgress.NONE;

    /// @param start the mark that this process has left in the engine
    /// @param tag under which the lake keeps what is being read
    LakeLoad(
            LakeHistory history,
            EngineClient client,
            Schema schema,
            CutLoader loader,
            Retention retention,
            CheckpointStore checkpoints,
            Clock clock,
            OwnMetrics metrics,
            Failpoint failpoint,
            String start,
            String tag) {
        this.history = history;
        this.client = client;
        this.schema = schema;
        this.loader = loader;
        this.retention = retention;
        this.expired = new ExpiredSeries(schema.database(), retention, clock);
        this.rollups = new RollupErasure(client, schema);
        this.checkpoints = checkpoints;
        this.clock = clock;
        this.failpoint = failpoint;
        this.start = start;
        this.tag = tag;
        this.rows =
                metrics.counter(
                        "firn_engine_lake_rows",
                        "Rows read from the lake into the engine, repetitions included.");
        this.catchUps =
                metrics.counter(
                        "firn_engine_catch_ups",
                        "Times that cuts which the log had released were read from the lake.");
        metrics.gauge(
                "firn_engine_lake_days_left",
                "Days of the lake still to be read into the engine; 0 when none is being read.",
                () -> progress.daysLeft());
    }

    /// Reads what an earlier process left. A job in an engine that was dropped or swapped since
    /// means nothing any more.
    void open() throws InterruptedException {
        CheckpointStore.Checkpoint last = checkpoints.read(NAME);
        Map<String, String> fields = last == null ? Map.of() : last.fields();
        String recorded = fields.get(START);
        if (recorded == null || !schema.hasStart(client, recorded)) {
            return;
        }
        var positions = new TreeMap<String, Long>();
        fields.forEach((key, value) -> {
            if (key.startsWith(POSITION)) {
                positions.put(key.substring(POSITION.length()), Long.valueOf(value));
            }
        });
        applied = new Applied(Long.parseLong(fields.getOrDefault(APPLIED, "0")), positions);
        job = LoadJob.read(fields);
        if (job != null) {
            LOG.info("going on with what was being read from the lake: {}", job);
            estimate(job);
        }
    }

    /// What is being loaded; null for nothing.
    @Nullable LoadJob job() {
        return job;
    }

    /// What the engine shows of the lake.
    Applied applied() {
        return applied;
    }

    LakeProgress progress() {
        return progress;
    }

    /// Counts that the log has left the engine behind.
    void countCatchUp() {
        catchUps.inc();
    }

    /// Goes on with the same rows in another state of the lake.
    void moveTo(long snapshot) {
        LoadJob now = job;
        if (now != null) {
            job = now.at(snapshot);
            write();
            history.keep(tag, snapshot);
        }
    }

    /// Begins a job in place of any other.
    void begin(LoadJob next) {
        begin(next, applied);
    }

    /// Begins a job; the engine will show this state when it is done.
    void begin(LoadJob next, Applied then) {
        applied = then;
        job = next;
        write();
        fresh = true;
        failpoint.reach("job begun");
        if (next.days() != null) {
            history.keep(tag, next.snapshot());
        }
        estimate(next);
    }

    /// The engine shows this state already.
    void pass(Applied next) {
        applied = next;
        write();
    }

    /// Keeps the state that the engine shows readable.
    void keepApplied() {
        history.keep(tag, applied.snapshot());
    }

    private void write() {
        var fields = new TreeMap<>(applied.fields(start));
        LoadJob now = job;
        if (now != null) {
            now.write(fields);
        }
        checkpoints.write(new CheckpointStore.Checkpoint(NAME, 0, fields));
    }

    private void estimate(LoadJob of) {
        List<Long> days = of.days();
        rowsByDay =
                days == null
                        ? new TreeMap<>()
                        : history.days(of.snapshot(), of.src(), of.after(), of.upTo());
        rowsTotal = 0;
        if (days != null) {
            days.forEach(day -> rowsTotal += rowsByDay.getOrDefault(day, 0L));
        }
        rowsDone = 0;
        beganTicks = clock.ticks();
        loggedTicks = beganTicks;
        show();
    }

    private void show() {
        LoadJob now = job;
        List<Long> days = now == null ? null : now.days();
        progress =
                new LakeProgress(
                        now != null,
                        days == null ? 0 : days.size(),
                        rowsDone,
                        rowsTotal,
                        (clock.ticks() - beganTicks) / 1e9);
    }

    /// Does a part of the job.
    ///
    /// @param borderMillis points that expire before this moment stay out of the engine
    /// @return false when the job is done, or there is none
    boolean step(long borderMillis) throws InterruptedException {
        LoadJob now = job;
        if (now == null) {
            return false;
        }
        boolean well = false;
        try {
            boolean more = step(now, borderMillis);
            well = true;
            return more;
        } finally {
            fresh &= well;
        }
    }

    private boolean step(LoadJob now, long borderMillis) throws InterruptedException {
        List<Long> days = now.days();
        if (now.clear()) {
            remove(now.condition(), null);
            failpoint.reach("cleared");
            job = now.cleared();
            write();
            return true;
        }
        if (days == null) {
            if (!fresh) {
                remove(now.condition(), null);
            }
            load(now, null, borderMillis);
            return end(now);
        }
        if (days.isEmpty()) {
            return end(now);
        }
        long day = days.getFirst();
        // Old days would be read for nothing: a decade of lake behind a quarter of engine.
        if ((day + 1 + retention.daysMax()) * DAY_MILLIS >= borderMillis) {
            remove(now.condition(), day);
            failpoint.reach("day removed");
            load(now, day, borderMillis);
        }
        rowsTotal = Math.max(rowsTotal, rowsDone);
        job = now.withDays(days.subList(1, days.size()));
        write();
        failpoint.reach("day done");
        show();
        return true;
    }

    private boolean end(LoadJob now) {
        job = null;
        write();
        failpoint.reach("job done");
        show();
        if (now.days() != null) {
            LOG.info(
                    "read {} rows of the lake into the engine in {} s",
                    rowsDone,
                    (clock.ticks() - beganTicks) / 1_000_000_000);
        }
        return false;
    }

    /// Ends the keeping of what was read.
    void letGo() {
        history.letGo(tag);
    }

    private void load(LoadJob now, @Nullable Long day, long borderMillis)
            throws InterruptedException {
        history.read(
                now.part(day),
                batch -> {
                    loader.load(batch, borderMillis);
                    rowsDone += batch.batch.size();
                    rows.inc(batch.batch.size());
                    show();
                    if (clock.ticks() - loggedTicks >= LOG_NANOS) {
                        loggedTicks = clock.ticks();
                        LOG.info("reading the lake into the engine: {}", progress.describe());
                    }
                });
    }

    /// Takes rows out of all tables, a table at a time: the whole table where they are all it has.
    private void remove(String condition, @Nullable Long day) throws InterruptedException {
        var parameters = new HashMap<String, String>();
        parameters.put("database", schema.database());
        parameters.put("condition", condition + (day == null ? "" : " AND " + within(day)));
        var there = new EnumMap<Table, Long>(Table.class);
        for (Table table : Table.values()) {
            long rows = count(table, parameters);
            if (rows > 0) {
                there.put(table, rows);
            }
        }
        if (there.isEmpty()) {
            return;
        }
        ReentrantLock stopped = rollups.stoppedSoon();
        try {
            schema.rollups().forget();
            removeRollups(
                    condition,
                    day == null ? List.copyOf(storedDays(condition).keySet()) : List.of(day));
            failpoint.reach("rollups removed");
            schema.removing(client);
            for (var rows : there.entrySet()) {
                parameters.put("table", rows.getKey().label());
                String how = day == null && isAll(rows, parameters) ? "truncate" : "delete_part";
                client.execute(EngineSql.read("engine/" + how, parameters));
            }
        } finally {
            stopped.unlock();
        }
    }

    /// Takes away what was computed of rows that go, and marks what is left beside them. Rollups of
    /// points that may have expired here stay: nothing could say again what they say.
    private void removeRollups(String condition, List<Long> days) throws InterruptedException {
        for (int from = 0, to; from < days.size(); from = to) {
            long first = days.get(from);
            to = from + 1;
            while (to < days.size() && days.get(to) == first + to - from && !expired.mayBe(first)) {
                to++;
            }
            var rows =
                    new EngineErasure.Rows(
                            expired.others(first),
                            condition,
                            first * DAY_MILLIS,
                            (first + to - from) * DAY_MILLIS);
            rollups.mark(rows);
            rollups.delete(rows);
        }
    }

    private long count(Table table, Map<String, String> condition) throws InterruptedException {
        var parameters = new HashMap<>(condition);
        parameters.put("table", table.label());
        return client.query(EngineSql.read("engine/count_part", parameters)).getFirst().number(0);
    }

    private boolean isAll(Map.Entry<Table, Long> rows, Map<String, String> parameters)
            throws InterruptedException {
        var all = new HashMap<>(parameters);
        all.put("condition", "1");
        return count(rows.getKey(), all) == rows.getValue();
    }

    private static String within(long day) {
        return "time >= fromUnixTimestamp64Milli("
                + day * DAY_MILLIS
                + ") AND time < fromUnixTimestamp64Milli("
                + (day + 1) * DAY_MILLIS
                + ")";
    }

    /// Points in the engine by UTC day, of the rows that a job of all days would replace.
    SortedMap<Long, Long> storedDays(String condition) throws InterruptedException {
        var parameters = Map.of("database", schema.database(), "condition", condition);
        var days = new TreeMap<Long, Long>();
        for (var row : client.query(EngineSql.read("engine/count_days", parameters))) {
            days.put(row.number(0), row.number(1));
        }
        return days;
    }

    /// Days of `days` that lie in a range, as a list.
    static List<Long> within(Iterable<Long> days, DayRange range) {
        var within = new ArrayList<Long>();
        for (Long day : days) {
            if (range.contains(day)) {
                within.add(day);
            }
        }
        return within;
    }
}
