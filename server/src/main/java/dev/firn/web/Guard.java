package dev.firn.web;

import dev.firn.base.Browsers;
import dev.firn.base.OwnMetrics;
import dev.firn.base.security.Accounts;
import dev.firn.base.security.Accounts.Answer;
import dev.firn.base.security.Accounts.Who;
import dev.firn.base.security.Role;
import dev.firn.base.security.ServerSecurity;
import dev.firn.base.security.Sessions;
import dev.firn.web.Access.Need;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Stands before all routes: keeps pages of others out, and lets everybody do what [Access] says
/// that its role may.
final class Guard implements Filter {
    /// Not Basic: a browser would ask for a password by itself.
    private static final String CHALLENGE = "Bearer realm=\"firn\"";

    /// What ClickHouse's clients and others put into a URL.
    private static final Pattern SECRET =
            Pattern.compile("(?i)((?:^|&)[^=&]*(?:password|token|secret|key|auth)[^=&]*=)[^&]*");

    private static final HeaderName FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");

    private static final String ASKER = "dev.firn.web.asker";
    private static final String OUTCOME = "dev.firn.web.outcome";

    private final Browsers browsers;
    private final Accounts accounts;
    private final Sessions sessions;
    private final AuditLog audit;

    private final RunningRequests running;
    private final Counter refused;

    Guard(
            Browsers browsers,
            Accounts accounts,
            Sessions sessions,
            AuditLog audit,
            int requestsPerUser,
            OwnMetrics metrics) {
        this.running = new RunningRequests(requestsPerUser);
        this.refused =
                metrics.counter(
                        "firn_web_refused_requests",
                        "Requests to the web server that were refused: to another name or from another's page (page), with wrong credentials (credentials), without a role that may (role), too many of one user at once (busy), with an encoded body (encoding).",
                        "reason");
        for (String reason : List.of("page", "credentials", "role", "busy", "encoding")) {
            refused.labelValues(reason);
        }
        this.browsers = browsers;
        this.accounts = accounts;
        this.sessions = sessions;
        this.audit = audit;
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        Optional<String> refusal =
                browsers.refusal(
                        header(request, HeaderNames.HOST),
                        header(request, HeaderNames.ORIGIN),
                        header(request, FETCH_SITE));
        if (refusal.isPresent()) {
            refused.labelValues("page").inc();
            refuse(response, Status.FORBIDDEN_403, refusal.get());
            return;
        }
        Need need = Access.of(method(request), request.path());
        Answer answer = need.role().isEmpty() ? accounts.nobody() : who(request);
        if (need.role().isPresent() && !mayGoOn(answer, request, response, need.role().get())) {
            return;
        }
        if (isEncoded(request) && !request.path().path().equals(WebServer.REMOTE_WRITE)) {
            refused.labelValues("encoding").inc();
            response.header(HeaderNames.ACCEPT_ENCODING, "identity"); // RFC 9110, section 12.5.3
            refuse(
                    response,
                    Status.UNSUPPORTED_MEDIA_TYPE_415,
                    "no body with Content-Encoding \""
                            + header(request, HeaderNames.CONTENT_ENCODING)
                            + "\" is read here; send it as it is");
            return;
        }
        if (need.role().isPresent() && answer instanceof Answer.Known(Who who)) {
            inTurn(chain, need, who, request, response);
        } else {
            chain.proceed();
        }
    }

    private void inTurn(
            FilterChain chain,
            Need need,
            Who who,
            RoutingRequest request,
            RoutingResponse response) {
        String asker = who.name().isEmpty() ? from(request) : who.name();
        if (!running.enter(asker)) {
            refused.labelValues("busy").inc();
            response.header(HeaderNames.RETRY_AFTER, "1");
            refuse(
                    response,
                    Status.TOO_MANY_REQUESTS_429,
                    running.max()
                            + " requests of \""
                            + asker
                            + "\" are running (web.requests_per_user); try again later");
            return;
        }
        request.context().register(ASKER, asker);
        try {
            boolean looks = method(request).equals("GET") || method(request).equals("HEAD");
            if (need == Need.ADMIN && !looks) {
                act(chain, who, request, response);
            } else {
                who.visible().during(chain::proceed);
            }
        } finally {
            running.leave(asker);
        }
    }

