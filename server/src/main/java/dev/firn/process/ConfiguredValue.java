package dev.firn.process;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A value of the configuration file as an attribute's.
final class ConfiguredValue {
    private ConfiguredValue() {}

    /// @param raw text, number, bool, list or mapping; null is an empty value
    static AttributeValue of(@Nullable Object raw) {
        return switch (raw) {
            case null -> new AttributeValue.Empty();
            case String text -> new AttributeValue.Text(text);
            case Long integer -> new AttributeValue.Int(integer);
            case Double real -> new AttributeValue.Real(real);
            case Boolean bool -> new AttributeValue.Bool(bool);
            case List<?> list -> {
                var values = new ArrayList<AttributeValue>(list.size());
                for (Object one : list) {
                    values.add(of(one));
                }
                yield new AttributeValue.Array(values);
            }
            case Map<?, ?> map -> {
                var entries = new ArrayList<Attributes.Entry>(map.size());
                map.forEach((key, value) ->
                        entries.add(new Attributes.Entry(String.valueOf(key), of(value))));
                yield new AttributeValue.Nested(Attributes.of(entries));
            }
            default -> new AttributeValue.Text(raw.toString());
        };
    }
}
