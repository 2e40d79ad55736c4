package dev.firn.lake.keep;

import dev.firn.base.InputException;
import dev.firn.lake.keep.Where.Term;
import dev.firn.model.AttributeValue;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the text form of [Where].
final class WhereParser {
    /// `''` inside quotes is one quote, as in SQL.
    private static final Pattern TOKEN =
            Pattern.compile(
                    "\\s*('(?:[^']|'')*'|[A-Za-z_][A-Za-z0-9_]*|-?[0-9][0-9.eE+-]*|!=|<>|>=|<=|[=<>(),\\[\\]])");

    private record Token(String text, int at) {
        boolean quoted() {
            return text.startsWith("'");
        }

        String unquoted() {
            return text.substring(1, text.length() - 1).replace("''", "'");
        }
    }

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int next;

    WhereParser(String text) {
        this.text = text;
    }

    Where parse() {
        tokenize();
        var terms = new ArrayList<Term>();
        if (!tokens.isEmpty()) {
            terms.add(term());
            while (next < tokens.size()) {
                if (!peekWord("AND")) {
                    throw wrong(peekWord("OR") ? "there is no OR; ask twice" : "expected AND");
                }
                next++;
                terms.add(term());
            }
        }
        return new Where(terms, text.strip());
    }

    private void tokenize() {
        Matcher matcher = TOKEN.matcher(text);
        int at = 0;
        while (!text.substring(at).isBlank()) {
            if (!matcher.find(at) || matcher.start() != at) {
                throw wrongAt(
                        at,
                        text.indexOf('\'', at) >= 0
                                ? "a text that begins with ' does not end"
                                : "this is not part of a condition");
            }
            tokens.add(new Token(matcher.group(1), matcher.start(1)));
            at = matcher.end();
        }
    }

    private Term term() {
        Token name = take("the name of a column");
        String column = name.text();
        if (Where.TEXTS.contains(column)) {
            return texts(column);
        }
        return switch (column) {
            case "series_id" -> ids();
            case "time" -> time();
            case "attributes", "resource" -> attribute(column);
            default -> {
                next--;
                throw wrong(
                        "\""
                                + column
                                + "\" is none of "
                                + String.join(", ", Where.TEXTS)
                                + ", series_id, time, attributes['key'], resource['key']");
            }
        };
    }

    private Term texts(String column) {
        if (peekWord("IN")) {
            next++;
            return new Term.Text(column, false, list(token -> text(token)));
        }
        Token operator = take("=, != or IN");
        boolean not = operator.text().equals("!=") || operator.text().equals("<>");
        if (!not && !operator.text().equals("=")) {
            next--;
            throw wrong("expected =, != or IN after " + column);
        }
        return new Term.Text(column, not, List.of(text(take("a text in quotes"))));
    }

    private Term ids() {
        if (peekWord("IN")) {
            next++;
            return new Term.Id(list(this::id));
        }
        expect("=");
        return new Term.Id(List.of(id(take("a number"))));
    }

    private Term time() {
        Token operator = take(">= or <");
        boolean from = operator.text().equals(">=");
        if (!from && !operator.text().equals("<")) {
            next--;
            throw wrong("expected >= or < after time, so that two ranges that meet do not overlap");
        }
        return new Term.Time(from, millis(take("a time in quotes")));
    }

    private Term attribute(String column) {
        expect("[");
        String key = text(take("a key in quotes"));
        expect("]");
        expect("=");
        return new Term.Attribute(column, key, value(take("a value")));
    }

    private interface Reading<T> {
        T read(Token token);
    }

    private <T> List<T> list(Reading<T> reading) {
        expect("(");
        var values = new ArrayList<T>();
        values.add(reading.read(take("a value")));
        while (next < tokens.size() && tokens.get(next).text().equals(",")) {
            next++;
            values.add(reading.read(take("a value")));
        }
        expect(")");
        return values;
    }

    private String text(Token token) {
        if (!token.quoted()) {
            next--;
            throw wrong("expected a text in single quotes");
        }
        return token.unquoted();
    }

    private long id(Token token) {
        try {
            String digits = token.quoted() ? token.unquoted() : token.text();
            return digits.startsWith("-") ? Long.parseLong(digits) : Long.parseUnsignedLong(digits);
        } catch (NumberFormatException e) {
            next--;
            throw wrong("expected a series_id such as -6917529027641081856");
        }
    }

    private long millis(Token token) {
        String written = text(token);
        try {
            Instant instant =
                    written.length() == 10
                            ? LocalDate.parse(written).atStartOfDay(ZoneOffset.UTC).toInstant()
                            : Instant.parse(written);
            if (instant.getNano() % 1_000_000 != 0) {
                next--;
                throw wrong("a time here has whole milliseconds");
            }
            return instant.toEpochMilli();
        } catch (DateTimeParseException e) {
            next--;
            throw wrong("expected a time such as '2026-11-01' or '2026-11-01T12:00:00Z' (UTC)");
        }
    }

    private AttributeValue value(Token token) {
        if (token.quoted()) {
            return new AttributeValue.Text(token.unquoted());
        }
        String plain = token.text();
        if (plain.equals("true") || plain.equals("false")) {
            return new AttributeValue.Bool(plain.equals("true"));
        }
        try {
            return plain.matches("-?[0-9]+")
                    ? new AttributeValue.Int(Long.parseLong(plain))
                    : new AttributeValue.Real(Double.parseDouble(plain));
        } catch (NumberFormatException e) {
            next--;
            throw wrong("expected a text in quotes, a number, true or false");
        }
    }

    private boolean peekWord(String word) {
        return next < tokens.size() && tokens.get(next).text().equalsIgnoreCase(word);
    }

    private Token take(String what) {
        if (next == tokens.size()) {
            throw wrongAt(text.length(), "expected " + what + " here");
        }
        return tokens.get(next++);
    }

    private void expect(String symbol) {
        if (!take("\"" + symbol + "\"").text().equals(symbol)) {
            next--;
            throw wrong("expected \"" + symbol + "\"");
        }
    }

    private InputException wrong(String why) {
        return wrongAt(next < tokens.size() ? tokens.get(next).at() : text.length(), why);
    }

    private InputException wrongAt(int at, String why) {
        return new InputException(
                "cannot read the condition \"" + text + "\" at character " + (at + 1) + ": " + why);
    }
}
