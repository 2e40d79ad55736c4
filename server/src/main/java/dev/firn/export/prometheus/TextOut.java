package dev.firn.export.prometheus;

import dev.firn.base.ByteWriter;
import java.nio.charset.StandardCharsets;

/// Numbers and texts as bytes, without an object for each: `PrometheusScrapeBench` in bench/
/// measures it.
final class TextOut {
    /// Whole numbers below this are printed without an exponent; all of them are exact.
    private static final double WHOLE_MAX = 1e15;

    final ByteWriter bytes = new ByteWriter(PageWriter.FLUSH_BYTES + 4096);
    private final StringBuilder real = new StringBuilder(32);
    private final byte[] digits = new byte[20];

    TextOut put(byte[] text) {
        bytes.bytes(text);
        return this;
    }

    TextOut put(char ascii) {
        bytes.u8(ascii);
        return this;
    }

    TextOut put(String text) {
        bytes.bytes(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /// A signed number.
    TextOut signed(long value) {
        if (value < 0) {
            bytes.u8('-');
            return unsigned(-value); // the smallest is its own negative, and right as unsigned
        }
        return unsigned(value);
    }

    /// An unsigned number.
    TextOut unsigned(long value) {
        int at = digits.length;
        long rest = value;
        do {
            long quotient = Long.divideUnsigned(rest, 10);
            digits[--at] = (byte) ('0' + (rest - quotient * 10));
            rest = quotient;
        } while (rest != 0);
        bytes.bytes(digits, at, digits.length - at);
        return this;
    }

    /// A double that reads back the same.
    TextOut real(double value) {
        if (value == Math.rint(value) && Math.abs(value) < WHOLE_MAX) {
            boolean negativeZero = value == 0 && 1 / value < 0;
            return negativeZero ? put('-').put('0') : signed((long) value);
        }
        if (Double.isNaN(value)) {
            return put('N').put('a').put('N');
        }
        if (Double.isInfinite(value)) {
            return put(value > 0 ? '+' : '-').put('I').put('n').put('f');
        }
        real.setLength(0);
        real.append(value);
        for (int i = 0; i < real.length(); i++) {
            char c = real.charAt(i);
            bytes.u8(c == 'E' ? 'e' : c);
        }
        return this;
    }

    /// Nanoseconds since 1970 as seconds, to the millisecond.
    TextOut seconds(long nanos) {
        long millis = nanos / 1_000_000;
        unsigned(millis / 1000).put('.');
        long rest = millis % 1000;
        return put((char) ('0' + rest / 100))
                .put((char) ('0' + rest / 10 % 10))
                .put((char) ('0' + rest % 10));
    }
}
