package dev.firn.analyse.cost;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// Keeps the number of groups within bounds.
final class Groups {
    private Groups() {}

    /// The same quantities, of the largest groups by name, the rest as one.
    static Quantities within(Quantities quantities, Meter meter, int max) {
        Map<Quantities.Key, Long> all = quantities.all();
        if (all.size() <= max) {
            return quantities;
        }
        List<Map.Entry<Quantities.Key, Long>> largest =
                all.entrySet().stream()
                        .sorted(
                                Comparator.comparingInt((Map.Entry<Quantities.Key, Long> one) ->
                                                one.getKey().group().isSpecial() ? 0 : 1)
                                        .thenComparing(
                                                Map.Entry.comparingByValue(
                                                        Comparator.reverseOrder())))
                        .toList();
        var kept = new Quantities();
        for (int i = 0; i < largest.size(); i++) {
            Group group = i < max ? largest.get(i).getKey().group() : Group.OVERFLOW;
            kept.add(meter, group, largest.get(i).getValue());
        }
        return kept;
    }
}
