package dev.firn.engine.child;

import dev.firn.engine.child.Reading.Condition;
import dev.firn.engine.child.Reading.Operator;
import dev.firn.engine.child.Readings.SqlTokenList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The simple comparisons of a WHERE clause that are joined by AND.
final class ReadingConditions {
    /// Functions of constants that give the same for the same, and fail for nothing that the
    /// statement itself would not fail for.
    private static final Set<String> FUNCTIONS =
            Set.of(
                    "todatetime",
                    "todatetime64",
                    "todate",
                    "todate32",
                    "cast",
                    "toint64",
                    "touint64",
                    "toint32",
                    "tointervalsecond",
                    "tointervalminute",
                    "tointervalhour",
                    "tointervalday",
                    "tointervalweek",
                    "tointervalmonth",
                    "tostartofminute",
                    "tostartofhour",
                    "tostartofday",
                    "parsedatetimebesteffort",
                    "parsedatetime64besteffort",
                    "fromunixtimestamp",
                    "fromunixtimestamp64milli",
                    "fromunixtimestamp64micro",
                    "fromunixtimestamp64nano");

    private static final Set<String> CLOCK = Set.of("now", "now64", "today", "yesterday");

    /// A constant that grows with the clock and with nothing else.
    private static final Pattern GROWS =
            Pattern.compile(
                    "(\\( |(tostartofminute|tostartofhour|tostartofday|todate|todatetime) \\( )*"
                            + "(now|now64|today|yesterday) \\( (\\d )?\\)"
                            + "( [-+] (tointerval(second|minute|hour|day|week|month) \\( \\d+ \\)|\\d+)| \\))*");

    /// What reads the clock a moment later may be so much greater.
    private static final String MOMENT = "toIntervalMinute(2)";

    private static final String MOMENT_OF_DAYS = "toIntervalDay(2)";

    private final SqlTokenList tokens;
    private final String qualifier;
    private final boolean joined;
    private final Set<String> aliases;

    /// @param qualifier by which columns of the table may be called
    /// @param joined other tables are read, too: only qualified columns are the table's
    /// @param aliases names that are no columns of the table, or not only
    ReadingConditions(SqlTokenList tokens, String qualifier, boolean joined, Set<String> aliases) {
        this.tokens = tokens;
        this.qualifier = qualifier;
        this.joined = joined;
        this.aliases = aliases;
    }

    /// Adds what is certain of the tokens in `[from, to)`.
    void add(int from, int to, List<Condition> conditions) {
        if (from >= to) {
            return;
        }
        if (tokens.isMark(from, '(') && tokens.close(from) == to - 1) {
            add(from + 1, to - 1, conditions);
            return;
        }
        int depth = tokens.depth(from);
        int begin = from;
        boolean several = false;
        for (int i = from; i < to; i++) {
            if (tokens.depth(i) == depth && tokens.word(i).equals("OR")) {
                return;
            }
            several |= tokens.depth(i) == depth && tokens.word(i).equals("AND");
        }
        if (!several) {
            comparison(from, to).ifPresent(conditions::add);
            return;
        }
        for (int i = from; i <= to; i++) {
            if (i == to || tokens.depth(i) == depth && tokens.word(i).equals("AND")) {
                add(begin, i, conditions);
                begin = i + 1;
            }
        }
    }

    private record Column(String name, int end) {}

    private Optional<Column> column(int at) {
        String first = tokens.name(at);
        if (first.isEmpty()) {
            return Optional.empty();
        }
        String name = first;
        int end = at + 1;
        if (tokens.isMark(end, '.')) {
            if (!first.equals(qualifier)) {
                return Optional.empty();
            }
            name = tokens.name(end + 1);
            end += 2;
        } else if (joined || aliases.contains(name)) {
            return Optional.empty();
        }
        boolean plain = !name.isEmpty() && !tokens.isMark(end, '.') && !tokens.isMark(end, '(');
        return plain ? Optional.of(new Column(name, end)) : Optional.empty();
    }

