package dev.firn.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Attributes in canonical order: keys unique and sorted by code point. Where a sender repeats a
/// key the first value counts (as the Collector's map look-up does).
///
/// [#toJson] and [#fromJson] are inverse to each other; `docs/formats/series.md` draws the form
/// with test vectors.
public final class Attributes {
    /// No attributes.
    public static final Attributes EMPTY = new Attributes(List.of());

    /// One attribute.
    public record Entry(String key, AttributeValue value) {}

    private static final Comparator<Entry> ORDER = (a, b) -> compareCodePoints(a.key, b.key);

    private final Entry[] entries;

    private Attributes(List<Entry> sortedUnique) {
        entries = sortedUnique.toArray(Entry[]::new);
    }

    /// Sorts, keeps the first of each key.
    public static Attributes of(List<Entry> unordered) {
        if (unordered.isEmpty()) {
            return EMPTY;
        }
        Entry[] sorted = unordered.toArray(Entry[]::new);
        Arrays.sort(sorted, ORDER); // stable: the first sent stays first
        var unique = new ArrayList<Entry>(sorted.length);
        for (Entry entry : sorted) {
            if (unique.isEmpty() || !unique.getLast().key.equals(entry.key)) {
                unique.add(entry);
            }
        }
        return new Attributes(unique);
    }

    /// Number of attributes.
    public int size() {
        return entries.length;
    }

    /// In canonical order.
    public List<Entry> entries() {
        return List.of(entries);
    }

    /// The value of a key.
    public Optional<AttributeValue> find(String key) {
        int low = 0;
        int high = entries.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = compareCodePoints(entries[middle].key, key);
            if (order == 0) {
                return Optional.of(entries[middle].value);
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return Optional.empty();
    }

    /// The canonical JSON text.
    public String toJson() {
        return CanonicalJson.write(this);
    }

    /// Reads what [#toJson] wrote.
    public static Attributes fromJson(String json) {
        return CanonicalJson.read(json);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Attributes that && Arrays.equals(entries, that.entries);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(entries);
    }

    @Override
    public String toString() {
        return toJson();
    }

    /// Order of Unicode code points, which is also the order of UTF-8 bytes; String.compareTo
    /// differs beyond U+FFFF.
    static int compareCodePoints(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char left = a.charAt(i);
            char right = b.charAt(i);
            if (left != right) {
                boolean bothOrNone = Character.isSurrogate(left) == Character.isSurrogate(right);
                return bothOrNone ? left - right : Character.isSurrogate(left) ? 1 : -1;
            }
        }
        return a.length() - b.length();
    }
}
