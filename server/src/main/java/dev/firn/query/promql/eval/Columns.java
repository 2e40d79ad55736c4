package dev.firn.query.promql.eval;

import dev.firn.query.promql.value.Labels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Collects an operator's output: one column for equal labels, and no step twice.
final class Columns {
    private final Map<Labels, Column> byLabels = new LinkedHashMap<>();
    private final int steps;

    Columns(int steps) {
        this.steps = steps;
    }

    /// The column of these labels, made on first use.
    Column of(Labels labels, boolean dropName) {
        return byLabels.computeIfAbsent(labels, key -> new Column(key, dropName, steps));
    }

    /// The column of these labels, to be written at step `i`.
    Column free(Labels labels, boolean dropName, int i) {
        Column column = of(labels, dropName);
        if (column.has(i)) {
            throw QueryException.duplicates();
        }
        return column;
    }

    List<Column> list() {
        return byLabels.values().stream().filter(column -> !column.isEmpty()).toList();
    }

    /// Columns of equal labels become one; the same step twice is an error.
    static List<Column> merge(List<Column> columns) {
        var labels = new HashMap<Labels, Integer>();
        boolean unique = true;
        for (Column column : columns) {
            unique &= labels.merge(column.labels(), 1, Integer::sum) == 1;
        }
        if (unique) {
            return columns;
        }
        var merged = new LinkedHashMap<Labels, Column>();
        for (Column column : columns) {
            merged.merge(column.labels(), column, Columns::join);
        }
        return new ArrayList<>(merged.values());
    }

    private static Column join(Column a, Column b) {
        var joined = new Column(a.labels(), a.dropName(), a.steps());
        for (int i = 0; i < a.steps(); i++) {
            if (a.has(i) && b.has(i)) {
                throw QueryException.duplicates();
            }
            joined.copy(i, a.has(i) ? a : b, i);
        }
        return joined;
    }
}
