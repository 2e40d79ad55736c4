package dev.firn.query.promql.lang;

/// A duration: a literal, or (experimental) arithmetic over literals, the query's step and its
/// range. Seconds.
public sealed interface DurationExpr {
    /// No duration given.
    DurationExpr ZERO = new Literal(0, false);

    /// Seconds; `unit` says that it was written with units.
    record Literal(double seconds, boolean unit) implements DurationExpr {
        private String textOfLiteral() {
            long millis = (long) (Math.round(Math.abs(seconds) * 1e9) / 1e6);
            return (seconds < 0 ? "-" : "") + Durations.format(millis);
        }
    }

    /// `step()`: the query's step, 0 for an instant query.
    record Step() implements DurationExpr {}

    /// `range()`: the query's end minus its start.
    record Range() implements DurationExpr {}

    /// Minus.
    record Negated(DurationExpr of) implements DurationExpr {}

    /// In parentheses.
    record Grouped(DurationExpr of) implements DurationExpr {}

    /// Two durations and an operator.
    record Arithmetic(BinaryOp op, DurationExpr left, DurationExpr right, Span span)
            implements DurationExpr {
        private double compute(double step, double range) {
            double a = left.seconds(step, range);
            double b = right.seconds(step, range);
            return switch (op) {
                case ADD -> a + b;
                case SUBTRACT -> a - b;
                case MULTIPLY -> a * b;
                case DIVIDE -> {
                    if (b == 0) {
                        throw new ArithmeticException("division by zero");
                    }
                    yield a / b;
                }
                case MODULO -> {
                    if (b == 0) {
                        throw new ArithmeticException("modulo by zero");
                    }
                    yield a % b;
                }
                case POWER -> Math.pow(a, b);
                default -> throw new IllegalStateException("no operator of durations: " + op);
            };
        }
    }

    /// `min_of` or `max_of`.
    record Extreme(boolean max, DurationExpr left, DurationExpr right) implements DurationExpr {}

    /// Its value in seconds.
    default double seconds(double step, double range) {
        return switch (this) {
            case Literal literal -> literal.seconds;
            case Step _ -> step;
            case Range _ -> range;
            case Negated negated -> -negated.of.seconds(step, range);
            case Grouped grouped -> grouped.of.seconds(step, range);
            case Extreme extreme -> {
                double left = extreme.left.seconds(step, range);
                double right = extreme.right.seconds(step, range);
                yield extreme.max ? Math.max(left, right) : Math.min(left, right);
            }
            case Arithmetic arithmetic -> arithmetic.compute(step, range);
        };
    }

    /// As it is written.
    default String text() {
        return switch (this) {
            case Literal literal -> literal.textOfLiteral();
            case Step _ -> "step()";
            case Range _ -> "range()";
            case Negated negated -> "-" + negated.of.text();
            case Grouped grouped -> "(" + grouped.of.text() + ")";
            case Extreme extreme ->
                    (extreme.max ? "max_of(" : "min_of(")
                            + extreme.left.text()
                            + ", "
                            + extreme.right.text()
                            + ")";
            case Arithmetic arithmetic ->
                    arithmetic.left.operand()
                            + " "
                            + arithmetic.op.text()
                            + " "
                            + arithmetic.right.operand();
        };
    }

    /// The same beside an operator, where a number need not be a time.
    private String operand() {
        return this instanceof Literal literal && !literal.unit
                ? GoNumber.plain(literal.seconds)
                : text();
    }
}
