package dev.firn.receive;

import dev.firn.model.Attributes;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Leads runs of identity bytes to a [Series]: through the cache, or by parsing them once. One for
/// each decoder; not thread-safe.
final class SeriesResolver {
    /// Depth of a data point's message below the request.
    static final int POINT_DEPTH = 5;

    private final SeriesCache cache;
    private final SeriesRegistry registry;
    private final SenderBudgets budgets;
    private final int attributesMax;
    private final IdentityParser parser = new IdentityParser();
    private String sender = "";
    private Reason refusal = Reason.SERIES_MAX;

    SeriesResolver(
            SeriesCache cache, SeriesRegistry registry, SenderBudgets budgets, int attributesMax) {
        this.cache = cache;
        this.registry = registry;
        this.budgets = budgets;
        this.attributesMax = attributesMax;
    }

    void begin(String ofSender) {
        sender = ofSender;
    }

    IdentityParser parser() {
        return parser;
    }

    SeriesCache.Node resource(IdentityRun run) {
        SeriesCache.Node node = cache.find(null, 0, run.bytes(), run.from(), run.to());
        if (node != null) {
            return node;
        }
        Resource resource = parser.resource(run);
        return cache.insert(null, 0, run.bytes(), run.from(), run.to(), resource);
    }

    SeriesCache.Node scope(SeriesCache.Node resource, IdentityRun run) {
        SeriesCache.Node node = cache.find(resource, 0, run.bytes(), run.from(), run.to());
        if (node != null) {
            return node;
        }
        Scope scope = parser.scope(run);
        return cache.insert(resource, 0, run.bytes(), run.from(), run.to(), scope);
    }

    SeriesCache.Node metric(
            SeriesCache.Node scope,
            MetricType type,
            Temporality temporality,
            boolean monotonic,
            IdentityRun run) {
        long salt = type.code() | temporality.code() << 8 | (monotonic ? 1 << 16 : 0);
        SeriesCache.Node node = cache.find(scope, salt, run.bytes(), run.from(), run.to());
        if (node != null) {
            return node;
        }
        SeriesCache.Node above = Objects.requireNonNull(scope.parent(), "a scope has a resource");
        Metric metric =
                parser.metric(
                        run,
                        (Resource) above.payload(),
                        (Scope) scope.payload(),
                        type,
                        temporality,
                        monotonic);
        return cache.insert(scope, salt, run.bytes(), run.from(), run.to(), metric);
    }

    /// The series of a point, or null if it is new and refused: then [#refusal] says why.
    @Nullable Series series(SeriesCache.Node metric, IdentityRun run) {
        SeriesCache.Node node = cache.find(metric, 0, run.bytes(), run.from(), run.to());
        return node != null ? (Series) node.payload() : parsedSeries(metric, run);
    }

    private @Nullable Series parsedSeries(SeriesCache.Node metric, IdentityRun run) {
        Attributes attributes = parser.attributes(run, POINT_DEPTH);
        if (attributes.size() > attributesMax) {
            refusal = Reason.ATTRIBUTES_MAX;
            return null;
        }
        Series series =
                registry.internIf(
                        (Metric) metric.payload(), attributes.toJson(), this::mayBeCreated);
        if (series != null) {
            cache.insert(metric, 0, run.bytes(), run.from(), run.to(), series);
        }
        return series;
    }

    private boolean mayBeCreated() {
        if (registry.full()) {
            refusal = Reason.SERIES_MAX;
            return false;
        }
        refusal = Reason.NEW_SERIES;
        return budgets.take(sender);
    }

    /// Why [#series] answered null.
    Reason refusal() {
        return refusal;
    }
}
