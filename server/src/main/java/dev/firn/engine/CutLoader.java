package dev.firn.engine;

import dev.firn.base.ByteWriter;
import dev.firn.base.Clock;
import dev.firn.base.Throttle;
import dev.firn.base.WorldException;
import dev.firn.model.Cut;
import dev.firn.model.PointWatch;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.StoredBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Loads one cut: series first, then a block for each table and month. Keeps what is known of the
/// series in the engine. Belongs to the sink's thread.
final class CutLoader {
    /// The cut's contents cannot become blocks, and no retry will mend that.
    static final class Unfit extends Exception {
        private static final long serialVersionUID = 1;

        Unfit(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(CutLoader.class);

    private static final long DAY_MILLIS = 86_400_000L;
    private static final long MINUTE_NANOS = 60_000_000_000L;
    private static final int KNOWN_ROW_BYTES = 22;
    private static final long LOG_SECONDS = 60;

    private final String writer;
    private final String queryIds;
    private final EngineClient client;
    private final Schema schema;
    private final Retention retention;
    private final Clock clock;
    private final SinkMetrics metrics;
    private final Failpoint failpoint;
    private final Throttle collisionLog;

    private CutRows rows = new CutRows();

    /// Of the tables; those of points by the code of their kind, exemplars first.
    private final RowOrder[] orders = new RowOrder[Table.values().length];

    private TableBlocks blocks;
    private final RollupMarks marks;
    private SeriesBlock seriesBlock = new SeriesBlock();
    private KnownSeries known = new KnownSeries();
    private volatile int knownSize;
    private long inserts;

    private final List<PointWatch> watches = new CopyOnWriteArrayList<>();

    /// An insert was begun whose end is not known.
    private boolean insertLost;

    /// Series may count as known whose rows are not in the engine.
    private boolean seriesInDoubt = true;

    CutLoader(
            String writer,
            String queryIds,
            EngineClient client,
            Schema schema,
            Retention retention,
            Clock clock,
            SinkMetrics metrics,
            Failpoint failpoint) {
        this.writer = writer;
        this.queryIds = queryIds;
        this.client = client;
        this.schema = schema;
        this.retention = retention;
        this.clock = clock;
        this.metrics = metrics;
        this.failpoint = failpoint;
        this.collisionLog = new Throttle(clock, LOG_SECONDS);
        this.blocks = new TableBlocks(schema.precision(), writer);
        this.marks = new RollupMarks(client, schema.database(), schema.rollups(), clock);
        Arrays.setAll(orders, i -> new RowOrder());
    }

    /// Lets go of what has grown to the size of the largest cut.
    void rest() {
        rows = new CutRows();
        blocks = new TableBlocks(schema.precision(), writer);
        seriesBlock = new SeriesBlock();
        Arrays.setAll(orders, i -> new RowOrder());
    }

    int knownSeries() {
        return knownSize;
    }

    /// Also who sees points once they are stored. Any thread may call.
    void watch(PointWatch by) {
        watches.add(by);
    }

    /// What the engine has may have changed under what is remembered.
    void doubtSeries() throws InterruptedException {
        seriesInDoubt = true;
        schema.rollups().forget();
    }

    /// Blocks sent so far, series included.
    long inserts() {
        return inserts;
    }

    /// True if an insert may still be running.
    boolean insertLost() {
        return insertLost;
    }

    /// No insert is running any more.
    void settled() {
        insertLost = false;
    }

    /// Reads from the engine which series it has, where what is remembered is not certain.
    void loadKnown() throws InterruptedException {
        if (!seriesInDoubt) {
            return;
        }
        long today = Math.floorDiv(clock.millis(), DAY_MILLIS);
        var parameters = Map.of("database", schema.database(), "today", "" + today);
        long expected =
                client.query(EngineSql.read("engine/count_series", parameters))
                        .getFirst()
                        .number(0);
        byte[] answer = client.raw(EngineSql.read("engine/load_series", parameters));
        if (answer.length % KNOWN_ROW_BYTES != 0 || answer.length / KNOWN_ROW_BYTES < expected) {
            throw new EngineException(
                    EngineException.Outcome.BUSY,
                    0,
                    "cannot load the known series: the engine has %d, its answer of %d bytes fewer"
                            .formatted(expected, answer.length),
                    null);
        }
        var loaded = new KnownSeries();
        ByteBuffer in = ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            loaded.load(in.getLong(), in.getLong(), in.getChar(), in.getChar(), in.getChar());
        }
        known = loaded;
        rows.series.forget();
        knownSize = loaded.size();
        seriesInDoubt = false;
    }

