package dev.firn.process.identity;

import dev.firn.model.Metric;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesRegistry;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/// Makes equal parts of new identities one object, so that a million series of one resource hold
/// its text once. Bounded: emptied when full, which costs memory for a while and nothing else.
public final class Interner {
    private static final int PARTS_MAX = 100_000;

    private final SeriesRegistry registry;
    private final ConcurrentHashMap<Resource, Resource> resources = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Scope, Scope> scopes = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Metric, Metric> metrics = new ConcurrentHashMap<>();

    /// @param registry where the series live
    public Interner(SeriesRegistry registry) {
        this.registry = registry;
    }

    Series series(Metric metric, String attributes) {
        return registry.intern(metric, attributes);
    }

    Resource resource(Resource one) {
        return shared(resources, one);
    }

    Scope scope(Scope one) {
        return shared(scopes, one);
    }

    Metric metric(Metric one) {
        return shared(metrics, one);
    }

    private static <T> T shared(ConcurrentHashMap<T, T> known, T one) {
        if (known.size() >= PARTS_MAX) {
            known.clear();
        }
        return Objects.requireNonNullElse(known.putIfAbsent(one, one), one);
    }
}
