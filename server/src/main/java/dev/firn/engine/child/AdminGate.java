package dev.firn.engine.child;

import dev.firn.engine.child.SqlTokens.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/// What user `admin` may write: rows of `slo_definitions`, given as data, and their deletion by
/// plain conditions. A grammar of our own, so small that nothing else fits into it: no query, no
/// function, no other table, no settings.
final class AdminGate {
    private static final String TABLE = "slo_definitions";

    /// Words that a condition may hold beside texts, numbers, brackets and comparisons.
    private static final Set<String> CONDITION_WORDS =
            Set.of(
                    "environment",
                    "metric_name",
                    "slo_type",
                    "threshold",
                    "description",
                    "and",
                    "or",
                    "not",
                    "in",
                    "like",
                    "between",
                    "true");

    private static final String CONDITION_MARKS = "=<>!(),-";

    private final String database;

    AdminGate(String database) {
        this.database = database;
    }

    /// Whether a statement is one of deletion.
    static boolean isDelete(byte[] sql) {
        var tokens = new SqlTokens(sql, sql.length);
        tokens.next();
        return tokens.isWord("DELETE");
    }

    /// Throws unless it is `INSERT INTO slo_definitions [(columns)]` with rows behind it.
    ///
    /// @param current the request's database, empty for the default
    void checkInsert(byte[] head, String current) {
        var tokens = new SqlTokens(head, head.length);
        tokens.next();
        tokens.next();
        boolean fits = tokens.isWord("INTO");
        tokens.next();
        if (tokens.isWord("TABLE")) {
            tokens.next();
        }
        fits = fits && isTable(tokens, current);
        if (tokens.isMark('(')) {
            Kind kind = tokens.next();
            while (kind == Kind.WORD || kind == Kind.QUOTED_NAME || tokens.isMark(',')) {
                kind = tokens.next();
            }
            fits = fits && tokens.isMark(')');
            tokens.next();
        }
        if (!fits || tokens.kind() != Kind.END) {
            throw refused();
        }
    }

    /// Throws unless it is `DELETE FROM slo_definitions WHERE` with a plain condition.
    void checkDelete(byte[] sql, String current) {
        var tokens = new SqlTokens(sql, sql.length);
        tokens.next();
        tokens.next();
        boolean fits = tokens.isWord("FROM");
        tokens.next();
        fits = fits && isTable(tokens, current) && tokens.isWord("WHERE");
        Kind kind = tokens.next();
        fits = fits && kind != Kind.END;
        while (fits && kind != Kind.END) {
            fits =
                    switch (kind) {
                        case STRING, NUMBER -> true;
                        case WORD ->
                                CONDITION_WORDS.contains(tokens.text().toLowerCase(Locale.ROOT));
                        case PUNCTUATION -> CONDITION_MARKS.contains(tokens.text());
                        case QUOTED_NAME, BROKEN, END -> false;
                    };
            kind = tokens.next();
        }
        if (!fits) {
            throw refused();
        }
    }

    /// Reads the table's name and goes on to what is behind it.
    private boolean isTable(SqlTokens tokens, String current) {
        String first = name(tokens);
        tokens.next();
        if (!tokens.isMark('.')) {
            boolean own =
                    current.isEmpty() || current.equals("default") || current.equals(database);
            return own && first.equals(TABLE);
        }
        tokens.next();
        String second = name(tokens);
        tokens.next();
        return first.equals(database) && second.equals(TABLE);
    }

    private static String name(SqlTokens tokens) {
        String text = tokens.text();
        return switch (tokens.kind()) {
            case WORD -> text;
            case QUOTED_NAME -> text.substring(1, text.length() - 1);
            case NUMBER, STRING, PUNCTUATION, BROKEN, END -> "";
        };
    }

    private static EngineException refused() {
        return EngineException.readOnly(
                "Cannot execute query: user admin writes nothing but INSERT INTO slo_definitions"
                        + " with rows, and DELETE FROM slo_definitions WHERE with a plain"
                        + " condition");
    }

    /// The text of a statement without a semicolon at its end.
    static byte[] trimmed(byte[] sql) {
        return new String(sql, StandardCharsets.UTF_8)
                .strip()
                .replaceFirst(";$", "")
                .getBytes(StandardCharsets.UTF_8);
    }
}
