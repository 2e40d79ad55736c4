package dev.firn.query.promql.lang;

import dev.firn.config.Nearest;
import dev.firn.query.promql.lang.Expr.When;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Text to tree by recursive descent and binding strength. The grammar is Prometheus 3's
/// (`promql/parser/generated_parser.y`).
public final class Parser {
    private static final Set<String> NO_METRIC =
            Set.of("bool", "on", "ignoring", "group_left", "group_right", "atan2");

    /// Deeper nesting is refused, so that no text can exhaust the stack.
    private static final int DEPTH_MAX = 500;

    private final TokenStream tokens;
    private final Features features;
    private final SelectorParser selectors;
    private final DurationParser durations;
    private int depth;

    private Parser(String query, Features features) {
        this.tokens = new TokenStream(query);
        this.features = features;
        this.selectors = new SelectorParser(tokens);
        this.durations = new DurationParser(tokens, features);
    }

    /// The checked tree of an expression, or a [ParseException].
    public static Expr parse(String query, Features features) {
        var parser = new Parser(query, features);
        if (parser.tokens.peek().kind() == Token.Kind.END) {
            throw parser.tokens.error(new Span(0, 0), "no expression found in input");
        }
        Expr expr = parser.binary(0);
        if (parser.tokens.peek().kind() != Token.Kind.END) {
            throw parser.tokens.unexpected("", "");
        }
        new TypeCheck(query).check(expr);
        return expr;
    }

    /// The matchers of a bare selector, as `match[]` takes them.
    public static List<Matcher> parseSelector(String query) {
        Expr expr = parse(query, Features.STABLE);
        if (expr instanceof Expr.VectorSelector vector && vector.when().equals(When.EVALUATION)) {
            return vector.matchers();
        }
        throw new ParseException(query, expr.span(), "expected a series selector");
    }

    /// The conditions of `name{label="value"}`, without a look at whether they select anything.
    public static List<Matcher> parseMetric(String text) {
        var parser = new Parser(text, Features.STABLE);
        boolean named = parser.tokens.peek().kind() == Token.Kind.WORD;
        Expr expr = parser.selectors.vector(named ? parser.tokens.next() : null);
        if (parser.tokens.peek().kind() != Token.Kind.END) {
            throw parser.tokens.unexpected("metric", "");
        }
        return expr instanceof Expr.VectorSelector vector ? vector.matchers() : List.of();
    }

    private Expr binary(int strength) {
        if (++depth > DEPTH_MAX) {
            throw tokens.error(tokens.peek().span(), "expression is nested too deeply");
        }
        Expr left = unary();
        while (true) {
            BinaryOp op = operator();
            if (op == null || op.strength() < strength) {
                depth--;
                return left;
            }
            tokens.next();
            left = binaryRest(op, left);
        }
    }

    private @Nullable BinaryOp operator() {
        Token token = tokens.peek();
        return switch (token.kind()) {
            case SIGN, WORD -> BinaryOp.of(token.text());
            default -> null;
        };
    }

    private Expr binaryRest(BinaryOp op, Expr left) {
        boolean bool = tokens.takeWord("bool");
        Expr.Matching matching = matching();
        int next = op == BinaryOp.POWER ? op.strength() : op.strength() + 1;
        Expr right = binary(next);
        var expr = new Expr.Binary(op, left, right, matching, bool);
        if (matching.fills() && !features.fillModifiers()) {
            throw tokens.error(
                    expr.span(), "binop fill modifiers are experimental and not enabled");
        }
        return expr;
    }

    private Expr.Matching matching() {
        boolean on = tokens.peek().isWord("on");
        List<String> labels = List.of();
        Expr.Group group = Expr.Group.NONE;
        List<String> include = List.of();
        if (on || tokens.peek().isWord("ignoring")) {
            tokens.next();
            labels = selectors.grouping();
            if (tokens.peek().isWord("group_left") || tokens.peek().isWord("group_right")) {
                boolean many = tokens.next().isWord("group_left");
                group = many ? Expr.Group.LEFT : Expr.Group.RIGHT;
                include = tokens.peek().is("(") ? selectors.grouping() : List.of();
            }
        }
        return fills(new Expr.Matching(on, labels, group, include, null, null));
    }

