package dev.firn.model;

import java.util.Objects;

/// What produced a stream. `attributes` is identity; the rest describes.
///
/// @param attributes canonical JSON ([Attributes#toJson])
/// @param schemaUrl of ResourceMetrics, empty if none
/// @param droppedAttributes OTLP's dropped_attributes_count, unsigned
/// @param entityRefs OTLP's entity_refs as JSON, empty if none
public record Resource(
        String attributes, String schemaUrl, int droppedAttributes, String entityRefs) {
    public Resource {
        Objects.requireNonNull(attributes, "attributes");
        Objects.requireNonNull(schemaUrl, "schemaUrl");
        Objects.requireNonNull(entityRefs, "entityRefs");
    }
}
