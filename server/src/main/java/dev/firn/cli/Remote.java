package dev.firn.cli;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import dev.firn.base.security.Pem;
import dev.firn.base.security.Tls;
import dev.firn.base.security.TlsSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A running Firn, asked over its web interface.
final class Remote {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /// Variables of the environment: a token for a Firn that asks who it is, and the certificate of
    /// the authority that vouches for it.
    private static final String TOKEN = "FIRN_TOKEN";

    private static final String AUTHORITY = "FIRN_CA_FILE";

    private final String url;
    private final @Nullable String token;
    private final HttpClient client;

    /// One that asks nobody who it is.
    Remote(String url) {
        this(url, name -> null);
    }

    /// A Firn's web interface, with the token and the authority of the environment.
    static Remote web(String url) {
        return new Remote(url, System::getenv);
    }

    private Remote(String url, Function<String, @Nullable String> environment) {
        this.token = said(environment.apply(TOKEN));
        this.client = client(said(environment.apply(AUTHORITY)));
        this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        boolean fine;
        try {
            URI uri = URI.create(this.url);
            fine = uri.getHost() != null && List.of("http", "https").contains(uri.getScheme());
        } catch (IllegalArgumentException e) {
            fine = false;
        }
        if (!fine) {
            throw new InputException(
                    "--url: \"" + url + "\" is not an address such as http://127.0.0.1:8080");
        }
    }

    /// Compose files set variables to nothing.
    private static @Nullable String said(@Nullable String value) {
        return value == null || value.isBlank() ? null : value.strip();
    }

    private static HttpClient client(@Nullable String authority) {
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(5));
        if (authority != null) {
            var pem = new Pem.File(AUTHORITY, Path.of(authority));
            builder.sslContext(
                    Tls.client(TlsSettings.client().believing(pem), Clock.system()).context());
        }
        return builder.build();
    }

    JsonNode get(String path) {
        return json(HttpRequest.newBuilder(URI.create(url + path)).GET(), List.of(200));
    }

    /// What says by its status, too, that something is wrong.
    JsonNode getAnyState(String path) {
        return json(HttpRequest.newBuilder(URI.create(url + path)).GET(), List.of(200, 503));
    }

    JsonNode post(String path) {
        return json(
                HttpRequest.newBuilder(URI.create(url + path))
                        .POST(HttpRequest.BodyPublishers.noBody()),
                List.of(200));
    }

    /// Posts a body; the caller reads and closes the answer's stream.
    HttpResponse<InputStream> post(String path, String body) {
        return send(
                HttpRequest.newBuilder(URI.create(url + path))
                        .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    /// Asks for a task and waits for its end.
    ///
    /// @param progress takes a line now and then
    JsonNode task(String path, Map<String, String> parameters, Consumer<String> progress) {
        String query =
                parameters.entrySet().stream()
                        .map(one ->
                                one.getKey()
                                        + "="
                                        + URLEncoder.encode(one.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"));
        HttpResponse<InputStream> answer =
                send(
                        HttpRequest.newBuilder(URI.create(url + path + "?" + query))
                                .POST(HttpRequest.BodyPublishers.noBody()));
        try (var lines =
                new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            if (answer.statusCode() != 200) {
                throw new WorldException(lines.lines().collect(Collectors.joining(" ")).strip());
            }
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode one = MAPPER.readTree(line);
                if (one.has("progress")) {
                    progress.accept(one.get("progress").asString());
                } else if (one.has("result")) {
                    return one.get("result");
                } else if (one.path("use").asBoolean(false)) {
                    throw new InputException(one.path("error").asString(""));
                } else {
                    throw new WorldException(one.path("error").asString(line));
                }
            }
            throw new WorldException(
                    "the answer of Firn at " + url + " broke off; it may have been done");
        } catch (JacksonException | IOException e) {
            throw new WorldException(
                    "cannot read the answer of Firn at " + url + ": " + e.getMessage(), e);
        }
    }

    private JsonNode json(HttpRequest.Builder request, List<Integer> fine) {
        HttpResponse<InputStream> answer = send(request);
        try (InputStream body = answer.body()) {
            if (!fine.contains(answer.statusCode())) {
                throw new WorldException(
                        new String(body.readAllBytes(), StandardCharsets.UTF_8).strip());
            }
            return MAPPER.readTree(body);
        } catch (JacksonException e) {
            throw new WorldException(
                    "cannot read the answer of "
                            + url
                            + ": it is not JSON; is a Firn listening there?",
                    e);
        } catch (IOException e) {
            throw new WorldException(
                    "cannot read the answer of Firn at " + url + ": " + e.getMessage(), e);
        }
    }

    private HttpResponse<InputStream> send(HttpRequest.Builder request) {
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            return client.send(
                    request.header("X-Firn-Source", "cli").build(),
                    HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new WorldException(
                    "cannot reach a Firn at "
                            + url
                            + (e instanceof SSLException ? " (" + e.getMessage() + ")" : "")
                            + "; start one with ./firn serve or ./firn demo, or name another"
                            + " with --url URL or --data DIR",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorldException("interrupted while waiting for Firn at " + url, e);
        }
    }
}
