package dev.firn.query;

import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineException;
import dev.firn.engine.child.Reading;
import dev.firn.engine.child.Reading.Condition;
import dev.firn.engine.child.Readings;
import dev.firn.lake.PointsTable;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;

/// What a statement asks of the lake's points, as a filter for planning: true for every row that
/// may count in the answer. Constants are evaluated by the engine, so that they mean here what they
/// mean in the statement.
final class LakeFilter {
    /// Names by which a statement may read points.
    private static final Set<String> POINTS = Set.of("points", "lake_points", "metric_parquet");

    /// What else it may read without reading points.
    private static final Set<String> OTHERS =
            Set.of(
                    "series",
                    "lake_series",
                    "samples",
                    "histograms",
                    "exponential_histograms",
                    "summaries",
                    "exemplars");

    private static final Set<String> TEXTS =
            Set.of(
                    "metric_name",
                    "metric_type",
                    "service_name",
                    "environment",
                    "data_plane_id",
                    "cluster_id",
                    "region",
                    "http_method",
                    "http_route",
                    "http_status_code");

    private static final long DAY_MICROS = 86_400_000_000L;

    private final EngineClient client;
    private final String database;

    LakeFilter(EngineClient client, String database) {
        this.client = client;
        this.database = database;
    }

    /// The filter of a statement; true for all rows where nothing is certain.
    ///
    /// @param rendering by `formatQuery`
    Expression of(String rendering) throws InterruptedException {
        Optional<List<Reading>> readings = Readings.of(rendering, Set.of(database), POINTS, OTHERS);
        if (readings.isEmpty()) {
            return Expressions.alwaysTrue();
        }
        Expression any = Expressions.alwaysFalse();
        for (Reading reading : readings.get()) {
            Expression all = Expressions.alwaysTrue();
            for (Condition condition : reading.conditions()) {
                all = Expressions.and(all, expression(reading.table(), condition));
            }
            any = Expressions.or(any, all);
        }
        return any;
    }

    private Expression expression(String table, Condition condition) throws InterruptedException {
        boolean parquet = table.equals("metric_parquet");
        String column = condition.column();
        try {
            if (column.equals(parquet ? "timestamp" : "time")) {
                return times(condition);
            }
            if (TEXTS.contains(column) && !(parquet && column.equals("metric_name"))) {
                return texts(condition);
            }
            return column.equals("series_id") && !parquet
                    ? numbers(condition)
                    : Expressions.alwaysTrue();
        } catch (EngineException e) {
            return Expressions.alwaysTrue(); // the statement itself will say what is wrong
        }
    }

    /// In microseconds, with room for what a conversion may cut off.
    private Expression times(Condition condition) throws InterruptedException {
        Expression any = Expressions.alwaysFalse();
        for (String constant : condition.constants()) {
            var row =
                    client.query(
                                    "SELECT toUnixTimestamp64Micro(toDateTime64("
                                            + constant
                                            + ", 6, 'UTC')), startsWith(toTypeName("
                                            + constant
                                            + "), 'DateTime') OR toTypeName("
                                            + constant
                                            + ") = 'String'")
                            .getFirst();
            // A date's midnight depends on the zone.
            long room = row.number(1) == 1 ? 1 : DAY_MICROS;
            any = Expressions.or(any, time(condition.operator(), row.number(0), room));
        }
        return any;
    }

    private static Expression time(Reading.Operator operator, long micros, long room) {
        Expression from = Expressions.greaterThanOrEqual("time", micros - room);
        Expression to = Expressions.lessThanOrEqual("time", micros + room);
        return switch (operator) {
            case GREATER, GREATER_OR_EQUAL -> from;
            case LESS, LESS_OR_EQUAL -> to;
            case EQUAL, IN -> Expressions.and(from, to);
        };
    }

    private Expression texts(Condition condition) throws InterruptedException {
        var values = new HashSet<String>();
        for (String constant : condition.constants()) {
            var row =
                    client.query("SELECT " + constant + ", toTypeName(" + constant + ")")
                            .getFirst();
            if (!row.text(1).equals("String")) {
                return Expressions.alwaysTrue();
            }
            values.add(row.text(0));
        }
        String column = condition.column();
        Expression compared = compared(column, condition.operator(), Set.copyOf(values));
        boolean exact =
                condition.operator() == Reading.Operator.EQUAL
                        || condition.operator() == Reading.Operator.IN;
        if (!exact || !column.equals("data_plane_id")) {
            return compared;
        }
        values.add(PointsTable.OTHER_PLANE); // of planes without a partition of their own
        return Expressions.and(compared, Expressions.in("plane", values.toArray()));
    }

    private Expression numbers(Condition condition) throws InterruptedException {
        var values = new HashSet<Long>();
        for (String constant : condition.constants()) {
            var row =
                    client.query("SELECT toInt64(" + constant + "), toTypeName(" + constant + ")")
                            .getFirst();
            if (!Map.of("Int", 1, "UIn", 1).containsKey(row.text(1).substring(0, 3))) {
                return Expressions.alwaysTrue();
            }
            values.add(row.number(0));
        }
        return compared("series_id", condition.operator(), values);
    }

    private static <T> Expression compared(
            String column, Reading.Operator operator, Set<T> values) {
        T first = values.iterator().next();
        return switch (operator) {
            case EQUAL, IN -> Expressions.in(column, values);
            case LESS -> Expressions.lessThan(column, first);
            case LESS_OR_EQUAL -> Expressions.lessThanOrEqual(column, first);
            case GREATER -> Expressions.greaterThan(column, first);
            case GREATER_OR_EQUAL -> Expressions.greaterThanOrEqual(column, first);
        };
    }
}
