package dev.firn.receive;

import dev.firn.model.Series;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Raw identity bytes → what was parsed from them, at four levels below each other: resource,
/// scope, metric header, attributes of a point. Shared by all requests. Reads take no lock and
/// allocate nothing; a hit is always verified by comparing the parent and every byte, so that the
/// hash (64 bits, with a random key of this process, that nobody may aim at) only decides speed.
/// Bounded by bytes; [#sweep] drops what is unused.
///
/// Open addressing with linear probing; a table is never deleted from but replaced. Hot path:
/// `DecoderBenchmark` in bench/.
public final class SeriesCache {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /// Header, fields and array header of a node, and its share of a half-full table.
    private static final int NODE_BYTES = 96;

    /// Identity bytes once seen. The fields are final but for three that may be read late.
    static final class Node {
        private final long hash;
        private final @Nullable Node parent;
        private final long salt;
        private final byte[] key;
        private final Object payload;
        private final @Nullable Reason refusal;
        private int usedAt;

        /// What was found after this node the last time: a guess, always verified.
        private @Nullable Node next;

        private volatile boolean dropped;

        private Node(
                long hash, @Nullable Node parent, long salt, byte[] key, Object payload, int now) {
            this(hash, parent, salt, key, payload, now, null);
        }

        private Node(
                long hash,
                @Nullable Node parent,
                long salt,
                byte[] key,
                Object payload,
                int now,
                @Nullable Reason refusal) {
            this.refusal = refusal;
            this.hash = hash;
            this.parent = parent;
            this.salt = salt;
            this.key = key;
            this.payload = payload;
            this.usedAt = now;
        }

        /// A Resource, Scope, Metric or Series, by level.
        Object payload() {
            return payload;
        }

        /// Why everything below it is refused; null if it is not.
        @Nullable Reason refusal() {
            return refusal;
        }

        /// Identity bytes of this level and all above.
        long identityBytes() {
            return key.length + (parent == null ? 0 : parent.identityBytes());
        }

        /// The node of the level above; null above a resource.
        @Nullable Node parent() {
            return parent;
        }

        private boolean is(@Nullable Node under, long withSalt, byte[] from, int start, int end) {
            return parent == under
                    && salt == withSalt
                    && Arrays.equals(key, 0, key.length, from, start, end)
                    && !stale();
        }

        private void use(int now) {
            if (usedAt != now) {
                usedAt = now;
            }
        }

        private boolean stale() {
            return dropped || (payload instanceof Series series && series.evicted);
        }
    }

    private final long key0;
    private final long key1;
    private final long key2;
    private final long bytesMax;
    private volatile @Nullable Node[] table = new Node[1024];
    private volatile int generation;
    private volatile int size;
    private volatile long bytes;
    private volatile long refused;

    /// @param random where the key of the hash comes from; must be unguessable in production
    /// @param bytesMax about how much memory nodes may take ; beyond it new identities are parsed
    ///   each time
    public SeriesCache(RandomGenerator random, long bytesMax) {
        key0 = random.nextLong() | 1;
        key1 = random.nextLong();
        key2 = random.nextLong();
        this.bytesMax = bytesMax;
    }

    /// An identity that breaks a limit: never kept, and nothing is kept below it.
    static Node refused(@Nullable Node parent, Object payload, Reason refusal) {
        var node = new Node(0, parent, 0, new byte[0], payload, 0, refusal);
        node.dropped = true;
        return node;
    }

    /// Nodes of all levels.
    public int size() {
        return size;
    }

    /// Memory of the nodes, estimated.
    public long bytes() {
        return bytes;
    }

    /// How many identities were not kept because the cache was full.
    public long refused() {
        return refused;
    }

    /// The node of `from[start, end)` under `parent`, or null. `salt` is identity that is not in
    /// the bytes.
    @Nullable Node find(@Nullable Node parent, long salt, byte[] from, int start, int end) {
        return find(table, hash(parent, salt, from, start, end), parent, salt, from, start, end);
    }

