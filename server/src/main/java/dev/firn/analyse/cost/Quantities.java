package dev.firn.analyse.cost;

import java.util.HashMap;
import java.util.Map;

/// Whole quantities by meter and group. Not thread-safe.
final class Quantities {
    /// Of what.
    record Key(Meter meter, Group group) {}

    private final Map<Key, Long> all = new HashMap<>();

    void add(Meter meter, Group group, long quantity) {
        if (quantity != 0) {
            all.merge(new Key(meter, group), quantity, Math::addExact);
        }
    }

    void clear() {
        all.clear();
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    Map<Key, Long> all() {
        return Map.copyOf(all);
    }

    /// Of all groups.
    long total(Meter meter) {
        return all.entrySet().stream()
                .filter(one -> one.getKey().meter == meter)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
