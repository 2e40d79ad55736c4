package dev.firn.export.otlp;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import java.util.ArrayList;
import java.util.List;

/// Resource.entity_refs as a series' resource holds them: a JSON list of objects in canonical form.
public final class EntityReferences {
    /// One of them, as OTLP has it.
    public record Entity(
            String schemaUrl, String type, List<String> idKeys, List<String> descriptionKeys) {}

    private EntityReferences() {}

    /// From the text of [dev.firn.model.Resource#entityRefs].
    public static List<Entity> read(String json) {
        if (json.isEmpty()) {
            return List.of();
        }
        var entities = new ArrayList<Entity>();
        for (AttributeValue one : array(Attributes.fromJson("{\"refs\":" + json + "}"), "refs")) {
            if (one instanceof AttributeValue.Nested(Attributes map)) {
                entities.add(
                        new Entity(
                                text(map, "schemaUrl"),
                                text(map, "type"),
                                texts(map, "idKeys"),
                                texts(map, "descriptionKeys")));
            }
        }
        return entities;
    }

    private static String text(Attributes map, String key) {
        return map.find(key).map(AttributeValue::asText).orElse("");
    }

    private static List<String> texts(Attributes map, String key) {
        return array(map, key).stream().map(AttributeValue::asText).toList();
    }

    private static List<AttributeValue> array(Attributes map, String key) {
        return map.find(key).orElse(null) instanceof AttributeValue.Array(List<AttributeValue> all)
                ? all
                : List.of();
    }
}
