package dev.firn.query.promql.value;

import dev.firn.query.promql.lang.Quoting;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The labels of a series, sorted by name; an empty value is no label. Immutable; equal labels are
/// equal objects.
public final class Labels implements Comparable<Labels> {
    /// The label that holds the metric's name.
    public static final String NAME = "__name__";

    /// The upper bound of a classic histogram's bucket.
    public static final String BUCKET = "le";

    /// No labels.
    public static final Labels EMPTY = new Labels(new String[0]);

    private static final Set<String> METADATA = Set.of(NAME, "__type__", "__unit__");

    /// Name, value, name, value, …
    private final String[] pairs;

    private final int hash;

    private Labels(String[] pairs) {
        this.pairs = pairs;
        this.hash = Arrays.hashCode(pairs);
    }

    /// Labels of a map; empty values are left out.
    public static Labels of(Map<String, String> map) {
        return new Labels(
                new TreeMap<>(map)
                        .entrySet().stream()
                                .filter(entry -> !entry.getValue().isEmpty())
                                .flatMap(entry -> Stream.of(entry.getKey(), entry.getValue()))
                                .toArray(String[]::new));
    }

    /// The value of a label, empty if there is none.
    public String get(String name) {
        int low = 0;
        int high = pairs.length / 2 - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = pairs[2 * middle].compareTo(name);
            if (order == 0) {
                return pairs[2 * middle + 1];
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return "";
    }

    /// The metric's name, or empty.
    public String name() {
        return get(NAME);
    }

    public int size() {
        return pairs.length / 2;
    }

    public String nameAt(int i) {
        return pairs[2 * i];
    }

    public String valueAt(int i) {
        return pairs[2 * i + 1];
    }

    /// With one label set, or removed by an empty value.
    public Labels with(String name, String value) {
        int at = 0;
        while (at < pairs.length && pairs[at].compareTo(name) < 0) {
            at += 2;
        }
        boolean there = at < pairs.length && pairs[at].equals(name);
        int rest = at + (there ? 2 : 0);
        int added = value.isEmpty() ? 0 : 2;
        String[] changed = new String[at + added + pairs.length - rest];
        System.arraycopy(pairs, 0, changed, 0, at);
        if (added > 0) {
            changed[at] = name;
            changed[at + 1] = value;
        }
        System.arraycopy(pairs, rest, changed, at + added, pairs.length - rest);
        return new Labels(changed);
    }

    /// A copy that may be changed.
    public SortedMap<String, String> map() {
        var map = new TreeMap<String, String>();
        for (int i = 0; i < size(); i++) {
            map.put(nameAt(i), valueAt(i));
        }
        return map;
    }

    /// Only these labels.
    public Labels keep(Collection<String> names) {
        return filter(names::contains);
    }

    /// All but these labels.
    public Labels drop(Collection<String> names) {
        return filter(name -> !names.contains(name));
    }

    /// Without the metric's name, type and unit: what a computation makes out of date.
    public Labels dropMetadata() {
        return drop(METADATA);
    }

    /// The labels that `on` or `ignoring` compare.
    public Labels matching(boolean on, Collection<String> names) {
        return on ? keep(names) : filter(name -> !name.equals(NAME) && !names.contains(name));
    }

    private Labels filter(Predicate<String> wanted) {
        String[] kept = new String[pairs.length];
        int n = 0;
        for (int i = 0; i < pairs.length; i += 2) {
            if (wanted.test(pairs[i])) {
                kept[n++] = pairs[i];
                kept[n++] = pairs[i + 1];
            }
        }
        return n == pairs.length ? this : new Labels(Arrays.copyOf(kept, n));
    }

    @Override
    public int compareTo(Labels other) {
        return Arrays.compare(pairs, other.pairs);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Labels other && hash == other.hash && Arrays.equals(pairs, other.pairs);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /// `{__name__="up", job="x"}`.
    @Override
    public String toString() {
        return IntStream.range(0, size())
                .mapToObj(i -> Quoting.labelName(nameAt(i)) + "=" + Quoting.quote(valueAt(i)))
                .collect(Collectors.joining(", ", "{", "}"));
    }
}
