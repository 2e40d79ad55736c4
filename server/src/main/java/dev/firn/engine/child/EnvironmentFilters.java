package dev.firn.engine.child;

import dev.firn.base.security.Visible;
import java.util.Set;
import java.util.stream.Collectors;

/// Holds statements of Firn's own to rows of some environments, by a condition on each table that
/// is read, in views too. A table that names neither an environment nor a series gives none, lest
/// one that comes new tells too much. Against statements of others this is no lock: what they
/// compute of a row may be computed before the condition is, and fail loudly.
final class EnvironmentFilters {
    /// ClickHouse's setting.
    static final String SETTING = "additional_table_filters";

    /// Say up to where rollups are done, and nothing of points.
    private static final Set<String> OPEN = Set.of("firn_rollup_marks", "firn_rollup_state");

    private static final String TABLES =
            """
            SELECT database, table, countIf(name = 'environment'), countIf(name = 'series_id')
            FROM system.columns
            WHERE (database, table) IN
            (
                SELECT database, name FROM system.tables
                WHERE database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA', 'default')
                    AND engine NOT LIKE '%View'
            )
            GROUP BY database, table
            """;

    private EnvironmentFilters() {}

    /// The setting's value for the tables that there are.
    ///
    /// @param database in which `series` is
    static String of(Chdb.Connection connection, String database, Visible visible) {
        String seen =
                "environment IN ("
                        + visible.environments().stream()
                                .map(EnvironmentFilters::quoted)
                                .collect(Collectors.joining(", "))
                        + ")";
        String series =
                "series_id IN (SELECT series_id FROM `" + database + "`.series WHERE " + seen + ")";
        return connection
                .query(TABLES)
                .text()
                .lines()
                .map(line -> line.split("\t"))
                .filter(table -> !(table[0].equals(database) && OPEN.contains(table[1])))
                .map(table -> {
                    String filter = table[3].equals("1") ? series : "0";
                    return quoted(table[0] + "." + table[1])
                            + ":"
                            + quoted(table[2].equals("1") ? seen : filter);
                })
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
