package dev.firn.engine.child;

import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// Which settings an outside query may bring, and within which bounds. Everything else is refused
/// by name: an unknown name would be ignored silently by libchdb, and a known one may read files,
/// raise limits or end `readonly`.
final class ReaderSettings {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,99}");
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.,:;/+ |-]{0,100}");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");

    /// Told to the front end, or without a meaning here: accepted and not handed on.
    private static final Set<String> IGNORED =
            Set.of(
                    "wait_end_of_query",
                    "buffer_size",
                    "compress",
                    "decompress",
                    "enable_http_compression",
                    "http_zlib_compression_level",
                    "send_progress_in_http_headers",
                    "http_headers_progress_interval_ms",
                    "http_write_exception_in_output_format",
                    "http_receive_timeout",
                    "http_send_timeout",
                    "receive_timeout",
                    "send_timeout",
                    "connect_timeout",
                    "cancel_http_readonly_queries_on_client_close",
                    "add_http_cors_header",
                    "quota_key",
                    "log_queries",
                    "log_comment",
                    "final");

    private static final Set<String> SWITCHES =
            Set.of(
                    "extremes",
                    "join_use_nulls",
                    "group_by_use_nulls",
                    "transform_null_in",
                    "prefer_column_name_to_alias",
                    "asterisk_include_alias_columns",
                    "asterisk_include_materialized_columns",
                    "any_join_distinct_right_table_keys",
                    "aggregate_functions_null_for_empty",
                    "optimize_read_in_order",
                    "optimize_aggregation_in_order",
                    "enable_optimize_predicate_expression",
                    "empty_result_for_aggregation_by_empty_set");

    private static final Map<String, Set<String>> CHOICES =
            Map.of(
                    "result_overflow_mode", Set.of("throw", "break"),
                    "read_overflow_mode", Set.of("throw", "break"),
                    "timeout_overflow_mode", Set.of("throw", "break"),
                    "group_by_overflow_mode", Set.of("throw", "break", "any"),
                    "distinct_overflow_mode", Set.of("throw", "break"),
                    "sort_overflow_mode", Set.of("throw", "break"),
                    "date_time_output_format", Set.of("simple", "iso", "unix_timestamp"),
                    "date_time_input_format", Set.of("basic", "best_effort", "best_effort_us"),
                    "join_default_strictness", Set.of("", "ALL", "ANY"),
                    "totals_mode",
                            Set.of(
                                    "before_having",
                                    "after_having_exclusive",
                                    "after_having_inclusive",
                                    "after_having_auto"));

    /// Whole numbers that only narrow a query; 0 is "no limit of its own".
    private static final Set<String> NUMBERS =
            Set.of(
                    "max_result_rows",
                    "max_result_bytes",
                    "max_rows_to_read",
                    "max_bytes_to_read",
                    "max_rows_to_group_by",
                    "max_rows_to_sort",
                    "max_rows_in_distinct",
                    "limit",
                    "offset");

    /// Writes the format's schema to a file of its choice: not a matter of output.
    private static final String SCHEMA_FILE = "output_format_schema";

    private final QueryLimits limits;
    private final Set<String> known;

    /// `known` are the names in `system.settings`.
    ReaderSettings(QueryLimits limits, Set<String> known) {
        this.limits = limits;
        this.known = known;
    }

    /// Checks a reader's setting; true: hand it to the connection, false: it is the front end's.
    boolean check(String name, String value) {
        if (IGNORED.contains(name)) {
            return false;
        }
        if (Statement.isCacheSetting(name)) {
            checkCache(name);
            return false;
        }
        if (SWITCHES.contains(name)) {
            require(name, value, value.matches("0|1|true|false"), "0 or 1");
        } else if (CHOICES.containsKey(name)) {
            var choices = CHOICES.getOrDefault(name, Set.of());
            require(name, value, choices.contains(value), "one of " + choices);
        } else if (NUMBERS.contains(name)) {
            require(name, value, NUMBER.matcher(value).matches(), "a whole number");
        } else {
            checkBounded(name, value);
        }
        return true;
    }

    /// A setting of the cache must be one that ClickHouse has, lest a slip of the pen is silent.
    void checkCache(String name) {
        if (!known.contains(name)) {
            throw refusal(name, "is not known");
        }
    }

    private void checkBounded(String name, String value) {
        switch (name) {
            case "max_threads" -> whole(name, value, 1, limits.threadsMax());
            case "max_block_size" -> whole(name, value, 1, 1_000_000);
            case "max_memory_usage" -> whole(name, value, 1, limits.queryMemoryBytesMax());
            case "max_execution_time" -> {
                boolean shaped = DECIMAL.matcher(value).matches();
                double seconds = shaped ? Double.parseDouble(value) : 0;
                require(
                        name,
                        value,
                        seconds > 0 && seconds <= limits.executionSecondsMax(),
                        "above 0 and at most " + limits.executionSecondsMax());
            }
            case "session_timezone" ->
                    require(
                            name,
                            value,
                            value.matches("[A-Za-z0-9_+/-]{0,60}"),
                            "the name of a time zone");
            default -> checkFormat(name, value);
        }
    }

    private void checkFormat(String name, String value) {
        boolean format =
                (name.startsWith("output_format_") || name.startsWith("format_csv_"))
                        && !name.startsWith(SCHEMA_FILE)
                        && known.contains(name);
        if (!format) {
            throw refusal(name, "is not open to outside queries");
        }
        require(name, value, PLAIN.matcher(value).matches(), "plain text up to 100 characters");
    }

    private static void whole(String name, String value, long low, long high) {
        boolean inside =
                NUMBER.matcher(value).matches()
                        && Long.parseLong(value) >= low
                        && Long.parseLong(value) <= high;
        require(name, value, inside, "between " + low + " and " + high);
    }

    private static void require(String name, String value, boolean good, String rule) {
        if (!good) {
            throw refusal(name, "is \"" + shown(value) + "\" but must be " + rule);
        }
    }

    private static EngineException refusal(String name, String why) {
        return EngineException.of(
                EngineException.SETTING_CONSTRAINT_VIOLATION,
                "SETTING_CONSTRAINT_VIOLATION",
                "Setting " + shown(name) + " " + why);
    }

    /// Checks a setting of the internal user: anything that ClickHouse knows, except what this
    /// process sets for itself; false: the front end's.
    boolean checkInternal(String name, String value) {
        if (IGNORED.contains(name) && !name.equals("final") && !known.contains(name)) {
            return false;
        }
        if (!NAME.matcher(name).matches() || !known.contains(name) || name.equals("log_comment")) {
            throw EngineException.of(
                    EngineException.UNKNOWN_SETTING,
                    "UNKNOWN_SETTING",
                    "Unknown setting '" + shown(name) + "'");
        }
        if (value.indexOf('\0') >= 0) {
            throw refusal(name, "has a NUL in its value");
        }
        return !Statement.isCacheSetting(name);
    }

    private static String shown(String text) {
        String safe = text.replaceAll("[^\\x20-\\x7e]", "?");
        return safe.length() > 100 ? safe.substring(0, 100) + "…" : safe;
    }
}
