package dev.firn.query.promql.lang;

import java.util.List;

/// The tokens of an expression with a position among them.
final class TokenStream {
    private final String query;
    private final List<Token> tokens;
    private int at;

    TokenStream(String query) {
        this.query = query;
        this.tokens = new Lexer(query).tokens();
    }

    Token peek() {
        return tokens.get(at);
    }

    Token peek(int ahead) {
        return tokens.get(Math.min(at + ahead, tokens.size() - 1));
    }

    Token next() {
        Token token = peek();
        at = Math.min(at + 1, tokens.size() - 1);
        return token;
    }

    boolean take(String sign) {
        if (peek().is(sign)) {
            at++;
            return true;
        }
        return false;
    }

    boolean takeWord(String word) {
        if (peek().isWord(word)) {
            at++;
            return true;
        }
        return false;
    }

    Token expect(String sign, String context) {
        if (!peek().is(sign)) {
            throw unexpected(context, Quoting.quote(sign));
        }
        return next();
    }

    /// Where the last token taken ends.
    int end() {
        return at == 0 ? 0 : tokens.get(at - 1).span().end();
    }

    String query() {
        return query;
    }

    ParseException error(Span span, String message) {
        return new ParseException(query, span, message);
    }

    ParseException unexpected(String context, String expected) {
        String message = "unexpected " + peek().described();
        if (!context.isEmpty()) {
            message += " in " + context;
        }
        if (!expected.isEmpty()) {
            message += ", expected " + expected;
        }
        return error(peek().span(), message);
    }

    String unquote(Token string) {
        try {
            return Quoting.unquote(string.text());
        } catch (IllegalArgumentException e) {
            throw error(string.span(), String.valueOf(e.getMessage()));
        }
    }
}
