package dev.firn.query.promql.lang;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/// Numbers as Go reads and prints them.
public final class GoNumber {
    private static final Pattern FLOAT =
            Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");
    private static final Pattern INTEGER =
            Pattern.compile("([+-]?)(0[xX]_?[0-9a-fA-F_]+|[0-9][0-9_]*)");
    private static final int SHORTEST_DIGITS = 6;
    private static final int VALUE_DIGITS = 21;

    private GoNumber() {}

    /// A number literal: decimal, hexadecimal, octal (leading 0), `Inf`, `NaN`; empty if it is
    /// none.
    public static OptionalDouble parse(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        switch (lower) {
            case "inf", "+inf", "infinity", "+infinity" -> {
                return OptionalDouble.of(Double.POSITIVE_INFINITY);
            }
            case "-inf", "-infinity" -> {
                return OptionalDouble.of(Double.NEGATIVE_INFINITY);
            }
            case "nan" -> {
                return OptionalDouble.of(Double.NaN);
            }
            default -> {
                return digits(text);
            }
        }
    }

    private static OptionalDouble digits(String text) {
        var integer = INTEGER.matcher(text);
        if (integer.matches()) {
            String body = integer.group(2).replace("_", "");
            int radix = body.length() > 1 && body.charAt(0) == '0' ? 8 : 10;
            if (body.startsWith("0x") || body.startsWith("0X")) {
                radix = 16;
                body = body.substring(2);
            }
            try {
                long value = Long.parseLong(integer.group(1) + body, radix);
                return OptionalDouble.of(value);
            } catch (NumberFormatException e) {
                if (radix == 16) {
                    return OptionalDouble.empty();
                }
            }
        }
        return FLOAT.matcher(text).matches()
                ? OptionalDouble.of(Double.parseDouble(text))
                : OptionalDouble.empty();
    }

    /// Shortest digits, never an exponent.
    public static String plain(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        String text = new BigDecimal(Double.toString(value)).toPlainString();
        if (text.contains(".")) {
            text = text.replaceAll("\\.?0+$", "");
        }
        return 1 / value == Double.NEGATIVE_INFINITY ? "-0" : text;
    }

    /// As `%g`: shortest digits, an exponent from a million on.
    public static String general(double value) {
        return withExponent(value, SHORTEST_DIGITS);
    }

    /// As `%v`: shortest digits, an exponent from 10^21 on.
    public static String value(double value) {
        return withExponent(value, VALUE_DIGITS);
    }

    private static String withExponent(double value, int digitsMax) {
        if (Double.isNaN(value) || Double.isInfinite(value) || value == 0) {
            return plain(value);
        }
        var decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = decimal.precision() - decimal.scale() - 1;
        if (exponent >= -4 && exponent < digitsMax) {
            return plain(value);
        }
        String digits = decimal.unscaledValue().abs().toString();
        String mantissa =
                digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
        return (value < 0 ? "-" : "")
                + mantissa
                + String.format("e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
    }
}
