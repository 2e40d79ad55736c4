package dev.firn.process.state;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteReader.Malformed;
import dev.firn.base.ByteWriter;
import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Worker;
import dev.firn.base.WorldException;
import dev.firn.model.Batch;
import dev.firn.model.Cut;
import dev.firn.model.CutLog;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps what stateful processors remember, so that a killed process goes on as if it had not been.
///
/// A request takes the room when its first stateful processor sees it, and holds it until the log
/// has answered: so the order of the log is the order of the states. What the request changed goes
/// into its record in the log ([#seal]); if the log does not take it, it is undone ([#failed]), and
/// the sender's retry finds the states as they were. Now and then all states are written to a
/// checkpoint that stands at a cut of the log; the log is kept back to it, and after a start the
/// records behind it are applied again.
///
/// Requests whose points only pass, each as the only source of its series, share the room: what
/// they leave is the same in any order. One that finds out that it must have the room to itself
/// begins again ([Again]).
///
/// Order of use: make it, make the processors, [#open], requests, [#close].
public final class StateRoom implements AutoCloseable {
    /// The name under which it holds the log back: one of the log's sinks.
    public static final String SINK = "state";

    /// Bounds.
    ///
    /// @param streamsMax streams of one processor; new ones beyond it are dropped and counted
    /// @param checkpointNanos time between checkpoints
    public record Limits(long streamsMax, long checkpointNanos) {
        /// A million streams, a checkpoint a minute.
        public static final Limits DEFAULT = new Limits(1_000_000, 60_000_000_000L);

        public Limits {
            if (streamsMax < 1 || checkpointNanos < 1) {
                throw new IllegalArgumentException("limits are 1 or more");
            }
        }
    }

    /// A request that shares the room must have it to itself: run it again from the beginning.
    public static final class Again extends RuntimeException {
        private static final long serialVersionUID = 1;

        private Again() {
            super("the request needs the room to itself", null, false, false);
        }
    }

    /// What stages know of sources.
    interface Stages {
        /// The one source of a series that has left a stage; null if there are several.
        @Nullable StreamKey only(String stage, StreamKey key);
    }

    /// The log holds nothing that tells of a request's sources.
    public static final String NO_WITNESS = Passing.NONE;

    /// The log holds requests as they come in.
    public static final String ALL_WITNESSED = Passing.ALL;

    private static final Logger LOG = LoggerFactory.getLogger(StateRoom.class);
    private static final int CHANGES_VERSION = 1;
    private static final long POLL_MILLIS = 250;
    private static final int POOLED_MAX = 32;

    private final Path path;
    private final Disk disk;
    private final Clock clock;
    private final Limits limits;
    private final StateMetrics metrics;
    private final Map<String, StreamStore<?>> stores = new LinkedHashMap<>();
    private final Map<String, Reaggregation> stages = new HashMap<>();
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final ThreadLocal<@Nullable Passing> requests = new ThreadLocal<>();
    private final ArrayBlockingQueue<Passing> pool = new ArrayBlockingQueue<>(POOLED_MAX);
    final Sources sources = new Sources();
    private final ByteWriter section = new ByteWriter(1 << 12);

    private @Nullable CutLog log;
    private @Nullable Worker worker;
    private boolean opened;
    private volatile boolean inRequest;
    private volatile long nowNanos;
    private long checkpointTicks;
    private long checkpointCut = -1;
    private volatile boolean changed = true;

    /// @param data the data directory; the checkpoint is `state/processors` in it
    public StateRoom(Path data, Disk disk, Clock clock, OwnMetrics metrics, Limits limits) {
        this.path = StateFile.path(data);
        this.disk = disk;
        this.clock = clock;
        this.limits = limits;
        this.metrics = new StateMetrics(metrics);
    }

    /// The place of one processor's states.
    ///
    /// @param name unique and the same after a restart: pipeline and processor
    <V> StreamStore<V> store(String name, StreamCodec<V> codec, long staleNanos, long streamsMax) {
        if (opened) {
            throw new IllegalStateException("processors are made before the room is opened");
        }
        var store =
                new StreamStore<>(name, codec, staleNanos, Math.min(streamsMax, limits.streamsMax));
        if (stores.put(name, store) != null) {
            throw new IllegalArgumentException("two processors are named \"" + name + "\"");
        }
        return store;
    }

