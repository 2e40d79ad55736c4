package dev.firn.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The statements in `resources/sql/`: reads a file and puts values in place of `${name}`. Values
/// come from the configuration or from code, never from outside, and are checked where they enter.
public final class EngineSql {
    private static final Pattern PARAMETER = Pattern.compile("\\$\\{(\\w+)}");

    /// Names under which HTTP servers report how long requests take.
    public static final Set<String> REQUEST_METRICS =
            Set.of(
                    "http.server.request.duration",
                    "http.server.duration",
                    "http_server_request_duration",
                    "http_server_duration");

    /// The same as a list of SQL.
    public static final String REQUESTS =
            REQUEST_METRICS.stream().sorted().collect(Collectors.joining("', '", "('", "')"));

    private EngineSql() {}

    /// The statement of a file without its first line (a comment), with its parameters filled in.
    ///
    /// @param file path below `sql/`, without `.sql`
    public static String read(String file, Map<String, String> parameters) {
        Matcher matcher = PARAMETER.matcher(template(file));
        return matcher.replaceAll(
                        match -> {
                            String value = parameters.get(match.group(1));
                            if (value == null) {
                                throw new IllegalArgumentException(
                                        "sql/" + file + ".sql needs \"" + match.group(1) + "\"");
                            }
                            return Matcher.quoteReplacement(value);
                        })
                .strip();
    }

    /// The same with the parameter that almost all have.
    public static String read(String file, String database, Map<String, String> more) {
        var parameters = new HashMap<>(more);
        parameters.put("database", database);
        return read(file, parameters);
    }

    /// The same with its parameters as they stand.
    static String template(String file) {
        String text = load("/sql/" + file + ".sql");
        return text.substring(text.indexOf('\n') + 1);
    }

    private static String load(String path) {
        try (InputStream in = EngineSql.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalArgumentException("there is no resource " + path);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A value for use between single quotes.
    public static String quoted(String value) {
        return value.replace("\\", "\\\\").replace("'", "\\'");
    }
}
