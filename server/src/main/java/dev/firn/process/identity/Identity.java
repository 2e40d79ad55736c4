package dev.firn.process.identity;

import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.Temporality;

/// What a processor works on: the identity of one series, and what describes it. Every series has
/// its own, so a change of resource, scope or metric reaches the points of this series only.
/// Reused; not thread-safe.
public final class Identity {
    /// Attributes of the resource.
    public final AttributeMap resource = new AttributeMap();

    /// Attributes of the scope.
    public final AttributeMap scope = new AttributeMap();

    /// Attributes of the points.
    public final AttributeMap attributes = new AttributeMap();

    /// Metric.metadata.
    public final AttributeMap metadata = new AttributeMap();

    /// Metric.name, never empty.
    public String name = "";

    /// Metric.unit.
    public String unit = "";

    /// Metric.description.
    public String description = "";

    /// Of sums and histograms.
    public Temporality temporality = Temporality.UNSPECIFIED;

    /// Of sums.
    public boolean monotonic;

    /// Of ResourceMetrics.
    public String resourceSchemaUrl = "";

    /// Unsigned.
    public int resourceDropped;

    /// InstrumentationScope.name.
    public String scopeName = "";

    /// InstrumentationScope.version.
    public String scopeVersion = "";

    /// Of ScopeMetrics.
    public String scopeSchemaUrl = "";

    /// Unsigned.
    public int scopeDropped;

    private Parts parts;

    /// The identity of a series.
    public Identity(Parts parts) {
        this.parts = parts;
        reset(parts);
    }

    /// Starts anew with another series.
    public void reset(Parts of) {
        parts = of;
        Metric metric = of.series().metric();
        resource.reset(of.resource());
        scope.reset(of.scope());
        attributes.reset(of.attributes());
        metadata.reset(of.metadata());
        name = metric.name();
        unit = metric.unit();
        description = metric.description();
        temporality = metric.temporality();
        monotonic = metric.monotonic();
        resourceSchemaUrl = metric.resource().schemaUrl();
        resourceDropped = metric.resource().droppedAttributes();
        scopeName = metric.scope().name();
        scopeVersion = metric.scope().version();
        scopeSchemaUrl = metric.scope().schemaUrl();
        scopeDropped = metric.scope().droppedAttributes();
    }

    /// The data type, which nothing changes.
    public MetricType type() {
        return parts.series().metric().type();
    }

    /// Whether something that tells series apart was removed or overwritten, so that several series
    /// may have become one. What was only added keeps them apart.
    public boolean lossy() {
        Metric metric = parts.series().metric();
        return resource.lost()
                || scope.lost()
                || attributes.lost()
                || !name.equals(metric.name())
                || !unit.equals(metric.unit())
                || temporality != metric.temporality()
                || monotonic != metric.monotonic()
                || !scopeName.equals(metric.scope().name())
                || !scopeVersion.equals(metric.scope().version());
    }

    /// The series of this identity: the one it came from if nothing changed.
    public Series series(Interner interner) {
        Series from = parts.series();
        Metric metric = metric(interner);
        if (!attributes.changed() && metric == from.metric()) {
            return from;
        }
        String json = attributes.changed() ? attributes.toAttributes().toJson() : from.attributes();
        return interner.series(metric, json);
    }

    private Metric metric(Interner interner) {
        Metric from = parts.series().metric();
        Resource ofResource = resource(interner, from.resource());
        Scope ofScope = scope(interner, from.scope());
        if (ofResource == from.resource()
                && ofScope == from.scope()
                && name.equals(from.name())
                && unit.equals(from.unit())
                && description.equals(from.description())
                && temporality == from.temporality()
                && monotonic == from.monotonic()
                && !metadata.changed()) {
            return from;
        }
        return interner.metric(
                new Metric(
                        ofResource,
                        ofScope,
                        name,
                        unit,
                        from.type(),
                        temporality,
                        monotonic,
                        description,
                        metadata.changed() ? metadata.toAttributes().toJson() : from.metadata()));
    }

    private Resource resource(Interner interner, Resource from) {
        if (!resource.changed()
                && resourceSchemaUrl.equals(from.schemaUrl())
                && resourceDropped == from.droppedAttributes()) {
            return from;
        }
        return interner.resource(
                new Resource(
                        resource.changed() ? resource.toAttributes().toJson() : from.attributes(),
                        resourceSchemaUrl,
                        resourceDropped,
                        from.entityRefs()));
    }

    private Scope scope(Interner interner, Scope from) {
        if (!scope.changed()
                && scopeName.equals(from.name())
                && scopeVersion.equals(from.version())
                && scopeSchemaUrl.equals(from.schemaUrl())
                && scopeDropped == from.droppedAttributes()) {
            return from;
        }
        return interner.scope(
                new Scope(
                        scopeName,
                        scopeVersion,
                        scope.changed() ? scope.toAttributes().toJson() : from.attributes(),
                        scopeSchemaUrl,
                        scopeDropped));
    }
}
