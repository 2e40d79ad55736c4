package dev.firn.engine.child;

import dev.firn.engine.child.Reading.Condition;
import dev.firn.engine.child.SqlTokens.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds where a statement reads some tables and which conditions on their rows are certain, from
/// ClickHouse's own rendering of it (`formatQuery`), in which comments, odd brackets, BETWEEN and
/// the like are gone. Knows a little of the grammar and gives up where it meets more: what is not
/// understood costs time, never a row.
public final class Readings {
    /// Words that end what stands between FROM and its conditions, or a condition.
    private static final Set<String> CLAUSES =
            Set.of(
                    "PREWHERE",
                    "WHERE",
                    "GROUP",
                    "HAVING",
                    "WINDOW",
                    "QUALIFY",
                    "ORDER",
                    "LIMIT",
                    "OFFSET",
                    "SETTINGS",
                    "FORMAT",
                    "INTO",
                    "UNION",
                    "INTERSECT",
                    "EXCEPT",
                    "INTERPOLATE",
                    "FETCH");

    /// Words that end a SELECT of several.
    private static final Set<String> SET_OPERATIONS = Set.of("UNION", "INTERSECT", "EXCEPT");

    /// Words of joins in which a row of the leftmost table that fails WHERE changes nothing.
    private static final Set<String> HARMLESS_JOINS = Set.of("INNER", "LEFT", "OUTER", "JOIN");

    private static final Set<String> JOIN_WORDS =
            Set.of(
                    "INNER", "LEFT", "RIGHT", "FULL", "OUTER", "CROSS", "ANY", "ALL", "SEMI",
                    "ANTI", "ASOF", "PASTE", "GLOBAL", "LOCAL", "ARRAY", "JOIN");

    private final SqlTokenList tokens;
    private final Set<String> databases;
    private final Set<String> tables;
    private final Set<String> others;
    private final Set<String> aliases = new HashSet<>();
    private final Set<String> commonTables = new HashSet<>();
    private final List<Reading> found = new ArrayList<>();

    private Readings(
            SqlTokenList tokens, Set<String> databases, Set<String> tables, Set<String> others) {
        this.tokens = tokens;
        this.databases = databases;
        this.tables = tables;
        this.others = others;
    }

    /// All places where a statement reads one of `tables`.
    ///
    /// @param rendering by `formatQuery`
    /// @param databases names by which the tables' database may be called
    /// @param tables looked for
    /// @param others tables that surely do not lead to one of `tables`
    /// @return empty when the statement may read them in a way that is not understood
    public static Optional<List<Reading>> of(
            byte[] rendering, Set<String> databases, Set<String> tables, Set<String> others) {
        return SqlTokenList.of(rendering)
                .flatMap(list -> new Readings(list, databases, tables, others).all());
    }

    /// The same for a text.
    public static Optional<List<Reading>> of(
            String rendering, Set<String> databases, Set<String> tables, Set<String> others) {
        return of(rendering.getBytes(StandardCharsets.UTF_8), databases, tables, others);
    }

    private Optional<List<Reading>> all() {
        collectAliases();
        for (String table : tables) {
            if (aliases.contains(table) || commonTables.contains(table)) {
                return Optional.empty();
            }
        }
        for (int i = 0; i < tokens.size(); i++) {
            boolean understood =
                    switch (tokens.word(i)) {
                        case "FROM" -> from(i);
                        case "JOIN" -> tokens.word(i - 1).equals("ARRAY") || table(i + 1) != null;
                        case "IN" -> listOrQuery(i + 1);
                        default -> true;
                    };
            if (!understood) {
                return Optional.empty();
            }
        }
        return Optional.of(found);
    }

    /// An alias hides a column of the same name, also in WHERE.
    private void collectAliases() {
        for (int i = 0; i < tokens.size(); i++) {
            if (!tokens.word(i).equals("AS")) {
                continue;
            }
            if (tokens.isMark(i + 1, '(')) {
                commonTables.add(tokens.name(i - 1));
            } else {
                aliases.add(tokens.name(i + 1));
            }
        }
        aliases.addAll(commonTables);
    }

    /// A table's name of its own may stand behind IN.
    private boolean listOrQuery(int at) {
        if (!tokens.isMark(at, '(')) {
            return false;
        }
        String word = tokens.word(at + 1);
        boolean query = word.equals("SELECT") || word.equals("WITH");
        return query || tokens.name(at + 1).isEmpty() || tokens.isMark(at + 2, '(');
    }

    /// Where a table stands: its name (empty for a query in its place) and where that ends.
    private record Place(String table, int end) {}

    /// Null when it is not understood.
    private @Nullable Place table(int at) {
        if (tokens.isMark(at, '(')) {
            String word = tokens.word(at + 1);
            boolean query =
                    word.equals("SELECT") || word.equals("WITH") || tokens.isMark(at + 1, '(');
            return query ? new Place("", tokens.close(at) + 1) : null;
        }
        String name = tokens.name(at);
        int end = at + 1;
        boolean system = false;
        if (tokens.isMark(end, '.')) {
            system = name.equals("system");
            if (!system && !databases.contains(name)) {
                return null;
            }
            name = tokens.name(end + 1);
            end += 2;
        }
        if (name.isEmpty() || tokens.isMark(end, '(') || tokens.isMark(end, '.')) {
            return null;
        }
        boolean known =
                system
                        || tables.contains(name)
                        || others.contains(name)
                        || commonTables.contains(name);
        return known ? new Place(system ? "" : name, end) : null;
    }

