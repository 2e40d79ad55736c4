package dev.firn.process.ottl;

import dev.firn.model.AttributeValue;
import dev.firn.process.ottl.Syntax.Argument;
import dev.firn.process.ottl.Syntax.Call;
import dev.firn.process.ottl.Syntax.Segment;
import dev.firn.process.ottl.Token.Kind;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Tokens → tree, by recursive descent along the grammar of pkg/ottl. One place needs to look far
/// ahead: what a parenthesis begins, a calculation or a condition.
final class Parser {
    /// Longer texts are refused.
    static final int LENGTH_MAX = 65_536;

    /// Deeper nesting is refused: it would exhaust the stack.
    static final int DEPTH_MAX = 200;

    private static final Set<String> KEYWORDS =
            Set.of("nil", "not", "or", "and", "true", "false", "where");

    private final List<Token> tokens;
    private int next;
    private int depth;

    private Parser(String text) {
        if (text.length() > LENGTH_MAX) {
            throw new Mistake(0, "longer than " + LENGTH_MAX + " characters");
        }
        tokens = Lexer.tokens(text);
    }

    /// `editor(…) where …`.
    static Syntax.Statement statement(String text) {
        var parser = new Parser(text);
        Syntax.Statement statement = parser.statement();
        parser.end();
        return statement;
    }

    /// What stands after `where`, or in a filter.
    static Syntax condition(String text) {
        var parser = new Parser(text);
        Syntax condition = parser.condition();
        parser.end();
        return condition;
    }

    private Syntax.Statement statement() {
        Token name = peek();
        if (name.kind() != Kind.NAME || isKeyword(name) || !peek(1).is("(")) {
            throw expected("a statement such as set(…)", name);
        }
        if (!isLower(name.text().charAt(0))) {
            throw new Mistake(
                    name.at(),
                    "a statement begins with an editor, whose name begins with a lowercase letter,"
                            + " not with \""
                            + name.text()
                            + "\"");
        }
        Call editor = call();
        if (peek().is("[")) {
            throw new Mistake(
                    peek().at(), "only paths and converters may be indexed, an editor may not");
        }
        Syntax where = null;
        if (peek().is("where")) {
            take();
            where = condition();
        }
        return new Syntax.Statement(editor, where);
    }

    private Syntax condition() {
        deeper();
        int at = peek().at();
        var parts = new ArrayList<Syntax>();
        parts.add(conjunction());
        while (peek().is("or")) {
            take();
            parts.add(conjunction());
        }
        depth--;
        return parts.size() == 1 ? parts.getFirst() : new Syntax.Any(at, parts);
    }

    private Syntax conjunction() {
        int at = peek().at();
        var parts = new ArrayList<Syntax>();
        parts.add(truth());
        while (peek().is("and")) {
            take();
            parts.add(truth());
        }
        return parts.size() == 1 ? parts.getFirst() : new Syntax.All(at, parts);
    }

    private Syntax truth() {
        Token first = peek();
        if (first.is("not")) {
            take();
            return new Syntax.Not(first.at(), bareTruth());
        }
        return bareTruth();
    }

    private Syntax bareTruth() {
        Token first = peek();
        if (first.is("(")) {
            Syntax comparison = calculatedComparison();
            if (comparison != null) {
                return comparison;
            }
            take();
            Syntax inner = condition();
            take(")");
            return inner;
        }
        Syntax left = value();
        Relation relation = relation();
        if (relation != null) {
            return new Syntax.Comparison(first.at(), left, relation, value());
        }
        if (left instanceof Call
                || (left instanceof Syntax.Literal literal
                        && literal.value() instanceof AttributeValue.Bool)) {
            return left;
        }
        throw expected("a comparison such as == or !=", peek());
    }

    /// `(a + b) > c`; null if what the parenthesis begins is no calculation of a comparison.
    private @Nullable Syntax calculatedComparison() {
        int from = next;
        int fromDepth = depth;
        int at = peek().at();
        try {
            Syntax left = sum();
            Relation relation = relation();
            if (relation != null) {
                return new Syntax.Comparison(at, left, relation, value());
            }
        } catch (Mistake mistake) {
            // then it is a condition, and what is wrong with it is said when it is read as one
        }
        next = from;
        depth = fromDepth;
        return null;
    }

