package dev.firn.receive;

import dev.firn.model.Metric;
import dev.firn.model.Series;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Raw identity bytes → what was parsed from them, at four levels below each other: resource,
/// scope, metric header, attributes of a point. Shared by all requests. Reads take no lock and
/// allocate nothing; a hit is always verified by comparing the parent and every byte, so that the
/// hash (64 bits, with a random key of this process, that nobody may aim at) only decides speed.
/// Bounded by bytes; [#sweep] drops what is unused.
///
/// Identities stand in [IdentityChunk]s, in the order in which they came; an index over them (open
/// addressing, linear probing) is never deleted from but replaced. Hot path: `DecoderBenchmark` in
/// bench/.
public final class SeriesCache {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(int[].class);

    /// Fields and references of an identity, its share of an index at most half full, and of room
    /// for keys.
    private static final int IDENTITY_BYTES = 64;

    private static final int INDEX_MIN = 1024;

    /// A resource, scope or metric header once seen: what identities of the level below have as
    /// their parent.
    static final class Node {
        private final long hash;
        private final @Nullable Node parent;
        private final Object payload;
        private final long identityBytes;
        private final boolean named;
        private final @Nullable Reason refusal;
        private volatile boolean dropped;

        private Node(
                long hash,
                @Nullable Node parent,
                int keyLength,
                Object payload,
                @Nullable Reason refusal) {
            this.hash = hash;
            this.parent = parent;
            this.payload = payload;
            this.identityBytes = keyLength + (parent == null ? 0 : parent.identityBytes);
            this.named = !(payload instanceof Metric metric && metric.name().isEmpty());
            this.refusal = refusal;
        }

        /// A Resource, Scope or Metric, by level.
        Object payload() {
            return payload;
        }

        /// Why everything below it is refused; null if it is not.
        @Nullable Reason refusal() {
            return refusal;
        }

        /// Identity bytes of this level and all above.
        long identityBytes() {
            return identityBytes;
        }

        /// False for a metric without a name.
        boolean named() {
            return named;
        }

        /// The node of the level above; null above a resource.
        @Nullable Node parent() {
            return parent;
        }

        private boolean gone() {
            return dropped || (parent != null && parent.gone());
        }
    }

    /// Where a reader is: what it found last. Belongs to one thread.
    static final class Cursor {
        private @Nullable IdentityChunk chunk;
        private int place;

        /// Back to the start of a request.
        void reset() {
            chunk = null;
        }
    }

    /// What readers look at. An id is a chunk's number and a place in it; the index holds ids + 1.
    private record Table(int[] index, @Nullable IdentityChunk[] chunks) {
        @Nullable IdentityChunk chunk(int id) {
            int number = id / IdentityChunk.PLACES;
            return id >= 0 && number < chunks.length ? chunks[number] : null;
        }

        void put(int hash, int id) {
            int mask = index.length - 1;
            int slot = hash & mask;
            while (index[slot] != 0) {
                slot = (slot + 1) & mask;
            }
            SLOTS.setRelease(index, slot, id + 1);
        }
    }

    private final long key0;
    private final long key1;
    private final long key2;
    private final long bytesMax;
    private volatile Table table = new Table(new int[INDEX_MIN], new IdentityChunk[0]);
    private int open = -1; // number of the chunk that is being filled
    private volatile int generation;
    private volatile int size;
    private volatile long bytes;
    private volatile long refused;
    private volatile long evictions;

    /// @param random where the key of the hash comes from; must be unguessable in production
    /// @param bytesMax about how much memory identities may take; beyond it new ones are parsed
    ///   each time
    public SeriesCache(RandomGenerator random, long bytesMax) {
        key0 = random.nextLong() | 1;
        key1 = random.nextLong();
        key2 = random.nextLong();
        this.bytesMax = bytesMax;
    }

    /// An identity that breaks a limit: never kept, and nothing is kept below it.
    static Node refused(@Nullable Node parent, Object payload, Reason refusal) {
        var node = new Node(0, parent, 0, payload, refusal);
        node.dropped = true;
        return node;
    }

    /// Identities of all levels.
    public int size() {
        return size;
    }

    /// Their memory, estimated.
    public long bytes() {
        return bytes;
    }

    /// How many identities were not kept because the cache was full.
    public long refused() {
        return refused;
    }

    /// Drops evicted series, unless that was done for this number of
    /// [dev.firn.model.SeriesRegistry#evictions] already.
    public void evicted(long number) {
        if (evictions != number) {
            dropEvicted(number);
        }
    }

    private synchronized void dropEvicted(long number) {
        if (evictions != number) {
            evictions = number;
            drop(Integer.MIN_VALUE);
        }
    }

