package dev.firn.query.promql.lang;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Binary operators, with their binding strength: a higher one binds tighter.
public enum BinaryOp {
    OR("or", 1, Family.SET),
    AND("and", 2, Family.SET),
    UNLESS("unless", 2, Family.SET),
    EQUAL("==", 3, Family.COMPARISON),
    NOT_EQUAL("!=", 3, Family.COMPARISON),
    LESS("<", 3, Family.COMPARISON),
    LESS_EQUAL("<=", 3, Family.COMPARISON),
    GREATER(">", 3, Family.COMPARISON),
    GREATER_EQUAL(">=", 3, Family.COMPARISON),
    TRIM_UPPER("</", 3, Family.TRIM),
    TRIM_LOWER(">/", 3, Family.TRIM),
    ADD("+", 4, Family.ARITHMETIC),
    SUBTRACT("-", 4, Family.ARITHMETIC),
    MULTIPLY("*", 5, Family.ARITHMETIC),
    DIVIDE("/", 5, Family.ARITHMETIC),
    MODULO("%", 5, Family.ARITHMETIC),
    ATAN2("atan2", 5, Family.ARITHMETIC),
    POWER("^", 6, Family.ARITHMETIC);

    static final int UNARY_OPERAND = 6;

    private enum Family {
        SET,
        COMPARISON,
        TRIM,
        ARITHMETIC
    }

    private final String text;
    private final int strength;
    private final Family family;

    BinaryOp(String text, int strength, Family family) {
        this.text = text;
        this.strength = strength;
        this.family = family;
    }

    /// As it is written.
    public String text() {
        return text;
    }

    int strength() {
        return strength;
    }

    /// `and`, `or`, `unless`.
    public boolean isSet() {
        return family == Family.SET;
    }

    /// `==` and its like: they filter, or yield 0 and 1 with `bool`.
    public boolean isComparison() {
        return family == Family.COMPARISON;
    }

    /// Whether the result is a different quantity, so that the metric's name no longer fits.
    public boolean changesMeaning() {
        return family == Family.ARITHMETIC;
    }

    static @Nullable BinaryOp of(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        for (BinaryOp op : values()) {
            if (op.text.equals(lower)) {
                return op;
            }
        }
        return null;
    }
}