    private @Nullable Relation relation() {
        for (Relation relation : Relation.values()) {
            if (peek().is(relation.symbol)) {
                take();
                return relation;
            }
        }
        return null;
    }

    private Syntax value() {
        deeper();
        try {
            return bareValue();
        } finally {
            depth--;
        }
    }

    private Syntax bareValue() {
        Token first = peek();
        switch (first.kind()) {
            case STRING -> {
                take();
                return new Syntax.Literal(first.at(), new AttributeValue.Text(first.text()));
            }
            case BYTES -> {
                take();
                return new Syntax.Literal(first.at(), bytes(first));
            }
            default -> {}
        }
        if (first.is("nil")) {
            take();
            return new Syntax.Literal(first.at(), null);
        }
        if (first.is("true") || first.is("false")) {
            take();
            return new Syntax.Literal(first.at(), new AttributeValue.Bool(first.is("true")));
        }
        if (first.is("[")) {
            return items();
        }
        if (first.is("{")) {
            return entries();
        }
        if (first.is("(") && isLambda()) {
            throw new Mistake(first.at(), "lambda expressions are not supported");
        }
        if (first.kind() == Kind.NAME && isUpper(first.text().charAt(0)) && !peek(1).is("(")) {
            take();
            return new Syntax.Symbol(first.at(), first.text());
        }
        return sum();
    }

    private boolean isLambda() {
        int ahead = 1;
        while (peek(ahead).kind() == Kind.NAME || peek(ahead).is(",")) {
            ahead++;
        }
        return peek(ahead).is(")") && peek(ahead + 1).is("=>");
    }

    private static AttributeValue bytes(Token token) {
        if (token.text().length() % 2 != 0) {
            throw new Mistake(token.at(), "bytes need an even number of hexadecimal digits");
        }
        return new AttributeValue.Binary(HexFormat.of().parseHex(token.text().substring(2)));
    }

    private Syntax items() {
        Token first = take("[");
        var items = new ArrayList<Syntax>();
        while (!peek().is("]")) {
            separated(items, "]");
            items.add(value());
        }
        take("]");
        return new Syntax.Items(first.at(), items);
    }

    /// The comma between members.
    private void separated(List<?> before, String end) {
        if (!before.isEmpty() && !peek().is(",")) {
            throw expected("\",\" or \"" + end + "\"", peek());
        }
        if (!before.isEmpty()) {
            take();
        }
    }

    private Syntax entries() {
        Token first = take("{");
        var keys = new ArrayList<String>();
        var values = new ArrayList<Syntax>();
        while (!peek().is("}")) {
            Token key = peek();
            if (key.kind() != Kind.STRING) {
                throw expected("a key in double quotes", key);
            }
            take();
            take(":");
            keys.add(key.text());
            values.add(value());
            if (peek().is(",")) {
                take();
            }
        }
        take("}");
        return new Syntax.Entries(first.at(), keys, values);
    }

    private Syntax sum() {
        deeper();
        int at = peek().at();
        Syntax left = product();
        while (peek().is("+") || peek().is("-")) {
            Operator operator = take().is("+") ? Operator.ADD : Operator.SUBTRACT;
            left = new Syntax.Calculation(at, left, operator, product());
        }
        depth--;
        return left;
    }

    private Syntax product() {
        int at = peek().at();
        Syntax left = factor();
        while (peek().is("*") || peek().is("/")) {
            Operator operator = take().is("*") ? Operator.MULTIPLY : Operator.DIVIDE;
            left = new Syntax.Calculation(at, left, operator, factor());
        }
        return left;
    }

    private Syntax factor() {
        Token first = peek();
        if (first.is("+")) {
            take();
            return operand();
        }
        if (first.is("-")) {
            take();
            Syntax of = operand();
            if (of instanceof Syntax.Literal(int at, AttributeValue.Int(long value))) {
                return new Syntax.Literal(first.at(), new AttributeValue.Int(-value));
            }
            if (of instanceof Syntax.Literal(int at, AttributeValue.Real(double value))) {
                return new Syntax.Literal(first.at(), new AttributeValue.Real(-value));
            }
            return new Syntax.Negation(first.at(), of);
        }
        return operand();
    }