    private Expr.Matching fills(Expr.Matching matching) {
        Double left = null;
        Double right = null;
        while (tokens.peek(1).is("(")) {
            String word = tokens.peek().text().toLowerCase(Locale.ROOT);
            if (word.equals("fill") && left == null && right == null) {
                left = fillValue();
                right = left;
            } else if (word.equals("fill_left") && left == null) {
                left = fillValue();
            } else if (word.equals("fill_right") && right == null) {
                right = fillValue();
            } else {
                break;
            }
        }
        return new Expr.Matching(
                matching.on(),
                matching.labels(),
                matching.group(),
                matching.include(),
                left,
                right);
    }

    private Double fillValue() {
        tokens.next();
        tokens.expect("(", "fill");
        boolean negative = tokens.take("-");
        if (!negative) {
            tokens.take("+");
        }
        if (!isNumber(tokens.peek())) {
            throw tokens.unexpected("fill", "number");
        }
        double value = DurationParser.seconds(tokens, tokens.next());
        tokens.expect(")", "fill");
        return negative ? -value : value;
    }

    private Expr unary() {
        Token sign = tokens.peek();
        if (!sign.is("-") && !sign.is("+")) {
            return postfix(primary());
        }
        tokens.next();
        boolean negative = sign.is("-");
        Expr operand = binary(BinaryOp.UNARY_OPERAND);
        Span span = sign.span().to(operand.span());
        if (operand instanceof Expr.NumberLiteral number) {
            double value = negative ? -number.value() : number.value();
            return new Expr.NumberLiteral(value, number.duration(), span);
        }
        return new Expr.Unary(negative, operand, span);
    }

    private Expr primary() {
        Token token = tokens.peek();
        switch (token.kind()) {
            case NUMBER, DURATION -> {
                tokens.next();
                double value = DurationParser.seconds(tokens, token);
                boolean duration = token.kind() == Token.Kind.DURATION;
                return new Expr.NumberLiteral(value, duration, token.span());
            }
            case STRING -> {
                tokens.next();
                return new Expr.StringLiteral(tokens.unquote(token), token.span());
            }
            case WORD -> {
                return word(token);
            }
            default -> {}
        }
        if (token.is("{")) {
            return selectors.vector(null);
        }
        if (!tokens.take("(")) {
            throw tokens.unexpected("", "");
        }
        Expr inner = binary(0);
        Token close = tokens.expect(")", "parentheses");
        return new Expr.Paren(inner, token.span().to(close.span()));
    }

    private Expr word(Token token) {
        AggregateOp op = AggregateOp.of(token.text());
        Token after = tokens.peek(1);
        if (op != null && (after.is("(") || after.isWord("by") || after.isWord("without"))) {
            tokens.next();
            return aggregate(op, token);
        }
        String lower = token.text().toLowerCase(Locale.ROOT);
        boolean keyword = BinaryOp.of(lower) != null && !NO_METRIC.contains(lower);
        if (NO_METRIC.contains(lower)) {
            throw tokens.unexpected("", "");
        }
        if (after.is("(") && !keyword) {
            return call(tokens.next());
        }
        return selectors.vector(tokens.next());
    }