    /// A stage that asks for sources.
    void stage(String name, Reaggregation stage) {
        stages.put(name, stage);
    }

    /// Whether any processor has a place here; if none has, there is nothing to open.
    public boolean isUsed() {
        return !stores.isEmpty();
    }

    /// Brings back the states of the last run and begins with checkpoints.
    ///
    /// @param cuts the log that holds the pipelines' requests, and has [#SINK] among its sinks;
    ///   null where there is none: states are then as old as the last checkpoint after a kill
    /// @throws WorldException when the checkpoint cannot be read or does not belong to this log
    public void open(@Nullable CutLog cuts) throws InterruptedException {
        restore(cuts);
        checkpoint();
        worker = Worker.start("process-state", this::poll);
    }

    /// [#open] without the thread that writes checkpoints.
    void restore(@Nullable CutLog cuts) throws InterruptedException {
        log = cuts;
        opened = true;
        StateFile file = StateFile.read(disk, path);
        if (file != null) {
            nowNanos = file.nowNanos();
            readAll(file);
            if (cuts != null) {
                replay(cuts, file);
            }
        }
        nowNanos = Math.max(nowNanos, clock.nanos());
        for (StreamStore<?> store : stores.values()) {
            if (store.createdNanos() == 0) {
                store.created(nowNanos);
            }
            store.restored();
            metrics.streams(store.name(), store.size());
        }
        sources.dropUnused();
        metrics.streams(Sources.NAME, sources.size());
    }

    private void readAll(StateFile file) {
        var in = new ByteReader(file.states());
        try {
            for (int i = in.count(); i > 0; i--) {
                String name = in.string();
                StreamStore<?> store = stores.get(name);
                int version = in.u8();
                byte[] bytes = in.bytes(in.count());
                if (store != null) {
                    check(name, store.version(), version);
                    store.restore(new ByteReader(bytes));
                } else if (name.equals(Sources.NAME)) {
                    check(name, Sources.VERSION, version);
                    sources.read(new ByteReader(bytes));
                }
            }
        } catch (Malformed e) {
            throw new WorldException(
                    "cannot read the state of processors \""
                            + path
                            + "\": "
                            + e.getMessage()
                            + "; move it away to start them anew",
                    e);
        }
    }

    private void check(String name, int known, int version) {
        if (version != known) {
            throw new WorldException(
                    "cannot read the state of processor \""
                            + name
                            + "\" in \""
                            + path
                            + "\": its format has version "
                            + version
                            + ", this Firn knows "
                            + known
                            + "; start the Firn that wrote it, or a newer one");
        }
    }

    private void replay(CutLog cuts, StateFile file) throws InterruptedException {
        boolean foreign = !file.writer().isEmpty() && !file.writer().equals(cuts.writer());
        if (foreign || file.cut() > cuts.newest()) {
            throw new WorldException(
                    "cannot use the state of processors \""
                            + path
                            + "\": it stands at cut "
                            + file.cut()
                            + " of writer \""
                            + file.writer()
                            + "\", the log ends with cut "
                            + cuts.newest()
                            + " of writer \""
                            + cuts.writer()
                            + "\"; restore both from one backup, or move the file away to start the"
                            + " processors anew");
        }
        long at = file.cut();
        if (cuts.oldest() > at + 1) {
            LOG.warn(
                    "the state of processors stands at cut {}, the log begins with cut {}; what"
                            + " requests between them changed is not in it",
                    at,
                    cuts.oldest());
            at = cuts.oldest() - 1;
        }
        for (Cut cut = cuts.next(at, 0); cut != null; cut = cuts.next(at, 0)) {
            cut.read(this::apply);
            at = cut.sequence();
        }
    }