    private boolean from(int from) {
        Place place = table(from + 1);
        if (place == null) {
            return false;
        }
        int depth = tokens.depth(from);
        int joins = from + 1;
        int end = joins;
        while (end < tokens.size()
                && tokens.depth(end) >= depth
                && !(tokens.depth(end) == depth && CLAUSES.contains(tokens.word(end)))) {
            if (tokens.depth(end) == depth && tokens.isMark(end, ',')) {
                return false; // a second table without a JOIN
            }
            end++;
        }
        if (tables.contains(place.table())) {
            found.add(new Reading(place.table(), conditions(place, depth, end)));
        }
        for (int i = place.end(); i < end; i++) {
            if (tokens.depth(i) == depth
                    && tokens.word(i).equals("JOIN")
                    && tables.contains(tokens.name(i + 1))) {
                found.add(new Reading(tokens.name(i + 1), List.of()));
            } else if (tokens.depth(i) == depth
                    && tokens.word(i).equals("JOIN")
                    && tokens.isMark(i + 2, '.')
                    && tables.contains(tokens.name(i + 3))) {
                found.add(new Reading(tokens.name(i + 3), List.of()));
            }
        }
        return true;
    }

    private List<Condition> conditions(Place place, int depth, int whereAt) {
        int at = place.end();
        if (tokens.word(at).equals("FINAL")) {
            at++;
        }
        String qualifier = place.table();
        if (tokens.word(at).equals("AS")) {
            qualifier = tokens.name(at + 1);
            at += 2;
        }
        boolean joined = at < whereAt;
        for (int i = at; i < whereAt; i++) {
            boolean joinWord = tokens.depth(i) == depth && JOIN_WORDS.contains(tokens.word(i));
            if (i == at && !joinWord || joinWord && !HARMLESS_JOINS.contains(tokens.word(i))) {
                return List.of();
            }
        }
        var conditions = new ArrayList<Condition>();
        int i = whereAt;
        while (i < tokens.size() && tokens.depth(i) >= depth) {
            boolean clause = tokens.depth(i) == depth;
            if (clause && SET_OPERATIONS.contains(tokens.word(i))) {
                break;
            }
            if (clause && (tokens.word(i).equals("WHERE") || tokens.word(i).equals("PREWHERE"))) {
                int end = clauseEnd(i + 1, depth);
                new ReadingConditions(tokens, qualifier, joined, aliases)
                        .add(i + 1, end, conditions);
                i = end;
            } else {
                i++;
            }
        }
        return conditions;
    }

    private int clauseEnd(int from, int depth) {
        int end = from;
        while (end < tokens.size()
                && tokens.depth(end) >= depth
                && !(tokens.depth(end) == depth && CLAUSES.contains(tokens.word(end)))) {
            end++;
        }
        return end;
    }

    /// The tokens of a statement with their depth in brackets. Out of range there is nothing: empty
    /// words, no marks.
    static final class SqlTokenList {
        private record Token(Kind kind, String text, int depth) {}

        private final List<Token> tokens = new ArrayList<>();

        private SqlTokenList() {}

        /// Empty when a token has no end, or the brackets do not match.
        static Optional<SqlTokenList> of(byte[] sql) {
            var list = new SqlTokenList();
            var from = new SqlTokens(sql, sql.length);
            int depth = 0;
            for (Kind kind = from.next(); kind != Kind.END; kind = from.next()) {
                if (kind == Kind.BROKEN || from.startsWith('$')) {
                    return Optional.empty();
                }
                boolean open = from.isMark('(') || from.isMark('[') || from.isMark('{');
                boolean close = from.isMark(')') || from.isMark(']') || from.isMark('}');
                depth -= close ? 1 : 0;
                if (depth < 0) {
                    return Optional.empty();
                }
                list.tokens.add(new Token(kind, from.text(), depth));
                depth += open ? 1 : 0;
            }
            return depth == 0 ? Optional.of(list) : Optional.empty();
        }

        int size() {
            return tokens.size();
        }

        private boolean has(int at) {
            return at >= 0 && at < tokens.size();
        }

        /// Upper case; empty for what is no plain word.
        String word(int at) {
            return has(at) && tokens.get(at).kind == Kind.WORD
                    ? tokens.get(at).text.toUpperCase(Locale.ROOT)
                    : "";
        }

        /// A name as it is meant, quotes taken off; empty for what is none, or has escapes.
        String name(int at) {
            if (!has(at)) {
                return "";
            }
            Token token = tokens.get(at);
            return switch (token.kind) {
                case WORD -> token.text;
                case QUOTED_NAME -> {
                    String bare = token.text.substring(1, token.text.length() - 1);
                    yield bare.matches("[A-Za-z0-9_ ]+") ? bare : "";
                }
                default -> "";
            };
        }

        boolean isMark(int at, char mark) {
            return has(at)
                    && tokens.get(at).kind == Kind.PUNCTUATION
                    && tokens.get(at).text.charAt(0) == mark;
        }

        boolean isLiteral(int at) {
            return has(at)
                    && (tokens.get(at).kind == Kind.STRING || tokens.get(at).kind == Kind.NUMBER);
        }

        String text(int at) {
            return tokens.get(at).text;
        }

        int depth(int at) {
            return has(at) ? tokens.get(at).depth : -1;
        }

        /// Where the bracket that opens at `at` closes.
        int close(int at) {
            int end = at + 1;
            while (depth(end) > depth(at)) {
                end++;
            }
            return end;
        }
    }
}
