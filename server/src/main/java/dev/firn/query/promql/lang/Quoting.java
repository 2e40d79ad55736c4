package dev.firn.query.promql.lang;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// String literals as Go and so PromQL has them. A byte that is no UTF-8 becomes a lone surrogate
/// U+DC00 + byte, so that it survives, can be recognised, and prints as `\xNN` again.
public final class Quoting {
    private static final int ESCAPED_BYTE = 0xDC00;

    private Quoting() {}

    /// The value of a quoted literal; [IllegalArgumentException] says what is wrong with it.
    public static String unquote(String literal) {
        String body = literal.substring(1, literal.length() - 1);
        if (literal.charAt(0) == '`') {
            return body.replace("\r", "");
        }
        var bytes = new ByteArrayOutputStream(body.length());
        for (int i = 0; i < body.length(); ) {
            int c = body.codePointAt(i);
            if (c == '\\') {
                i = escape(body, i + 1, bytes);
            } else {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
                i += Character.charCount(c);
            }
        }
        return text(bytes.toByteArray());
    }

    private static int escape(String body, int at, ByteArrayOutputStream bytes) {
        char c = body.charAt(at);
        int simple = "abfnrtv\\'\"".indexOf(c);
        if (simple >= 0) {
            bytes.write("\u0007\b\f\n\r\t\u000b\\'\"".charAt(simple));
            return at + 1;
        }
        int digits =
                switch (c) {
                    case 'x' -> 2;
                    case 'u' -> 4;
                    case 'U' -> 8;
                    default -> 3;
                };
        int from = digits == 3 ? at : at + 1;
        if (c < '0' || (c > '7' && digits == 3) || from + digits > body.length()) {
            throw new IllegalArgumentException("unknown escape sequence \\" + c);
        }
        String number = body.substring(from, from + digits);
        int value = Integer.parseUnsignedInt(number, digits == 3 ? 8 : 16);
        if (c == 'u' || c == 'U') {
            if (!Character.isValidCodePoint(value) || (value >= 0xD800 && value < 0xE000)) {
                throw new IllegalArgumentException(
                        "escape sequence is an invalid Unicode code point");
            }
            bytes.writeBytes(Character.toString(value).getBytes(StandardCharsets.UTF_8));
        } else {
            bytes.write(value);
        }
        return from + digits;
    }

    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            var text = new StringBuilder();
            for (byte b : bytes) {
                text.append((char) (b >= 0 ? b : ESCAPED_BYTE + (b & 0xff)));
            }
            return text.toString();
        }
    }

    /// Whether it can name a label: not empty, and UTF-8.
    public static boolean isLabelName(String name) {
        return !name.isEmpty() && isPaired(name);
    }

    private static boolean isPaired(String name) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(name);
    }

    /// A quoted literal with this value.
    public static String quote(String value) {
        var out = new StringBuilder("\"");
        boolean plain = isPaired(value);
        value.codePoints().forEach(c -> append(out, c, plain));
        return out.append('"').toString();
    }

    private static void append(StringBuilder out, int c, boolean plain) {
        switch (c) {
            case '"' -> out.append("\\\"");
            case '\\' -> out.append("\\\\");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                if (!plain && c >= ESCAPED_BYTE && c <= ESCAPED_BYTE + 0xff) {
                    out.append(String.format("\\x%02x", c - ESCAPED_BYTE));
                } else if (c < ' ' || c == 0x7f) {
                    out.append(String.format("\\x%02x", c));
                } else {
                    out.appendCodePoint(c);
                }
            }
        }
    }

    /// A label's name, quoted where it is not `[a-zA-Z_][a-zA-Z0-9_]*`.
    public static String labelName(String name) {
        return name.matches("[a-zA-Z_][a-zA-Z0-9_]*") ? name : quote(name);
    }

    static String metricName(String name) {
        return name.matches("[a-zA-Z_:][a-zA-Z0-9_:]*") ? name : quote(name);
    }
}
