package dev.firn.export.otlp;

import dev.firn.base.ByteWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;

/// Doubles as the Collector's Go writes them: the shortest digits that give the same value back, as
/// `strconv.FormatFloat` with precision -1.
public final class GoNumbers {
    /// The significant digits of a finite positive value and its power of ten: `0.d1d2d3… ×
    /// 10^point`.
    private record Decimal(String digits, int point) {
        static Decimal of(double magnitude) {
            String text = Double.toString(magnitude); // 1.0E10, 12.5, 0.001
            int e = text.indexOf('E');
            int exponent = e < 0 ? 0 : Integer.parseInt(text.substring(e + 1));
            String mantissa = e < 0 ? text : text.substring(0, e);
            int dot = mantissa.indexOf('.');
            String all = mantissa.substring(0, dot) + mantissa.substring(dot + 1);
            int from = 0;
            while (from < all.length() - 1 && all.charAt(from) == '0') {
                from++;
            }
            int to = all.length();
            while (to > from + 1 && all.charAt(to - 1) == '0') {
                to--;
            }
            return new Decimal(all.substring(from, to), dot - from + exponent);
        }

        String plain() {
            if (point <= 0) {
                return "0." + "0".repeat(-point) + digits;
            }
            if (point >= digits.length()) {
                return digits + "0".repeat(point - digits.length());
            }
            return digits.substring(0, point) + "." + digits.substring(point);
        }

        String scientific() {
            int exponent = point - 1;
            return digits.charAt(0)
                    + (digits.length() > 1 ? "." + digits.substring(1) : "")
                    + (exponent < 0 ? "e-" : "e+")
                    + (Math.abs(exponent) < 10 ? "0" : "")
                    + Math.abs(exponent);
        }
    }

    private static final double WHOLE_MAX = 1L << 53;
    private static final double DIGITS_15 = 1e15;
    private static final double[] POWERS = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

    private static final long[] WHOLE_POWERS = new long[19];
    private static final byte[] PAIRS = new byte[200];

    static {
        long power = 1;
        for (int i = 0; i < WHOLE_POWERS.length; i++) {
            WHOLE_POWERS[i] = power;
            power *= 10;
        }
        for (int i = 0; i < 100; i++) {
            PAIRS[2 * i] = (byte) ('0' + i / 10);
            PAIRS[2 * i + 1] = (byte) ('0' + i % 10);
        }
    }

    private GoNumbers() {}

    /// A JSON number, or the text NaN, Infinity or -Infinity in quotes; exponents below 1e-6 and
    /// from 1e21 on.
    static void json(double value, ByteWriter out) {
        if (value == Math.rint(value) && Math.abs(value) < WHOLE_MAX && !isNegativeZero(value)) {
            decimal((long) value, out);
        } else if (isShort(value, out)) {
            return;
        } else if (Double.isFinite(value)) {
            double magnitude = Math.abs(value);
            String text =
                    value == 0
                            ? "0"
                            : magnitude < 1e-6 || magnitude >= 1e21
                                    ? Decimal.of(magnitude).scientific()
                                    : Decimal.of(magnitude).plain();
            ascii((isNegative(value) ? "-" : "") + text, out);
        } else {
            ascii(
                    Double.isNaN(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"",
                    out);
        }
    }

    /// Writes a value that has few decimals, without an object; false if it has more. A decimal of
    /// at most 15 digits that gives the value back is the shortest, once fewer decimals do not.
    private static boolean isShort(double value, ByteWriter out) {
        double magnitude = Math.abs(value);
        if (!(magnitude >= 1e-6 && magnitude < DIGITS_15)) {
            return false;
        }
        for (int decimals = 1; decimals < POWERS.length; decimals++) {
            double digits = Math.rint(magnitude * POWERS[decimals]);
            if (digits >= DIGITS_15) {
                return false;
            }
            if (digits / POWERS[decimals] == magnitude) { // both exact: rounded once, as parsing is
                fixed((long) digits, decimals, value < 0, out);
                return true;
            }
        }
        return false;
    }

    private static void fixed(long digits, int decimals, boolean negative, ByteWriter out) {
        if (negative) {
            out.u8('-');
        }
        long power = (long) POWERS[decimals];
        unsigned(digits / power, out);
        out.u8('.');
        int at = out.size();
        unsigned(power + digits % power, out); // its first digit is a 1 that keeps the zeros
        System.arraycopy(out.array(), at + 1, out.array(), at, decimals);
        out.truncate(at + decimals);
    }

    /// As `%v` of Go's fmt: exponents below 1e-4 and from 1e6 on.
    public static String shortest(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        String sign = isNegative(value) ? "-" : "";
        if (Double.isInfinite(value)) {
            return sign.isEmpty() ? "+Inf" : "-Inf";
        }
        if (value == 0) {
            return sign + "0";
        }
        Decimal decimal = Decimal.of(Math.abs(value));
        int exponent = decimal.point - 1;
        return sign + (exponent < -4 || exponent >= 6 ? decimal.scientific() : decimal.plain());
    }

    /// As `%f` of Go's fmt: six decimals of the exact value.
    public static String sixDecimals(double value) {
        if (!Double.isFinite(value)) {
            return shortest(value);
        }
        String text =
                new BigDecimal(Math.abs(value)).setScale(6, RoundingMode.HALF_EVEN).toPlainString();
        return isNegative(value) ? "-" + text : text;
    }

    /// As Go's encoding/json writes it.
    public static String plainJson(double value) {
        var out = new ByteWriter(24);
        json(value, out);
        return new String(out.array(), 0, out.size(), StandardCharsets.US_ASCII)
                .replace("e-0", "e-");
    }

    private static boolean isNegative(double value) {
        return Double.doubleToRawLongBits(value) < 0;
    }

    private static boolean isNegativeZero(double value) {
        return value == 0 && isNegative(value);
    }

    /// Digits of a signed integer, without an object.
    static void decimal(long value, ByteWriter out) {
        if (value >= 0) {
            unsigned(value, out);
        } else {
            out.u8('-');
            unsigned(-value, out); // the smallest value is its own negative: right as unsigned
        }
    }

    /// Digits of an unsigned integer; those of one below 2^63 without an object, two at a time.
    static void unsigned(long value, ByteWriter out) {
        if (value < 0) {
            ascii(Long.toUnsignedString(value), out);
            return;
        }
        int digits = digits(value);
        int at = out.skip(digits) + digits;
        byte[] bytes = out.array();
        long rest = value;
        while (rest >= 100) {
            long quotient = rest / 100;
            int pair = 2 * (int) (rest - quotient * 100);
            bytes[--at] = PAIRS[pair + 1];
            bytes[--at] = PAIRS[pair];
            rest = quotient;
        }
        int pair = 2 * (int) rest;
        bytes[--at] = PAIRS[pair + 1];
        if (rest >= 10) {
            bytes[--at] = PAIRS[pair];
        }
    }

    private static int digits(long value) {
        long some = value | 1; // 0 has a digit
        int atLeast = (Long.SIZE - Long.numberOfLeadingZeros(some)) * 1_233 >>> 12; // log10(2)
        return some >= WHOLE_POWERS[atLeast] ? atLeast + 1 : atLeast;
    }

    private static void ascii(String text, ByteWriter out) {
        out.bytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