    private void apply(Batch batch) {
        ByteWriter state = batch.state;
        if (state.size() == 0) {
            return;
        }
        var in = new ByteReader(state.array(), 0, state.size());
        int changes = in.u8();
        if (changes != CHANGES_VERSION) {
            throw new WorldException(
                    "cannot repeat the changes of processors' state in the log: their format has"
                            + " version "
                            + changes
                            + ", this Firn knows "
                            + CHANGES_VERSION
                            + "; start the Firn that wrote them, or a newer one");
        }
        nowNanos = Math.max(nowNanos, in.i64());
        while (in.remaining() > 0) {
            String name = in.string();
            StreamStore<?> store = stores.get(name);
            int version = in.u8();
            byte[] bytes = in.bytes(in.count());
            if (store != null) {
                check(name, store.version(), version);
                store.applyChanges(new ByteReader(bytes), nowNanos);
            } else if (name.equals(Sources.NAME)) { // after the stores: it reads what they say now
                check(name, Sources.VERSION, version);
                Passing.replay(new ByteReader(bytes), batch, sources, this::only);
            }
        }
        metrics.replayed.inc();
    }

    // ---- requests

    /// Begins with a request, on the thread that ends it with [#stored] or [#failed]. Not needed
    /// where all of its points are aggregated one request at a time.
    ///
    /// @param in the points as they came in; must live until the end
    /// @param witness what the log will hold of them: see [Passing#begin]
    /// @param alone whether it is known to need the room to itself
    public void begin(Batch in, String witness, boolean alone) {
        if (stores.isEmpty()) {
            return;
        }
        Passing idle = pool.poll();
        Passing mine = idle == null ? new Passing() : idle;
        mine.begin(in, witness);
        requests.set(mine);
        if (alone) {
            lock.writeLock().lock();
        }
    }

    /// Whether this thread's request needed the room to itself.
    public boolean neededAlone() {
        return lock.isWriteLockedByCurrentThread() && inRequest;
    }

    /// This thread's request shares the room, unless it has it alone. Until it ends nobody has it
    /// alone. Harmless where no request has begun.
    void share() {
        if (requests.get() != null
                && opened
                && !lock.isWriteLockedByCurrentThread()
                && lock.getReadHoldCount() == 0) {
            lock.readLock().lock();
        }
    }

    /// This thread's request if it came in as `points`; it then has, or shares, the room.
    @Nullable Passing passing(Batch points) {
        Passing mine = requests.get();
        if (mine == null || !mine.isOf(points) || !opened) {
            return null;
        }
        share();
        return mine;
    }

    /// Whether a stage must look at all points of this thread's request, because others may need
    /// what the log will hold as it leaves that stage.
    boolean asks(String stage, Batch points) {
        Passing mine = requests.get();
        return stages.size() > 1
                && mine != null
                && mine.isOf(points)
                && mine.witness().equals(stage);
    }

    /// A stateful processor begins with a request, unless this thread has begun with it already. It
    /// waits for the request before to be [#stored] or [#failed].
    ///
    /// @throws Again where the request shares the room
    void enter() {
        if (lock.getReadHoldCount() > 0) {
            throw new Again();
        }
        if (lock.isWriteLockedByCurrentThread() && inRequest) {
            return;
        }
        if (!lock.isWriteLockedByCurrentThread()) {
            lock.writeLock().lock();
        }
        if (!opened) {
            lock.writeLock().unlock();
            throw new IllegalStateException("the room is not open");
        }
        inRequest = true;
        nowNanos = Math.max(nowNanos, clock.nanos());
        for (StreamStore<?> store : stores.values()) {
            store.begin(nowNanos);
        }
    }

    private @Nullable StreamKey only(String stage, StreamKey key) {
        Reaggregation of = stages.get(stage);
        return stage.equals(Passing.ALL) ? key : of == null ? null : of.only(key);
    }

    /// Points that a processor does not let pass; counted when the request is stored.
    void dropped(StreamStore<?> store, String reason) {
        metrics.dropped(store.name(), reason);
    }

    /// Appends what this thread's request has changed, for its record in the log. After all
    /// processors of all pipelines, before the append. Nothing is appended if nothing changed.
    public void seal(ByteWriter state) {
        boolean begun = false;
        if (lock.isWriteLockedByCurrentThread()) {
            for (StreamStore<?> store : stores.values()) {
                if (store.changed()) {
                    begun = begun || header(state);
                    section.reset();
                    store.writeChanges(section);
                    append(state, store.name(), store.version(), section);
                }
            }
        }
        Passing mine = requests.get();
        if (mine != null && log != null) {
            var passed = new ByteWriter(64);
            if (mine.seal(passed)) {
                begun = begun || header(state);
                append(state, Sources.NAME, Sources.VERSION, passed);
            }
        }
    }