    private Expr aggregate(AggregateOp op, Token word) {
        boolean without = false;
        List<String> grouping = List.of();
        boolean grouped = !tokens.peek().is("(");
        if (grouped) {
            without = tokens.next().isWord("without");
            grouping = selectors.grouping();
        }
        List<Expr> arguments = arguments();
        if (!grouped && (tokens.peek().isWord("by") || tokens.peek().isWord("without"))) {
            without = tokens.next().isWord("without");
            grouping = selectors.grouping();
        }
        Span span = new Span(word.span().start(), tokens.end());
        if (arguments.isEmpty()) {
            throw tokens.error(span, "no arguments for aggregate expression provided");
        }
        if (op.isExperimental() && !features.experimentalFunctions()) {
            throw tokens.error(
                    span,
                    op.text() + "() is experimental and must be enabled (experimental functions)");
        }
        int wanted = op.hasParameter() ? 2 : 1;
        if (arguments.size() != wanted) {
            throw tokens.error(
                    span,
                    "wrong number of arguments for aggregate expression provided, expected "
                            + wanted
                            + ", got "
                            + arguments.size());
        }
        Expr parameter = op.hasParameter() ? arguments.getFirst() : null;
        return new Expr.Aggregate(op, arguments.getLast(), parameter, grouping, without, span);
    }

    private Expr call(Token name) {
        Function function = Function.of(name.text());
        if (function == null) {
            String near = Nearest.of(name.text(), Function.all().keySet());
            String hint = near.isEmpty() ? "" : ", did you mean " + Quoting.quote(near) + "?";
            throw tokens.error(
                    name.span(), "unknown function with name " + Quoting.quote(name.text()) + hint);
        }
        if (function.experimental() && !features.experimentalFunctions()) {
            throw tokens.error(
                    name.span(), "function " + Quoting.quote(name.text()) + " is not enabled");
        }
        List<Expr> arguments = arguments();
        return new Expr.Call(function, arguments, new Span(name.span().start(), tokens.end()));
    }

    private List<Expr> arguments() {
        tokens.expect("(", "call");
        var arguments = new ArrayList<Expr>();
        if (tokens.take(")")) {
            return arguments;
        }
        while (true) {
            arguments.add(binary(0));
            if (tokens.take(")")) {
                return List.copyOf(arguments);
            }
            Token comma = tokens.expect(",", "call");
            if (tokens.peek().is(")")) {
                throw tokens.error(
                        comma.span(), "trailing commas not allowed in function call args");
            }
        }
    }

    private Expr postfix(Expr operand) {
        Expr expr = operand;
        var modifiers = new Modifiers(tokens);
        while (true) {
            Token token = tokens.peek();
            if (token.is("[")) {
                expr = range(expr);
            } else if (token.isWord("offset")) {
                tokens.next();
                DurationExpr offset = durations.offset();
                expr = modifiers.offset(expr, offset);
            } else if (token.is("@")) {
                tokens.next();
                expr = modifiers.at(expr);
            } else if (token.isWord("anchored") || token.isWord("smoothed")) {
                tokens.next();
                expr = modifiers.extend(expr, token, features);
            } else {
                return expr;
            }
        }
    }

    private Expr range(Expr expr) {
        Token open = tokens.next();
        DurationExpr range = durations.positive("number, duration, step(), or range()");
        if (tokens.take(":")) {
            DurationExpr step =
                    tokens.peek().is("]")
                            ? null
                            : durations.positive("number, duration, step(), range(), or \"]\"");
            tokens.expect("]", "subquery selector");
            Span span = new Span(expr.span().start(), tokens.end());
            return new Expr.Subquery(expr, range, step, When.EVALUATION, span);
        }
        if (!tokens.peek().is("]")) {
            throw tokens.unexpected("subquery or range", "\":\" or \"]\"");
        }
        Token close = tokens.next();
        Span brackets = open.span().to(close.span());
        if (!(expr instanceof Expr.VectorSelector vector)) {
            throw tokens.error(brackets, "ranges only allowed for vector selectors");
        }
        if (!vector.when().offset().equals(DurationExpr.ZERO)) {
            throw tokens.error(brackets, "no offset modifiers allowed before range");
        }
        if (vector.when().isFixed()) {
            throw tokens.error(brackets, "no @ modifiers allowed before range");
        }
        Span span = new Span(expr.span().start(), tokens.end());
        return new Expr.MatrixSelector(vector, range, span);
    }

    static boolean isNumber(Token token) {
        return token.kind() == Token.Kind.NUMBER || token.kind() == Token.Kind.DURATION;
    }
}
