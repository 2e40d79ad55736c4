package dev.firn.process.ottl;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.process.identity.AttributeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A path to a map as a whole: `attributes`, `cache`. Nil is the empty map.
record WholeMap(Function<Subject, AttributeMap> map) implements Place {
    @Override
    public Object value(Subject subject) {
        return new AttributeValue.Nested(map.apply(subject).toAttributes());
    }

    @Override
    public void set(Subject subject, @Nullable Object value) {
        map.apply(subject).assign(value == null ? Attributes.EMPTY : Values.asMap(value));
    }
}
