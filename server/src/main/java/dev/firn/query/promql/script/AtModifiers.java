package dev.firn.query.promql.script;

import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.Expr.Edge;
import dev.firn.query.promql.lang.Expr.When;
import dev.firn.query.promql.lang.Features;
import dev.firn.query.promql.lang.Parser;
import dev.firn.query.promql.lang.Printer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// A query with all its selectors fixed to one time by `@`: it must yield the same whenever it is
/// evaluated.
final class AtModifiers {
    private static final Set<String> BY_STEP =
            Set.of(
                    "days_in_month",
                    "day_of_month",
                    "day_of_week",
                    "day_of_year",
                    "end",
                    "hour",
                    "minute",
                    "month",
                    "year",
                    "predict_linear",
                    "range",
                    "start",
                    "step",
                    "time",
                    "timestamp");

    private AtModifiers() {}

    /// Empty if the query's result depends on the time of evaluation by itself.
    static Optional<String> fixed(String query, long atMillis) {
        Expr expr = Parser.parse(query, Features.ALL);
        return dependsOnStep(expr)
                ? Optional.empty()
                : Optional.of(Printer.print(fix(expr, atMillis)));
    }

    private static boolean dependsOnStep(Expr expr) {
        if (expr instanceof Expr.Subquery) {
            return false;
        }
        return (expr instanceof Expr.Call call && BY_STEP.contains(call.function().name()))
                || expr.children().stream().anyMatch(AtModifiers::dependsOnStep);
    }

    private static Expr fix(Expr expr, long at) {
        return switch (expr) {
            case Expr.VectorSelector vector -> fix(vector, at);
            case Expr.MatrixSelector matrix ->
                    new Expr.MatrixSelector(
                            fix(matrix.vector(), at), matrix.range(), matrix.span());
            case Expr.Subquery subquery ->
                    new Expr.Subquery(
                            subquery.expr(),
                            subquery.range(),
                            subquery.step(),
                            fix(subquery.when(), at),
                            subquery.span());
            case Expr.Call call ->
                    new Expr.Call(call.function(), fix(call.arguments(), at), call.span());
            case Expr.Aggregate aggregate ->
                    new Expr.Aggregate(
                            aggregate.op(),
                            fix(aggregate.expr(), at),
                            aggregate.parameter() == null
                                    ? null
                                    : fix(Objects.requireNonNull(aggregate.parameter()), at),
                            aggregate.grouping(),
                            aggregate.without(),
                            aggregate.span());
            case Expr.Binary binary ->
                    new Expr.Binary(
                            binary.op(),
                            fix(binary.left(), at),
                            fix(binary.right(), at),
                            binary.matching(),
                            binary.bool());
            case Expr.Unary unary ->
                    new Expr.Unary(unary.negative(), fix(unary.expr(), at), unary.span());
            case Expr.Paren paren -> new Expr.Paren(fix(paren.expr(), at), paren.span());
            case Expr.NumberLiteral _, Expr.StringLiteral _ -> expr;
        };
    }

    private static List<Expr> fix(List<Expr> exprs, long at) {
        return exprs.stream().map(expr -> fix(expr, at)).toList();
    }

    private static Expr.VectorSelector fix(Expr.VectorSelector vector, long at) {
        return new Expr.VectorSelector(
                vector.name(),
                vector.matchers(),
                fix(vector.when(), at),
                vector.extension(),
                vector.span());
    }

    private static When fix(When when, long at) {
        return when.atMillis() != null ? when : new When(at, Edge.NONE, when.offset());
    }
}
