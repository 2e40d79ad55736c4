package dev.firn.web;

import dev.firn.base.Browsers;
import dev.firn.base.security.Accounts;
import dev.firn.base.security.Accounts.Answer;
import dev.firn.base.security.Accounts.Who;
import dev.firn.base.security.Role;
import dev.firn.base.security.ServerSecurity;
import dev.firn.web.Access.Need;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Optional;

/// Stands before all routes: keeps pages of others out, and lets everybody do what [Access] says
/// that its role may.
final class Guard implements Filter {
    /// Not Basic: a browser would ask for a password by itself.
    private static final String CHALLENGE = "Bearer realm=\"firn\"";

    private final Browsers browsers;
    private final Accounts accounts;

    Guard(Browsers browsers, Accounts accounts) {
        this.browsers = browsers;
        this.accounts = accounts;
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        Optional<String> refusal =
                browsers.refusal(
                        header(request, "Host"),
                        header(request, "Origin"),
                        header(request, "Sec-Fetch-Site"));
        if (refusal.isPresent()) {
            refuse(response, Status.FORBIDDEN_403, refusal.get());
            return;
        }
        Need need = Access.of(method(request), request.path());
        if (need.role().isPresent() && !mayGoOn(request, response, need.role().get())) {
            return;
        }
        if (isEncoded(request) && !request.path().path().equals(WebServer.REMOTE_WRITE)) {
            response.header(HeaderNames.ACCEPT_ENCODING, "identity"); // RFC 9110, section 12.5.3
            refuse(
                    response,
                    Status.UNSUPPORTED_MEDIA_TYPE_415,
                    "no body with Content-Encoding \""
                            + header(request, "Content-Encoding")
                            + "\" is read here; send it as it is");
            return;
        }
        chain.proceed();
    }

    /// Whether who asks has a role; else it has been answered.
    private boolean mayGoOn(ServerRequest request, ServerResponse response, Role needed) {
        switch (who(request)) {
            case Answer.Known(Who who) -> {
                if (who.role().covers(needed)) {
                    return true;
                }
                if (who.name().isEmpty()) {
                    unknown(response, asks(request, needed) + "; " + HOW);
                } else {
                    refuse(
                            response,
                            Status.FORBIDDEN_403,
                            "user \""
                                    + who.name()
                                    + "\" has role "
                                    + who.role()
                                    + ", and "
                                    + asks(request, needed));
                }
            }
            case Answer.Unknown _ -> unknown(response, asks(request, needed) + "; " + HOW);
            case Answer.Wrong(_, String why) -> unknown(response, why);
            case Answer.Later(_, int seconds) -> later(response, seconds);
        }
        return false;
    }

    private static final String HOW =
            "log in, or send a token (Authorization: Bearer …) or user and password (Basic)";

    private static String asks(ServerRequest request, Role needed) {
        return method(request) + " " + request.path().path() + " needs role " + needed;
    }

    private Answer who(ServerRequest request) {
        return accounts.who(
                ServerSecurity.in(request.headers()),
                request.remotePeer().tlsPrincipal(),
                from(request));
    }

    private static void unknown(ServerResponse response, String why) {
        response.header(HeaderNames.WWW_AUTHENTICATE, CHALLENGE);
        refuse(response, Status.UNAUTHORIZED_401, why);
    }

    static void later(ServerResponse response, int seconds) {
        response.header(HeaderNames.RETRY_AFTER, "" + seconds);
        refuse(
                response,
                Status.TOO_MANY_REQUESTS_429,
                "too many wrong passwords; try again in " + seconds + " seconds");
    }

    static void refuse(ServerResponse response, Status status, String why) {
        response.status(status);
        response.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
        response.send("cannot answer: " + why + "\n");
    }

    private static String method(ServerRequest request) {
        return request.prologue().method().text();
    }

    static String from(ServerRequest request) {
        return request.remotePeer().host();
    }

    private static boolean isEncoded(ServerRequest request) {
        String encoding = header(request, "Content-Encoding");
        return !encoding.isEmpty() && !encoding.equalsIgnoreCase("identity");
    }

    private static String header(ServerRequest request, String name) {
        return request.headers().first(HeaderNames.create(name)).orElse("");
    }
}
