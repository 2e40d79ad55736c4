package dev.firn.process.ottl;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.process.identity.AttributeMap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A path into a map: `attributes["a"]["b"][0]`. What is not there is nil; setting it makes maps
/// and lists on the way.
record Keyed(Function<Subject, AttributeMap> map, List<Expression> keys) implements Place {
    /// A list is not grown beyond this.
    private static final int INDEX_MAX = 65_535;

    Keyed {
        keys = List.copyOf(keys);
    }

    @Override
    public @Nullable Object value(Subject subject) {
        String first = Values.asText(keys.getFirst().value(subject));
        AttributeValue held = map.apply(subject).find(first);
        return held == null ? null : inner(held, keys, 1, subject, false);
    }

    /// Follows keys into a value.
    ///
    /// @param strict whether a missing key is an error, as behind a converter
    static @Nullable Object inner(
            @Nullable Object value,
            List<Expression> keys,
            int from,
            Subject subject,
            boolean strict) {
        Object at = value;
        for (int i = from; i < keys.size(); i++) {
            Object key = keys.get(i).value(subject);
            switch (at) {
                case AttributeValue.Nested(Attributes attributes) -> {
                    at = attributes.find(Values.asText(key)).orElse(null);
                    if (at == null) {
                        if (strict) {
                            throw new EvaluationException("the map has no such key");
                        }
                        return null;
                    }
                }
                case AttributeValue.Array(List<AttributeValue> values) ->
                        at = values.get(index(key, values.size()));
                case null, default ->
                        throw new EvaluationException(Values.type(at).shown + " cannot be indexed");
            }
        }
        return at instanceof AttributeValue.Empty ? null : at;
    }

    private static int index(@Nullable Object key, int size) {
        long index = Values.asInt(key);
        if (index < 0 || index >= size) {
            throw new EvaluationException("index " + index + " is out of bounds");
        }
        return (int) index;
    }

    @Override
    public void set(Subject subject, @Nullable Object value) {
        AttributeValue held = Values.held(value);
        String first = Values.asText(keys.getFirst().value(subject));
        AttributeMap target = map.apply(subject);
        AttributeValue now = target.find(first);
        target.put(
                first, replaced(now == null ? new AttributeValue.Empty() : now, 1, subject, held));
    }

    private AttributeValue replaced(
            AttributeValue now, int depth, Subject subject, AttributeValue value) {
        if (depth == keys.size()) {
            return value;
        }
        Object key = keys.get(depth).value(subject);
        return switch (now) {
            case AttributeValue.Nested(Attributes attributes) ->
                    with(attributes, Values.asText(key), depth, subject, value);
            case AttributeValue.Array(List<AttributeValue> values) ->
                    with(values, index(key, values.size()), depth, subject, value);
            case AttributeValue.Empty() ->
                    key instanceof AttributeValue.Int(long index)
                            ? with(empties(index), lastOf(index), depth, subject, value)
                            : with(Attributes.EMPTY, Values.asText(key), depth, subject, value);
            default -> throw new EvaluationException(Values.type(now).shown + " cannot be indexed");
        };
    }

    private AttributeValue with(
            Attributes map, String key, int depth, Subject subject, AttributeValue value) {
        AttributeValue inner = map.find(key).orElse(new AttributeValue.Empty());
        var entries = new ArrayList<Attributes.Entry>();
        // first, because of equal keys the first counts
        entries.add(new Attributes.Entry(key, replaced(inner, depth + 1, subject, value)));
        entries.addAll(map.entries());
        return new AttributeValue.Nested(Attributes.of(entries));
    }

    private AttributeValue with(
            List<AttributeValue> list,
            int index,
            int depth,
            Subject subject,
            AttributeValue value) {
        var copy = new ArrayList<>(list);
        copy.set(index, replaced(list.get(index), depth + 1, subject, value));
        return new AttributeValue.Array(copy);
    }

    private static int lastOf(long index) {
        return (int) Math.max(0, index);
    }

    private static List<AttributeValue> empties(long index) {
        if (index > INDEX_MAX) {
            throw new EvaluationException("index " + index + " is above " + INDEX_MAX);
        }
        var list = new ArrayList<AttributeValue>();
        for (int i = 0; i <= lastOf(index); i++) {
            list.add(new AttributeValue.Empty());
        }
        return list;
    }
}
