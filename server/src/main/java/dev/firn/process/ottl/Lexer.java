package dev.firn.process.ottl;

import dev.firn.process.ottl.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Text → tokens. Names are taken whole; which of them are keywords, paths or functions is the
/// parser's affair.
final class Lexer {
    private static final Pattern SPACE = Pattern.compile("[\\t\\n\\f\\r ]+");
    private static final Pattern BYTES = Pattern.compile("0x[a-fA-F0-9]+");
    private static final Pattern REAL =
            Pattern.compile("(?:[0-9]+\\.[0-9]*|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?");
    private static final Pattern INT = Pattern.compile("[0-9]+");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Pattern SYMBOL = Pattern.compile("==|!=|>=|<=|=>|[-+*/<>=(){}:,.\\[\\]]");

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private Lexer(String text) {
        this.text = text;
    }

    static List<Token> tokens(String text) {
        return new Lexer(text).all();
    }

    private List<Token> all() {
        take(SPACE);
        while (at < text.length()) {
            next();
            take(SPACE);
        }
        tokens.add(new Token(Kind.END, text.length(), ""));
        return tokens;
    }

    private void next() {
        if (text.charAt(at) == '"') {
            string();
            return;
        }
        if (!add(BYTES, Kind.BYTES)
                && !add(REAL, Kind.REAL)
                && !add(INT, Kind.INT)
                && !add(NAME, Kind.NAME)
                && !add(SYMBOL, Kind.SYMBOL)) {
            String hint = text.charAt(at) == '\'' ? "; texts stand in double quotes" : "";
            throw new Mistake(at, "unexpected character \"" + text.charAt(at) + "\"" + hint);
        }
    }

    private boolean add(Pattern pattern, Kind kind) {
        int from = at;
        if (!take(pattern)) {
            return false;
        }
        tokens.add(new Token(kind, from, text.substring(from, at)));
        return true;
    }

    private boolean take(Pattern pattern) {
        Matcher matcher = pattern.matcher(text).region(at, text.length());
        if (!matcher.lookingAt()) {
            return false;
        }
        at = matcher.end();
        return true;
    }

    private void string() {
        int from = at++;
        var value = new StringBuilder();
        while (true) {
            if (at >= text.length()) {
                throw new Mistake(from, "the text that begins here has no closing quote");
            }
            char c = text.charAt(at++);
            if (c == '"') {
                break;
            }
            if (c == '\\') {
                escape(value);
            } else {
                value.append(c);
            }
        }
        tokens.add(new Token(Kind.STRING, from, value.toString()));
    }

    private void escape(StringBuilder value) {
        int from = at - 1;
        char c = at < text.length() ? text.charAt(at++) : ' ';
        switch (c) {
            case 'a' -> value.append('\u0007');
            case 'b' -> value.append('\b');
            case 'f' -> value.append('\f');
            case 'n' -> value.append('\n');
            case 'r' -> value.append('\r');
            case 't' -> value.append('\t');
            case 'v' -> value.append('\u000b');
            case '\\', '"' -> value.append(c);
            case 'x' -> value.appendCodePoint(digits(from, 2, 16));
            case 'u' -> value.appendCodePoint(digits(from, 4, 16));
            case 'U' -> value.appendCodePoint(digits(from, 8, 16));
            case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                at--;
                value.appendCodePoint(digits(from, 3, 8));
            }
            default ->
                    throw new Mistake(
                            from,
                            "\"\\"
                                    + c
                                    + "\" is no escape; for a backslash, as in a pattern, write"
                                    + " \"\\\\\"");
        }
    }

    private int digits(int from, int count, int radix) {
        long value = 0;
        for (int i = 0; i < count; i++) {
            int digit = at < text.length() ? Character.digit(text.charAt(at++), radix) : -1;
            if (digit < 0) {
                throw new Mistake(from, "the escape needs " + count + " digits");
            }
            value = value * radix + digit;
        }
        if (value > Character.MAX_CODE_POINT
                || (radix == 8 && value > 255)
                || (value >= Character.MIN_SURROGATE && value <= Character.MAX_SURROGATE)) {
            throw new Mistake(from, "the escape is no character");
        }
        return (int) value;
    }
}