    private Optional<Condition> comparison(int from, int to) {
        Optional<Column> left = column(from);
        if (left.isPresent()) {
            int at = left.get().end();
            if (tokens.word(at).equals("IN")) {
                return in(left.get().name(), at + 1, to);
            }
            Operator operator = operator(at);
            return operator == null
                    ? Optional.empty()
                    : condition(left.get().name(), operator, at + length(at), to);
        }
        for (int i = from; i < to; i++) {
            Operator operator = tokens.depth(i) == tokens.depth(from) ? operator(i) : null;
            if (operator != null) {
                Optional<Column> right = column(i + length(i));
                return right.isPresent() && right.get().end() == to
                        ? condition(right.get().name(), operator.flipped(), from, i)
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    private @Nullable Operator operator(int at) {
        boolean equal = tokens.isMark(at + 1, '=');
        if (tokens.isMark(at, '=')) {
            return Operator.EQUAL;
        }
        if (tokens.isMark(at, '<') && !tokens.isMark(at + 1, '>')) {
            return equal ? Operator.LESS_OR_EQUAL : Operator.LESS;
        }
        if (tokens.isMark(at, '>')) {
            return equal ? Operator.GREATER_OR_EQUAL : Operator.GREATER;
        }
        return null;
    }

    private int length(int at) {
        return tokens.isMark(at + 1, '=') ? 2 : 1;
    }

    private Optional<Condition> in(String column, int at, int to) {
        if (!tokens.isMark(at, '(') || tokens.close(at) != to - 1) {
            return Optional.empty();
        }
        var constants = new ArrayList<String>();
        int begin = at + 1;
        for (int i = begin; i < to; i++) {
            boolean between = tokens.depth(i) == tokens.depth(at) + 1 && tokens.isMark(i, ',');
            if (between || i == to - 1) {
                Optional<String> constant = constant(begin, i, Operator.IN);
                if (constant.isEmpty()) {
                    return Optional.empty();
                }
                constants.add(constant.get());
                begin = i + 1;
            }
        }
        return Optional.of(new Condition(column, Operator.IN, constants));
    }

    private Optional<Condition> condition(String column, Operator operator, int from, int to) {
        return constant(from, to, operator)
                .map(text -> new Condition(column, operator, List.of(text)));
    }

    /// The constant's text, or nothing where it is none for sure. The clock is read again when the
    /// condition is used: it serves as a lower bound only, and with a moment's room.
    private Optional<String> constant(int from, int to, Operator operator) {
        var text = new StringBuilder();
        boolean clock = false;
        for (int i = from; i < to; i++) {
            String function = tokens.word(i).toLowerCase(Locale.ROOT);
            boolean part =
                    tokens.isLiteral(i)
                            || isPlainMark(i)
                            || tokens.isMark(i + 1, '(')
                                    && (FUNCTIONS.contains(function) || CLOCK.contains(function));
            if (!part) {
                return Optional.empty();
            }
            clock |= CLOCK.contains(function);
            text.append(text.isEmpty() ? "" : " ").append(tokens.text(i));
        }
        if (text.isEmpty()) {
            return Optional.empty();
        }
        return clock ? clockBound(text.toString(), operator) : Optional.of(text.toString());
    }

    private boolean isPlainMark(int at) {
        return "(),+-".chars().anyMatch(mark -> tokens.isMark(at, (char) mark));
    }

    private static Optional<String> clockBound(String text, Operator operator) {
        String lower = text.toLowerCase(Locale.ROOT);
        boolean from = operator == Operator.GREATER || operator == Operator.GREATER_OR_EQUAL;
        if (!from || !GROWS.matcher(lower).matches()) {
            return Optional.empty();
        }
        boolean days =
                lower.contains("today")
                        || lower.contains("yesterday")
                        || lower.contains("todate (")
                        || lower.contains("tostartof");
        return Optional.of("(" + text + ") - " + (days ? MOMENT_OF_DAYS : MOMENT));
    }
}
