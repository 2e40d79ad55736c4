package dev.firn.receive;

import dev.firn.config.CorsConfig;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Web pages that may send (cross-origin resource sharing), and what their browsers must hear
/// before they let them read an answer.
///
/// Source: the Fetch standard, "HTTP extensions"; answers as those of the Collector's confighttp.
public final class Cors {
    private static final HeaderName REQUEST_METHOD =
            HeaderNames.create("Access-Control-Request-Method");
    private static final HeaderName REQUEST_HEADERS =
            HeaderNames.create("Access-Control-Request-Headers");
    private static final HeaderName ALLOW_ORIGIN =
            HeaderNames.create("Access-Control-Allow-Origin");
    private static final HeaderName ALLOW_CREDENTIALS =
            HeaderNames.create("Access-Control-Allow-Credentials");
    private static final HeaderName ALLOW_METHODS =
            HeaderNames.create("Access-Control-Allow-Methods");
    private static final HeaderName ALLOW_HEADERS =
            HeaderNames.create("Access-Control-Allow-Headers");
    private static final HeaderName EXPOSE_HEADERS =
            HeaderNames.create("Access-Control-Expose-Headers");
    private static final HeaderName MAX_AGE = HeaderNames.create("Access-Control-Max-Age");
    private static final Set<String> ALWAYS =
            Set.of("accept", "accept-language", "content-type", "content-language");

    /// No page may send.
    public static final Cors NONE = new Cors(new CorsConfig(List.of(), List.of(), List.of(), 0));

    private final CorsConfig config;
    private final boolean anyOrigin;
    private final boolean anyHeader;
    private final List<Pattern> origins = new ArrayList<>();
    private final Set<String> headers = new HashSet<>(ALWAYS);

    /// As the configuration says.
    public Cors(CorsConfig config) {
        this.config = config;
        this.anyOrigin = config.allowedOrigins().contains("*");
        this.anyHeader = config.allowedHeaders().contains("*");
        for (String origin : config.allowedOrigins()) {
            String[] parts = origin.toLowerCase(Locale.ROOT).split("\\*", -1);
            var pattern = new StringBuilder(Pattern.quote(parts[0]));
            for (int i = 1; i < parts.length; i++) {
                pattern.append(".*").append(Pattern.quote(parts[i]));
            }
            origins.add(Pattern.compile(pattern.toString()));
        }
        for (String header : config.allowedHeaders()) {
            headers.add(header.toLowerCase(Locale.ROOT));
        }
        if (config.allowedHeaders().isEmpty()) {
            headers.add("x-requested-with");
        }
    }

    /// Whether pages of this origin may send.
    boolean allows(String origin) {
        String lower = origin.toLowerCase(Locale.ROOT);
        return anyOrigin || origins.stream().anyMatch(one -> one.matcher(lower).matches());
    }

    /// Tells the browser of an allowed page that it may read the answer, whatever that will be.
    void permit(Headers request, ServerResponse response) {
        if (config.allowedOrigins().isEmpty()) {
            return;
        }
        response.headers().add(HeaderNames.VARY, "Origin");
        String origin = request.first(HeaderNames.ORIGIN).orElse("");
        if (origin.isEmpty() || !allows(origin)) {
            return;
        }
        response.header(ALLOW_ORIGIN, anyOrigin ? "*" : origin);
        response.header(ALLOW_CREDENTIALS, "true");
        if (!config.exposedHeaders().isEmpty()) {
            response.header(EXPOSE_HEADERS, String.join(", ", config.exposedHeaders()));
        }
    }

    /// A browser's question whether its page may send; it comes without credentials.
    boolean isPreflight(ServerRequest request) {
        return !config.allowedOrigins().isEmpty()
                && request.prologue().method().equals(Method.OPTIONS)
                && request.headers().contains(HeaderNames.ORIGIN)
                && request.headers().contains(REQUEST_METHOD);
    }

    /// Answers it; the origin is allowed already. What is not allowed is left out, and the browser
    /// refuses its page.
    void preflight(ServerRequest request, ServerResponse response) {
        response.headers().add(HeaderNames.VARY, REQUEST_METHOD.defaultCase());
        response.headers().add(HeaderNames.VARY, REQUEST_HEADERS.defaultCase());
        String method = request.headers().first(REQUEST_METHOD).orElse("");
        String wanted = request.headers().first(REQUEST_HEADERS).orElse("");
        if (method.equals("POST") && allowed(wanted)) {
            response.header(ALLOW_METHODS, "POST");
            if (!wanted.isEmpty()) {
                response.header(ALLOW_HEADERS, wanted);
            }
            if (config.maxAgeSeconds() > 0) {
                response.header(MAX_AGE, Integer.toString(config.maxAgeSeconds()));
            }
        }
        response.status(Status.NO_CONTENT_204).send();
    }

    private boolean allowed(String wanted) {
        for (String header : wanted.split(",", -1)) {
            String name = header.strip().toLowerCase(Locale.ROOT);
            if (!name.isEmpty() && !anyHeader && !headers.contains(name)) {
                return false;
            }
        }
        return true;
    }
}
