package dev.firn.wal;

import com.github.luben.zstd.Zstd;
import dev.firn.base.ByteReader;
import dev.firn.base.ByteReader.Malformed;
import dev.firn.model.Fingerprint;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a segment has defined so far, on the reader's side: the live series, metrics and bounds by
/// their numbers. Series that the registry knows are found by fingerprint; others are interned, and
/// the fingerprint that comes out must be the one that stands in the log.
final class SegmentTable {
    private static final int RAW_MAX = 1 << 30;
    private static final int LOST_MAX = 1 << 24;

    private record Described(Metric metric, long revision) {}

    private final SeriesRegistry registry;

    /// Without those that were evicted since, which stand in [#evicted] until they are asked for.
    private @Nullable Series[] series = new Series[64];

    private int seriesCount;
    private final Map<Integer, Series> evicted = new HashMap<>();
    private long evictionsSeen;
    private final List<@Nullable Described> metrics = new ArrayList<>();
    private final List<@Nullable Resource> resources = new ArrayList<>();
    private final List<@Nullable Scope> scopes = new ArrayList<>();
    private final List<long @Nullable []> bounds = new ArrayList<>();

    SegmentTable(SeriesRegistry registry) {
        this.registry = registry;
        this.evictionsSeen = registry.evictions();
    }

    /// To be called before each record's points: looks for series that the registry has evicted, so
    /// that [#series] need not look into the series itself, which is a cache miss a point.
    void settle() {
        long evictions = registry.evictions();
        if (evictions == evictionsSeen) {
            return;
        }
        evictionsSeen = evictions;
        for (int i = 0; i < seriesCount; i++) {
            Series one = series[i];
            if (one != null && one.evicted) {
                evicted.put(i, one);
                series[i] = null;
            }
        }
    }

    /// The series with this number.
    Series series(long index) {
        if (index < 0 || index >= seriesCount) {
            throw new Malformed("series " + index + " is not defined; there are " + seriesCount);
        }
        Series one = series[(int) index];
        return one != null ? one : internAgain((int) index);
    }

    private Series internAgain(int index) {
        Series gone = evicted.remove(index);
        if (gone == null) {
            throw new Malformed("series " + index + " was defined in a damaged record");
        }
        Series again = registry.intern(gone.metric(), gone.attributes());
        series[index] = again;
        return again;
    }

    /// The bounds behind a reference of [Definitions#referenceOf], which is 1 or more.
    long[] bounds(long reference) {
        return at(bounds, reference - 1);
    }

    /// Takes in what [Definitions#write] wrote.
    void read(ByteReader in) {
        int newSeries = in.count();
        int newBounds = in.count();
        if (newSeries == 0 && newBounds == 0) {
            return;
        }
        if (newSeries > in.remaining() / 16) {
            throw new Malformed(newSeries + " series are said to be defined, which do not fit");
        }
        var fingerprints = new Fingerprint[newSeries];
        for (int i = 0; i < newSeries; i++) {
            fingerprints[i] = new Fingerprint(in.i64(), in.i64());
        }
        long rawLength = in.varint();
        if (rawLength < 0 || rawLength > RAW_MAX) {
            throw new Malformed("definitions of " + rawLength + " bytes");
        }
        byte[] compressed = in.bytes(in.count());
        byte[] raw = new byte[(int) rawLength];
        if (Zstd.decompress(raw, compressed) != rawLength) {
            throw new Malformed("definitions do not decompress to " + rawLength + " bytes");
        }
        readRaw(new ByteReader(raw), fingerprints, newBounds);
    }

    private void readRaw(ByteReader in, Fingerprint[] fingerprints, int newBounds) {
        skipTo(resources, in.varint());
        for (int i = in.count(); i > 0; i--) {
            resources.add(new Resource(in.string(), in.string(), (int) in.varint(), in.string()));
        }
        skipTo(scopes, in.varint());
        for (int i = in.count(); i > 0; i--) {
            scopes.add(
                    new Scope(
                            in.string(), in.string(), in.string(), in.string(), (int) in.varint()));
        }
        skipTo(metrics, in.varint());
        for (int i = in.count(); i > 0; i--) {
            metrics.add(readMetric(in));
        }
        readSeries(in, fingerprints);
        skipTo(bounds, in.varint());
        for (int i = 0; i < newBounds; i++) {
            var one = new long[Math.min(in.count(), in.remaining() / 8 + 1)];
            for (int at = 0; at < one.length; at++) {
                one[at] = in.i64();
            }
            bounds.add(one);
        }
    }

    private Described readMetric(ByteReader in) {
        Resource resource = at(resources, in.varint());
        Scope scope = at(scopes, in.varint());
        var metric =
                new Metric(
                        resource,
                        scope,
                        in.string(),
                        in.string(),
                        MetricType.of(in.u8()),
                        Temporality.of(in.u8()),
                        in.u8() != 0,
                        in.string(),
                        in.string());
        return new Described(metric, in.i64());
    }

    /// Definitions that stood in a damaged record stay unknown; what uses them is unreadable.
    private static <T> void skipTo(List<@Nullable T> list, long first) {
        if (first < list.size() || first > LOST_MAX + list.size()) {
            throw new Malformed("definition " + first + " follows " + list.size());
        }
        while (list.size() < first) {
            list.add(null);
        }
    }

    private void readSeries(ByteReader in, Fingerprint[] fingerprints) {
        long first = in.varint();
        if (first < seriesCount || first > LOST_MAX + seriesCount) {
            throw new Malformed("series " + first + " follows " + seriesCount);
        }
        seriesCount = (int) first;
        if (in.count() != fingerprints.length) {
            throw new Malformed("the number of series contradicts that of fingerprints");
        }
        if (series.length < seriesCount + fingerprints.length) {
            series =
                    Arrays.copyOf(
                            series, Math.max(series.length * 2, seriesCount + fingerprints.length));
        }
        long reference = 0;
        for (Fingerprint fingerprint : fingerprints) {
            reference += in.zigzag();
            Described described = at(metrics, reference);
            String attributes = in.string();
            Series one = registry.find(fingerprint, described.revision);
            if (one == null) {
                one = registry.intern(described.metric, attributes);
                if (!one.fingerprint().equals(fingerprint)) {
                    throw new Malformed(
                            "series "
                                    + one
                                    + " is defined with fingerprint "
                                    + fingerprint
                                    + ", which is not its own");
                }
            }
            series[seriesCount++] = one;
        }
    }

    private static <T> T at(List<@Nullable T> list, long index) {
        T found = index < 0 || index >= list.size() ? null : list.get((int) index);
        if (found == null) {
            throw new Malformed("definition " + index + " of " + list.size() + " is unknown");
        }
        return found;
    }
}
