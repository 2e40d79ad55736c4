package dev.firn.query.promql.lang;

import java.util.List;

/// Refuses trees that mean nothing: wrong types of operands and arguments, empty selectors.
final class TypeCheck {
    private final String query;

    TypeCheck(String query) {
        this.query = query;
    }

    void check(Expr expr) {
        switch (expr) {
            case Expr.Aggregate aggregate -> aggregate(aggregate);
            case Expr.Binary binary -> binary(binary);
            case Expr.Call call -> call(call);
            case Expr.Unary unary -> {
                ValueType type = unary.expr().type();
                if (type != ValueType.SCALAR && type != ValueType.VECTOR) {
                    throw error(
                            unary.span(),
                            "unary expression only allowed on expressions of type scalar or instant"
                                    + " vector, got \""
                                    + type.documented()
                                    + "\"");
                }
            }
            case Expr.Subquery subquery -> {
                ValueType type = subquery.expr().type();
                if (type != ValueType.VECTOR) {
                    throw error(
                            subquery.span(),
                            "subquery is only allowed on instant vector, got "
                                    + type.documented()
                                    + " instead");
                }
            }
            case Expr.VectorSelector vector -> vector(vector);
            case Expr.NumberLiteral _, Expr.StringLiteral _ -> {}
            case Expr.Paren _, Expr.MatrixSelector _ -> {}
        }
        expr.children().stream().filter(child -> !isInfoSelector(expr, child)).forEach(this::check);
    }

    /// `info`'s second argument selects labels, so that it may be empty.
    private static boolean isInfoSelector(Expr expr, Expr child) {
        return expr instanceof Expr.Call call
                && call.function().name().equals("info")
                && call.arguments().size() > 1
                && call.arguments().get(1) == child;
    }

    private void aggregate(Expr.Aggregate aggregate) {
        expect(aggregate.expr(), ValueType.VECTOR, "aggregation expression");
        if (aggregate.parameter() != null) {
            boolean text = aggregate.op() == AggregateOp.COUNT_VALUES;
            expect(
                    aggregate.parameter(),
                    text ? ValueType.STRING : ValueType.SCALAR,
                    "aggregation parameter");
        }
    }

    private void expect(Expr expr, ValueType type, String context) {
        if (expr.type() != type) {
            throw error(
                    expr.span(),
                    String.format(
                            "expected type %s in %s, got %s",
                            type.documented(), context, expr.type().documented()));
        }
    }

    private void binary(Expr.Binary binary) {
        BinaryOp op = binary.op();
        Expr.Matching matching = binary.matching();
        if (binary.bool() && !op.isComparison()) {
            throw error(binary.span(), "bool modifier can only be used on comparison operators");
        }
        for (Expr side : List.of(binary.left(), binary.right())) {
            if (side.type() != ValueType.SCALAR && side.type() != ValueType.VECTOR) {
                throw error(
                        side.span(),
                        "binary expression must contain only scalar and instant vector types");
            }
        }
        if (binary.type() == ValueType.SCALAR && op.isComparison() && !binary.bool()) {
            throw error(binary.span(), "comparisons between scalars must use BOOL modifier");
        }
        for (String label : matching.labels()) {
            if (matching.on() && matching.include().contains(label)) {
                throw error(
                        binary.span(),
                        "label "
                                + Quoting.quote(label)
                                + " must not occur in ON and GROUP clause at once");
            }
        }
        boolean vectors =
                binary.left().type() == ValueType.VECTOR
                        && binary.right().type() == ValueType.VECTOR;
        if (vectors && op.isSet()) {
            setOperator(binary);
        } else if (!vectors) {
            scalarOperand(binary);
        }
    }

    private void setOperator(Expr.Binary binary) {
        if (binary.matching().group() != Expr.Group.NONE) {
            throw error(
                    binary.span(),
                    "no grouping allowed for \"" + binary.op().text() + "\" operation");
        }
        if (binary.matching().fills()) {
            throw error(binary.span(), "filling in missing series not allowed for set operators");
        }
    }

    private void scalarOperand(Expr.Binary binary) {
        if (binary.op().isSet()) {
            throw error(
                    binary.span(),
                    "set operator \""
                            + binary.op().text()
                            + "\" not allowed in binary scalar expression");
        }
        if (!binary.matching().labels().isEmpty()) {
            throw error(binary.span(), "vector matching only allowed between instant vectors");
        }
        if (binary.matching().fills()) {
            throw error(
                    binary.span(),
                    "filling in missing series only allowed between instant vectors");
        }
    }

    private void call(Expr.Call call) {
        Function function = call.function();
        List<ValueType> types = function.arguments();
        int given = call.arguments().size();
        int least = function.optional() == 0 ? types.size() : types.size() - 1;
        int most = function.optional() < 0 ? given : least + function.optional();
        if (given < least || given > most) {
            String bound = function.optional() == 0 ? "" : given < least ? "at least " : "at most ";
            throw error(
                    call.span(),
                    String.format(
                            "expected %s%d argument(s) in call to \"%s\", got %d",
                            bound, given < least ? least : most, function.name(), given));
        }
        for (int i = 0; i < given; i++) {
            Expr argument = call.arguments().get(i);
            ValueType type = types.get(Math.min(i, types.size() - 1));
            expect(argument, type, "call to function \"" + function.name() + "\"");
            if (isInfoSelector(call, argument)
                    && !(argument instanceof Expr.VectorSelector vector
                            && vector.name().isEmpty())) {
                throw error(argument.span(), "expected label selectors only");
            }
        }
    }

    private void vector(Expr.VectorSelector vector) {
        List<Matcher> matchers = vector.matchers();
        if (!vector.name().isEmpty()) {
            for (Matcher matcher : matchers.subList(0, matchers.size() - 1)) {
                if (matcher.name().equals("__name__")) {
                    throw error(
                            vector.span(),
                            String.format(
                                    "metric name must not be set twice: %s or %s",
                                    Quoting.quote(vector.name()), Quoting.quote(matcher.value())));
                }
            }
        } else if (matchers.stream().allMatch(matcher -> matcher.matches(""))) {
            throw error(
                    vector.span(), "vector selector must contain at least one non-empty matcher");
        }
    }

    private ParseException error(Span span, String message) {
        return new ParseException(query, span, message);
    }
}
