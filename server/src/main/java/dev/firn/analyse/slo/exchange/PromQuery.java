package dev.firn.analyse.slo.exchange;

import dev.firn.analyse.slo.Matcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The few forms of PromQL in which objectives are written: a selector,
/// `sum(rate(selector[window]))` (also `increase`), and the difference of two such sums.
final class PromQuery {
    /// A metric with its conditions.
    record Selector(String metric, List<Matcher> matchers) {
        Selector {
            matchers = List.copyOf(matchers);
        }

        /// Its conditions without those on a label.
        List<Matcher> without(String label) {
            return matchers.stream().filter(one -> !one.attributes().contains(label)).toList();
        }
    }

    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");

    private final String text;
    private int at;

    private PromQuery(String text) {
        this.text = text;
    }

    /// A selector alone.
    ///
    /// @throws IllegalArgumentException saying what else stands there
    static Selector selector(String text) {
        var query = new PromQuery(text);
        Selector selector = query.selector();
        query.end();
        return selector;
    }

    /// One sum, or two of which the second is subtracted.
    ///
    /// @throws IllegalArgumentException saying what else stands there
    static List<Selector> sums(String text) {
        var query = new PromQuery(text);
        List<Selector> sums = query.difference();
        query.end();
        return sums;
    }

    private List<Selector> difference() {
        var sums = new ArrayList<Selector>(term());
        if (take("-")) {
            sums.addAll(term());
        }
        return sums;
    }

    private List<Selector> term() {
        if (take("(")) {
            List<Selector> inside = difference();
            expect(")");
            return inside;
        }
        expect("sum");
        expect("(");
        if (!take("rate") && !take("increase")) {
            throw unexpected("rate or increase");
        }
        expect("(");
        Selector selector = selector();
        expect("[");
        if (!take("{{.window}}") && !take("{{ .window }}")) {
            throw unexpected("{{.window}}");
        }
        expect("]");
        expect(")");
        expect(")");
        return List.of(selector);
    }

    private Selector selector() {
        String metric = name();
        var matchers = new ArrayList<Matcher>();
        if (take("{")) {
            while (!take("}")) {
                matchers.add(matcher());
                if (!take(",") && !peek("}")) {
                    throw unexpected(", or }");
                }
            }
        }
        return new Selector(metric, matchers);
    }

    private Matcher matcher() {
        String label = name();
        for (Matcher.Op op :
                List.of(
                        Matcher.Op.MATCHES,
                        Matcher.Op.NOT_MATCHES,
                        Matcher.Op.NOT_EQUALS,
                        Matcher.Op.EQUALS)) {
            if (take(op.sign())) {
                return new Matcher(List.of(label), op, quoted());
            }
        }
        throw unexpected("=, !=, =~ or !~");
    }

    private String name() {
        blanks();
        var name = NAME.matcher(text).region(at, text.length());
        if (!name.lookingAt()) {
            throw unexpected("a name");
        }
        at = name.end();
        return name.group();
    }

    private String quoted() {
        blanks();
        char quote = at < text.length() ? text.charAt(at) : ' ';
        if (quote != '"' && quote != '\'' && quote != '`') {
            throw unexpected("a quoted text");
        }
        at++;
        var value = new StringBuilder();
        while (at < text.length() && text.charAt(at) != quote) {
            char c = text.charAt(at++);
            if (c == '\\' && quote != '`' && at < text.length()) {
                char escaped = text.charAt(at++);
                c = escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
            }
            value.append(c);
        }
        expect(String.valueOf(quote));
        return value.toString();
    }

    private void blanks() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private boolean peek(String token) {
        blanks();
        return text.startsWith(token, at);
    }

    private boolean take(String token) {
        boolean there = peek(token);
        if (there) {
            at += token.length();
        }
        return there;
    }

    private void expect(String token) {
        if (!take(token)) {
            throw unexpected(token);
        }
    }

    private void end() {
        blanks();
        if (at < text.length()) {
            throw unexpected("the end");
        }
    }

    private IllegalArgumentException unexpected(String expected) {
        String rest = text.substring(at).strip();
        return new IllegalArgumentException(
                "expected "
                        + expected
                        + " at \""
                        + (rest.length() > 40 ? rest.substring(0, 40) + "…" : rest)
                        + "\"; only sums of rates of selectors can be counted in events");
    }
}
