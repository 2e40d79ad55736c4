package dev.firn.process.state;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteReader.Malformed;
import dev.firn.base.ByteWriter;
import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Worker;
import dev.firn.base.WorldException;
import dev.firn.model.Cut;
import dev.firn.model.CutLog;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
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

    private static final Logger LOG = LoggerFactory.getLogger(StateRoom.class);
    private static final int CHANGES_VERSION = 1;
    private static final long POLL_MILLIS = 250;

    private final Path path;
    private final Disk disk;
    private final Clock clock;
    private final Limits limits;
    private final StateMetrics metrics;
    private final Map<String, StreamStore<?>> stores = new LinkedHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final ByteWriter section = new ByteWriter(1 << 12);

    private @Nullable CutLog log;
    private @Nullable Worker worker;
    private boolean opened;
    private boolean inRequest;
    private long nowNanos;
    private long checkpointTicks;
    private long checkpointCut = -1;
    private boolean changed = true;

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
    }

    private void readAll(StateFile file) {
        var in = new ByteReader(file.states());
        try {
            for (int i = in.count(); i > 0; i--) {
                StreamStore<?> store = stores.get(in.string());
                int version = in.u8();
                byte[] bytes = in.bytes(in.count());
                if (store != null) {
                    check(store, version);
                    store.restore(new ByteReader(bytes));
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

    private void check(StreamStore<?> store, int version) {
        if (version != store.version()) {
            throw new WorldException(
                    "cannot read the state of processor \""
                            + store.name()
                            + "\" in \""
                            + path
                            + "\": its format has version "
                            + version
                            + ", this Firn knows "
                            + store.version()
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
            cut.read(batch -> apply(batch.state));
            at = cut.sequence();
        }
    }

    private void apply(ByteWriter state) {
        if (state.size() == 0) {
            return;
        }
        var in = new ByteReader(state.array(), 0, state.size());
        int version = in.u8();
        if (version != CHANGES_VERSION) {
            throw new WorldException(
                    "cannot repeat the changes of processors' state in the log: their format has"
                            + " version "
                            + version
                            + ", this Firn knows "
                            + CHANGES_VERSION
                            + "; start the Firn that wrote them, or a newer one");
        }
        nowNanos = Math.max(nowNanos, in.i64());
        while (in.remaining() > 0) {
            StreamStore<?> store = stores.get(in.string());
            int storeVersion = in.u8();
            byte[] bytes = in.bytes(in.count());
            if (store != null) {
                check(store, storeVersion);
                store.applyChanges(new ByteReader(bytes), nowNanos);
            }
        }
        metrics.replayed.inc();
    }

    // ---- requests

    /// A stateful processor begins with a request, unless this thread has begun with it already. It
    /// waits for the request before to be [#stored] or [#failed].
    void enter() {
        if (lock.isHeldByCurrentThread()) {
            return;
        }
        lock.lock();
        if (!opened) {
            lock.unlock();
            throw new IllegalStateException("the room is not open");
        }
        inRequest = true;
        nowNanos = Math.max(nowNanos, clock.nanos());
        for (StreamStore<?> store : stores.values()) {
            store.begin(nowNanos);
        }
    }

    /// Points that a processor does not let pass; counted when the request is stored.
    void dropped(StreamStore<?> store, String reason) {
        metrics.dropped(store.name(), reason);
    }

    /// Appends what this thread's request has changed, for its record in the log. After all
    /// processors of all pipelines, before the append. Nothing is appended if nothing changed.
    public void seal(ByteWriter state) {
        if (!lock.isHeldByCurrentThread()) {
            return;
        }
        boolean begun = false;
        for (StreamStore<?> store : stores.values()) {
            if (store.changed()) {
                if (!begun) {
                    begun = true;
                    state.u8(CHANGES_VERSION).i64(nowNanos);
                }
                section.reset();
                store.writeChanges(section);
                state.string(store.name()).u8(store.version()).varint(section.size());
                state.bytes(section.array(), 0, section.size());
            }
        }
    }

    /// The log has this thread's request, or needs nothing of it. Harmless where it took no part.
    public void stored() {
        if (lock.isHeldByCurrentThread()) {
            for (StreamStore<?> store : stores.values()) {
                if (store.changed()) {
                    changed = true;
                    store.keep();
                    metrics.streams(store.name(), store.size());
                }
            }
            metrics.keep();
            leave();
        }
    }

    /// Nothing of this thread's request was stored: the states are as before. Harmless where it
    /// took no part.
    public void failed() {
        if (lock.isHeldByCurrentThread()) {
            stores.values().forEach(StreamStore::undo);
            metrics.undo();
            leave();
        }
    }

    private void leave() {
        inRequest = false;
        lock.unlock();
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
        lock.lock();
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
            lock.unlock();
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
        out.varint(stores.size());
        var one = new ByteWriter(1 << 16);
        for (StreamStore<?> store : stores.values()) {
            one.reset();
            store.write(one);
            out.string(store.name()).u8(store.version());
            out.varint(one.size()).bytes(one.array(), 0, one.size());
        }
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