    private void act(FilterChain chain, Who who, RoutingRequest request, RoutingResponse response) {
        String result = "failed";
        try {
            chain.proceed();
            result =
                    request.context()
                            .get(OUTCOME, String.class)
                            .orElseGet(() -> outcome(response.status()));
        } catch (RuntimeException e) {
            result = "failed: " + e.getMessage();
            throw e;
        } finally {
            var entry = new AuditLog.Entry(who.name(), from(request), what(request), result);
            if (response.status().code() < 400) {
                audit.done(entry);
            } else {
                audit.refused(entry); // such as a flood for a path that is none
            }
        }
    }

    /// Name or address of who asks.
    static String asker(ServerRequest request) {
        return request.context().get(ASKER, String.class).orElseGet(() -> from(request));
    }

    private static String outcome(Status status) {
        return status.code() < 400 ? "done" : "refused: " + status.code();
    }

    /// What a task came to, for the audit log: its status was sent before.
    static void outcome(ServerRequest request, String outcome) {
        request.context().register(OUTCOME, outcome);
    }

    private static String what(ServerRequest request) {
        String query = SECRET.matcher(request.query().rawValue()).replaceAll("$1…");
        return method(request) + " " + request.path().path() + (query.isEmpty() ? "" : "?" + query);
    }

    /// Whether who asks has a role; else it has been answered.
    private boolean mayGoOn(
            Answer answer, ServerRequest request, ServerResponse response, Role needed) {
        switch (answer) {
            case Answer.Known(Who who) -> {
                boolean covered = who.role().covers(needed);
                boolean seen =
                        who.visible().all() || Access.isHeld(method(request), request.path());
                if (covered && seen) {
                    return true;
                }
                refused.labelValues("role").inc();
                if (covered) {
                    refused(who.name(), request, "tells of all environments");
                    refuse(
                            response,
                            Status.FORBIDDEN_403,
                            "user \""
                                    + who.name()
                                    + "\" sees "
                                    + String.join(", ", who.visible().environments())
                                    + " only, and "
                                    + method(request)
                                    + " "
                                    + request.path().path()
                                    + " tells of all environments");
                    return false;
                }
                if (who.name().isEmpty()) {
                    unknown(response, asks(request, needed) + "; " + HOW);
                } else {
                    refused(who.name(), request, "role " + who.role());
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
            case Answer.Unknown _ -> {
                refused.labelValues("role").inc();
                unknown(response, asks(request, needed) + "; " + HOW);
            }
            case Answer.Wrong(String name, String why) -> {
                wrong(name, request, why);
                unknown(response, why);
            }
            case Answer.Later(String name, int seconds) -> {
                wrong(name, request, "too many wrong passwords");
                later(response, seconds);
            }
        }
        return false;
    }

    private static final String HOW =
            "log in, or send a token (Authorization: Bearer …) or user and password (Basic)";

    private static String asks(ServerRequest request, Role needed) {
        return method(request) + " " + request.path().path() + " needs role " + needed;
    }

    private void wrong(String user, ServerRequest request, String why) {
        refused.labelValues("credentials").inc();
        refused(user, request, why);
    }

    private void refused(String user, ServerRequest request, String why) {
        audit.refused(new AuditLog.Entry(user, from(request), what(request), "refused: " + why));
    }

    /// Who asks: by what the request shows, by its session, or by its connection.
    Answer who(ServerRequest request) {
        if (header(request, HeaderNames.AUTHORIZATION).isEmpty()) {
            Optional<Who> session = SessionRoutes.of(request).flatMap(sessions::find);
            if (session.isPresent()) {
                return new Answer.Known(session.get());
            }
        }
        return accounts.who(
                ServerSecurity.in(request.headers()),
                request.remotePeer().tlsPrincipal(),
                from(request));
    }

    static void unknown(ServerResponse response, String why) {
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
        String encoding = header(request, HeaderNames.CONTENT_ENCODING);
        return !encoding.isEmpty() && !encoding.equalsIgnoreCase("identity");
    }

    private static String header(ServerRequest request, HeaderName name) {
        return request.headers().first(name).orElse("");
    }
}
