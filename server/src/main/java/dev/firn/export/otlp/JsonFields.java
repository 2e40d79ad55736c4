package dev.firn.export.otlp;

import dev.firn.base.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// Writes JSON as the Collector's pdata does: no white space, 64-bit integers as text, default
/// values left out. A field is preceded by a comma unless an object begins before it.
final class JsonFields {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private JsonFields() {}

    /// Separator, name and colon; `quoted` is the name with quotes and colon.
    static void name(ByteWriter out, byte[] quoted) {
        separate(out);
        out.bytes(quoted);
    }

    /// A comma where something stands before.
    static void separate(ByteWriter out) {
        byte before = out.array()[out.size() - 1];
        if (before != '{' && before != '[') {
            out.u8(',');
        }
    }

    /// A name as [#name] takes it.
    static byte[] quoted(String name) {
        return ("\"" + name + "\":").getBytes(StandardCharsets.US_ASCII);
    }

    static void text(ByteWriter out, byte[] name, String value) {
        if (!value.isEmpty()) {
            name(out, name);
            string(out, value);
        }
    }

    static void uint32(ByteWriter out, byte[] name, int value) {
        if (value != 0) {
            name(out, name);
            GoNumbers.decimal(Integer.toUnsignedLong(value), out);
        }
    }

    static void int32(ByteWriter out, byte[] name, int value) {
        if (value != 0) {
            name(out, name);
            GoNumbers.decimal(value, out);
        }
    }

    static void uint64(ByteWriter out, byte[] name, long value) {
        if (value != 0) {
            name(out, name);
            quotedUnsigned(out, value);
        }
    }

    static void quotedUnsigned(ByteWriter out, long value) {
        out.u8('"');
        GoNumbers.unsigned(value, out);
        out.u8('"');
    }

    static void quotedSigned(ByteWriter out, long value) {
        out.u8('"');
        GoNumbers.decimal(value, out);
        out.u8('"');
    }

    /// -0.0 is not the default value.
    static void real(ByteWriter out, byte[] name, double value) {
        if (Double.doubleToRawLongBits(value) != 0) {
            presentReal(out, name, value);
        }
    }

    /// Also where it is 0.
    static void presentReal(ByteWriter out, byte[] name, double value) {
        name(out, name);
        GoNumbers.json(value, out);
    }

    static void hex(ByteWriter out, byte[] name, byte[] value) {
        name(out, name);
        out.u8('"');
        for (byte one : value) {
            out.u8(HEX[one >> 4 & 15]).u8(HEX[one & 15]);
        }
        out.u8('"');
    }

    static void base64(ByteWriter out, byte[] value) {
        out.u8('"').bytes(Base64.getEncoder().encode(value)).u8('"');
    }

    /// A text in quotes. Only what JSON demands is escaped; a newline never stands bare.
    static void string(ByteWriter out, String value) {
        out.u8('"');
        int from = out.size();
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8); // half a pair becomes ?
        out.bytes(utf8);
        if (needsEscapes(utf8)) {
            out.truncate(from);
            for (byte one : utf8) {
                escaped(out, one);
            }
        }
        out.u8('"');
    }

    private static boolean needsEscapes(byte[] utf8) {
        for (byte one : utf8) {
            if (one == '"' || one == '\\' || (one >= 0 && one < ' ')) {
                return true;
            }
        }
        return false;
    }

    private static void escaped(ByteWriter out, byte one) {
        switch (one) {
            case '"', '\\' -> out.u8('\\').u8(one);
            case '\n' -> out.u8('\\').u8('n');
            case '\r' -> out.u8('\\').u8('r');
            case '\t' -> out.u8('\\').u8('t');
            default -> {
                if (one >= 0 && one < ' ') {
                    out.u8('\\').u8('u').u8('0').u8('0').u8(HEX[one >> 4]).u8(HEX[one & 15]);
                } else {
                    out.u8(one);
                }
            }
        }
    }
}
