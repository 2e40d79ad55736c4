package dev.firn.engine.child;

import dev.firn.engine.child.SqlTokens.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A request's text, taken apart just as far as the front end needs: is it an INSERT with rows
/// behind it, is it about the query cache, where does FORMAT stand, what does SETTINGS say. What a
/// statement *does* is for the parser of ClickHouse itself to say ([Chdb.Connection#classify]).
sealed interface Statement {

    /// Nothing but blanks and comments.
    record Empty() implements Statement {}

    /// `INSERT INTO t … FORMAT x` or `… VALUES`, without either; rows begin at `rowsAt`. The format
    /// is null where the text names none: then the request's default holds.
    record Insert(byte[] head, @Nullable String format, int rowsAt) implements Statement {}

    /// `SET query_cache_…`, `SET use_query_cache…`, `SYSTEM DROP QUERY CACHE`: answered here, since
    /// the query cache is not libchdb's.
    ///
    /// @param settings the names that SET names; none: the cache is to be dropped
    record CacheControl(List<String> settings) implements Statement {
        public CacheControl {
            settings = List.copyOf(settings);
        }
    }

    /// Anything else. `head` ends before FORMAT; `settings` are those of the trailing SETTINGS
    /// clause, which is cut out of `head` when `liftSettings` was asked for and every value is a
    /// plain literal.
    record Query(byte[] head, @Nullable String format, byte[] tail, Map<String, String> settings)
            implements Statement {
        /// The statement with a clause put where ClickHouse's grammar has it: before FORMAT.
        byte[] with(String clause, String defaultFormat) {
            var text = new ByteArrayOutputStream(head.length + 100);
            text.writeBytes(head);
            // A new line, because the head may end in a comment.
            text.writeBytes(("\n" + clause).getBytes(StandardCharsets.UTF_8));
            String name = format == null ? defaultFormat : format;
            text.writeBytes(("\nFORMAT " + name + " ").getBytes(StandardCharsets.UTF_8));
            text.writeBytes(tail);
            return text.toByteArray();
        }

        /// The statement as it stands.
        byte[] text() {
            var text = new ByteArrayOutputStream(head.length + tail.length + 32);
            text.writeBytes(head);
            if (format != null) {
                text.writeBytes(("\nFORMAT " + format + " ").getBytes(StandardCharsets.UTF_8));
            }
            text.writeBytes(tail);
            return text.toByteArray();
        }
    }

    /// Takes a text apart.
    static Statement parse(byte[] sql, boolean liftSettings) {
        var tokens = new SqlTokens(sql, sql.length);
        tokens.next();
        if (tokens.kind() == Kind.END) {
            return new Empty();
        }
        if (tokens.isWord("INSERT")) {
            return insert(sql);
        }
        int limit = withoutLastSemicolons(sql);
        CacheControl control = cacheControl(sql, limit);
        return control == null ? query(sql, limit, liftSettings) : control;
    }

    /// Whether a text is an INSERT, told from its beginning.
    static boolean isInsert(byte[] sql) {
        var tokens = new SqlTokens(sql, sql.length);
        tokens.next();
        return tokens.isWord("INSERT");
    }

    private static Statement insert(byte[] sql) {
        var tokens = new SqlTokens(sql, sql.length);
        int headEnd = 0;
        while (true) {
            Kind kind = tokens.next();
            if (kind == Kind.END || kind == Kind.BROKEN) {
                return new Insert(Arrays.copyOf(sql, headEnd), null, sql.length);
            }
            if (tokens.outside()) {
                if (tokens.isWord("SELECT") || tokens.isWord("WITH")) {
                    return query(sql, withoutLastSemicolons(sql), false);
                }
                if (tokens.isWord("VALUES")) {
                    return new Insert(Arrays.copyOf(sql, headEnd), "Values", tokens.end());
                }
                if (tokens.isWord("FORMAT")) {
                    return insertWithFormat(sql, headEnd, tokens);
                }
                if (tokens.isMark(';')) {
                    return new Insert(Arrays.copyOf(sql, headEnd), null, tokens.end());
                }
            }
            headEnd = tokens.end();
        }
    }

    private static Statement insertWithFormat(byte[] sql, int headEnd, SqlTokens tokens) {
        if (tokens.next() != Kind.WORD) {
            return query(sql, sql.length, false); // the parser says what is wrong
        }
        return new Insert(Arrays.copyOf(sql, headEnd), tokens.text(), rowsAt(sql, tokens.end()));
    }

    /// Blanks up to and with the first line's end belong to the statement, not to the rows.
    private static int rowsAt(byte[] sql, int from) {
        int i = from;
        while (i < sql.length && (sql[i] == ' ' || sql[i] == '\t' || sql[i] == '\r')) {
            i++;
        }
        if (i < sql.length && sql[i] == ';') {
            i++;
        }
        return i < sql.length && sql[i] == '\n' ? i + 1 : i;
    }

