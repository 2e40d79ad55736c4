package dev.firn.ops;

import dev.firn.engine.EngineErasure;
import dev.firn.engine.EngineSql;
import dev.firn.lake.keep.Bounds;
import dev.firn.lake.keep.Where;
import dev.firn.model.AttributeValue;
import java.util.List;
import java.util.stream.Collectors;

/// The conditions of an erasure in the engine's SQL, with the lake's meaning.
final class EraseSql {
    private EraseSql() {}

    /// What the engine shall delete.
    static EngineErasure.Rows engine(Where where, Bounds bounds) {
        long from = 0;
        long to = EngineErasure.Rows.EVER;
        for (Where.Term term : where.terms()) {
            if (term instanceof Where.Term.Time time) {
                from = time.from() ? Math.max(from, time.millis()) : from;
                to = time.from() ? to : Math.min(to, time.millis());
            }
        }
        return new EngineErasure.Rows(series(where), rows(where, bounds), from, to);
    }

    /// Condition over table `series`.
    static String series(Where where) {
        String all =
                where.terms().stream()
                        .map(EraseSql::ofSeries)
                        .filter(text -> !text.isEmpty())
                        .collect(Collectors.joining(" AND "));
        return all.isEmpty() ? "1" : all;
    }

    private static String ofSeries(Where.Term term) {
        return switch (term) {
            case Where.Term.Text(String column, boolean not, List<String> values) ->
                    column(column)
                            + (not ? " NOT IN (" : " IN (")
                            + values.stream().map(EraseSql::text).collect(Collectors.joining(", "))
                            + ")";
            case Where.Term.Id(List<Long> values) ->
                    "series_id IN ("
                            + values.stream()
                                    .map(id -> "toInt64('" + id + "')")
                                    .collect(Collectors.joining(", "))
                            + ")";
            case Where.Term.Time _ -> "";
            case Where.Term.Attribute(String column, String key, AttributeValue value) ->
                    attribute(column, text(key), value);
        };
    }

    private static String column(String column) {
        return column.equals("metric_type") ? "type" : column;
    }

    private static String text(String value) {
        return "'" + EngineSql.quoted(value) + "'";
    }

    private static String attribute(String column, String key, AttributeValue value) {
        String path = "(" + column + ", " + key + ")";
        return switch (value) {
            case AttributeValue.Text(String text) ->
                    "JSONType"
                            + path
                            + " = 'String' AND JSONExtractString"
                            + path
                            + " = "
                            + text(text);
            case AttributeValue.Int(long number) ->
                    "JSONType"
                            + path
                            + " IN ('Int64', 'UInt64') AND JSONExtractInt"
                            + path
                            + " = toInt64('"
                            + number
                            + "')";
            case AttributeValue.Bool(boolean bool) ->
                    "JSONType" + path + " = 'Bool' AND JSONExtractBool" + path + " = " + bool;
            case AttributeValue.Real(double number) ->
                    "JSONType" + path + " = 'Double' AND JSONExtractFloat" + path + " = " + number;
            case AttributeValue.Empty _,
                    AttributeValue.Binary _,
                    AttributeValue.Array _,
                    AttributeValue.Nested _ ->
                    throw new IllegalArgumentException("no condition can name " + value);
        };
    }

    /// Condition over the tables of points.
    static String rows(Where where, Bounds bounds) {
        String times =
                where.terms().stream()
                        .filter(Where.Term.Time.class::isInstance)
                        .map(Where.Term.Time.class::cast)
                        .map(time ->
                                "time "
                                        + (time.from() ? ">=" : "<")
                                        + " fromUnixTimestamp64Milli(toInt64('"
                                        + time.millis()
                                        + "'), 'UTC')")
                        .collect(Collectors.joining(" AND "));
        String cuts =
                bounds.cuts().entrySet().stream()
                        .map(one ->
                                "NOT (src = "
                                        + text(one.getKey())
                                        + " AND seq > "
                                        + one.getValue()
                                        + ")")
                        .collect(Collectors.joining(" AND "));
        String all = times.isEmpty() || cuts.isEmpty() ? times + cuts : times + " AND " + cuts;
        return all.isEmpty() ? "1" : all;
    }
}
