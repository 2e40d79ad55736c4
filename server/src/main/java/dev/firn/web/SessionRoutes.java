package dev.firn.web;

import dev.firn.base.security.Accounts;
import dev.firn.base.security.Accounts.Answer;
import dev.firn.base.security.Accounts.Who;
import dev.firn.base.security.Secret;
import dev.firn.base.security.Sessions;
import io.helidon.http.HeaderNames;
import io.helidon.http.SetCookie;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `/api/firn/v1/session`: who one is (GET), logging in with user and password or a token (POST),
/// and out (DELETE). A session is a cookie that no script sees.
final class SessionRoutes {
    static final String PATH = "/api/firn/v1/session";
    private static final String COOKIE = "firn_session";
    private static final int BODY_BYTES_MAX = 8 << 10;
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final Accounts accounts;
    private final Sessions sessions;
    private final Guard guard;
    private final AuditLog audit;
    private final boolean secure;

    /// @param secure whether the server speaks TLS
    SessionRoutes(
            Accounts accounts, Sessions sessions, Guard guard, AuditLog audit, boolean secure) {
        this.accounts = accounts;
        this.sessions = sessions;
        this.guard = guard;
        this.audit = audit;
        this.secure = secure;
    }

    void register(HttpRouting.Builder routing) {
        routing.get(PATH, this::tell).post(PATH, this::login).delete(PATH, this::logout);
    }

    /// What a request's cookie holds.
    static Optional<String> of(ServerRequest request) {
        return request.headers().cookies().first(COOKIE).asOptional();
    }

    private void tell(ServerRequest request, ServerResponse response) {
        var said = new LinkedHashMap<String, Object>();
        boolean known = false;
        if (guard.who(request) instanceof Answer.Known(Who who)) {
            known = !who.name().isEmpty();
            said.put("user", who.name());
            said.put("role", who.role().toString());
            if (!who.visible().all()) {
                said.put("environments", who.visible().environments());
            }
        }
        said.put("login", accounts.any() && !known);
        said.put("logout", of(request).flatMap(sessions::find).isPresent());
        response.header(HeaderNames.CACHE_CONTROL, "no-store");
        response.header(HeaderNames.CONTENT_TYPE, "application/json");
        response.send(MAPPER.writeValueAsBytes(said));
    }

    private void login(ServerRequest request, ServerResponse response) {
        Optional<JsonNode> body = body(request);
        if (body.isEmpty()) {
            Guard.refuse(
                    response,
                    Status.BAD_REQUEST_400,
                    "expected {\"user\": …, \"password\": …} or {\"token\": …} as"
                            + " application/json");
            return;
        }
        String token = body.get().path("token").asString("");
        String from = Guard.from(request);
        Answer answer =
                token.isEmpty()
                        ? accounts.password(
                                body.get().path("user").asString(""),
                                body.get().path("password").asString(""),
                                from)
                        : accounts.token(token);
        switch (answer) {
            case Answer.Known(Who who) -> {
                of(request).ifPresent(sessions::close);
                Secret id = sessions.open(who);
                audit.done(new AuditLog.Entry(who.name(), from, "log in", "done"));
                response.header(HeaderNames.SET_COOKIE, cookie(id.value(), Sessions.AGE_MAX));
                response.status(Status.NO_CONTENT_204).send();
            }
            case Answer.Wrong(String name, String why) -> {
                audit.refused(new AuditLog.Entry(name, from, "log in", "refused: " + why));
                Guard.unknown(response, why);
            }
            case Answer.Later(String name, int seconds) -> {
                audit.refused(new AuditLog.Entry(name, from, "log in", "refused: too many"));
                Guard.later(response, seconds);
            }
            case Answer.Unknown _ -> Guard.unknown(response, "nothing was shown");
        }
    }

    /// Empty: it is not what it should be. A form of another site's page cannot send this type.
    private static Optional<JsonNode> body(ServerRequest request) {
        String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
        if (!type.toLowerCase(java.util.Locale.ROOT).startsWith("application/json")) {
            return Optional.empty();
        }
        try (InputStream in = request.content().inputStream()) {
            byte[] bytes = in.readNBytes(BODY_BYTES_MAX + 1);
            if (bytes.length > BODY_BYTES_MAX) {
                return Optional.empty();
            }
            JsonNode body = MAPPER.readTree(bytes);
            return body.isObject() ? Optional.of(body) : Optional.empty();
        } catch (JacksonException | IOException e) {
            return Optional.empty();
        }
    }

    private void logout(ServerRequest request, ServerResponse response) {
        of(request)
                .ifPresent(id -> {
                    sessions.find(id)
                            .ifPresent(who ->
                                    audit.done(
                                            new AuditLog.Entry(
                                                    who.name(),
                                                    Guard.from(request),
                                                    "log out",
                                                    "done")));
                    sessions.close(id);
                });
        response.header(HeaderNames.SET_COOKIE, cookie("", Duration.ZERO));
        response.status(Status.NO_CONTENT_204).send();
    }

    private String cookie(String value, Duration age) {
        return SetCookie.builder(COOKIE, value)
                .path("/")
                .maxAge(age)
                .httpOnly(true)
                .secure(secure)
                .sameSite(SetCookie.SameSite.STRICT)
                .build()
                .text();
    }
}
