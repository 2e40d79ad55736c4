package dev.firn.process.state;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteReader.Malformed;
import dev.firn.base.ByteWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The states of one processor's streams. A request's changes are noted until they are either
/// written for the log and kept, or undone. Used under the lock of [StateRoom] only.
///
/// A stream that was not seen for longer than `staleNanos` is as if it had never been. That its
/// memory is freed later is noted like any other change, so that a replay counts the same streams.
final class StreamStore<V> {
    /// A stream. Its number stands for its key in the log.
    private static final class Slot<V> {
        private final StreamKey key;
        private final long number;
        private @Nullable V value;
        private long seen;

        private boolean touched;
        private boolean isNew;
        private @Nullable V valueBefore;
        private long seenBefore;

        private Slot(StreamKey key, long number) {
            this.key = key;
            this.number = number;
        }
    }

    private static final int REMOVE = 0;
    private static final int PUT = 1;
    private static final int DEFINE = 2;
    private static final long SWEEP_NANOS_MIN = 60_000_000_000L;

    private final String name;
    private final StreamCodec<V> codec;
    private final long staleNanos;
    private final long streamsMax;
    private BiConsumer<StreamKey, V> onStale = (key, value) -> {};
    private BiConsumer<StreamKey, V> onRestored = (key, value) -> {};

    private final Map<StreamKey, Slot<V>> slots = new HashMap<>();
    private final Map<Long, Slot<V>> byNumber = new HashMap<>();
    private final List<Slot<V>> touched = new ArrayList<>();
    private long live;
    private long nextNumber = 1;
    private long nextNumberBefore = 1;
    private long sweptNanos;
    private long sweptNanosBefore;
    private long now;
    private long createdNanos;

    /// @param staleNanos 0 for never
    StreamStore(String name, StreamCodec<V> codec, long staleNanos, long streamsMax) {
        this.name = name;
        this.codec = codec;
        this.staleNanos = staleNanos <= 0 ? Long.MAX_VALUE : staleNanos;
        this.streamsMax = streamsMax;
    }

    String name() {
        return name;
    }

    int version() {
        return codec.version();
    }

    /// When the processor ran for the first time, nanoseconds; survives restarts.
    long createdNanos() {
        return createdNanos;
    }

    void created(long nanos) {
        createdNanos = nanos;
        sweptNanos = nanos;
    }

    /// Streams held, among them stale ones whose memory is not freed yet.
    long size() {
        return live;
    }

    /// A request begins.
    void begin(long nowNanos) {
        now = nowNanos;
        nextNumberBefore = nextNumber;
        sweptNanosBefore = sweptNanos;
        if (staleNanos != Long.MAX_VALUE
                && now - sweptNanos >= Math.max(SWEEP_NANOS_MIN, staleNanos / 4)) {
            sweep();
        }
    }

    /// Time of the request, nanoseconds; never goes back.
    long now() {
        return now;
    }

    private boolean stale(Slot<V> slot) {
        return slot.value == null || now - slot.seen > staleNanos;
    }

    /// Who is told of streams that have become stale, before they are forgotten. May change other
    /// stores, and only those.
    void onStale(BiConsumer<StreamKey, V> listener) {
        onStale = listener;
    }

    /// Who is told, after the start, of streams that are there again.
    void onRestored(BiConsumer<StreamKey, V> listener) {
        onRestored = listener;
    }

    /// The start is over.
    void restored() {
        for (Slot<V> slot : slots.values()) {
            if (slot.value != null) {
                onRestored.accept(slot.key, slot.value);
            }
        }
    }

    /// The state of a stream, null if there is none.
    @Nullable V get(StreamKey key) {
        Slot<V> slot = slots.get(key);
        if (slot == null) {
            return null;
        }
        if (stale(slot)) {
            clear(slot);
        }
        return slot.value;
    }

    /// The state of a stream as it stands, stale or not; null if there is none. Changes nothing.
    @Nullable V peek(StreamKey key) {
        Slot<V> slot = slots.get(key);
        return slot == null ? null : slot.value;
    }

    /// When a stream's state was last set, nanoseconds; 0 if it has none.
    long seenNanos(StreamKey key) {
        Slot<V> slot = slots.get(key);
        return slot == null ? 0 : slot.seen;
    }

    /// Sets the state of a stream.
    ///
    /// @return false if it is new and there are too many
    boolean put(StreamKey key, V value) {
        Slot<V> slot = slots.get(key);
        if (slot == null || slot.value == null) {
            if (live >= streamsMax) {
                return false;
            }
            live++;
        }
        if (slot == null) {
            slot = define(key, nextNumber++);
            slot.isNew = true;
        }
        touch(slot);
        slot.value = value;
        slot.seen = now;
        return true;
    }

