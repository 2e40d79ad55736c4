package dev.firn.query;

import dev.firn.engine.EngineClient;
import java.util.List;

/// Columns and rows of a query's answer.
///
/// @param columns names, in order
/// @param types of ClickHouse, in order
/// @param ageSeconds since it was made, if it was kept; else 0
/// @param cached whether it was kept
public record Answer(
        List<String> columns,
        List<String> types,
        List<EngineClient.Row> rows,
        int ageSeconds,
        boolean cached) {
    public Answer {
        columns = List.copyOf(columns);
        types = List.copyOf(types);
        rows = List.copyOf(rows);
    }

    /// Place of a column.
    public int column(String name) {
        int place = columns.indexOf(name);
        if (place < 0) {
            throw new IllegalArgumentException("there is no column " + name + " among " + columns);
        }
        return place;
    }

    /// Number of rows.
    public int size() {
        return rows.size();
    }

    /// A value as text.
    public String text(int row, int column) {
        return rows.get(row).text(column);
    }

    /// A signed integer, or the bits of an unsigned one.
    public long number(int row, int column) {
        return rows.get(row).number(column);
    }

    /// A double.
    public double real(int row, int column) {
        return rows.get(row).real(column);
    }
}
