package dev.firn.query.promql.lang;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Parses vector selectors and lists of labels.
final class SelectorParser {
    private static final String NAME = "__name__";

    private final TokenStream tokens;

    SelectorParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    /// A selector whose name, if any, is taken already.
    Expr vector(@Nullable Token name) {
        int start = name == null ? tokens.peek().span().start() : name.span().start();
        var matchers = new ArrayList<Matcher>();
        if (tokens.take("{")) {
            while (!tokens.take("}")) {
                matchers.add(matcher());
                if (!tokens.peek().is("}")) {
                    tokens.expect(",", "label matching");
                }
            }
        }
        String text = name == null ? "" : name.text();
        if (name != null) {
            matchers.add(new Matcher(Matcher.Type.EQUAL, NAME, text));
        }
        Span span = new Span(start, tokens.end());
        return new Expr.VectorSelector(
                text, List.copyOf(matchers), Expr.When.EVALUATION, Expr.Extension.NONE, span);
    }

    private Matcher matcher() {
        Token label = tokens.peek();
        boolean quoted = label.kind() == Token.Kind.STRING;
        if (!quoted && label.kind() != Token.Kind.WORD) {
            throw tokens.unexpected("label matching", "identifier or \"}\"");
        }
        tokens.next();
        String name = quoted ? tokens.unquote(label) : label.text();
        Matcher.Type type = type();
        if (type == null) {
            if (quoted) {
                return new Matcher(Matcher.Type.EQUAL, NAME, name);
            }
            throw tokens.unexpected("label matching", "label matching operator");
        }
        tokens.next();
        if (tokens.peek().kind() != Token.Kind.STRING) {
            throw tokens.unexpected("label matching", "string");
        }
        Token value = tokens.next();
        try {
            return new Matcher(type, name, tokens.unquote(value));
        } catch (IllegalArgumentException e) {
            throw tokens.error(label.span().to(value.span()), String.valueOf(e.getMessage()));
        }
    }

    private Matcher.@Nullable Type type() {
        if (tokens.peek().kind() == Token.Kind.SIGN) {
            for (Matcher.Type type : Matcher.Type.values()) {
                if (tokens.peek().is(type.text())) {
                    return type;
                }
            }
        }
        return null;
    }

    /// `(label, "quoted label")`.
    List<String> grouping() {
        tokens.expect("(", "grouping opts");
        var labels = new ArrayList<String>();
        while (!tokens.take(")")) {
            Token token = tokens.peek();
            boolean quoted = token.kind() == Token.Kind.STRING;
            if (!quoted && token.kind() != Token.Kind.WORD) {
                throw tokens.unexpected("grouping opts", "label");
            }
            tokens.next();
            String label = quoted ? tokens.unquote(token) : token.text();
            if (!Quoting.isLabelName(label)) {
                throw tokens.error(
                        token.span(), "invalid label name for grouping: " + Quoting.quote(label));
            }
            labels.add(label);
            if (!tokens.peek().is(")") && !tokens.take(",")) {
                throw tokens.unexpected("grouping opts", "\",\" or \")\"");
            }
        }
        return List.copyOf(labels);
    }
}