    private boolean header(ByteWriter state) {
        state.u8(CHANGES_VERSION).i64(inRequest ? nowNanos : clock.nanos());
        return true;
    }

    private static void append(ByteWriter state, String name, int version, ByteWriter bytes) {
        state.string(name).u8(version).varint(bytes.size());
        state.bytes(bytes.array(), 0, bytes.size());
    }

    /// The log has this thread's request, or needs nothing of it. Harmless where it took no part.
    public void stored() {
        Passing mine = requests.get();
        if (mine != null && mine.stored()) {
            changed = true;
        }
        if (neededAlone()) {
            for (StreamStore<?> store : stores.values()) {
                if (store.changed()) {
                    changed = true;
                    store.keep();
                    metrics.streams(store.name(), store.size());
                }
            }
            stages.values().forEach(Reaggregation::settle);
            metrics.streams(Sources.NAME, sources.size());
            metrics.keep();
        }
        leave();
    }

    /// Nothing of this thread's request was stored: the states are as before. Harmless where it
    /// took no part.
    public void failed() {
        if (neededAlone()) {
            stores.values().forEach(StreamStore::undo);
            stages.values().forEach(Reaggregation::settle);
            metrics.undo();
        }
        leave();
    }

    private void leave() {
        Passing mine = requests.get();
        if (mine != null) {
            requests.remove();
            mine.clear();
            boolean _ = pool.offer(mine);
        }
        if (lock.isWriteLockedByCurrentThread()) {
            inRequest = false;
            lock.writeLock().unlock();
        } else if (lock.getReadHoldCount() > 0) {
            lock.readLock().unlock();
        }
    }

    // ---- checkpoints

    private void poll() throws InterruptedException {
        if (clock.ticks() - checkpointTicks >= limits.checkpointNanos) {
            checkpoint();
        }
        Thread.sleep(POLL_MILLIS);
    }

    /// Writes all states as they stand at a cut, and lets go of the log before it.
    ///
    /// @throws WorldException when log or disk fail; the checkpoint before stays
    void checkpoint() {
        CutLog cuts = log;
        StateFile file;
        lock.writeLock().lock();
        try {
            if (inRequest) {
                throw new IllegalStateException("a request cannot write a checkpoint");
            }
            checkpointTicks = clock.ticks();
            long cut = cuts == null ? 0 : cuts.cutNow();
            if (!changed && cut == checkpointCut) {
                return;
            }
            changed = false;
            file = new StateFile(cuts == null ? "" : cuts.writer(), cut, nowNanos, writeAll());
        } finally {
            lock.writeLock().unlock();
        }
        boolean written = false;
        try {
            file.replace(disk, path);
            written = true;
        } finally {
            checkpointCut = written ? file.cut() : -1;
        }
        metrics.checkpointBytes.set(file.states().length);
        if (cuts != null) {
            cuts.release(SINK, file.cut());
        }
    }

    private byte[] writeAll() {
        var out = new ByteWriter(1 << 16);
        out.varint(stores.size() + 1);
        var one = new ByteWriter(1 << 16);
        for (StreamStore<?> store : stores.values()) {
            one.reset();
            store.write(one);
            append(out, store.name(), store.version(), one);
        }
        one.reset();
        sources.write(one);
        append(out, Sources.NAME, Sources.VERSION, one);
        return out.toBytes();
    }

    /// Writes a last checkpoint. Before the log is closed, after the last request.
    @Override
    public void close() {
        Worker running = worker;
        if (running == null) {
            return;
        }
        worker = null;
        running.close();
        try {
            checkpoint();
        } catch (RuntimeException e) {
            LOG.warn(
                    "the last checkpoint of processors' state was not written; the next start reads"
                            + " more of the log: {}",
                    e.getMessage());
        }
    }
}
