package dev.firn.wal;

import com.github.luben.zstd.Zstd;
import dev.firn.base.ByteWriter;
import dev.firn.model.LongLists;
import dev.firn.model.Metric;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a segment has defined so far, on the writer's side: numbers for series, metrics, resources,
/// scopes and bounds, given on first use and written in front of the points that use them.
///
/// Hot path (one call a point): the segment's numbers stand in the series themselves, measured by
/// `WalBench`; only a copy made beside the log (quarantine) keeps them in a map.
final class Definitions {
    /// Beyond this many distinct bounds in a segment they are written inline.
    static final int BOUNDS_MAX = 4096;

    private static final int ZSTD_LEVEL = 1;

    private record Bounds(long[] bits) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Bounds(long[] that) && Arrays.equals(that, bits);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bits);
        }
    }

    private final long segment;
    private final @Nullable Map<Series, Integer> aside;
    private int seriesCount;
    private final Map<Metric, Integer> metrics = new HashMap<>();
    private final Map<Resource, Integer> resources = new HashMap<>();
    private final Map<Scope, Integer> scopes = new HashMap<>();
    private final Map<Bounds, Integer> bounds = new HashMap<>();
    private long[] lastBounds = new long[0];
    private int lastBoundsReference;

    private final List<Series> newSeries = new ArrayList<>();
    private final List<long[]> newBounds = new ArrayList<>();

    private final ByteWriter newResources = new ByteWriter(1024);
    private int newResourceCount;
    private final ByteWriter newScopes = new ByteWriter(256);
    private int newScopeCount;
    private final ByteWriter newMetrics = new ByteWriter(1024);
    private int newMetricCount;

    private Definitions(long segment, @Nullable Map<Series, Integer> aside) {
        this.segment = segment;
        this.aside = aside;
    }

    /// For the log's writer thread, which owns [Series#walSegment].
    static Definitions ofSegment(long segment) {
        return new Definitions(segment, null);
    }

    /// For any other thread.
    static Definitions aside() {
        return new Definitions(-1, new IdentityHashMap<>());
    }

    /// The number of a series in this segment.
    int indexOf(Series series) {
        if (aside != null) {
            Integer known = aside.get(series);
            if (known != null) {
                return known;
            }
            aside.put(series, seriesCount);
        } else {
            if (series.walSegment == segment) {
                return series.walIndex;
            }
            series.walSegment = segment;
            series.walIndex = seriesCount;
        }
        newSeries.add(series);
        return seriesCount++;
    }

    /// 1 + the number of a row's values as bounds in this segment, or 0 where they must stand
    /// inline.
    int referenceOf(LongLists lists, int row) {
        long[] values = lists.values();
        int from = lists.from(row);
        int to = lists.to(row);
        if (lastBoundsReference != 0
                && Arrays.equals(lastBounds, 0, lastBounds.length, values, from, to)) {
            return lastBoundsReference;
        }
        long[] bits = lists.row(row);
        Integer known = bounds.get(new Bounds(bits));
        if (known == null) {
            if (bounds.size() == BOUNDS_MAX) {
                return 0;
            }
            known = bounds.size();
            bounds.put(new Bounds(bits), known);
            newBounds.add(bits);
        }
        lastBounds = bits;
        lastBoundsReference = known + 1;
        return lastBoundsReference;
    }

    /// Writes what was new since the last call.
    void write(ByteWriter out) {
        out.varint(newSeries.size()).varint(newBounds.size());
        if (newSeries.isEmpty() && newBounds.isEmpty()) {
            return;
        }
        for (Series one : newSeries) {
            out.i64(one.fingerprint().high()).i64(one.fingerprint().low());
        }
        ByteWriter raw = rawBlock();
        byte[] compressed = compress(raw);
        out.varint(raw.size()).varint(compressed.length).bytes(compressed);
        newSeries.clear();
        newBounds.clear();
        newResources.reset();
        newScopes.reset();
        newMetrics.reset();
        newResourceCount = 0;
        newScopeCount = 0;
        newMetricCount = 0;
    }

    private ByteWriter rawBlock() {
        int firstSeries = seriesCount - newSeries.size();
        var perSeries = new ByteWriter(newSeries.size() * 64);
        int previous = 0;
        Metric last = null;
        int reference = 0;
        for (Series one : newSeries) {
            if (one.metric() != last) {
                last = one.metric();
                reference = metric(one);
            }
            perSeries.zigzag(reference - previous);
            previous = reference;
            perSeries.string(one.attributes());
        }
        var raw = new ByteWriter(perSeries.size() + 1024);
        append(raw, resources.size() - newResourceCount, newResourceCount, newResources);
        append(raw, scopes.size() - newScopeCount, newScopeCount, newScopes);
        append(raw, metrics.size() - newMetricCount, newMetricCount, newMetrics);
        append(raw, firstSeries, newSeries.size(), perSeries);
        raw.varint(bounds.size() - newBounds.size());
        for (long[] one : newBounds) {
            raw.varint(one.length);
            for (long bits : one) {
                raw.i64(bits);
            }
        }
        return raw;
    }

    /// The number of the first one is written too: a reader that lost a record must notice it.
    private static void append(ByteWriter out, int first, int count, ByteWriter part) {
        out.varint(first).varint(count).bytes(part.array(), 0, part.size());
    }

    private static byte[] compress(ByteWriter raw) {
        byte[] room = new byte[Math.toIntExact(Zstd.compressBound(raw.size()))];
        long length =
                Zstd.compressByteArray(
                        room, 0, room.length, raw.array(), 0, raw.size(), ZSTD_LEVEL);
        if (Zstd.isError(length)) {
            throw new IllegalStateException("zstd: " + Zstd.getErrorName(length));
        }
        return Arrays.copyOf(room, Math.toIntExact(length));
    }

    private int metric(Series series) {
        Metric metric = series.metric();
        Integer known = metrics.get(metric);
        if (known != null) {
            return known;
        }
        int resource = resource(metric.resource());
        int scope = scope(metric.scope());
        newMetrics.varint(resource).varint(scope).string(metric.name()).string(metric.unit());
        newMetrics.u8(metric.type().code()).u8(metric.temporality().code());
        newMetrics.u8(metric.monotonic() ? 1 : 0);
        newMetrics.string(metric.description()).string(metric.metadata());
        newMetrics.i64(series.revision());
        newMetricCount++;
        metrics.put(metric, metrics.size());
        return metrics.size() - 1;
    }

    private int resource(Resource resource) {
        Integer known = resources.get(resource);
        if (known != null) {
            return known;
        }
        newResources.string(resource.attributes()).string(resource.schemaUrl());
        newResources.varint(resource.droppedAttributes() & 0xffffffffL);
        newResources.string(resource.entityRefs());
        newResourceCount++;
        resources.put(resource, resources.size());
        return resources.size() - 1;
    }

    private int scope(Scope scope) {
        Integer known = scopes.get(scope);
        if (known != null) {
            return known;
        }
        newScopes.string(scope.name()).string(scope.version()).string(scope.attributes());
        newScopes.string(scope.schemaUrl()).varint(scope.droppedAttributes() & 0xffffffffL);
        newScopeCount++;
        scopes.put(scope, scopes.size());
        return scopes.size() - 1;
    }
}
