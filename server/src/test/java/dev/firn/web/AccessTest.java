package dev.firn.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.common.uri.UriPath;
import io.helidon.http.Method;
import io.helidon.webserver.http.HttpRouting;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class AccessTest {
    private record Route(String method, String path) {}

    /// All routes that the server has.
    @SuppressWarnings("NullAway") // a catalog that is never asked
    private static List<Route> routes() {
        var routes = new ArrayList<Route>();
        var builder =
                (HttpRouting.Builder)
                        Proxy.newProxyInstance(
                                AccessTest.class.getClassLoader(),
                                new Class<?>[] {HttpRouting.Builder.class},
                                (proxy, method, arguments) -> {
                                    note(method.getName(), arguments, routes);
                                    return proxy;
                                });
        try (var web =
                WebServerTest.open(
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        WebServerTest.sources(Optional.of(new Sources.Iceberg(null, null))))) {
            web.routes(builder);
        }
        return routes;
    }

    private static void note(String name, Object[] arguments, List<Route> routes) {
        if (name.equals("route") && arguments[0] instanceof Method method) {
            routes.add(new Route(method.text(), (String) arguments[1]));
        } else if (Set.of("error", "addFilter").contains(name)) {
            return;
        } else if (arguments[0] instanceof String path) {
            routes.add(new Route(name.equals("any") ? "*" : name.toUpperCase(Locale.ROOT), path));
        } else {
            assertThat(name).as("a route without a path").isEqualTo("any"); // nothing here
        }
    }

    /// A new route stands here, too: somebody has thought of who may ask for it.
    @Test
    void everyRouteSaysWhatItNeeds() {
        var needs = new TreeMap<String, String>();
        for (Route route : routes()) {
            UriPath path =
                    UriPath.create(
                            route.path.replaceAll("\\{[a-z]+}", "x").replaceAll("\\*$", "x"));
            String key =
                    path.path().startsWith("/assets/") || route.method.equals("HEAD")
                            ? route.method + " assets"
                            : route.method + " " + route.path;
            needs.put(
                    key,
                    Access.said(route.method, path)
                            .map(Enum::name)
                            .orElse("no rule of Access fits"));
        }
        var said = new TreeSet<String>();
        needs.forEach((route, need) -> said.add(route + ": " + need + "\n"));
        assertThat(String.join("", said))
                .isEqualTo(
                        """
                        * /iceberg/*: OWN
                        DELETE /api/firn/v1/annotations/{id}: ADMIN
                        DELETE /api/firn/v1/session: NOTHING
                        DELETE /api/firn/v1/views: ADMIN
                        GET /: NOTHING
                        GET /alerts: NOTHING
                        GET /anomalies: NOTHING
                        GET /api/firn/v1/annotations: READ
                        GET /api/firn/v1/audit: ADMIN
                        GET /api/firn/v1/info: READ
                        GET /api/firn/v1/lake/diff: READ
                        GET /api/firn/v1/lake/verify: READ
                        GET /api/firn/v1/lake: READ
                        GET /api/firn/v1/live: READ
                        GET /api/firn/v1/openapi.json: READ
                        GET /api/firn/v1/reading: READ
                        GET /api/firn/v1/session: NOTHING
                        GET /api/firn/v1/settings: READ
                        GET /api/firn/v1/views: READ
                        GET /api/firn/v1/wal/verify: READ
                        GET /api/firn/v1/wal: READ
                        GET /api/v1/alertmanagers: READ
                        GET /api/v1/alerts: READ
                        GET /api/v1/format_query: READ
                        GET /api/v1/label/{name}/values: READ
                        GET /api/v1/labels: READ
                        GET /api/v1/metadata: READ
                        GET /api/v1/parse_query: READ
                        GET /api/v1/query: READ
                        GET /api/v1/query_exemplars: READ
                        GET /api/v1/query_range: READ
                        GET /api/v1/rules: READ
                        GET /api/v1/series: READ
                        GET /api/v1/status/buildinfo: READ
                        GET /api/v1/status/flags: READ
                        GET /api/v1/status/runtimeinfo: READ
                        GET /api/v1/status/tsdb: READ
                        GET /api/v1/targets: READ
                        GET /cost: NOTHING
                        GET /explore: NOTHING
                        GET /forecast: NOTHING
                        GET /health: READ
                        GET /live: NOTHING
                        GET /metrics: READ
                        GET /pipeline: NOTHING
                        GET /quality: NOTHING
                        GET /ready: NOTHING
                        GET /services: NOTHING
                        GET /slos: NOTHING
                        GET assets: NOTHING
                        HEAD assets: NOTHING
                        POST /api/firn/v1/annotations: ADMIN
                        POST /api/firn/v1/lake/plan: READ
                        POST /api/firn/v1/lake/sql: READ
                        POST /api/firn/v1/session: NOTHING
                        POST /api/firn/v1/settings: ADMIN
                        POST /api/firn/v1/sql: READ
                        POST /api/firn/v1/task: ADMIN
                        POST /api/firn/v1/views: ADMIN
                        POST /api/firn/v1/wal/retry: ADMIN
                        POST /api/v1/format_query: READ
                        POST /api/v1/labels: READ
                        POST /api/v1/parse_query: READ
                        POST /api/v1/query: READ
                        POST /api/v1/query_exemplars: READ
                        POST /api/v1/query_range: READ
                        POST /api/v1/series: READ
                        POST /api/v1/write: INGEST
                        """);
    }

    /// What is open to who sees some environments: each of these holds its answer to them, as
    /// HeldServedTest sees, or tells nothing of points.
    @Test
    void thisIsHeldToEnvironments() {
        var held = new TreeSet<String>();
        for (Route route : routes()) {
            UriPath path =
                    UriPath.create(
                            route.path.replaceAll("\\{[a-z]+}", "x").replaceAll("\\*$", "x"));
            if (Access.isHeld(route.method, path)) {
                held.add(route.method + " " + route.path + "\n");
            }
        }
        assertThat(String.join("", held))
                .isEqualTo(
                        """
                        GET /api/firn/v1/live
                        GET /api/firn/v1/openapi.json
                        GET /api/firn/v1/settings
                        GET /api/v1/format_query
                        GET /api/v1/label/{name}/values
                        GET /api/v1/labels
                        GET /api/v1/metadata
                        GET /api/v1/parse_query
                        GET /api/v1/query
                        GET /api/v1/query_exemplars
                        GET /api/v1/query_range
                        GET /api/v1/series
                        GET /api/v1/status/buildinfo
                        GET /api/v1/status/tsdb
                        POST /api/v1/format_query
                        POST /api/v1/labels
                        POST /api/v1/parse_query
                        POST /api/v1/query
                        POST /api/v1/query_exemplars
                        POST /api/v1/query_range
                        POST /api/v1/series
                        """);
        for (String path : List.of("/api/firn/v1/new", "/api/v1/new", "/new")) {
            assertThat(Access.isHeld("GET", UriPath.create(path))).isFalse();
        }
    }

    @Test
    void whatNoRuleSpeaksOfIsTheAdministrators() {
        for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "ANY")) {
            assertThat(Access.of(method, UriPath.create("/somewhere")))
                    .isEqualTo(Access.Need.ADMIN);
        }
        assertThat(Access.of("DELETE", UriPath.create("/live"))).isEqualTo(Access.Need.ADMIN);
        assertThat(Access.of("GET", UriPath.create("/deep/down"))).isEqualTo(Access.Need.ADMIN);
    }
}