    /// The payload of `from[start, end)` under `parent`, or null. `salt` is identity that is not in
    /// the bytes. First looks at what was found after the cursor the last time, because senders
    /// export their series in the same order again and again. That needs neither hash nor index.
    @Nullable Object find(
            Cursor cursor, @Nullable Node parent, int salt, byte[] from, int start, int end) {
        Table now = table;
        IdentityChunk before = cursor.chunk;
        int placeBefore = cursor.place;
        if (before != null) {
            int guess = before.next(placeBefore);
            IdentityChunk in = now.chunk(guess);
            if (in != null) {
                int place = guess % IdentityChunk.PLACES;
                Object found = in.find(place, parent, salt, from, start, end, generation);
                if (found != null) {
                    cursor.chunk = in;
                    cursor.place = place;
                    return found;
                }
            }
        }
        long hash = hash(parent, salt, from, start, end);
        return look(now, cursor, hash, parent, salt, from, start, end);
    }

    private @Nullable Object look(
            Table in,
            Cursor cursor,
            long hash,
            @Nullable Node parent,
            int salt,
            byte[] from,
            int start,
            int end) {
        int wanted = shorten(hash);
        int mask = in.index.length - 1;
        for (int slot = wanted & mask; ; slot = (slot + 1) & mask) {
            int id = (int) SLOTS.getAcquire(in.index, slot) - 1;
            IdentityChunk chunk = in.chunk(id);
            if (id < 0 || chunk == null) {
                return null;
            }
            int place = id % IdentityChunk.PLACES;
            if (chunk.hash(place) == wanted) {
                Object found = chunk.find(place, parent, salt, from, start, end, generation);
                if (found != null) {
                    moveTo(cursor, chunk, place, id);
                    return found;
                }
            }
        }
    }

    private static void moveTo(Cursor cursor, IdentityChunk chunk, int place, int id) {
        if (cursor.chunk != null) {
            cursor.chunk.next(cursor.place, id);
        }
        cursor.chunk = chunk;
        cursor.place = place;
    }

    private static int shorten(long hash) {
        return (int) (hash ^ hash >>> 32);
    }

    /// Keeps a resource, scope or metric, unless the cache is full or another thread was first:
    /// then the answer is a node of this call only, or the other thread's.
    Node insert(
            Cursor cursor,
            @Nullable Node parent,
            int salt,
            byte[] from,
            int start,
            int end,
            Object payload) {
        long hash = hash(parent, salt, from, start, end);
        var node = new Node(hash, parent, end - start, payload, null);
        Object kept = keep(cursor, hash, parent, salt, from, start, end, node);
        if (kept instanceof Node known) {
            return known;
        }
        node.dropped = true; // so that nothing is kept below it
        return node;
    }

    /// Keeps a series in the same way.
    void insert(
            Cursor cursor, Node parent, int salt, byte[] from, int start, int end, Series series) {
        long hash = hash(parent, salt, from, start, end);
        keep(cursor, hash, parent, salt, from, start, end, series);
    }

    /// What is kept now under this identity; null if it was not kept.
    private synchronized @Nullable Object keep(
            Cursor cursor,
            long hash,
            @Nullable Node parent,
            int salt,
            byte[] from,
            int start,
            int end,
            Object payload) {
        Object known = look(table, cursor, hash, parent, salt, from, start, end);
        if (known != null) {
            return known;
        }
        long more = IDENTITY_BYTES + (end - start);
        if (bytes + more > bytesMax) {
            refused++;
            return null;
        }
        if (parent != null && parent.gone()) {
            return null; // nobody could find it
        }
        makeRoom(end - start);
        Table now = table;
        IdentityChunk chunk = java.util.Objects.requireNonNull(now.chunks[open]);
        int wanted = shorten(hash);
        int place = chunk.add(wanted, parent, salt, from, start, end, payload, generation);
        int id = open * IdentityChunk.PLACES + place;
        now.put(wanted, id);
        moveTo(cursor, chunk, place, id);
        size++;
        bytes += more;
        return payload;
    }

    /// For one more identity, in chunk and index.
    private void makeRoom(int keyLength) {
        Table now = table;
        IdentityChunk last = open < 0 ? null : now.chunks[open];
        if (last == null || last.full(keyLength)) {
            now = opened(now);
        }
        if ((size + 1) * 2 > now.index.length) {
            now = indexed(now.chunks, size + 1);
        }
        table = now;
    }

    /// With one more chunk, which is the open one.
    private Table opened(Table now) {
        IdentityChunk[] chunks = now.chunks;
        int number = 0;
        while (number < chunks.length && chunks[number] != null) {
            number++;
        }
        chunks = Arrays.copyOf(chunks, Math.max(chunks.length, number + 1));
        chunks[number] = new IdentityChunk();
        open = number;
        return new Table(now.index, chunks);
    }

    private static Table indexed(@Nullable IdentityChunk[] chunks, int identities) {
        int length = INDEX_MIN;
        while (length < identities * 2 + 2) {
            length *= 2;
        }
        var fresh = new Table(new int[length], chunks);
        for (int number = 0; number < chunks.length; number++) {
            IdentityChunk chunk = chunks[number];
            for (int place = 0; chunk != null && place < chunk.size(); place++) {
                if (chunk.payload(place) != null) {
                    fresh.put(chunk.hash(place), number * IdentityChunk.PLACES + place);
                }
            }
        }
        return fresh;
    }

