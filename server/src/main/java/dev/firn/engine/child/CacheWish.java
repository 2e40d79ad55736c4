package dev.firn.engine.child;

import java.util.Locale;
import java.util.Map;

/// What a request wants of the cache of results, by ClickHouse's own settings.
///
/// @param use `use_query_cache`
/// @param reads `enable_reads_from_query_cache`
/// @param writes `enable_writes_to_query_cache`
/// @param ttlSeconds `query_cache_ttl`: answers up to this age will do
/// @param leastMillis `query_cache_min_query_duration`: quicker ones are not kept
/// @param nondeterministic `query_cache_nondeterministic_function_handling`
/// @param system `query_cache_system_table_handling`
/// @param tag `query_cache_tag`
record CacheWish(
        boolean use,
        boolean reads,
        boolean writes,
        int ttlSeconds,
        long leastMillis,
        Handling nondeterministic,
        Handling system,
        String tag) {
    /// What to do with a statement whose answer changes without its tables: keep the answer, run
    /// the statement without the cache, or refuse it. The default is to ignore the cache, where
    /// ClickHouse refuses: the seed's own cached example asks for `today()`.
    enum Handling {
        SAVE,
        IGNORE,
        THROW
    }

    private static final String TTL = "query_cache_ttl";

    /// Settings by which sizes are set in a server's configuration, with the keys that do it here.
    private static final Map<String, String> CONFIGURED =
            Map.of(
                    "query_cache_max_size_in_bytes",
                    "engine.cache.memory_max",
                    "query_cache_max_entries",
                    "engine.cache.entries_max",
                    TTL,
                    "engine.cache.ttl");

    /// Without a cache, or with settings that want none.
    static CacheWish of(Map<String, String> settings, int ttlSeconds) {
        return new CacheWish(
                flag(settings, "use_query_cache", false),
                flag(settings, "enable_reads_from_query_cache", true),
                flag(settings, "enable_writes_to_query_cache", true),
                (int) Math.min(ttlSeconds, number(settings, TTL, ttlSeconds)),
                number(settings, "query_cache_min_query_duration", 0),
                handling(settings, "query_cache_nondeterministic_function_handling"),
                handling(settings, "query_cache_system_table_handling"),
                settings.getOrDefault("query_cache_tag", ""));
    }

    private static boolean flag(Map<String, String> settings, String name, boolean otherwise) {
        String value = settings.get(name);
        if (value == null) {
            return otherwise;
        }
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "1", "true" -> true;
            case "0", "false" -> false;
            default -> throw bad(name, "0 or 1");
        };
    }

    private static long number(Map<String, String> settings, String name, long otherwise) {
        String value = settings.get(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.matches("[0-9]{1,15}")) {
            throw bad(name, "a whole number");
        }
        return Long.parseLong(value);
    }

    private static Handling handling(Map<String, String> settings, String name) {
        return switch (settings.getOrDefault(name, "ignore")) {
            case "save" -> Handling.SAVE;
            case "ignore" -> Handling.IGNORE;
            case "throw" -> Handling.THROW;
            default -> throw bad(name, "one of save, ignore, throw");
        };
    }

    private static EngineException bad(String name, String rule) {
        return EngineException.of(
                EngineException.SETTING_CONSTRAINT_VIOLATION,
                "SETTING_CONSTRAINT_VIOLATION",
                "Setting " + name + " must be " + rule);
    }

    /// What to tell someone who set this; empty where it does what it says.
    ///
    /// @param lasting by a statement SET, which nothing outlives here
    static String warning(String name, boolean lasting) {
        String key = CONFIGURED.get(name);
        if (key != null && (lasting || !name.equals(TTL))) {
            return name + " changed nothing; set " + key + " in Firn's configuration";
        }
        return lasting
                ? name + " lasts for no other request; send it in the URL or in SETTINGS"
                : "";
    }
}
