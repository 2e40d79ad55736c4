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
    private final IdentityGate gate;
    private final IdentityParser parser = new IdentityParser();
    private String sender = "";

    /// At what this request's identities led to last, at whatever level.
    private final SeriesCache.Cursor cursor = new SeriesCache.Cursor();

    private Reason refusal = Reason.SERIES_MAX;
    private boolean unparsed;

    SeriesResolver(
            SeriesCache cache,
            SeriesRegistry registry,
            SenderBudgets budgets,
            ReceiveLimits limits) {
        this.cache = cache;
        this.registry = registry;
        this.budgets = budgets;
        this.gate = new IdentityGate(limits);
    }

    void begin(String ofSender) {
        sender = ofSender;
        cursor.reset();
        cache.evicted(registry.evictions());
    }

    void letGo() {
        gate.letGo();
        parser.letGo();
    }

    IdentityParser parser() {
        return parser;
    }

    SeriesCache.Node resource(IdentityRun run) {
        SeriesCache.Node node = find(null, 0, run);
        if (node != null) {
            return node;
        }
        Reason broken = gate.resource(run);
        if (broken != null) {
            return SeriesCache.refused(null, IdentityGate.NO_RESOURCE, broken);
        }
        return insert(null, 0, run, parser.resource(run));
    }

    SeriesCache.Node scope(SeriesCache.Node resource, IdentityRun run) {
        SeriesCache.Node node = find(resource, 0, run);
        if (node != null) {
            return node;
        }
        Reason broken = gate.scope(resource, run);
        if (broken != null) {
            return SeriesCache.refused(resource, IdentityGate.NO_SCOPE, broken);
        }
        return insert(resource, 0, run, parser.scope(run));
    }

    SeriesCache.Node metric(
            SeriesCache.Node scope,
            MetricType type,
            Temporality temporality,
            boolean monotonic,
            IdentityRun run) {
        int salt = type.code() | temporality.code() << 8 | (monotonic ? 1 << 16 : 0);
        SeriesCache.Node node = find(scope, salt, run);
        if (node != null) {
            return node;
        }
        Reason broken = gate.metric(scope, run);
        if (broken != null) {
            return SeriesCache.refused(scope, gate.refusedMetric(run, type), broken);
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
        return insert(scope, salt, run, metric);
    }

    private SeriesCache.@Nullable Node find(
            SeriesCache.@Nullable Node parent, int salt, IdentityRun run) {
        return (SeriesCache.Node)
                cache.find(cursor, parent, salt, run.bytes(), run.from(), run.to());
    }

    private SeriesCache.Node insert(
            SeriesCache.@Nullable Node parent, int salt, IdentityRun run, Object payload) {
        return cache.insert(cursor, parent, salt, run.bytes(), run.from(), run.to(), payload);
    }

    /// The series of a point, or null if it is new and refused: then [#refusal] says why.
    @Nullable Series series(SeriesCache.Node metric, IdentityRun run) {
        Object known = cache.find(cursor, metric, 0, run.bytes(), run.from(), run.to());
        return known != null ? (Series) known : parsedSeries(metric, run);
    }

    private @Nullable Series parsedSeries(SeriesCache.Node metric, IdentityRun run) {
        Reason broken = gate.point(metric, run);
        unparsed = broken != null;
        if (broken != null) {
            refusal = broken;
            return null;
        }
        Attributes attributes = parser.attributes(run, POINT_DEPTH);
        Series series =
                registry.internIf(
                        (Metric) metric.payload(), attributes.toJson(), this::mayBeCreated);
        if (series != null) {
            cache.insert(cursor, metric, 0, run.bytes(), run.from(), run.to(), series);
        }
        return series;
    }

    private boolean mayBeCreated() {
        if (registry.full()) {
            refusal = Reason.SERIES_MAX;
            return false;
        }
        if (registry.bytesFull()) {
            refusal = Reason.SERIES_BYTES_MAX;
            return false;
        }
        refusal = Reason.NEW_SERIES;
        return budgets.take(sender);
    }

    /// Whether the attributes that [#series] last refused were not parsed, and may yet make the
    /// body malformed.
    boolean unparsed() {
        return unparsed;
    }

    /// Why [#series] answered null.
    Reason refusal() {
        return refusal;
    }
}
