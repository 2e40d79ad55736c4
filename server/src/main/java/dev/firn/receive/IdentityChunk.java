package dev.firn.receive;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Some thousand identities of the [SeriesCache], side by side in the order in which they came:
/// senders export their series in the same order again and again, so that the next one mostly
/// stands next to the one before, and the processor has fetched it already. An object for each
/// would be three cache misses a point.
///
/// A place is written once, by the cache's writer under its lock, and never used again for another
/// identity; dropping it only takes its payload away. Readers take no lock: whatever they see of a
/// place that is being written, they either miss or find its one payload. Hot path:
/// `DecoderBenchmark` in bench/.
final class IdentityChunk {
    static final int PLACES = 1 << 12;
    private static final int KEYS_MIN = 1 << 14;

    /// A chunk whose keys reach this is full.
    private static final int KEYS_MAX = 1 << 24;

    private static final VarHandle INTS = MethodHandles.arrayElementVarHandle(int[].class);

    /// Fields of a place in [#fields].
    private static final int HASH = 0;

    private static final int SALT = 1;
    private static final int KEY_FROM = 2;
    private static final int KEY_TO = 3;
    private static final int USED_AT = 4;
    private static final int NEXT = 5;
    private static final int FIELDS = 6;

    private final int[] fields = new int[PLACES * FIELDS];

    /// Parent and payload of each place.
    private final @Nullable Object[] references = new Object[PLACES * 2];

    private byte[] keys = new byte[KEYS_MIN];
    private int keysSize;
    private int size;

    /// Places written, dropped ones included.
    int size() {
        return size;
    }

    /// True when no further identity of so many bytes has room.
    boolean full(int keyLength) {
        return size == PLACES || (size > 0 && keysSize + keyLength > KEYS_MAX);
    }

    /// Writes the next place and returns it.
    int add(
            int hash,
            SeriesCache.@Nullable Node parent,
            int salt,
            byte[] from,
            int start,
            int end,
            Object payload,
            int now) {
        int place = size;
        int at = place * FIELDS;
        fields[at + HASH] = hash;
        fields[at + SALT] = salt;
        fields[at + KEY_FROM] = keysSize;
        fields[at + USED_AT] = now;
        fields[at + NEXT] = -1;
        addKey(from, start, end - start);
        fields[at + KEY_TO] = keysSize;
        references[place * 2] = parent;
        references[place * 2 + 1] = payload;
        size++;
        if (size == PLACES) {
            keys = Arrays.copyOf(keys, keysSize);
        }
        return place;
    }

    private void addKey(byte[] from, int start, int length) {
        if (keysSize + length > keys.length) {
            keys = Arrays.copyOf(keys, Math.max(keysSize + length, keys.length * 2));
        }
        System.arraycopy(from, start, keys, keysSize, length);
        keysSize += length;
    }

    /// Takes over a place of another chunk.
    int add(IdentityChunk other, int place) {
        return add(
                other.hash(place),
                other.parent(place),
                other.fields[place * FIELDS + SALT],
                other.keys,
                other.fields[place * FIELDS + KEY_FROM],
                other.fields[place * FIELDS + KEY_TO],
                java.util.Objects.requireNonNull(other.payload(place)),
                other.usedAt(place));
    }

    /// The payload of a place if it is that of this identity, noting its use; else null.
    @Nullable Object find(
            int place,
            SeriesCache.@Nullable Node parent,
            int salt,
            byte[] from,
            int start,
            int end,
            int now) {
        int at = place * FIELDS;
        int keyFrom = fields[at + KEY_FROM];
        int keyTo = fields[at + KEY_TO];
        byte[] known = keys;
        if (references[place * 2] != parent
                || fields[at + SALT] != salt
                || keyTo > known.length // a chunk that this thread sees half-written
                || !Arrays.equals(known, keyFrom, keyTo, from, start, end)) {
            return null;
        }
        if (fields[at + USED_AT] != now) {
            fields[at + USED_AT] = now;
        }
        return references[place * 2 + 1];
    }

    int hash(int place) {
        return fields[place * FIELDS + HASH];
    }

    int usedAt(int place) {
        return fields[place * FIELDS + USED_AT];
    }

    int keyLength(int place) {
        return fields[place * FIELDS + KEY_TO] - fields[place * FIELDS + KEY_FROM];
    }

    SeriesCache.@Nullable Node parent(int place) {
        return (SeriesCache.Node) references[place * 2];
    }

    /// Null once dropped.
    @Nullable Object payload(int place) {
        return references[place * 2 + 1];
    }

    /// Nobody finds it any more.
    void drop(int place) {
        references[place * 2 + 1] = null;
        references[place * 2] = null;
    }

    /// What was found after this place the last time, in whatever chunk: a guess, always verified;
    /// -1 if nothing was.
    int next(int place) {
        return (int) INTS.getAcquire(fields, place * FIELDS + NEXT);
    }

    void next(int place, int id) {
        INTS.setRelease(fields, place * FIELDS + NEXT, id);
    }
}
