package dev.firn.engine.child;

import dev.firn.engine.child.Engine.Role;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a request asks for, apart from its statement: identity, role, settings, parameters,
/// database, format. Everything in the URL is either known here or a setting.
///
/// @param mark goes into `log_comment`, by which the query is found again
/// @param settings that go to ClickHouse
/// @param cacheSettings that are the result cache's ([CacheWish])
/// @param format the default output (or input) format, as `FORMAT` in the statement is stronger
record Exchange(
        String queryId,
        String mark,
        Role role,
        Map<String, String> settings,
        Map<String, String> cacheSettings,
        Map<String, byte[]> parameters,
        String database,
        String format,
        boolean formatGiven) {
    private static final Set<String> OWN =
            Set.of("query", "user", "password", "database", "default_format", "query_id");
    private static final String PARAMETER = "param_";

    static Exchange of(Http.Request request, Role role, ReaderSettings rules, long sequence) {
        var settings = new LinkedHashMap<String, String>();
        var cacheSettings = new LinkedHashMap<String, String>();
        var parameters = new LinkedHashMap<String, byte[]>();
        request.parameters()
                .forEach((name, value) -> {
                    if (name.startsWith(PARAMETER)) {
                        parameters.put(parameterName(name), value.getBytes(StandardCharsets.UTF_8));
                    } else if (!OWN.contains(name)) {
                        add(rules, role, name, value, settings, cacheSettings);
                    }
                });
        String queryId = queryId(request);
        String format = first(request.parameter("default_format"), request, "x-clickhouse-format");
        return new Exchange(
                queryId,
                "firn:" + sequence + ":" + role.name().toLowerCase(Locale.ROOT) + ":" + queryId,
                role,
                settings,
                cacheSettings,
                parameters,
                first(request.parameter("database"), request, "x-clickhouse-database"),
                format.isEmpty() ? "TabSeparated" : format(format),
                !format.isEmpty());
    }

    /// The same with the settings of the statement's own SETTINGS clause.
    Exchange with(Map<String, String> more, ReaderSettings rules) {
        if (more.isEmpty()) {
            return this;
        }
        var all = new LinkedHashMap<>(settings);
        var allOfCache = new LinkedHashMap<>(cacheSettings);
        more.forEach((name, value) -> add(rules, role, name, value, all, allOfCache));
        return with(all, allOfCache);
    }

    private Exchange with(Map<String, String> settings, Map<String, String> cacheSettings) {
        return new Exchange(
                queryId,
                mark,
                role,
                settings,
                cacheSettings,
                parameters,
                database,
                format,
                formatGiven);
    }

    /// The same for another role.
    Exchange as(Role other) {
        return new Exchange(
                queryId,
                mark,
                other,
                settings,
                cacheSettings,
                parameters,
                database,
                format,
                formatGiven);
    }

    /// The same with a setting of the front end's own, which no rule of users' settings concerns.
    Exchange withOwn(String name, String value) {
        var all = new LinkedHashMap<>(settings);
        all.put(name, value);
        return with(all, cacheSettings);
    }

    private static void add(
            ReaderSettings rules,
            Role role,
            String name,
            String value,
            Map<String, String> settings,
            Map<String, String> cacheSettings) {
        if (allowed(rules, role, name, value)) {
            settings.put(name, value);
        } else if (Statement.isCacheSetting(name)) {
            cacheSettings.put(name, value);
        }
    }

    private static boolean allowed(ReaderSettings rules, Role role, String name, String value) {
        return switch (role) {
            case READER -> !isReadOnly(name, value) && rules.check(name, value);
            case ADMIN -> rules.check(name, value);
            case INTERNAL -> rules.checkInternal(name, value);
        };
    }

    /// What a reader is anyhow.
    private static boolean isReadOnly(String name, String value) {
        return name.equals("readonly") && value.equals("1");
    }

    private static String parameterName(String name) {
        String bare = name.substring(PARAMETER.length());
        if (!bare.matches("[A-Za-z0-9_]{1,100}")) {
            throw EngineException.of(
                    EngineException.BAD_ARGUMENTS,
                    "BAD_ARGUMENTS",
                    "The name of a query parameter is not a plain identifier");
        }
        return bare;
    }

    /// As the client named it, cut down to what is safe in a comment and in a header.
    private static String queryId(Http.Request request) {
        String given = first(request.parameter("query_id"), request, "x-clickhouse-query-id");
        return given.matches("[A-Za-z0-9_.:-]{1,128}") ? given : UUID.randomUUID().toString();
    }

    private static String format(String name) {
        if (!name.matches("[A-Za-z0-9_]{1,60}")) {
            throw EngineException.of(73, "UNKNOWN_FORMAT", "The format's name is no plain word");
        }
        return name;
    }

    private static String first(@Nullable String parameter, Http.Request request, String header) {
        String value = parameter == null ? request.header(header) : parameter;
        return value == null ? "" : value;
    }
}
