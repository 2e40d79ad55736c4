package dev.firn.query.promql.eval;

import dev.firn.query.promql.eval.QueryValue.Matrix;
import dev.firn.query.promql.eval.QueryValue.Sample;
import dev.firn.query.promql.eval.QueryValue.Scalar;
import dev.firn.query.promql.eval.QueryValue.Series;
import dev.firn.query.promql.eval.QueryValue.Text;
import dev.firn.query.promql.eval.QueryValue.Vector;
import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.LabelUse;
import dev.firn.query.promql.lang.Parser;
import dev.firn.query.promql.lang.ValueType;
import dev.firn.query.promql.value.Labels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/// Answers PromQL queries over a source. Holds nothing between queries; many threads may ask.
public final class QueryEngine {
    private final QueryOptions options;
    private final LongSupplier nanos;

    /// `nanos`: a clock for the time limit.
    public QueryEngine(QueryOptions options, LongSupplier nanos) {
        this.options = options;
        this.nanos = nanos;
    }

    /// At one time. Throws [dev.firn.query.promql.lang.ParseException] or [QueryException].
    public QueryResult instant(
            String query, long atMillis, SeriesSource source, BooleanSupplier canceled) {
        Expr expr = Parser.parse(query, options.features());
        return run(query, expr, Grid.instant(atMillis), true, source, canceled);
    }

    /// At `start`, `start + step`, … up to `end`, in milliseconds.
    public QueryResult range(
            String query,
            long startMillis,
            long endMillis,
            long stepMillis,
            SeriesSource source,
            BooleanSupplier canceled) {
        Expr expr = Parser.parse(query, options.features());
        if (expr.type() != ValueType.SCALAR && expr.type() != ValueType.VECTOR) {
            throw QueryException.execution(
                    "invalid expression type \""
                            + expr.type().documented()
                            + "\" for range query, must be Scalar or instant Vector");
        }
        if (stepMillis <= 0 || endMillis < startMillis) {
            throw QueryException.execution(
                    "invalid range: the step must be above zero and the end not before the start");
        }
        var grid = new Grid(startMillis, endMillis, stepMillis);
        return run(query, expr, grid, false, source, canceled);
    }

    private QueryResult run(
            String query,
            Expr expr,
            Grid grid,
            boolean instant,
            SeriesSource source,
            BooleanSupplier canceled) {
        var budget = new Budget(options, nanos, canceled);
        source.uses(LabelUse.of(expr));
        var evaluator = new Evaluator(expr, grid, source, options, budget);
        QueryValue value =
                instant ? instant(evaluator, expr, grid) : matrix(evaluator.eval(expr, grid), grid);
        return new QueryResult(
                value,
                evaluator.annotations().warnings(query),
                evaluator.annotations().infos(query),
                budget.peak());
    }

    private QueryValue instant(Evaluator evaluator, Expr expr, Grid grid) {
        Expr bare = expr.bare();
        return switch (bare) {
            case Expr.StringLiteral text -> new Text(text.value());
            case Expr.MatrixSelector matrix ->
                    sorted(new RawRange(evaluator, grid, matrix).series());
            case Expr.Subquery subquery -> {
                Grid inner = evaluator.subqueryGrid(subquery, grid);
                yield matrix(evaluator.eval(subquery.expr(), inner), inner);
            }
            default ->
                    expr.type() == ValueType.SCALAR
                            ? new Scalar(grid.start(), evaluator.scalar(expr, grid)[0])
                            : vector(evaluator.eval(expr, grid), grid);
        };
    }

    private Vector vector(List<Column> columns, Grid grid) {
        var samples = new ArrayList<Sample>();
        var seen = new HashSet<Labels>();
        for (Column column : named(columns)) {
            if (!seen.add(column.labels())) {
                throw QueryException.duplicates();
            }
            if (column.has(0)) {
                samples.add(new Sample(column.labels(), column.value(0), column.histogram(0)));
            }
        }
        return new Vector(grid.start(), samples);
    }

    private Matrix matrix(List<Column> columns, Grid grid) {
        var series = new ArrayList<Series>();
        for (Column column : named(columns)) {
            if (!column.isEmpty()) {
                series.add(new Series(column.labels(), column.samples(grid)));
            }
        }
        return sorted(series);
    }

    private static Matrix sorted(List<Series> series) {
        series.sort(Comparator.comparing(Series::labels));
        return new Matrix(series);
    }

    /// Drops the names that were marked.
    private List<Column> named(List<Column> columns) {
        if (!options.delayedNameRemoval()) {
            return columns;
        }
        return Columns.merge(
                columns.stream()
                        .map(column ->
                                column.dropName()
                                        ? column.named(column.labels().dropMetadata(), false)
                                        : column)
                        .toList());
    }
}
