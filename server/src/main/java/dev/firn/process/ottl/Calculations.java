package dev.firn.process.ottl;

import dev.firn.model.AttributeValue;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import org.jspecify.annotations.Nullable;

/// OTTL's arithmetic: integers wrap and divide towards zero, a double makes the other side one,
/// times and durations add and subtract.
final class Calculations {
    private Calculations() {}

    static Object result(@Nullable Object left, Operator operator, @Nullable Object right) {
        return switch (left) {
            case AttributeValue.Int(long a) ->
                    switch (right) {
                        case AttributeValue.Int(long b) -> integers(a, operator, b);
                        case AttributeValue.Real(double b) -> reals(a, operator, b);
                        case null, default -> throw noNumber(right);
                    };
            case AttributeValue.Real(double a) ->
                    switch (right) {
                        case AttributeValue.Int(long b) -> reals(a, operator, b);
                        case AttributeValue.Real(double b) -> reals(a, operator, b);
                        case null, default -> throw noNumber(right);
                    };
            case ZonedDateTime a -> times(a, operator, right);
            case Duration a -> durations(a, operator, right);
            case null, default -> throw noNumber(left);
        };
    }

    static Object negated(@Nullable Object value) {
        return switch (value) {
            case AttributeValue.Int(long a) -> Values.integer(-a);
            case AttributeValue.Real(double a) -> Values.real(-a);
            case null, default -> throw noNumber(value);
        };
    }

    private static Object integers(long a, Operator operator, long b) {
        return Values.integer(
                switch (operator) {
                    case ADD -> a + b;
                    case SUBTRACT -> a - b;
                    case MULTIPLY -> a * b;
                    case DIVIDE -> {
                        if (b == 0) {
                            throw new EvaluationException("division by 0");
                        }
                        yield a / b;
                    }
                });
    }

    private static Object reals(double a, Operator operator, double b) {
        return Values.real(
                switch (operator) {
                    case ADD -> a + b;
                    case SUBTRACT -> a - b;
                    case MULTIPLY -> a * b;
                    case DIVIDE -> {
                        if (b == 0) {
                            throw new EvaluationException("division by 0");
                        }
                        yield a / b;
                    }
                });
    }

    private static Object times(ZonedDateTime a, Operator operator, @Nullable Object right) {
        try {
            if (operator == Operator.ADD && right instanceof Duration b) {
                return a.plus(b);
            }
            if (operator == Operator.SUBTRACT && right instanceof Duration b) {
                return a.minus(b);
            }
            if (operator == Operator.SUBTRACT && right instanceof ZonedDateTime b) {
                return Duration.between(b, a);
            }
        } catch (DateTimeException | ArithmeticException e) {
            throw new EvaluationException("the time is out of range");
        }
        throw noTime(operator, right);
    }

    private static Object durations(Duration a, Operator operator, @Nullable Object right) {
        try {
            if (operator == Operator.ADD && right instanceof Duration b) {
                return a.plus(b);
            }
            if (operator == Operator.ADD && right instanceof ZonedDateTime b) {
                return b.plus(a);
            }
            if (operator == Operator.SUBTRACT && right instanceof Duration b) {
                return a.minus(b);
            }
        } catch (DateTimeException | ArithmeticException e) {
            throw new EvaluationException("the duration is out of range");
        }
        throw noTime(operator, right);
    }

    private static EvaluationException noNumber(@Nullable Object found) {
        return new EvaluationException(
                "expected a number, a time or a duration to calculate with, got "
                        + Values.type(found).shown);
    }

    private static EvaluationException noTime(Operator operator, @Nullable Object found) {
        return new EvaluationException(
                "times and durations cannot "
                        + operator.name().toLowerCase(java.util.Locale.ROOT)
                        + " with "
                        + Values.type(found).shown);
    }
}
