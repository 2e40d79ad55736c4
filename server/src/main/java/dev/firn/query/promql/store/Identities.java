package dev.firn.query.promql.store;

import dev.firn.engine.EngineClient.Row;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.query.promql.value.Labels;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// What series are called, remembered: an identity never changes, so that of a series that was seen
/// once only its id must be read. Thread-safe.
final class Identities {
    /// Of one statement.
    private static final int KEYS_MAX = 5_000;

    private final Translation translation;
    private final int seriesMax;
    private final Map<Long, Known> known = new ConcurrentHashMap<>();

    /// @param seriesMax beyond this many all are forgotten and read anew
    Identities(Translation translation, int seriesMax) {
        this.translation = translation;
        this.seriesMax = seriesMax;
    }

    /// A series.
    ///
    /// @param labels without its name
    record Known(long id, Family family, Labels labels) {}

    /// A series' key.
    record Key(long metricId, long seriesId) {
        @Override
        public String toString() {
            return "(" + metricId + "," + seriesId + ")";
        }
    }

    static String join(Collection<?> keys) {
        return keys.stream().map(Object::toString).collect(Collectors.joining(","));
    }

    /// All of them that are still stored.
    List<Known> of(List<Key> keys, Reads reads) {
        if (known.size() > seriesMax) {
            known.clear();
        }
        var missing = keys.stream().filter(key -> !known.containsKey(key.seriesId)).toList();
        var fresh = new HashMap<Long, Known>();
        for (int from = 0; from < missing.size(); from += KEYS_MAX) {
            var some = missing.subList(from, Math.min(missing.size(), from + KEYS_MAX));
            for (Row row : reads.rows("series", Map.of("keys", join(some)))) {
                fresh.put(row.number(0), read(row));
            }
        }
        known.putAll(fresh);
        var found = new ArrayList<Known>(keys.size());
        for (Key key : keys) {
            Known one = known.get(key.seriesId);
            one = one == null ? fresh.get(key.seriesId) : one;
            if (one != null) {
                found.add(one);
            }
        }
        return found;
    }

    private Known read(Row row) {
        Family family =
                Family.of(
                        row.number(1),
                        row.text(2),
                        row.text(3),
                        row.text(4),
                        row.text(5),
                        row.text(6));
        var metric =
                family.described(
                        new Resource(row.text(7), "", 0, ""),
                        new Scope(row.text(8), row.text(9), row.text(10), row.text(11), 0));
        var columns =
                Map.of(
                        "environment", row.text(13),
                        "data_plane_id", row.text(14),
                        "cluster_id", row.text(15),
                        "region", row.text(16),
                        "service_name", row.text(17));
        return new Known(row.number(0), family, translation.labels(metric, row.text(12), columns));
    }
}
