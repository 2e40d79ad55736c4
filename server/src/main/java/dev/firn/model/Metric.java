package dev.firn.model;

import java.util.Objects;

/// A metric as one resource and scope report it; shared by its series. Description and metadata
/// describe, the rest is identity.
///
/// @param monotonic only sums can be
/// @param metadata canonical JSON of Metric.metadata, `{}` if none
public record Metric(
        Resource resource,
        Scope scope,
        String name,
        String unit,
        MetricType type,
        Temporality temporality,
        boolean monotonic,
        String description,
        String metadata) {
    public Metric {
        Objects.requireNonNull(resource, "resource");
        Objects.requireNonNull(scope, "scope");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(unit, "unit");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(temporality, "temporality");
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(metadata, "metadata");
    }
}
