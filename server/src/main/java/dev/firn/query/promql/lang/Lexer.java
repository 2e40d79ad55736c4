package dev.firn.query.promql.lang;

import java.util.ArrayList;
import java.util.List;

/// Splits an expression into tokens; braces and brackets change what letters mean.
final class Lexer {
    private static final List<String> TWO = List.of("==", "!=", "=~", "!~", "<=", ">=", "</", ">/");

    private final String input;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private boolean inBraces;
    private boolean inBrackets;
    private int parens;

    Lexer(String input) {
        this.input = input;
    }

    List<Token> tokens() {
        while (at < input.length()) {
            char c = input.charAt(at);
            if (Character.isWhitespace(c)) {
                at++;
            } else if (c == '#') {
                int end = input.indexOf('\n', at);
                at = end < 0 ? input.length() : end;
            } else {
                next(c);
            }
        }
        if (inBraces) {
            throw error(at, "unexpected end of input inside braces");
        }
        if (parens > 0) {
            throw error(at, "unclosed left parenthesis");
        }
        if (inBrackets) {
            throw error(at, "unclosed left bracket");
        }
        tokens.add(new Token(Token.Kind.END, "", new Span(at, at)));
        return tokens;
    }

    private void next(char c) {
        if (c == '"' || c == '\'' || c == '`') {
            string(c);
        } else if (isLetter(c) || (c == ':' && !inBrackets && !inBraces)) {
            int start = at;
            while (at < input.length() && isWordPart(input.charAt(at))) {
                at++;
            }
            word(start);
        } else if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
            if (inBraces) {
                throw error(at, "unexpected character inside braces: '" + c + "'");
            }
            number();
        } else {
            sign(c);
        }
    }

    private boolean isWordPart(char c) {
        return isLetter(c) || isDigit(c) || (c == ':' && !inBrackets && !inBraces);
    }

    private void word(int start) {
        String text = input.substring(start, at);
        boolean number = !inBraces && !inBrackets && text.matches("(?i)inf|nan");
        add(number ? Token.Kind.NUMBER : Token.Kind.WORD, start);
    }

    private void string(char quote) {
        int start = at++;
        while (at < input.length() && input.charAt(at) != quote) {
            char c = input.charAt(at);
            if (quote != '`' && c == '\n') {
                break;
            }
            at += quote != '`' && c == '\\' ? 2 : 1;
        }
        if (at >= input.length() || input.charAt(at) != quote) {
            String what = quote == '`' ? "unterminated raw string" : "unterminated quoted string";
            throw error(start, what);
        }
        at++;
        add(Token.Kind.STRING, start);
    }

    /// A number, or a duration: digits and units without a gap.
    private void number() {
        int start = at;
        boolean hex = input.charAt(at) == '0' && "xX".indexOf(peek(1)) >= 0;
        while (at < input.length()) {
            char c = input.charAt(at);
            boolean exponentSign =
                    !hex && (c == '+' || c == '-') && "eE".indexOf(input.charAt(at - 1)) >= 0;

            if (!isLetter(c) && !isDigit(c) && c != '.' && !exponentSign) {
                break;
            }
            at++;
        }
        String text = input.substring(start, at);
        boolean plainUnderscores = !text.matches(".*(__|_$|_\\.|\\._|^_|_[eE]|[eE]_).*") || hex;
        if (plainUnderscores && GoNumber.parse(text).isPresent()) {
            add(Token.Kind.NUMBER, start);
        } else if (text.matches("([0-9]+(ms|[smhdwy]))+")) {
            add(Token.Kind.DURATION, start);
        } else {
            throw error(start, "bad number or duration syntax: " + Quoting.quote(text));
        }
    }

    private void sign(char c) {
        int start = at;
        String two = at + 2 <= input.length() ? input.substring(at, at + 2) : "";
        if (TWO.contains(two) && isAllowed(two)) {
            at += 2;
        } else if (c == '=' && peek(1) == '~') {
            throw error(at, "unexpected character after '=': '~'");
        } else if (c == '!') {
            throw error(at, "unexpected character after '!': '" + peek(1) + "'");
        } else if (isAllowed(String.valueOf(c))) {
            at++;
        } else {
            String where =
                    inBraces ? "unexpected character inside braces: '" : "unexpected character: '";
            throw error(at, where + Character.toString(input.codePointAt(at)) + "'");
        }
        add(Token.Kind.SIGN, start);
        nest(c, start);
    }

    private boolean isAllowed(String sign) {
        if (inBraces) {
            return List.of("=", "!=", "=~", "!~", ",", "}").contains(sign);
        }
        return switch (sign) {
            case "=~", "!~", "}" -> false;
            case ":" -> inBrackets;
            default -> sign.length() == 2 || ",*/%+-^=<>(){[]@".contains(sign);
        };
    }

    private void nest(char c, int start) {
        switch (c) {
            case '(' -> parens++;
            case ')' -> {
                if (--parens < 0) {
                    throw error(start, "unexpected right parenthesis ')'");
                }
            }
            case '{' -> inBraces = true;
            case '}' -> inBraces = false;
            case '[' -> {
                if (inBrackets) {
                    throw error(start, "unexpected left bracket '['");
                }
                inBrackets = true;
            }
            case ']' -> {
                if (!inBrackets) {
                    throw error(start, "unexpected right bracket ']'");
                }
                inBrackets = false;
            }
            default -> {}
        }
    }

    private void add(Token.Kind kind, int start) {
        tokens.add(new Token(kind, input.substring(start, at), new Span(start, at)));
    }

    private char peek(int ahead) {
        return at + ahead < input.length() ? input.charAt(at + ahead) : '\0';
    }

    private ParseException error(int position, String message) {
        return new ParseException(input, new Span(position, position + 1), message);
    }

    private static boolean isLetter(char c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
