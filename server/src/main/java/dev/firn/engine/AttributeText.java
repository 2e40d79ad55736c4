package dev.firn.engine;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import java.util.List;

/// An attribute's value in the engine's maps: text as it is, anything else as canonical JSON. The
/// JSON columns beside the maps keep the types.
final class AttributeText {
    private static final String KEY = "v";

    /// What stands around the value in the JSON of a map with that one key.
    private static final String BEFORE = "{\"" + KEY + "\":";

    private AttributeText() {}

    static String of(AttributeValue value) {
        if (value instanceof AttributeValue.Text(String text)) {
            return text;
        }
        String json = Attributes.of(List.of(new Attributes.Entry(KEY, value))).toJson();
        return json.substring(BEFORE.length(), json.length() - 1);
    }
}
