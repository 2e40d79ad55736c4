package dev.firn.web;

import static dev.firn.web.Access.Need.ADMIN;
import static dev.firn.web.Access.Need.INGEST;
import static dev.firn.web.Access.Need.NOTHING;
import static dev.firn.web.Access.Need.OWN;
import static dev.firn.web.Access.Need.READ;

import dev.firn.base.security.Role;
import dev.firn.web.page.PageRoutes;
import io.helidon.common.uri.UriPath;
import io.helidon.http.PathMatcher;
import io.helidon.http.PathMatchers;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What each route of :8080 needs of who asks. The first rule that fits counts; a route without one
/// is an administrator's.
final class Access {
    /// What a route needs.
    enum Need {
        /// Anybody may ask, and nothing that comes out is worth hiding.
        NOTHING(Optional.empty()),
        /// It asks for a token of its own.
        OWN(Optional.empty()),
        INGEST(Optional.of(Role.INGEST)),
        READ(Optional.of(Role.READ)),
        ADMIN(Optional.of(Role.ADMIN));

        private final Optional<Role> role;

        Need(Optional<Role> role) {
            this.role = role;
        }

        /// Empty: none.
        Optional<Role> role() {
            return role;
        }
    }

    /// @param held whether who sees some environments only may ask: the answer is held to them, or
    ///   tells nothing of points
    private record Rule(String method, PathMatcher path, Need need, boolean held) {
        private Rule asHeld() {
            return new Rule(method, path, need, true);
        }

        boolean fits(String asked, UriPath at) {
            return (method.equals(ANY) || method.equals(asked)) && path.match(at).accepted();
        }
    }

    private static final String ANY = "*";
    private static final String GET = "GET";
    private static final String POST = "POST";
    private static final String DELETE = "DELETE";

    /// The page, whose parts are the same everywhere.
    private static final List<Rule> PAGES =
            PageRoutes.PAGES.stream().map(page -> rule(GET, page, NOTHING)).toList();

    private static final List<Rule> OTHERS =
            List.of(
                    // for probes of machines
                    rule(GET, "/live", NOTHING),
                    rule(GET, "/ready", NOTHING),
                    rule(ANY, IcebergRoutes.ROOT + "/*", OWN),
                    rule(GET, "/health", READ),
                    rule(GET, "/metrics", READ),
                    // the page's files, which are the same everywhere
                    rule(GET, "/assets/{name}", NOTHING),
                    rule(POST, "/api/v1/write", INGEST),
                    // of series, which are held to environments where their rows are read
                    rule(GET, "/api/v1/query", READ).asHeld(),
                    rule(GET, "/api/v1/query_range", READ).asHeld(),
                    rule(GET, "/api/v1/query_exemplars", READ).asHeld(),
                    rule(GET, "/api/v1/series", READ).asHeld(),
                    rule(GET, "/api/v1/labels", READ).asHeld(),
                    rule(GET, "/api/v1/label/{name}/values", READ).asHeld(),
                    rule(GET, "/api/v1/metadata", READ).asHeld(),
                    rule(GET, "/api/v1/status/tsdb", READ).asHeld(),
                    rule(GET, "/api/v1/status/buildinfo", READ).asHeld(),
                    rule(GET, "/api/v1/format_query", READ).asHeld(),
                    rule(GET, "/api/v1/parse_query", READ).asHeld(),
                    rule(GET, "/api/v1/*", READ),
                    // Prometheus' API takes questions by POST, too
                    rule(POST, "/api/v1/query", READ).asHeld(),
                    rule(POST, "/api/v1/query_range", READ).asHeld(),
                    rule(POST, "/api/v1/query_exemplars", READ).asHeld(),
                    rule(POST, "/api/v1/format_query", READ).asHeld(),
                    rule(POST, "/api/v1/parse_query", READ).asHeld(),
                    rule(POST, "/api/v1/series", READ).asHeld(),
                    rule(POST, "/api/v1/labels", READ).asHeld(),
                    rule(GET, "/api/firn/v1/audit", ADMIN),
                    // how one becomes somebody
                    rule(ANY, SessionRoutes.PATH, NOTHING),
                    rule(GET, "/api/firn/v1/requests", READ).asHeld(),
                    rule(GET, "/api/firn/v1/latencies", READ).asHeld(),
                    rule(GET, "/api/firn/v1/exemplars", READ).asHeld(),
                    rule(GET, "/api/firn/v1/planes", READ).asHeld(),
                    rule(GET, "/api/firn/v1/live", READ).asHeld(),
                    rule(GET, "/api/firn/v1/openapi.json", READ).asHeld(),
                    rule(GET, "/api/firn/v1/settings", READ).asHeld(),
                    rule(GET, "/api/firn/v1/*", READ),
                    rule(POST, "/api/firn/v1/sql", READ),
                    rule(POST, "/api/firn/v1/lake/sql", READ),
                    rule(POST, "/api/firn/v1/lake/plan", READ),
                    rule(POST, "/api/firn/v1/*", ADMIN),
                    rule(DELETE, "/api/firn/v1/*", ADMIN));

    private static final List<Rule> RULES = Stream.concat(PAGES.stream(), OTHERS.stream()).toList();

    private Access() {}

    private static Rule rule(String method, String path, Need need) {
        return new Rule(method, PathMatchers.create(path), need, false);
    }

    /// What a rule says; empty: there is none.
    static Optional<Need> said(String method, UriPath path) {
        return first(method, path).map(Rule::need);
    }

    private static Optional<Rule> first(String method, UriPath path) {
        String asked = method.equals("HEAD") ? GET : method;
        return RULES.stream().filter(rule -> rule.fits(asked, path)).findFirst();
    }

    /// Whether a request is answered for who sees some environments only. What has no rule that
    /// says so is not.
    static boolean isHeld(String method, UriPath path) {
        return first(method, path).filter(Rule::held).isPresent();
    }

    /// What a request needs.
    static Need of(String method, UriPath path) {
        return said(method, path).orElse(ADMIN);
    }
}