    /// Where the text ends without the semicolons (and comments between them) at its end.
    private static int withoutLastSemicolons(byte[] sql) {
        var tokens = new SqlTokens(sql, sql.length);
        int end = 0;
        while (tokens.next() != Kind.END) {
            if (tokens.kind() == Kind.BROKEN) {
                return sql.length;
            }
            if (!tokens.isMark(';')) {
                end = tokens.end();
            }
        }
        return end;
    }

    private static @Nullable CacheControl cacheControl(byte[] sql, int limit) {
        var tokens = new SqlTokens(sql, limit);
        tokens.next();
        if (tokens.isWord("SYSTEM")) {
            tokens.next();
            boolean verb = tokens.isWord("DROP") || tokens.isWord("CLEAR");
            tokens.next();
            boolean query = tokens.isWord("QUERY");
            tokens.next();
            boolean drop = verb && query && tokens.isWord("CACHE") && tokens.next() == Kind.END;
            return drop ? new CacheControl(List.of()) : null;
        }
        return tokens.isWord("SET") ? cacheSet(tokens) : null;
    }

    /// Null if anything but settings of the cache is set.
    private static @Nullable CacheControl cacheSet(SqlTokens tokens) {
        var names = new ArrayList<String>();
        while (true) {
            if (tokens.next() != Kind.WORD || !isCacheSetting(tokens.text())) {
                return null;
            }
            names.add(tokens.text());
            tokens.next();
            if (!tokens.isMark('=')) {
                return null;
            }
            Kind value = tokens.next();
            if (value != Kind.WORD && value != Kind.NUMBER && value != Kind.STRING) {
                return null;
            }
            if (tokens.next() == Kind.END) {
                return new CacheControl(names);
            }
            if (!tokens.isMark(',')) {
                return null;
            }
        }
    }

    static boolean isCacheSetting(String name) {
        return name.equals("use_query_cache")
                || name.equals("enable_writes_to_query_cache")
                || name.equals("enable_reads_from_query_cache")
                || name.startsWith("query_cache_");
    }

    private static Statement query(byte[] sql, int limit, boolean liftSettings) {
        var clauses = TrailingClauses.find(sql, limit);
        int headEnd = limit;
        int tailStart = limit;
        if (clauses.formatAt >= 0) {
            headEnd = clauses.formatAt;
            tailStart = clauses.formatEnd;
        }
        byte[] head = Arrays.copyOf(sql, headEnd);
        byte[] tail = Arrays.copyOfRange(sql, tailStart, limit);
        Map<String, String> settings = Map.of();
        if (liftSettings && clauses.settingsAt >= 0 && clauses.settings != null) {
            settings = clauses.settings;
            if (clauses.settingsAt < headEnd) {
                head = Arrays.copyOf(sql, clauses.settingsAt);
            } else {
                tail = new byte[0];
            }
        }
        return new Query(head, clauses.format, tail, settings);
    }

    /// `FORMAT x` and `SETTINGS a = 1, …` in either order at the very end, outside brackets.
    final class TrailingClauses {
        private int formatAt = -1;
        private int formatEnd = -1;
        private @Nullable String format;
        private int settingsAt = -1;
        private @Nullable Map<String, String> settings;

        private TrailingClauses() {}

        static TrailingClauses find(byte[] sql, int limit) {
            var clauses = new TrailingClauses();
            var tokens = new SqlTokens(sql, limit);
            Kind kind = tokens.next();
            while (kind != Kind.END && kind != Kind.BROKEN) {
                if (tokens.outside() && tokens.isWord("FORMAT")) {
                    clauses.format(tokens);
                } else if (tokens.outside() && tokens.isWord("SETTINGS")) {
                    clauses.settings(tokens);
                } else {
                    clauses.forget();
                    tokens.next();
                }
                kind = tokens.kind();
            }
            return clauses;
        }

        /// Something follows: neither clause was the end.
        private void forget() {
            formatAt = -1;
            format = null;
            settingsAt = -1;
            settings = null;
        }

        private void format(SqlTokens tokens) {
            int at = tokens.start();
            if (tokens.next() == Kind.WORD) {
                formatAt = at;
                formatEnd = tokens.end();
                format = tokens.text();
                tokens.next();
            } else {
                forget();
            }
        }

        private void settings(SqlTokens tokens) {
            int at = tokens.start();
            var pairs = new LinkedHashMap<String, String>();
            tokens.next();
            while (tokens.kind() == Kind.WORD) {
                String name = tokens.text();
                tokens.next();
                if (!tokens.isMark('=')) {
                    forget();
                    return;
                }
                Kind value = tokens.next();
                if (value != Kind.WORD && value != Kind.NUMBER && value != Kind.STRING) {
                    forget();
                    return;
                }
                pairs.put(name, literal(value, tokens.text()));
                tokens.next();
                if (!tokens.isMark(',')) {
                    settingsAt = at;
                    settings = pairs;
                    return;
                }
                tokens.next();
            }
            forget();
        }

        private static String literal(Kind kind, String text) {
            return kind == Kind.STRING && text.startsWith("'")
                    ? text.substring(1, text.length() - 1).replace("''", "'")
                    : text;
        }
    }
}
