package dev.firn.engine.child;

import dev.firn.engine.child.CacheWish.Handling;
import dev.firn.engine.child.SqlTokens.Kind;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Whether a statement's answer may be kept: only of a SELECT, and only on request where it depends
/// on the moment, on chance or on `system` tables. Like ClickHouse it looks at the statement itself
/// and not into the views that it names.
///
/// Words are looked for, not grammar: a column that is called like a function is taken for it, and
/// its statement runs without the cache.
final class Cacheable {
    /// Work without brackets, too.
    private static final Set<String> BARE =
            Set.of(
                    "now",
                    "today",
                    "yesterday",
                    "curdate",
                    "current_date",
                    "current_timestamp",
                    "localtime",
                    "localtimestamp",
                    "utc_timestamp",
                    "current_user",
                    "session_user",
                    "current_database");

    /// ClickHouse calls these so, but their answers follow from their rows, or are of one process.
    private static final Set<String> HARMLESS =
            Set.of("arrayjoin", "unnest", "version", "timezone");

    private static final Set<String> SYSTEM_DATABASES = Set.of("system", "information_schema");

    private static final int NONDETERMINISTIC = 704;
    private static final int SYSTEM_TABLE = 719;

    private final Set<String> nondeterministic;

    /// @param functions of ClickHouse that are not deterministic, in lower case
    Cacheable(Set<String> functions) {
        var all = new HashSet<>(functions);
        all.removeAll(HARMLESS);
        all.add("generaterandom"); // a table function
        this.nondeterministic = Set.copyOf(all);
    }

    /// False: answer without the cache. Throws where the wish is to be refused.
    boolean test(
            byte[] statement, String database, Map<String, byte[]> parameters, CacheWish wish) {
        boolean system = SYSTEM_DATABASES.contains(database.toLowerCase(Locale.ROOT));
        boolean changing = false;
        boolean identifiers = false;
        var tokens = new SqlTokens(statement, statement.length);
        tokens.next();
        if (!tokens.isWord("SELECT") && !tokens.isWord("WITH") && !tokens.isMark('(')) {
            return false;
        }
        while (tokens.kind() != Kind.END) {
            if (tokens.kind() == Kind.BROKEN) {
                return false;
            }
            boolean name = tokens.kind() == Kind.WORD || tokens.kind() == Kind.QUOTED_NAME;
            boolean text = tokens.kind() == Kind.STRING;
            String word = name || text ? bare(tokens.text()) : "";
            tokens.next();
            identifiers |= name && word.equals("identifier");
            if (SYSTEM_DATABASES.contains(word)) {
                system |= text || tokens.isMark('.');
            }
            if (name && nondeterministic.contains(word)) {
                changing |= tokens.isMark('(') || BARE.contains(word);
            }
        }
        if (identifiers) {
            system |= parameters.values().stream().anyMatch(Cacheable::namesSystem);
        }
        return allowed(changing, wish.nondeterministic(), NONDETERMINISTIC)
                && allowed(system, wish.system(), SYSTEM_TABLE);
    }

    private static boolean namesSystem(byte[] value) {
        String text = new String(value, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
        return SYSTEM_DATABASES.stream().anyMatch(text::contains);
    }

    private static boolean allowed(boolean found, Handling handling, int code) {
        if (!found) {
            return true;
        }
        return switch (handling) {
            case SAVE -> true;
            case IGNORE -> false;
            case THROW ->
                    throw code == NONDETERMINISTIC
                            ? EngineException.of(
                                    code,
                                    "QUERY_CACHE_USED_WITH_NONDETERMINISTIC_FUNCTIONS",
                                    "The query result was not cached because the query contains a"
                                            + " non-deterministic function; set"
                                            + " query_cache_nondeterministic_function_handling to"
                                            + " save or ignore")
                            : EngineException.of(
                                    code,
                                    "QUERY_CACHE_USED_WITH_SYSTEM_TABLE",
                                    "The query result was not cached because the query reads a"
                                            + " system table; set"
                                            + " query_cache_system_table_handling to save or"
                                            + " ignore");
        };
    }

    private static String bare(String text) {
        char first = text.charAt(0);
        boolean quoted = first == '`' || first == '"' || first == '\'';
        return (quoted ? text.substring(1, text.length() - 1) : text).toLowerCase(Locale.ROOT);
    }
}
