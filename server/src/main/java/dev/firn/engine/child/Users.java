package dev.firn.engine.child;

import dev.firn.engine.child.Engine.Role;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Who may do what: `default` without a password reads; `firn` with the secret of this process may
/// do everything; `admin`, where a password is configured, reads and keeps the objectives
/// ([AdminGate]). Passwords come as ClickHouse clients send them: in headers, by Basic
/// authentication or in the URL.
final class Users {
    static final String INTERNAL = "firn";
    static final String READER = "default";

    static final String ADMIN = "admin";

    private final byte[] secret;
    private final byte[] adminPassword;

    /// @param adminPassword empty where there is no such user
    Users(String secret, String adminPassword) {
        this.secret = secret.getBytes(StandardCharsets.UTF_8);
        this.adminPassword = adminPassword.getBytes(StandardCharsets.UTF_8);
    }

    private record Credentials(String user, String password) {}

    Role authenticate(Http.Request request) {
        var given = credentials(request);
        if (given.user().equals(READER) && given.password().isEmpty()) {
            return Role.READER;
        }
        if (given.user().equals(INTERNAL)
                && MessageDigest.isEqual(
                        given.password().getBytes(StandardCharsets.UTF_8), secret)) {
            return Role.INTERNAL;
        }
        if (adminPassword.length > 0
                && given.user().equals(ADMIN)
                && MessageDigest.isEqual(
                        given.password().getBytes(StandardCharsets.UTF_8), adminPassword)) {
            return Role.ADMIN;
        }
        throw EngineException.of(
                EngineException.AUTHENTICATION_FAILED,
                "AUTHENTICATION_FAILED",
                "Authentication failed: password is incorrect, or there is no user with such name;"
                        + " read as user default without a password");
    }

    private static Credentials credentials(Http.Request request) {
        String user = request.header("x-clickhouse-user");
        String key = request.header("x-clickhouse-key");
        if (user != null || key != null) {
            return new Credentials(orDefault(user), key == null ? "" : key);
        }
        String authorization = request.header("authorization");
        if (authorization != null) {
            return basic(authorization);
        }
        String password = request.parameter("password");
        return new Credentials(
                orDefault(request.parameter("user")), password == null ? "" : password);
    }

    private static Credentials basic(String authorization) {
        if (authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            try {
                byte[] decoded = Base64.getDecoder().decode(authorization.substring(6).strip());
                String pair = new String(decoded, StandardCharsets.UTF_8);
                int colon = pair.indexOf(':');
                if (colon >= 0) {
                    return new Credentials(
                            orDefault(pair.substring(0, colon)), pair.substring(colon + 1));
                }
            } catch (IllegalArgumentException e) {
                // not base64: refused below like any wrong password
            }
        }
        return new Credentials("", "");
    }

    private static String orDefault(@Nullable String user) {
        return user == null || user.isEmpty() ? READER : user;
    }
}
