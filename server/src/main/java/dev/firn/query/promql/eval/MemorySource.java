package dev.firn.query.promql.eval;

import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.Samples;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/// Series held in memory, in order of their labels.
public final class MemorySource implements SeriesSource {
    private final TreeMap<Labels, Samples> series = new TreeMap<>();

    /// Adds a series or replaces it.
    public void put(Labels labels, Samples samples) {
        series.put(labels, samples);
    }

    @Override
    public Cursor select(Selection selection) {
        Iterator<Map.Entry<Labels, Samples>> matching =
                series.entrySet().stream()
                        .filter(entry -> matches(selection, entry.getKey()))
                        .iterator();
        return new Entries(matching);
    }

    private static boolean matches(Selection selection, Labels labels) {
        return selection.matchers().stream()
                .allMatch(matcher -> matcher.matches(labels.get(matcher.name())));
    }

    private static final class Entries implements Cursor {
        private final Iterator<Map.Entry<Labels, Samples>> entries;
        private Map.Entry<Labels, Samples> entry = Map.entry(Labels.EMPTY, Samples.NONE);

        private Entries(Iterator<Map.Entry<Labels, Samples>> entries) {
            this.entries = entries;
        }

        @Override
        public boolean next() {
            if (!entries.hasNext()) {
                return false;
            }
            entry = entries.next();
            return true;
        }

        @Override
        public Labels labels() {
            return entry.getKey();
        }

        @Override
        public Samples samples() {
            return entry.getValue();
        }

        @Override
        public void close() {}
    }
}