    /// Loads a cut in whole.
    ///
    /// @param borderMillis points that expire before this moment stay out of the engine
    /// @param stored what was counted of it, or null if it certainly was not sent before
    void load(Cut cut, long borderMillis, @Nullable StoredRows stored)
            throws Unfit, InterruptedException {
        schema.rollups().enter();
        try {
            loadInGate(cut, borderMillis, stored);
        } finally {
            schema.rollups().leave();
        }
    }

    private void loadInGate(Cut cut, long borderMillis, @Nullable StoredRows stored)
            throws Unfit, InterruptedException {
        if (stored == null) {
            gather(cut, borderMillis, Long.MAX_VALUE / (2 * DAY_MILLIS));
        } else {
            gather(cut, stored.borderMillis(), stored.daysMax());
        }
        failpoint.reach("cut gathered");
        long collided = insertSeries();
        arrange();
        mark(cut.sequence());
        for (Table table : Table.values()) {
            load(table, cut, stored);
        }
        if (stored != null) {
            String rest = stored.rest(cut.sequence());
            if (!rest.isEmpty()) {
                throw new EngineSink.Contradiction(
                        "the engine has %s of cut %d, the log none"
                                .formatted(rest, cut.sequence()));
            }
        }
        rollUp();
        metrics.pastTtl.inc(rows.pastTtl());
        metrics.collisions.inc(collided);
    }

    private void arrange() {
        rows.series.rank();
        for (Table table : Table.values()) {
            order(table).shards(schema.shards());
            TableBlocks.arrange(table, rows, order(table));
        }
    }

    private RowOrder order(Table table) {
        return orders[(table.ordinal() + 1) % orders.length];
    }

    /// Marks what rollups will have to look at, before the points are written.
    private void mark(Object token) throws InterruptedException {
        RollupWindows windows = schema.rollups().windows();
        if (windows != null) {
            long closed = schema.rollups().closedSeconds();
            List<RollupMark> needed = windows.plan(rows, orders, token, closed);
            if (!needed.isEmpty()) {
                windows.written(needed, marks.write(needed));
            }
        }
        failpoint.reach("windows marked");
    }

    /// Takes the points into their windows, after they are written, and shows them.
    private void rollUp() {
        RollupWindows windows = schema.rollups().windows();
        if (windows != null) {
            windows.fold(
                    rows, orders, schema.rollups().closedSeconds(), clock.ticks() / MINUTE_NANOS);
        }
        watches.forEach(watch -> watch.stored(this::forEach));
    }

    private void forEach(PointWatch.Run run) {
        CutSeries series = rows.series;
        for (Points.Kind kind : Points.Kind.values()) {
            Points points = rows.points.points(kind);
            int[] slots = rows.slots(kind);
            SeriesRuns.forEach(
                    rows,
                    kind,
                    orders,
                    (order, from, to) -> {
                        int slot = slots[order[from]];
                        run.take(series.series[slot], series.fresh[slot], points, order, from, to);
                    });
        }
    }

    /// Loads points that were read back from the lake. The caller knows that none of them is there.
    void load(StoredBatch batch, long borderMillis) throws InterruptedException {
        schema.rollups().enter();
        try {
            loadInGate(batch, borderMillis);
        } finally {
            schema.rollups().leave();
        }
    }

    private void loadInGate(StoredBatch batch, long borderMillis) throws InterruptedException {
        rows.gather(batch, retention, borderMillis);
        long collided = insertSeries();
        arrange();
        mark(new Object()); // what is tried again is another batch
        blocks.src(batch.src());
        try {
            for (Table table : Table.values()) {
                RowOrder order = order(table);
                for (int i = 0; i < order.partitions(); i++) {
                    insert(table, blocks.build(table, rows, order, i, 0), i, "");
                }
            }
        } finally {
            blocks.src(writer);
        }
        rollUp();
        metrics.pastTtl.inc(rows.pastTtl());
        metrics.collisions.inc(collided);
    }

    /// @param name of the block among all blocks; empty for one that is not repeated blindly
    private void insert(Table table, ByteWriter block, int partition, String name)
            throws InterruptedException {
        failpoint.reach("before " + table.label());
        RowOrder order = order(table);
        String settings = schema.insertSettings(order.shard(partition), name);
        insert(table.label(), table.columns(), settings, block);
        metrics.rows.labelValues(table.label()).inc(order.to(partition) - order.from(partition));
        failpoint.reach("after " + table.label());
    }

