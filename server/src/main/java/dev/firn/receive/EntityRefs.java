package dev.firn.receive;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import java.util.List;

/// Resource.entity_refs as text: a JSON list of objects with OTLP/JSON's field names, in the
/// canonical form of attributes.
final class EntityRefs {
    private static final String BEFORE = "{\"refs\":";

    private EntityRefs() {}

    static AttributeValue entity(
            String schemaUrl,
            String type,
            List<AttributeValue> idKeys,
            List<AttributeValue> descriptionKeys) {
        return new AttributeValue.Nested(
                Attributes.of(
                        List.of(
                                new Attributes.Entry(
                                        "schemaUrl", new AttributeValue.Text(schemaUrl)),
                                new Attributes.Entry("type", new AttributeValue.Text(type)),
                                new Attributes.Entry("idKeys", new AttributeValue.Array(idKeys)),
                                new Attributes.Entry(
                                        "descriptionKeys",
                                        new AttributeValue.Array(descriptionKeys)))));
    }

    /// Empty text for no entities.
    static String toJson(List<AttributeValue> entities) {
        if (entities.isEmpty()) {
            return "";
        }
        String wrapped =
                Attributes.of(
                                List.of(
                                        new Attributes.Entry(
                                                "refs", new AttributeValue.Array(entities))))
                        .toJson();
        return wrapped.substring(BEFORE.length(), wrapped.length() - 1);
    }
}
