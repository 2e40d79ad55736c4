package dev.firn.model.prometheus;

import java.math.BigDecimal;

/// Doubles as text, the shortest that reads back the same, in the forms of Go's `strconv`. Bounds
/// and quantiles are labels, that is, identity: they must be written as the Collector writes them.
public final class GoFloat {
    private GoFloat() {}

    /// `FormatFloat(value, 'g', -1, 64)`: `0.005`, `10`, `1e+06`, `+Inf`.
    public static String general(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return special(value);
        }
        return write(value, -4, 6);
    }

    /// [#general] with a point or an exponent, as OpenMetrics wants bounds: `1.0`, `1e+06`.
    public static String canonical(double value) {
        String text = general(value);
        boolean marked = text.contains(".") || text.contains("e") || text.contains("Inf");
        return marked || text.equals("NaN") ? text : text + ".0";
    }

    /// As JSON of Go has it: `1`, `0.1`, `1e+21`.
    public static String json(double value) {
        return write(value, -6, 21);
    }

    private static String special(double value) {
        return Double.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    }

    private static String write(double value, int exponentMin, int exponentEnd) {
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        BigDecimal exact = new BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
        String digits = exact.unscaledValue().toString();
        int exponent = digits.length() - exact.scale() - 1;
        var out = new StringBuilder();
        if (value < 0) {
            out.append('-');
        }
        if (exponent >= exponentMin && exponent < exponentEnd) {
            return out.append(exact.toPlainString()).toString();
        }
        out.append(digits.charAt(0));
        if (digits.length() > 1) {
            out.append('.').append(digits, 1, digits.length());
        }
        int size = Math.abs(exponent);
        out.append('e').append(exponent < 0 ? '-' : '+');
        return out.append(size < 10 ? "0" : "").append(size).toString();
    }
}
