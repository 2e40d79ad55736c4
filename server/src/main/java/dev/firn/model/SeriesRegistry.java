package dev.firn.model;

import dev.firn.base.Clock;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// All series that are active, by canonical identity: the second level below the receivers' caches
/// of raw bytes, shared with everybody who reads the WAL, so that one series is one object.
/// Bounded: see [#full] and [#bytesFull].
public final class SeriesRegistry {
    private record Key(long high, long low, long revision) {
        @Override
        public int hashCode() {
            return Long.hashCode(
                    high ^ Long.rotateLeft(revision, 32)); // SHA-256 bits: spread enough
        }
    }

    private final SeriesIdentity identity;
    private final Clock clock;
    private final long seriesMax;
    private final long bytesMax;
    private final Footprint footprint = new Footprint();
    private final ConcurrentHashMap<Key, Series> series = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Integer> metricIds = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<WellKnown, WellKnown> wellKnowns = new ConcurrentHashMap<>();
    private final AtomicLong created = new AtomicLong();
    private final AtomicLong evictions = new AtomicLong();

    /// @param seriesMax beyond this many active series receivers refuse new ones
    ///   (`limits.series_max`)
    public SeriesRegistry(SeriesIdentity identity, Clock clock, long seriesMax) {
        this(identity, clock, seriesMax, Long.MAX_VALUE);
    }

    /// @param seriesMax beyond this many active series receivers refuse new ones
    ///   (`limits.series_max`)
    /// @param bytesMax the same for about how many bytes they take (`limits.series_bytes_max`)
    public SeriesRegistry(SeriesIdentity identity, Clock clock, long seriesMax, long bytesMax) {
        this.identity = identity;
        this.clock = clock;
        this.seriesMax = seriesMax;
        this.bytesMax = bytesMax;
    }

    /// Active series now.
    public int size() {
        return series.size();
    }

    /// Series made since the start, evicted ones included.
    public long created() {
        return created.get();
    }

    /// Changes whenever series were evicted: who keeps series by number need not look into each of
    /// them, which is a cache miss, while it stays the same.
    public long evictions() {
        return evictions.get();
    }

    /// True when a receiver must refuse a series that it does not know yet. Replay never asks.
    public boolean full() {
        return series.size() >= seriesMax;
    }

    /// The limit behind [#full].
    public long seriesMax() {
        return seriesMax;
    }

    /// Like [#full], by bytes.
    public boolean bytesFull() {
        return footprint.bytes() >= bytesMax;
    }

    /// About how many bytes of heap the active series take, with what they share.
    public long bytes() {
        return footprint.bytes();
    }

    /// The limit behind [#bytesFull].
    public long bytesMax() {
        return bytesMax;
    }

    /// Finds or makes the series of an identity.
    public Series intern(Metric metric, Attributes attributes) {
        return intern(metric, attributes.toJson());
    }

    /// The same from canonical JSON.
    public Series intern(Metric metric, String attributes) {
        Fingerprint fingerprint =
                identity.fingerprint(SeriesIdentity.canonical(metric, attributes));
        return intern(metric, attributes, fingerprint, SeriesIdentity.revision(metric));
    }

    /// The same, but asks `mayBeCreated` before it makes a series; null if it may not.
    public @Nullable Series internIf(
            Metric metric, String attributes, BooleanSupplier mayBeCreated) {
        Fingerprint fingerprint =
                identity.fingerprint(SeriesIdentity.canonical(metric, attributes));
        long revision = SeriesIdentity.revision(metric);
        Series known = find(fingerprint, revision);
        if (known != null) {
            return known;
        }
        return mayBeCreated.getAsBoolean()
                ? intern(metric, attributes, fingerprint, revision)
                : null;
    }

    /// The known series of a definition that was read back, or null.
    public @Nullable Series find(Fingerprint fingerprint, long revision) {
        Series found = series.get(new Key(fingerprint.high(), fingerprint.low(), revision));
        if (found != null) {
            touch(found);
        }
        return found;
    }

    private Series intern(
            Metric metric, String attributes, Fingerprint fingerprint, long revision) {
        var key = new Key(fingerprint.high(), fingerprint.low(), revision);
        Series found = series.get(key);
        if (found == null) {
            found =
                    series.computeIfAbsent(
                            key, k -> make(metric, attributes, fingerprint, revision));
        }
        touch(found);
        return found;
    }

    private Series make(Metric metric, String attributes, Fingerprint fingerprint, long revision) {
        created.incrementAndGet();
        int metricId = metricIds.computeIfAbsent(metric.name(), SeriesIdentity::metricId);
        WellKnown drawn =
                WellKnown.of(
                        Attributes.fromJson(attributes),
                        Attributes.fromJson(metric.resource().attributes()));
        WellKnown shared = Objects.requireNonNullElse(wellKnowns.putIfAbsent(drawn, drawn), drawn);
        var made = new Series(metric, attributes, fingerprint, revision, metricId, shared);
        footprint.add(made);
        return made;
    }

    /// The time that [Series#lastUsedSeconds] is set to.
    public long nowSeconds() {
        return clock.nanos() / 1_000_000_000L;
    }

    private void touch(Series found) {
        long now = nowSeconds();
        if (found.lastUsedSeconds != now) {
            found.lastUsedSeconds = now;
        }
    }

    /// Forgets series unused for `idleSeconds`; returns how many. Their points live on in WAL, lake
    /// and engine.
    public int evictIdle(long idleSeconds) {
        long before = clock.nanos() / 1_000_000_000L - idleSeconds;
        int sizeBefore = series.size();
        series.values()
                .removeIf(one -> {
                    boolean idle = one.lastUsedSeconds < before;
                    if (idle) {
                        one.evicted = true;
                    }
                    return idle;
                });
        if (series.size() < sizeBefore) {
            evictions.incrementAndGet();
            wellKnowns.clear();
            metricIds.clear();
            footprint.recount(series.values());
        }
        return Math.max(0, sizeBefore - series.size());
    }
}