    /// The same; first looks at the node that was found after `before` the last time, because
    /// senders export their series in the same order again and again. That needs neither hash nor
    /// table.
    @Nullable Node findAfter(
            @Nullable Node before,
            @Nullable Node parent,
            long salt,
            byte[] from,
            int start,
            int end) {
        if (before == null) {
            return find(parent, salt, from, start, end);
        }
        Node guess = before.next;
        if (guess != null && guess.is(parent, salt, from, start, end)) {
            guess.use(generation);
            return guess;
        }
        Node found = find(parent, salt, from, start, end);
        if (found != null) {
            before.next = found;
        }
        return found;
    }

    private @Nullable Node find(
            @Nullable Node[] in,
            long hash,
            @Nullable Node parent,
            long salt,
            byte[] from,
            int start,
            int end) {
        int mask = in.length - 1;
        for (int slot = (int) hash & mask; ; slot = (slot + 1) & mask) {
            Node node = in[slot];
            if (node == null) {
                return null;
            }
            if (node.hash == hash && node.is(parent, salt, from, start, end)) {
                node.use(generation);
                return node;
            }
        }
    }

    /// Keeps a node, unless the cache is full or another thread was first: then the answer is a
    /// node of this call only, or the other thread's.
    Node insert(@Nullable Node parent, long salt, byte[] from, int start, int end, Object payload) {
        long hash = hash(parent, salt, from, start, end);
        byte[] key = Arrays.copyOfRange(from, start, end);
        synchronized (this) {
            Node[] now = table;
            Node found = find(now, hash, parent, salt, from, start, end);
            if (found != null) {
                return found;
            }
            var node = new Node(hash, parent, salt, key, payload, generation);
            if (bytes + NODE_BYTES + key.length > bytesMax) {
                refused++;
                node.dropped = true; // so that nothing is kept below it
                return node;
            }
            if (parent != null && parent.dropped) {
                node.dropped = true; // nobody could find it
                return node;
            }
            if ((size + 1) * 2 > now.length) {
                now = rebuilt(now, now.length * 2);
            }
            put(now, node);
            table = now; // publishes the node to readers that had missed it
            size++;
            bytes += NODE_BYTES + key.length;
            return node;
        }
    }

    private static @Nullable Node[] rebuilt(@Nullable Node[] old, int length) {
        var fresh = new Node[length];
        for (Node node : old) {
            if (node != null && !node.dropped) {
                put(fresh, node);
            }
        }
        return fresh;
    }

    private static void put(@Nullable Node[] into, Node node) {
        int mask = into.length - 1;
        int slot = (int) node.hash & mask;
        while (into[slot] != null) {
            slot = (slot + 1) & mask;
        }
        into[slot] = node;
    }

    /// Drops nodes that were not found during the last `idleSweeps` calls of this method, whose
    /// series the registry has evicted, or whose parent is dropped; when the cache is almost full,
    /// all that were not found since the last call. To be called once a minute. Returns how many.
    public synchronized int sweep(int idleSweeps) {
        int now = generation;
        boolean almostFull = bytes > bytesMax / 10 * 9;
        int usedBefore = now - (almostFull ? Math.min(idleSweeps, 1) : idleSweeps);
        int kept = 0;
        long keptBytes = 0;
        for (Node node : table) {
            if (node == null) {
                continue;
            }
            if (drops(node, usedBefore)) {
                node.dropped = true;
            } else {
                kept++;
                keptBytes += NODE_BYTES + node.key.length;
            }
        }
        int gone = size - kept;
        if (gone > 0) {
            unlinkDropped();
            int length = 1024;
            while (length < kept * 2 + 2) {
                length *= 2;
            }
            table = rebuilt(table, length);
            size = kept;
            bytes = keptBytes;
        }
        generation = now + 1;
        return gone;
    }

    /// So that no chain of guesses keeps dropped nodes alive.
    private void unlinkDropped() {
        for (Node node : table) {
            Node next = node == null ? null : node.next;
            if (node != null && next != null && (node.dropped || next.dropped)) {
                node.next = null;
            }
        }
    }

    private static boolean drops(Node node, int usedBefore) {
        return node.stale()
                || node.usedAt < usedBefore
                || (node.parent != null && drops(node.parent, usedBefore));
    }

    /// Keyed, in the manner of wyhash: 128-bit products of key and bytes, folded. (Where an
    /// attacker would have to know the key to make a factor zero.)
    private long hash(@Nullable Node parent, long salt, byte[] from, int start, int end) {
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
