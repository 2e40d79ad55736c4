package dev.firn.engine.child;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// What an engine child needs to know. Travels as one line of URL-encoded pairs over the control
/// pipe, so that the secret stands in no argument list and no environment.
///
/// @param library the file libchdb
/// @param data where the engine keeps its tables; absolute, because inserts with fsync fail else
/// @param host address to listen on
/// @param port port to listen on; 0 takes a free one
/// @param secret password of the internal user `firn`
/// @param memoryBytesMax memory of the whole engine (`max_server_memory_usage`)
/// @param database default database of every request, where it exists
/// @param limits what outside queries get
/// @param cache what the cache of results may hold, beside the engine's own memory
/// @param adminPassword of user `admin`; empty where there is no such user
/// @param accounts who else may ask
public record EngineConfig(
        Path library,
        Path data,
        String host,
        int port,
        String secret,
        long memoryBytesMax,
        String database,
        QueryLimits limits,
        CacheLimits cache,
        String adminPassword,
        EngineAccounts accounts) {
    public EngineConfig {
        library = library.toAbsolutePath();
        if (!data.isAbsolute()) {
            throw new IllegalArgumentException("engine data path \"" + data + "\" is relative");
        }
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("engine port " + port + " is no port");
        }
        if (!isName(database)) {
            throw new IllegalArgumentException("database \"" + database + "\" is no plain name");
        }
        if (secret.length() < 16) {
            throw new IllegalArgumentException("the engine's secret is shorter than 16");
        }
        if (memoryBytesMax < 64 << 20) {
            throw new IllegalArgumentException("engine memory is below 64 MiB");
        }
    }

    /// With the usual cache.
    public EngineConfig(
            Path library,
            Path data,
            String host,
            int port,
            String secret,
            long memoryBytesMax,
            String database,
            QueryLimits limits) {
        this(
                library,
                data,
                host,
                port,
                secret,
                memoryBytesMax,
                database,
                limits,
                CacheLimits.USUAL,
                "",
                EngineAccounts.EVERYBODY);
    }

    /// Password of user `default` for this process's own web server, which has asked already who
    /// reads.
    public String readerKey() {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(("reader " + secret).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Where BACKUP writes and RESTORE reads, and nowhere else.
    public Path backups() {
        return data.resolveSibling("backup");
    }

    /// Whether a text is a plain identifier, safe between backticks.
    static boolean isName(String text) {
        return text.matches("[A-Za-z_][A-Za-z0-9_]{0,127}");
    }

    /// Without the secret: a record's own text would tell it to every log.
    @Override
    public String toString() {
        return "EngineConfig[library="
                + library
                + ", data="
                + data
                + ", host="
                + host
                + ", port="
                + port
                + ", memoryBytesMax="
                + memoryBytesMax
                + ", database="
                + database
                + ", limits="
                + limits
                + ", cache="
                + cache
                + "]";
    }

    EngineConfig withPort(int newPort) {
        return new EngineConfig(
                library,
                data,
                host,
                newPort,
                secret,
                memoryBytesMax,
                database,
                limits,
                cache,
                adminPassword,
                accounts);
    }

    String toLine() {
        var fields = new LinkedHashMap<String, String>();
        fields.put("library", library.toString());
        fields.put("data", data.toString());
        fields.put("host", host);
        fields.put("port", Integer.toString(port));
        fields.put("secret", secret);
        fields.put("memory_bytes_max", Long.toString(memoryBytesMax));
        fields.put("database", database);
        fields.put("queries_max", Integer.toString(limits.queriesMax()));
        fields.put("queries_per_user", Integer.toString(limits.queriesPerUser()));
        fields.put("threads_max", Integer.toString(limits.threadsMax()));
        fields.put("execution_seconds_max", Integer.toString(limits.executionSecondsMax()));
        fields.put("query_memory_bytes_max", Long.toString(limits.queryMemoryBytesMax()));
        fields.put("connections_max", Integer.toString(limits.connectionsMax()));
        fields.put("slow_millis", Long.toString(limits.slowMillis()));
        fields.put("cache_bytes_max", Long.toString(cache.bytesMax()));
        fields.put("cache_entries_max", Integer.toString(cache.entriesMax()));
        fields.put("cache_entry_bytes_max", Long.toString(cache.entryBytesMax()));
        fields.put("cache_ttl_seconds", Integer.toString(cache.ttlSeconds()));
        fields.put("admin_password", adminPassword);
        fields.put("accounts", accounts.toLine());
        return line(fields);
    }

    static EngineConfig fromLine(String text) {
        Map<String, String> fields = fields(text);
        return new EngineConfig(
                Path.of(field(fields, "library")),
                Path.of(field(fields, "data")),
                field(fields, "host"),
                Integer.parseInt(field(fields, "port")),
                field(fields, "secret"),
                Long.parseLong(field(fields, "memory_bytes_max")),
                field(fields, "database"),
                new QueryLimits(
                        Integer.parseInt(field(fields, "queries_max")),
                        Integer.parseInt(field(fields, "queries_per_user")),
                        Integer.parseInt(field(fields, "threads_max")),
                        Integer.parseInt(field(fields, "execution_seconds_max")),
                        Long.parseLong(field(fields, "query_memory_bytes_max")),
                        Integer.parseInt(field(fields, "connections_max")),
                        Long.parseLong(field(fields, "slow_millis"))),
                new CacheLimits(
                        Long.parseLong(field(fields, "cache_bytes_max")),
                        Integer.parseInt(field(fields, "cache_entries_max")),
                        Long.parseLong(field(fields, "cache_entry_bytes_max")),
                        Integer.parseInt(field(fields, "cache_ttl_seconds"))),
                field(fields, "admin_password"),
                EngineAccounts.fromLine(field(fields, "accounts")));
    }

    private static String field(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the engine's configuration has no \"" + name + '"');
        }
        return value;
    }

    /// A line of pairs, as both ends of the control pipe write it.
    static String line(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field ->
                        field.getKey()
                                + "="
                                + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    static Map<String, String> fields(String line) {
        try {
            return Http.form(line);
        } catch (Http.MalformedException e) {
            // Not the line itself: it holds the secret.
            throw new IllegalArgumentException("cannot read the engine's control line", e);
        }
    }
}
