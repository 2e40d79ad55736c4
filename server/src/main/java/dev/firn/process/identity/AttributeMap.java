package dev.firn.process.identity;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/// Attributes that may change. Copied on the first change only.
public final class AttributeMap {
    private Attributes original = Attributes.EMPTY;
    private @Nullable Map<String, AttributeValue> edited;

    /// Starts anew.
    public void reset(Attributes attributes) {
        original = attributes;
        edited = null;
    }

    /// The value of a key, null if there is none.
    public @Nullable AttributeValue find(String key) {
        return edited == null ? original.find(key).orElse(null) : edited.get(key);
    }

    /// Number of keys.
    public int size() {
        return edited == null ? original.size() : edited.size();
    }

    /// Sets a key, new or not.
    public void put(String key, AttributeValue value) {
        if (!value.equals(find(key))) {
            edit().put(key, value);
        }
    }

    /// Drops a key.
    public void remove(String key) {
        if (find(key) != null) {
            edit().remove(key);
        }
    }

    /// Drops what matches.
    public void removeIf(BiPredicate<String, AttributeValue> test) {
        for (Attributes.Entry entry : entries()) {
            if (test.test(entry.key(), entry.value())) {
                edit().remove(entry.key());
            }
        }
    }

    /// Puts other contents in the place of these.
    public void assign(Attributes attributes) {
        Map<String, AttributeValue> map = edit();
        map.clear();
        for (Attributes.Entry entry : attributes.entries()) {
            map.put(entry.key(), entry.value());
        }
    }

    /// A copy of keys and values, in no order that means anything.
    public List<Attributes.Entry> entries() {
        Map<String, AttributeValue> map = edited;
        if (map == null) {
            return original.entries();
        }
        var entries = new ArrayList<Attributes.Entry>(map.size());
        map.forEach((key, value) -> entries.add(new Attributes.Entry(key, value)));
        return entries;
    }

    /// The contents now.
    public Attributes toAttributes() {
        return edited == null ? original : Attributes.of(entries());
    }

    /// Whether the contents differ from those of the start.
    boolean changed() {
        return edited != null && !toAttributes().equals(original);
    }

    /// Whether a key of the start is gone or has another value: two series may then become one.
    boolean lost() {
        if (edited == null) {
            return false;
        }
        for (Attributes.Entry entry : original.entries()) {
            if (!entry.value().equals(edited.get(entry.key()))) {
                return true;
            }
        }
        return false;
    }

    private Map<String, AttributeValue> edit() {
        Map<String, AttributeValue> map = edited;
        if (map == null) {
            map = new LinkedHashMap<>();
            for (Attributes.Entry entry : original.entries()) {
                map.put(entry.key(), entry.value());
            }
            edited = map;
        }
        return map;
    }
}