    private Syntax operand() {
        Token first = peek();
        if (first.is("(")) {
            take();
            Syntax inner = sum();
            take(")");
            return inner;
        }
        return switch (first.kind()) {
            case INT -> {
                take();
                yield new Syntax.Literal(first.at(), integer(first));
            }
            case REAL -> {
                take();
                yield new Syntax.Literal(
                        first.at(), new AttributeValue.Real(Double.parseDouble(first.text())));
            }
            case NAME -> named(first);
            default -> throw expected("a value", first);
        };
    }

    private static AttributeValue integer(Token token) {
        try {
            return new AttributeValue.Int(Long.parseLong(token.text()));
        } catch (NumberFormatException e) {
            throw new Mistake(
                    token.at(), "\"" + token.text() + "\" does not fit into a 64-bit integer");
        }
    }

    private Syntax named(Token first) {
        if (isKeyword(first)) {
            throw expected("a value", first);
        }
        if (!peek(1).is("(")) {
            return path();
        }
        if (!isUpper(first.text().charAt(0))) {
            throw new Mistake(
                    first.at(),
                    "converters begin with an uppercase letter, and editors such as \""
                            + first.text()
                            + "\" have no value");
        }
        Call call = call();
        return new Call(call.at(), call.name(), call.arguments(), keys());
    }

    private Call call() {
        deeper();
        Token name = take();
        take("(");
        var arguments = new ArrayList<Argument>();
        while (!peek().is(")")) {
            separated(arguments, ")");
            arguments.add(argument());
        }
        take(")");
        depth--;
        return new Call(name.at(), name.text(), arguments, List.of());
    }

    private Argument argument() {
        Token first = peek();
        if (first.kind() == Kind.NAME && peek(1).is("=")) {
            take();
            take();
            return new Argument(first.at(), first.text(), value());
        }
        return new Argument(first.at(), null, value());
    }

    private Syntax path() {
        int at = peek().at();
        var segments = new ArrayList<Segment>();
        segments.add(segment());
        while (peek().is(".")) {
            take();
            segments.add(segment());
        }
        return new Syntax.Path(at, segments);
    }

    private Segment segment() {
        Token name = peek();
        if (name.kind() != Kind.NAME
                || !name.text().equals(name.text().toLowerCase(java.util.Locale.ROOT))
                || !isLower(name.text().charAt(0))) {
            throw expected("a name in lowercase letters", name);
        }
        take();
        return new Segment(name.at(), name.text(), keys());
    }

    private List<Syntax> keys() {
        var keys = new ArrayList<Syntax>();
        while (peek().is("[")) {
            take();
            Token key = peek();
            if (key.kind() == Kind.STRING) {
                take();
                keys.add(new Syntax.Literal(key.at(), new AttributeValue.Text(key.text())));
            } else {
                keys.add(sum());
            }
            take("]");
        }
        return keys;
    }

    private void deeper() {
        if (++depth > DEPTH_MAX) {
            throw new Mistake(peek().at(), "nested deeper than " + DEPTH_MAX);
        }
    }

    private void end() {
        if (peek().kind() != Kind.END) {
            throw expected("the end", peek());
        }
    }

    private Token peek() {
        return tokens.get(next);
    }

    private Token peek(int ahead) {
        return tokens.get(Math.min(next + ahead, tokens.size() - 1));
    }

    private Token take() {
        Token token = tokens.get(next);
        if (token.kind() != Kind.END) {
            next++;
        }
        return token;
    }

    private Token take(String symbol) {
        if (!peek().is(symbol)) {
            throw expected("\"" + symbol + "\"", peek());
        }
        return take();
    }

    private static Mistake expected(String what, Token found) {
        return new Mistake(found.at(), "expected " + what + ", found " + found.shown());
    }

    private static boolean isKeyword(Token token) {
        return KEYWORDS.contains(token.text());
    }

    private static boolean isUpper(char c) {
        return c >= 'A' && c <= 'Z';
    }

    private static boolean isLower(char c) {
        return c >= 'a' && c <= 'z';
    }
}
