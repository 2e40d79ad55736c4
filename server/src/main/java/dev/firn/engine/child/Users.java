package dev.firn.engine.child;

import dev.firn.base.security.Accounts;
import dev.firn.base.security.BasicCredentials;
import dev.firn.engine.child.Engine.Role;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// Who may do what: `default` without a password reads, where anonymous may; `firn` with the secret
/// of this process may do everything; `admin`, where a password is configured, reads and keeps the
/// objectives ([AdminGate]), as those of the configuration's users may who are administrators.
/// Passwords come as ClickHouse clients send them: in headers, by Basic authentication or in the
/// URL; tokens as Bearer.
final class Users {
    static final String INTERNAL = "firn";
    static final String READER = "default";

    static final String ADMIN = "admin";

    /// Header of this process's own web server: for whom it asks.
    private static final String FOR = "x-firn-user";

    private final byte[] secret;
    private final byte[] readerKey;
    private final byte[] adminPassword;
    private final Accounts accounts;

    Users(EngineConfig config) {
        this.secret = config.secret().getBytes(StandardCharsets.UTF_8);
        this.readerKey = config.readerKey().getBytes(StandardCharsets.UTF_8);
        this.adminPassword = config.adminPassword().getBytes(StandardCharsets.UTF_8);
        this.accounts = config.accounts().open();
    }

    /// Who asks.
    ///
    /// @param user name, or address of who has none; "" for Firn itself
    record Asking(Role role, String user) {}

    private record Credentials(String user, String password) {}

    /// @param from address that asks
    Asking authenticate(Http.Request request, String from) {
        String bearer = bearer(request);
        if (!bearer.isEmpty()) {
            return known(accounts.token(bearer));
        }
        var given = credentials(request);
        if (given.user().equals(READER)) {
            return reader(given.password(), request, from);
        }
        if (given.user().equals(INTERNAL)
                && MessageDigest.isEqual(
                        given.password().getBytes(StandardCharsets.UTF_8), secret)) {
            return new Asking(Role.INTERNAL, "");
        }
        if (adminPassword.length > 0
                && given.user().equals(ADMIN)
                && MessageDigest.isEqual(
                        given.password().getBytes(StandardCharsets.UTF_8), adminPassword)) {
            return new Asking(Role.ADMIN, ADMIN);
        }
        if (!accounts.any()) {
            throw failed(
                    "password is incorrect, or there is no user with such name;"
                            + " read as user default without a password");
        }
        return known(accounts.password(given.user(), given.password(), from));
    }

    private Asking reader(String password, Http.Request request, String from) {
        boolean everybody =
                accounts.anonymous()
                        .filter(role -> role.covers(dev.firn.base.security.Role.READ))
                        .isPresent();
        if (password.isEmpty() && everybody) {
            return new Asking(Role.READER, from);
        }
        if (MessageDigest.isEqual(password.getBytes(StandardCharsets.UTF_8), readerKey)) {
            String user = request.header(FOR);
            return new Asking(Role.READER, user == null || user.isEmpty() ? from : user);
        }
        throw failed(
                password.isEmpty()
                        ? "nobody reads here without saying who it is; send user and password, or a"
                                + " token (Authorization: Bearer …)"
                        : "password is incorrect, or there is no user with such name;"
                                + " read as user default without a password");
    }

    private static Asking known(Accounts.Answer answer) {
        return switch (answer) {
            case Accounts.Answer.Known(Accounts.Who who) when !who.visible().all() ->
                    throw failed(
                            "user "
                                    + who.name()
                                    + " sees some environments only, and SQL cannot be held to them;"
                                    + " ask by the page or in PromQL");
            case Accounts.Answer.Known(Accounts.Who who) ->
                    switch (who.role()) {
                        case READ -> new Asking(Role.READER, who.name());
                        case ADMIN -> new Asking(Role.ADMIN, who.name());
                        case INGEST ->
                                throw failed("user " + who.name() + " may send points, not read");
                    };
            case Accounts.Answer.Wrong(String _, String why) -> throw failed(why);
            case Accounts.Answer.Later(String _, int seconds) ->
                    throw failed("too many wrong passwords; try again in " + seconds + " seconds");
            case Accounts.Answer.Unknown() -> throw failed("nothing was shown");
        };
    }

    private static EngineException failed(String why) {
        return EngineException.of(
                EngineException.AUTHENTICATION_FAILED,
                "AUTHENTICATION_FAILED",
                "Authentication failed: " + why);
    }

    private static String bearer(Http.Request request) {
        String given = request.header("authorization");
        return given != null
                        && request.header("x-clickhouse-user") == null
                        && request.header("x-clickhouse-key") == null
                        && given.regionMatches(true, 0, "Bearer ", 0, 7)
                ? given.substring(7).strip()
                : "";
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
        String pair = BasicCredentials.pair(authorization).orElse("");
        int colon = pair.indexOf(':');
        if (colon >= 0) {
            return new Credentials(orDefault(pair.substring(0, colon)), pair.substring(colon + 1));
        }
        // refused like any wrong password
        return new Credentials("", "");
    }

    private static String orDefault(@Nullable String user) {
        return user == null || user.isEmpty() ? READER : user;
    }
}
