package dev.firn.query.promql.lang;

import dev.firn.query.promql.lang.Expr.Edge;
import dev.firn.query.promql.lang.Expr.Extension;
import dev.firn.query.promql.lang.Expr.MatrixSelector;
import dev.firn.query.promql.lang.Expr.Subquery;
import dev.firn.query.promql.lang.Expr.VectorSelector;
import dev.firn.query.promql.lang.Expr.When;
import java.util.Locale;

/// Sets what follows a selector: `offset`, `@`, `anchored`, `smoothed`.
final class Modifiers {
    private final TokenStream tokens;

    Modifiers(TokenStream tokens) {
        this.tokens = tokens;
    }

    Expr offset(Expr expr, DurationExpr offset) {
        When when = when(expr, "offset modifier");
        if (!isZero(when.offset())) {
            throw tokens.error(expr.span(), "offset may not be set multiple times");
        }
        return with(expr, new When(when.atMillis(), when.edge(), offset));
    }

    private static boolean isZero(DurationExpr offset) {
        return offset instanceof DurationExpr.Literal literal && literal.seconds() == 0;
    }

    /// The `@` is taken already.
    Expr at(Expr expr) {
        Token token = tokens.peek();
        if (token.isWord("start") || token.isWord("end")) {
            tokens.next();
            tokens.expect("(", "@");
            tokens.expect(")", "@");
            boolean start = token.text().toLowerCase(Locale.ROOT).equals("start");
            When when = unfixed(expr);
            return with(expr, new When(null, start ? Edge.START : Edge.END, when.offset()));
        }
        boolean negative = tokens.take("-");
        if (!negative) {
            tokens.take("+");
        }
        if (!Parser.isNumber(tokens.peek())) {
            throw tokens.unexpected("@", "timestamp");
        }
        double seconds = DurationParser.seconds(tokens, tokens.next());
        double at = negative ? -seconds : seconds;
        if (!(Math.abs(at) < Long.MAX_VALUE)) {
            throw tokens.error(
                    expr.span(),
                    String.format(Locale.ROOT, "timestamp out of bounds for @ modifier: %f", at));
        }
        When when = unfixed(expr);
        return with(expr, new When(Math.round(at * 1000), Edge.NONE, when.offset()));
    }

    private When unfixed(Expr expr) {
        When when = when(expr, "@ modifier");
        if (when.isFixed()) {
            throw tokens.error(expr.span(), "@ <timestamp> may not be set multiple times");
        }
        return when;
    }

    Expr extend(Expr expr, Token word, Features features) {
        String name = word.text().toLowerCase(Locale.ROOT);
        if (!features.extendedRanges()) {
            throw tokens.error(expr.span(), name + " modifier is experimental and not enabled");
        }
        Extension extension = name.equals("anchored") ? Extension.ANCHORED : Extension.SMOOTHED;
        Span span = new Span(expr.span().start(), expr.span().end());
        return switch (expr) {
            case VectorSelector vector -> extended(vector, extension, span);
            case MatrixSelector matrix ->
                    new MatrixSelector(
                            extended(matrix.vector(), extension, matrix.vector().span()),
                            matrix.range(),
                            span);
            case Subquery _ ->
                    throw tokens.error(
                            expr.span(), name + " modifier is not supported for subqueries");
            default -> throw tokens.error(expr.span(), name + " modifier not implemented");
        };
    }

    private VectorSelector extended(VectorSelector vector, Extension extension, Span span) {
        if (vector.extension() != Extension.NONE && vector.extension() != extension) {
            throw tokens.error(
                    vector.span(), "anchored and smoothed modifiers cannot be used together");
        }
        return vector.extended(extension, span);
    }

    private When when(Expr expr, String modifier) {
        return switch (expr) {
            case VectorSelector vector -> vector.when();
            case MatrixSelector matrix -> matrix.vector().when();
            case Subquery subquery -> subquery.when();
            default ->
                    throw tokens.error(
                            expr.span(),
                            modifier
                                    + " must be preceded by an instant vector selector or range"
                                    + " vector selector or a subquery");
        };
    }

    private Expr with(Expr expr, When when) {
        Span span = new Span(expr.span().start(), tokens.end());
        return switch (expr) {
            case VectorSelector vector -> vector.at(when, span);
            case MatrixSelector matrix ->
                    new MatrixSelector(
                            matrix.vector().at(when, matrix.vector().span()), matrix.range(), span);
            case Subquery subquery ->
                    new Subquery(subquery.expr(), subquery.range(), subquery.step(), when, span);
            default -> expr;
        };
    }
}
