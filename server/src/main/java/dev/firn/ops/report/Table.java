package dev.firn.ops.report;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An answer: rows of texts, [Double]s, [Long]s and null.
public record Table(List<String> columns, List<List<@Nullable Object>> rows) {
    /// What has no columns, since its table is not there yet.
    public static final Table NONE = new Table(List.of(), List.of());

    public Table {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    /// Asks the engine; [#NONE] where a table or view is not there yet.
    public interface Asking {
        /// The answer to a statement that names neither format nor database.
        Table ask(String name, String sql) throws InterruptedException;
    }

    /// A table of values as the engine writes them.
    ///
    /// @param types of ClickHouse; what is not a number as its type wants it is null
    public static Table of(
            List<String> columns, List<String> types, List<List<@Nullable String>> rows) {
        var all = new ArrayList<List<@Nullable Object>>();
        for (List<@Nullable String> row : rows) {
            var cells = new ArrayList<@Nullable Object>();
            for (int column = 0; column < columns.size(); column++) {
                String text = row.get(column);
                cells.add(text == null ? null : cell(types.get(column), text));
            }
            all.add(cells);
        }
        return new Table(columns, all);
    }

    private static @Nullable Object cell(String type, String text) {
        String plain = type.replaceAll("LowCardinality\\(|Nullable\\(|\\)", "");
        if (!plain.matches("(U?Int|Float|Decimal).*")) {
            return text;
        }
        try {
            double value = Double.parseDouble(text);
            if (plain.contains("Int") && Math.abs(value) < 1L << 53) {
                return (long) value;
            }
            return Double.isFinite(value) ? value : null;
        } catch (NumberFormatException e) {
            return null; // nan, inf and NULL
        }
    }

    /// Place of a column; -1: there is none.
    int column(String name) {
        return columns.indexOf(name);
    }

    /// A number; NaN: there is none.
    double number(int row, int column) {
        return rows.get(row).get(column) instanceof Number number
                ? number.doubleValue()
                : Double.NaN;
    }
}
