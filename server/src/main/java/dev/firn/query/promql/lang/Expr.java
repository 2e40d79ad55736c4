package dev.firn.query.promql.lang;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A PromQL expression, immutable; each node knows where it stands in the text.
public sealed interface Expr {
    Span span();

    /// What it yields.
    ValueType type();

    /// A number; `duration` says that it was written as one (`5m`), in seconds then.
    record NumberLiteral(double value, boolean duration, Span span) implements Expr {
        @Override
        public ValueType type() {
            return ValueType.SCALAR;
        }
    }

    /// A quoted string.
    record StringLiteral(String value, Span span) implements Expr {
        @Override
        public ValueType type() {
            return ValueType.STRING;
        }
    }

    /// Which time a selector looks at: `@ 1.5`, `@ start()`, `@ end()`, and `offset`.
    ///
    /// @param atMillis fixed time, or null
    record When(@Nullable Long atMillis, Edge edge, DurationExpr offset) {
        /// Nothing said.
        public static final When EVALUATION = new When(null, Edge.NONE, DurationExpr.ZERO);

        /// Whether `@` is used, so that the step does not matter.
        public boolean isFixed() {
            return atMillis != null || edge != Edge.NONE;
        }
    }

    /// `@ start()` or `@ end()` of the query.
    enum Edge {
        NONE,
        START,
        END
    }

    /// How a range is completed at its ends: experimental `anchored` and `smoothed`.
    enum Extension {
        NONE,
        ANCHORED,
        SMOOTHED
    }

    /// `name{matchers}`; a name outside the braces is the last matcher too.
    record VectorSelector(
            String name, List<Matcher> matchers, When when, Extension extension, Span span)
            implements Expr {
        @Override
        public ValueType type() {
            return ValueType.VECTOR;
        }

        VectorSelector at(When when, Span span) {
            return new VectorSelector(name, matchers, when, extension, span);
        }

        VectorSelector extended(Extension extension, Span span) {
            return new VectorSelector(name, matchers, when, extension, span);
        }
    }

    /// `selector[range]`; times and extension stand in the selector.
    record MatrixSelector(VectorSelector vector, DurationExpr range, Span span) implements Expr {
        @Override
        public ValueType type() {
            return ValueType.MATRIX;
        }
    }

    /// `expr[range:step]`; without a step the default interval.
    record Subquery(
            Expr expr, DurationExpr range, @Nullable DurationExpr step, When when, Span span)
            implements Expr {
        @Override
        public ValueType type() {
            return ValueType.MATRIX;
        }
    }

    /// `function(arguments)`.
    record Call(Function function, List<Expr> arguments, Span span) implements Expr {
        @Override
        public ValueType type() {
            return function.returns();
        }
    }

    /// `sum by (label) (expr)`.
    record Aggregate(
            AggregateOp op,
            Expr expr,
            @Nullable Expr parameter,
            List<String> grouping,
            boolean without,
            Span span)
            implements Expr {
        @Override
        public ValueType type() {
            return ValueType.VECTOR;
        }
    }

    /// `left op right`.
    record Binary(BinaryOp op, Expr left, Expr right, Matching matching, boolean bool)
            implements Expr {
        @Override
        public Span span() {
            return left.span().to(right.span());
        }

        @Override
        public ValueType type() {
            boolean scalars = left.type() == ValueType.SCALAR && right.type() == ValueType.SCALAR;
            return scalars ? ValueType.SCALAR : ValueType.VECTOR;
        }
    }

    /// Which series of both sides belong together.
    record Matching(
            boolean on,
            List<String> labels,
            Group group,
            List<String> include,
            @Nullable Double fillLeft,
            @Nullable Double fillRight) {
        /// All labels, one to one.
        public static final Matching DEFAULT =
                new Matching(false, List.of(), Group.NONE, List.of(), null, null);

        boolean fills() {
            return fillLeft != null || fillRight != null;
        }
    }

    /// The side on which several series may share a match.
    enum Group {
        NONE,
        LEFT,
        RIGHT
    }

    /// `-expr` or `+expr`.
    record Unary(boolean negative, Expr expr, Span span) implements Expr {
        @Override
        public ValueType type() {
            return expr.type();
        }
    }

    /// `(expr)`.
    record Paren(Expr expr, Span span) implements Expr {
        @Override
        public ValueType type() {
            return expr.type();
        }
    }

    /// What is inside of any parentheses around it.
    default Expr bare() {
        Expr expr = this;
        while (expr instanceof Paren paren) {
            expr = paren.expr;
        }
        return expr;
    }

    /// The direct parts, in the order in which they are written.
    default List<Expr> children() {
        return switch (this) {
            case NumberLiteral _, StringLiteral _, VectorSelector _ -> List.of();
            case MatrixSelector matrix -> List.of(matrix.vector);
            case Subquery subquery -> List.of(subquery.expr);
            case Call call -> call.arguments;
            case Aggregate aggregate ->
                    aggregate.parameter == null
                            ? List.of(aggregate.expr)
                            : List.of(aggregate.parameter, aggregate.expr);
            case Binary binary -> List.of(binary.left, binary.right);
            case Unary unary -> List.of(unary.expr);
            case Paren paren -> List.of(paren.expr);
        };
    }
}