    private void gather(Cut cut, long borderMillis, long daysMax) throws Unfit {
        try {
            rows.gather(cut, retention, borderMillis, daysMax);
        } catch (WorldException e) {
            throw e; // the disk's failure, not the cut's
        } catch (RuntimeException e) {
            throw unfit(cut, e);
        }
    }

    private static Unfit unfit(Cut cut, RuntimeException e) {
        return new Unfit("cannot build blocks of cut %d: %s".formatted(cut.sequence(), e), e);
    }

    /// Writes rows of series that are new or newly seen; returns the number of points whose series
    /// collides with another and is left out.
    private long insertSeries() throws InterruptedException {
        CutSeries series = rows.series;
        var needed = new ArrayList<SeriesBlock.Row>();
        boolean collision = false;
        boolean doubt = seriesInDoubt;
        seriesInDoubt = true; // until the rows of what is remembered from here on are written
        for (int i = 0; i < series.size(); i++) {
            int slot = series.slotAt(i);
            if (series.firstDay[slot] > series.lastDay[slot] || series.settled(slot)) {
                continue; // all its points are past their TTL, or nothing is new
            }
            Series one = series.series[slot];
            series.fresh[slot] = !known.has(one.id());
            switch (known.look(one, series.firstDay[slot], series.lastDay[slot])) {
                case KNOWN -> series.settle(slot);
                case ROW_NEEDED -> {
                    series.settle(slot);
                    needed.add(
                            new SeriesBlock.Row(
                                    one,
                                    series.retentionDays[slot],
                                    known.firstDay(one.id()),
                                    known.lastDay(one.id())));
                }
                case COLLISION -> {
                    series.rank[slot] = -1;
                    collision = true;
                    reportCollision(one);
                }
            }
        }
        knownSize = known.size();
        insertSeries(needed);
        seriesInDoubt = doubt;
        return collision ? rows.countLeftOut() : 0;
    }

    private void reportCollision(Series one) {
        long dropped = collisionLog.permit();
        if (dropped >= 0) {
            LOG.error(
                    "series {} is kept out of the engine: another series has its id {}; its points"
                            + " are in the lake ({} such messages dropped)",
                    one,
                    one.id(),
                    dropped);
        }
    }

    private void insertSeries(List<SeriesBlock.Row> needed) throws InterruptedException {
        for (int from = 0; from < needed.size(); from += SeriesBlock.ROWS_MAX) {
            List<SeriesBlock.Row> part =
                    needed.subList(from, Math.min(needed.size(), from + SeriesBlock.ROWS_MAX));
            failpoint.reach("before series");
            insert("series", SeriesBlock.COLUMNS, "insert_deduplicate=0", seriesBlock.build(part));
            metrics.rows.labelValues("series").inc(part.size());
            failpoint.reach("after series");
        }
    }

    private void load(Table table, Cut cut, @Nullable StoredRows stored)
            throws Unfit, InterruptedException {
        RowOrder order = order(table);
        for (int i = 0; i < order.partitions(); i++) {
            long expected = order.to(i) - order.from(i);
            long there =
                    stored == null
                            ? 0
                            : stored.take(table, order.month(i), order.shard(i), cut.sequence());
            if (there == expected) {
                continue;
            }
            if (there != 0) {
                throw new EngineSink.Contradiction(
                        "table %s, month %d has %d of the %d rows of cut %d"
                                .formatted(
                                        table.label(),
                                        order.month(i),
                                        there,
                                        expected,
                                        cut.sequence()));
            }
            String block = "%s-%d-%d".formatted(writer, cut.sequence(), order.month(i));
            insert(table, build(table, i, cut), i, block);
        }
    }

    private ByteWriter build(Table table, int partition, Cut cut) throws Unfit {
        try {
            return blocks.build(table, rows, order(table), partition, cut.sequence());
        } catch (RuntimeException e) {
            throw unfit(cut, e);
        }
    }

    private void insert(String table, String columns, String settings, ByteWriter block)
            throws InterruptedException {
        long begin = clock.ticks();
        insertLost = true;
        boolean answered = false;
        try {
            client.insert(
                    schema.database() + "." + table,
                    columns,
                    settings,
                    block,
                    queryIds + inserts++);
            insertLost = false;
            answered = true;
        } catch (EngineException e) {
            insertLost = e.outcome() == EngineException.Outcome.UNKNOWN;
            throw e;
        } finally {
            if (!answered) {
                block.abandon(); // the lost request may still send from its array
            }
        }
        metrics.insertSeconds.observe((clock.ticks() - begin) / 1e9);
    }
}
