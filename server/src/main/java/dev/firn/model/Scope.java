package dev.firn.model;

import java.util.Objects;

/// The instrumentation scope. Name, version and attributes are identity; the rest describes.
///
/// @param attributes canonical JSON ([Attributes#toJson])
/// @param schemaUrl of ScopeMetrics, empty if none
/// @param droppedAttributes OTLP's dropped_attributes_count, unsigned
public record Scope(
        String name, String version, String attributes, String schemaUrl, int droppedAttributes) {
    public Scope {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(attributes, "attributes");
        Objects.requireNonNull(schemaUrl, "schemaUrl");
    }
}
