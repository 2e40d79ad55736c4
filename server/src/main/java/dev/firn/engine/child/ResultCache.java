package dev.firn.engine.child;

import dev.firn.engine.child.Chdb.Statistics;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Answers of statements that were asked before, for those who want them (`use_query_cache=1`). The
/// least recently used give way. Nothing here looks at data: an answer is true for the moment when
/// it was made, and says how long ago that was. Thread-safe.
final class ResultCache {
    /// What an entry takes beside its texts, about.
    private static final int ENTRY_OVERHEAD_BYTES = 400;

    private final CacheLimits limits;
    private final LongSupplier nanos;
    private final LinkedHashMap<Key, Kept> entries = new LinkedHashMap<>(64, 0.75f, true);
    private long bytes;
    private long gathering;
    private long epoch;
    private long hits;
    private long misses;

    /// What makes two questions the same.
    ///
    /// @param user who asks: nobody sees another's answers
    /// @param statement without its FORMAT and SETTINGS
    /// @param settings that reach ClickHouse, and the tag of the cache
    record Key(
            String user,
            String database,
            String statement,
            String format,
            Map<String, String> settings,
            Map<String, String> parameters) {
        Key {
            settings = Map.copyOf(settings);
            parameters = Map.copyOf(parameters);
        }

        private long size() {
            long chars = (long) statement.length() + database.length() + format.length();
            for (var pairs : java.util.List.of(settings, parameters)) {
                for (var pair : pairs.entrySet()) {
                    chars += pair.getKey().length() + pair.getValue().length();
                }
            }
            return 2 * chars;
        }
    }

    /// An answer in its format, uncompressed.
    record Answer(byte[] body, Statistics statistics, int ageSeconds) {}

    private record Kept(byte[] body, Statistics statistics, long madeAt, long size) {}

    /// @param nanos a clock that only goes forward
    ResultCache(CacheLimits limits, LongSupplier nanos) {
        this.limits = limits;
        this.nanos = nanos;
    }

    CacheLimits limits() {
        return limits;
    }

    /// An answer not older than `ageSecondsMax` nor the configured age.
    synchronized @Nullable Answer find(Key key, int ageSecondsMax) {
        Kept kept = entries.get(key);
        if (kept == null) {
            misses++;
            return null;
        }
        long age = nanos.getAsLong() - kept.madeAt;
        if (expired(kept)) {
            remove(key, kept);
        }
        if (expired(kept) || age >= ageSecondsMax * 1_000_000_000L) {
            misses++;
            return null;
        }
        hits++;
        return new Answer(kept.body, kept.statistics, (int) (age / 1_000_000_000L));
    }

    private boolean expired(Kept kept) {
        return nanos.getAsLong() - kept.madeAt >= limits.ttlSeconds() * 1_000_000_000L;
    }

    /// Changes when the cache is emptied: an answer begun before must not come in after.
    synchronized long epoch() {
        return epoch;
    }

    /// Asks for room to gather an answer in; false: there is none, or the answer is too large.
    ///
    /// @param had bytes gathered before
    synchronized boolean reserve(long had, long more) {
        if (had + more > limits.entryBytesMax() || gathering + more > limits.bytesMax() / 4) {
            return false;
        }
        gathering += more;
        return true;
    }

    synchronized void release(long reserved) {
        gathering -= reserved;
    }

    /// Keeps an answer, unless the cache was emptied since `begun` or it is too large.
    synchronized void put(Key key, byte[] body, Statistics statistics, long madeAt, long begun) {
        long size = body.length + key.size() + ENTRY_OVERHEAD_BYTES;
        if (begun != epoch || body.length > limits.entryBytesMax() || size > limits.bytesMax()) {
            return;
        }
        Kept before = entries.get(key);
        if (before != null) {
            remove(key, before);
        }
        entries.put(key, new Kept(body, statistics, madeAt, size));
        bytes += size;
        trim();
    }

    private void trim() {
        if (!overfull()) {
            return;
        }
        entries.entrySet()
                .removeIf(entry -> {
                    boolean old = expired(entry.getValue());
                    bytes -= old ? entry.getValue().size : 0;
                    return old;
                });
        Iterator<Kept> eldest = entries.values().iterator();
        while (overfull()) {
            bytes -= eldest.next().size;
            eldest.remove();
        }
    }

    private boolean overfull() {
        return bytes > limits.bytesMax() || entries.size() > limits.entriesMax();
    }

    private void remove(Key key, Kept kept) {
        entries.remove(key);
        bytes -= kept.size;
    }

    /// Forgets everything, also what is being gathered.
    synchronized void clear() {
        entries.clear();
        bytes = 0;
        epoch++;
    }

    /// What it holds and how often it helped, since the child's start.
    record Figures(long hits, long misses, long entries, long bytes) {}

    synchronized Figures figures() {
        return new Figures(hits, misses, entries.size(), bytes);
    }

    /// The clock of [#put].
    long now() {
        return nanos.getAsLong();
    }
}
