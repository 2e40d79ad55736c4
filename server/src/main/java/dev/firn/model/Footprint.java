package dev.firn.model;

import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// About how many bytes of heap series take: objects by their usual size, texts by their length,
/// and what series share once. Thread-safe; off by what came in while it was counted anew.
final class Footprint {
    /// A series, its key and their places in the map, with compact object headers or without.
    private static final long SERIES = 240;

    /// A metric, a resource or a scope with its texts' headers, and its place below.
    private static final long SHARED = 240;

    private final AtomicLong bytes = new AtomicLong();
    private final ConcurrentHashMap<Record, Boolean> shared = new ConcurrentHashMap<>();

    long bytes() {
        return bytes.get();
    }

    void add(Series series) {
        Metric metric = series.metric();
        long added = SERIES + series.attributes().length();
        if (shared.putIfAbsent(metric, true) == null) {
            added += SHARED + texts(metric);
            if (shared.putIfAbsent(metric.resource(), true) == null) {
                added += SHARED + texts(metric.resource());
            }
            if (shared.putIfAbsent(metric.scope(), true) == null) {
                added += SHARED + texts(metric.scope());
            }
        }
        bytes.addAndGet(added);
    }

    /// After some series were forgotten.
    void recount(Collection<Series> left) {
        shared.clear();
        bytes.set(0);
        left.forEach(this::add);
    }

    private static long texts(Metric metric) {
        return (long) metric.name().length()
                + metric.unit().length()
                + metric.description().length()
                + metric.metadata().length();
    }

    private static long texts(Resource resource) {
        return (long) resource.attributes().length()
                + resource.schemaUrl().length()
                + resource.entityRefs().length();
    }

    private static long texts(Scope scope) {
        return (long) scope.name().length()
                + scope.version().length()
                + scope.attributes().length()
                + scope.schemaUrl().length();
    }
}
