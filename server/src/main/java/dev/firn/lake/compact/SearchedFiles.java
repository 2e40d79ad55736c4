package dev.firn.lake.compact;

import dev.firn.lake.keep.Hold;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.iceberg.DataFile;

/// Files that were searched in vain for rows past their retention, so that they are not searched in
/// each round. Forgotten when holds change, and at a restart. Safe for several threads.
final class SearchedFiles {
    private static final int FILES_MAX = 100_000;

    private final Map<String, Set<Integer>> rulesOf =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Set<Integer>> eldest) {
                    return size() > FILES_MAX;
                }
            };
    private Map<String, String> holds = Map.of();

    /// @param now the holds that the search would respect
    synchronized boolean knows(DataFile file, Set<Integer> rules, Map<String, String> now) {
        if (!now.equals(holds)) {
            rulesOf.clear();
            holds = now;
        }
        return rules.equals(rulesOf.get(file.location()));
    }

    synchronized void add(DataFile file, Set<Integer> rules, Map<String, String> now) {
        if (now.equals(holds)) {
            rulesOf.put(file.location(), rules);
        }
    }

    /// The properties in which a table's holds stand.
    static Map<String, String> holds(Map<String, String> properties) {
        var holds = new TreeMap<>(properties);
        holds.keySet().removeIf(key -> !key.startsWith(Hold.PREFIX));
        return holds;
    }
}