    /// Drops identities that were not found during the last `idleSweeps` calls of this method,
    /// whose series the registry has evicted, or whose parent is dropped; when the cache is almost
    /// full, all that were not found since the last call. To be called once a minute. Returns how
    /// many.
    public synchronized int sweep(int idleSweeps) {
        boolean almostFull = bytes > bytesMax / 10 * 9;
        int gone = drop(generation - (almostFull ? Math.min(idleSweeps, 1) : idleSweeps));
        generation++;
        return gone;
    }

    private int drop(int usedBefore) {
        @Nullable IdentityChunk[] chunks = table.chunks;
        for (IdentityChunk chunk : chunks) {
            markUnused(chunk, usedBefore);
        }
        int gone = 0;
        for (IdentityChunk chunk : chunks) {
            for (int place = 0; chunk != null && place < chunk.size(); place++) {
                if (chunk.payload(place) != null && drops(chunk, place, usedBefore)) {
                    chunk.drop(place);
                    gone++;
                }
            }
        }
        if (gone > 0) {
            size -= gone;
            compact(chunks.clone());
        }
        return gone;
    }

    /// Nodes first, wherever they stand: what is below them goes with them.
    private static void markUnused(@Nullable IdentityChunk chunk, int usedBefore) {
        for (int place = 0; chunk != null && place < chunk.size(); place++) {
            if (chunk.payload(place) instanceof Node node && chunk.usedAt(place) < usedBefore) {
                node.dropped = true;
            }
        }
    }

    private static boolean drops(IdentityChunk chunk, int place, int usedBefore) {
        Node parent = chunk.parent(place);
        if (parent != null && parent.gone()) {
            return true;
        }
        return switch (chunk.payload(place)) {
            case Node node -> node.gone();
            case Series series -> series.evicted || chunk.usedAt(place) < usedBefore;
            case null, default -> true;
        };
    }

    /// Gives up chunks of which more than half is dropped; what is left in them moves.
    private void compact(@Nullable IdentityChunk[] chunks) {
        List<IdentityChunk> sparse = new ArrayList<>();
        for (int number = 0; number < chunks.length; number++) {
            IdentityChunk chunk = chunks[number];
            if (chunk != null && living(chunk) * 2 < chunk.size()) {
                sparse.add(chunk);
                chunks[number] = null;
            }
        }
        Table now = new Table(table.index, chunks);
        if (open >= 0 && chunks[open] == null) {
            open = -1;
        }
        for (IdentityChunk chunk : sparse) {
            for (int place = 0; place < chunk.size(); place++) {
                if (chunk.payload(place) != null) {
                    IdentityChunk last = open < 0 ? null : now.chunks[open];
                    if (last == null || last.full(chunk.keyLength(place))) {
                        now = opened(now);
                        last = java.util.Objects.requireNonNull(now.chunks[open]);
                    }
                    last.add(chunk, place);
                }
            }
        }
        table = indexed(now.chunks, size);
        bytes = held(now.chunks);
    }

    private static int living(IdentityChunk chunk) {
        int living = 0;
        for (int place = 0; place < chunk.size(); place++) {
            living += chunk.payload(place) == null ? 0 : 1;
        }
        return living;
    }

    /// Dropped identities that still take room count.
    private static long held(@Nullable IdentityChunk[] chunks) {
        long held = 0;
        for (IdentityChunk chunk : chunks) {
            for (int place = 0; chunk != null && place < chunk.size(); place++) {
                held += IDENTITY_BYTES + chunk.keyLength(place);
            }
        }
        return held;
    }

    /// Keyed, in the manner of wyhash: 128-bit products of key and bytes, folded. (Where an
    /// attacker would have to know the key to make a factor zero.)
    private long hash(@Nullable Node parent, int salt, byte[] from, int start, int end) {
        int length = end - start;
        long hash = key0 ^ length ^ fold(salt ^ key1, key2);
        if (parent != null) {
            hash ^= parent.hash;
        }
        int at = start;
        for (; end - at > 16; at += 16) {
            hash = fold((long) LONGS.get(from, at) ^ key1, (long) LONGS.get(from, at + 8) ^ hash);
        }
        long left = 0;
        long right = 0;
        if (length >= 16) {
            left = (long) LONGS.get(from, end - 16);
            right = (long) LONGS.get(from, end - 8);
        } else if (length >= 8) {
            left = (long) LONGS.get(from, start);
            right = (long) LONGS.get(from, end - 8);
        } else if (length >= 4) {
            left = (int) INTS.get(from, start);
            right = (int) INTS.get(from, end - 4);
        } else if (length > 0) {
            left = from[start] << 16 | from[start + length / 2] << 8 | from[end - 1];
        }
        return fold(key2 ^ hash, fold(left ^ key1, right ^ hash));
    }

    private static long fold(long a, long b) {
        return (a * b) ^ Math.unsignedMultiplyHigh(a, b);
    }
}
