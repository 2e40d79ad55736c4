package dev.firn.query.promql.lang;

import java.util.Locale;

/// Parses what stands in brackets and after `offset`.
final class DurationParser {
    private static final double SECONDS_MAX = 9_223_372_036.854775807;

    private final TokenStream tokens;
    private final Features features;

    DurationParser(TokenStream tokens, Features features) {
        this.tokens = tokens;
        this.features = features;
    }

    /// A duration in brackets: above zero as far as that can be seen.
    DurationExpr positive(String expected) {
        int start = tokens.peek().span().start();
        DurationExpr duration = expression(0, expected);
        if (duration instanceof DurationExpr.Literal literal && literal.seconds() <= 0) {
            Span span = new Span(start, tokens.end());
            throw tokens.error(span, "duration must be greater than 0");
        }
        return duration;
    }

    /// After `offset` arithmetic needs parentheses: `a offset 1m + 3` adds 3 to the values.
    DurationExpr offset() {
        boolean parenthesised = tokens.peek().is("(");
        return parenthesised
                ? expression(0, "number, duration, step(), or range()")
                : signed("number, duration, step(), or range()", false);
    }

    private DurationExpr expression(int strength, String expected) {
        int start = tokens.peek().span().start();
        DurationExpr left = signed(expected, true);
        while (true) {
            BinaryOp op =
                    tokens.peek().kind() == Token.Kind.SIGN
                            ? BinaryOp.of(tokens.peek().text())
                            : null;
            if (op == null || !op.changesMeaning() || op.strength() < strength) {
                return left;
            }
            Token sign = tokens.next();
            int next = op == BinaryOp.POWER ? op.strength() : op.strength() + 1;
            DurationExpr right = expression(next, expected);
            Span span = new Span(start, tokens.end());
            experimental(span);
            if (right instanceof DurationExpr.Literal literal && literal.seconds() == 0) {
                if (op == BinaryOp.DIVIDE || op == BinaryOp.MODULO) {
                    String what = op == BinaryOp.DIVIDE ? "division" : "modulo";
                    throw tokens.error(sign.span(), what + " by zero");
                }
            }
            left = new DurationExpr.Arithmetic(op, left, right, span);
        }
    }

    private DurationExpr signed(String expected, boolean arithmetic) {
        if (tokens.take("+")) {
            return arithmetic ? expression(BinaryOp.UNARY_OPERAND, expected) : operand(expected);
        }
        if (tokens.take("-")) {
            DurationExpr of =
                    arithmetic ? expression(BinaryOp.UNARY_OPERAND, expected) : operand(expected);
            return of instanceof DurationExpr.Literal literal
                    ? new DurationExpr.Literal(-literal.seconds(), literal.unit())
                    : new DurationExpr.Negated(of);
        }
        return operand(expected);
    }

    private DurationExpr operand(String expected) {
        Token token = tokens.peek();
        switch (token.kind()) {
            case NUMBER, DURATION -> {
                tokens.next();
                return literal(token);
            }
            case WORD -> {
                return function(expected);
            }
            default -> {}
        }
        if (!tokens.take("(")) {
            throw tokens.unexpected("duration", expected);
        }
        DurationExpr inner = expression(0, expected);
        tokens.expect(")", "duration");
        experimental(new Span(token.span().start(), tokens.end()));
        return new DurationExpr.Grouped(inner);
    }

    private DurationExpr function(String expected) {
        Token word = tokens.peek();
        String name = word.text().toLowerCase(Locale.ROOT);
        boolean extreme = name.equals("max_of") || name.equals("min_of");
        if (!extreme && !name.equals("step") && !name.equals("range")) {
            throw tokens.unexpected("duration", expected);
        }
        tokens.next();
        tokens.expect("(", "duration");
        DurationExpr result;
        if (extreme) {
            DurationExpr left = expression(0, expected);
            tokens.expect(",", "duration");
            result = new DurationExpr.Extreme(name.equals("max_of"), left, expression(0, expected));
        } else {
            result = name.equals("step") ? new DurationExpr.Step() : new DurationExpr.Range();
        }
        tokens.expect(")", "duration");
        experimental(new Span(word.span().start(), tokens.end()));
        return result;
    }

    private DurationExpr literal(Token token) {
        double seconds = seconds(tokens, token);
        if (Double.isNaN(seconds) || Math.abs(seconds) > SECONDS_MAX) {
            throw tokens.error(token.span(), "duration out of range");
        }
        return new DurationExpr.Literal(seconds, token.kind() == Token.Kind.DURATION);
    }

    /// The value of a number or of a duration in seconds.
    static double seconds(TokenStream tokens, Token token) {
        if (token.kind() == Token.Kind.NUMBER) {
            return GoNumber.parse(token.text()).orElseThrow();
        }
        long millis =
                Durations.parseMillis(token.text())
                        .orElseThrow(() ->
                                tokens.error(
                                        token.span(),
                                        "not a valid duration string: "
                                                + Quoting.quote(token.text())));
        return millis / 1000.0;
    }

    private void experimental(Span span) {
        if (!features.durationExpressions()) {
            throw tokens.error(span, "experimental duration expression is not enabled");
        }
    }
}