    /// Forgets a stream.
    void remove(StreamKey key) {
        Slot<V> slot = slots.get(key);
        if (slot != null && slot.value != null) {
            touch(slot);
            slot.value = null;
            live--;
        }
    }

    private void clear(Slot<V> slot) {
        V value = slot.value;
        if (value != null) {
            onStale.accept(slot.key, value);
            remove(slot.key);
        }
    }

    private void sweep() {
        for (Slot<V> slot : slots.values()) {
            if (stale(slot)) {
                clear(slot);
            }
        }
        sweptNanos = now;
    }

    private Slot<V> define(StreamKey key, long number) {
        var slot = new Slot<V>(key, number);
        slots.put(key, slot);
        byNumber.put(number, slot);
        return slot;
    }

    private void drop(Slot<V> slot) {
        slots.remove(slot.key, slot);
        byNumber.remove(slot.number);
    }

    private void touch(Slot<V> slot) {
        if (!slot.touched) {
            slot.touched = true;
            slot.valueBefore = slot.value;
            slot.seenBefore = slot.seen;
            touched.add(slot);
        }
    }

    /// Whether the request has changed anything.
    boolean changed() {
        return !touched.isEmpty() || sweptNanos != sweptNanosBefore;
    }

    /// Writes the request's changes, for [#applyChanges].
    void writeChanges(ByteWriter out) {
        out.i64(sweptNanos).varint(touched.size());
        for (Slot<V> slot : touched) {
            V value = slot.value;
            if (value == null) {
                out.u8(REMOVE).varint(slot.number);
                continue;
            }
            out.u8(slot.isNew ? DEFINE : PUT).varint(slot.number);
            if (slot.isNew) {
                slot.key.write(out);
            }
            codec.write(value, out);
        }
    }

    /// The request is in the log.
    void keep() {
        for (Slot<V> slot : touched) {
            if (slot.value == null) {
                drop(slot);
            }
            forgetChange(slot);
        }
        touched.clear();
    }

    /// The request never was.
    void undo() {
        for (Slot<V> slot : touched) {
            if (slot.isNew) {
                drop(slot);
                live -= slot.value == null ? 0 : 1;
            } else {
                live += (slot.valueBefore == null ? 0 : 1) - (slot.value == null ? 0 : 1);
                slot.value = slot.valueBefore;
                slot.seen = slot.seenBefore;
            }
            forgetChange(slot);
        }
        touched.clear();
        nextNumber = nextNumberBefore;
        sweptNanos = sweptNanosBefore;
    }

    private void forgetChange(Slot<V> slot) {
        slot.touched = false;
        slot.isNew = false;
        slot.valueBefore = null;
    }

    /// Repeats the changes of a request at time `nowNanos`.
    void applyChanges(ByteReader in, long nowNanos) {
        sweptNanos = in.i64();
        for (int i = in.count(); i > 0; i--) {
            int change = in.u8();
            long number = in.varint();
            Slot<V> slot =
                    change == DEFINE ? define(StreamKey.read(in), number) : byNumber.get(number);
            if (slot == null) {
                if (change == REMOVE) {
                    continue; // made and dropped by the same request
                }
                throw new Malformed("stream " + number + " of \"" + name + "\" was never defined");
            }
            if (change == REMOVE) {
                live -= slot.value == null ? 0 : 1;
                drop(slot);
            } else {
                live += slot.value == null ? 1 : 0;
                slot.value = codec.read(in);
                slot.seen = nowNanos;
                nextNumber = Math.max(nextNumber, number + 1);
            }
        }
    }

    /// Writes all states, for [#restore].
    void write(ByteWriter out) {
        out.i64(createdNanos).i64(sweptNanos).varint(nextNumber).varint(slots.size());
        List<Slot<V>> all = new ArrayList<>(slots.values());
        all.sort(Comparator.comparingLong(slot -> slot.number));
        for (Slot<V> slot : all) {
            out.varint(slot.number);
            slot.key.write(out);
            out.i64(slot.seen);
            codec.write(java.util.Objects.requireNonNull(slot.value), out);
        }
    }

    /// Takes the states of a checkpoint.
    void restore(ByteReader in) {
        createdNanos = in.i64();
        sweptNanos = in.i64();
        nextNumber = in.varint();
        for (int i = in.count(); i > 0; i--) {
            long number = in.varint();
            Slot<V> slot = define(StreamKey.read(in), number);
            slot.seen = in.i64();
            slot.value = codec.read(in);
            live++;
        }
    }
}
