package dev.firn.ops.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One of the shop's services: what it serves and how its SDK reports it.
///
/// @param weight share of all requests
/// @param instances in a production plane; other planes run one
record Service(
        String name,
        String language,
        Convention convention,
        boolean exponential,
        MetricInfo.Temporality temporality,
        double weight,
        int instances,
        List<Route> routes) {

    /// Which semantic convention for HTTP servers (DESIGN §8).
    enum Convention {
        /// `http.server.request.duration` in seconds.
        CURRENT,
        /// `http.server.duration` in milliseconds, dotted attribute names.
        OLD,
        /// The same, through Prometheus: underscores, and all values strings.
        OLD_UNDERSCORES;

        Layout.Unit unit() {
            return this == CURRENT ? Layout.Unit.SECONDS : Layout.Unit.MILLISECONDS;
        }

        String metric() {
            return this == CURRENT ? "http.server.request.duration" : "http.server.duration";
        }

        Attributes attributes(String method, String route, int status) {
            return switch (this) {
                case CURRENT -> current(method, route, status);
                case OLD ->
                        Attributes.of(
                                "http.method",
                                method,
                                "http.route",
                                route,
                                "http.scheme",
                                "http",
                                "http.status_code",
                                (long) status);
                case OLD_UNDERSCORES ->
                        Attributes.of(
                                "http_method", method,
                                "http_route", route,
                                "http_status_code", Integer.toString(status));
            };
        }

        private static Attributes current(String method, String route, int status) {
            Map<String, Object> values = new java.util.LinkedHashMap<>();
            values.put("http.request.method", method);
            values.put("http.route", route);
            values.put("http.response.status_code", (long) status);
            values.put("url.scheme", "https");
            values.put("network.protocol.version", "1.1");
            if (status >= 500) {
                values.put("error.type", Integer.toString(status));
            }
            return new Attributes(values);
        }
    }

    /// A route and what may come of a request to it.
    ///
    /// @param weight relative to the other routes of the service
    record Route(String method, String path, double weight, List<Outcome> outcomes) {}

    /// @param share of the route's requests on a normal day
    record Outcome(int status, double share, Latency latency) {
        boolean isError() {
            return status >= 500;
        }
    }

    private static final Latency QUICK_REFUSAL = Latency.of(4, 0.5);
    private static final Latency TIMEOUT = Latency.of(900, 0.9).slow(0.2, 5000);

    private static Route get(String path, double weight, Latency latency) {
        return new Route(
                "GET",
                path,
                weight,
                List.of(
                        new Outcome(200, 0.982, latency),
                        new Outcome(404, 0.016, QUICK_REFUSAL),
                        new Outcome(500, 0.002, TIMEOUT)));
    }

    private static Route post(String path, double weight, Latency latency) {
        return new Route(
                "POST",
                path,
                weight,
                List.of(
                        new Outcome(201, 0.965, latency),
                        new Outcome(400, 0.020, QUICK_REFUSAL),
                        new Outcome(409, 0.010, QUICK_REFUSAL),
                        new Outcome(500, 0.003, TIMEOUT),
                        new Outcome(503, 0.002, QUICK_REFUSAL)));
    }

    /// The shop. Weights add up to 1.
    static List<Service> shop() {
        var delta = MetricInfo.Temporality.DELTA;
        var cumulative = MetricInfo.Temporality.CUMULATIVE;
        List<Service> all = new ArrayList<>();
        all.add(
                new Service(
                        "frontend",
                        "nodejs",
                        Convention.CURRENT,
                        false,
                        cumulative,
                        0.34,
                        3,
                        List.of(
                                get("/", 4, Latency.of(35, 0.45)),
                                get("/product/:id", 5, Latency.of(60, 0.5).slow(0.08, 400)),
                                get("/search", 2, Latency.of(140, 0.7)),
                                get("/basket", 1.5, Latency.of(45, 0.4)),
                                post("/basket/items", 1, Latency.of(70, 0.4)),
                                post("/login", 0.5, Latency.of(180, 0.25)))));
        all.add(
                new Service(
                        "catalog",
                        "go",
                        Convention.CURRENT,
                        true,
                        cumulative,
                        0.22,
                        2,
                        List.of(
                                get("/v1/products", 3, Latency.of(6, 0.4).slow(0.15, 90)),
                                get(
                                        "/v1/products/{id}",
                                        6,
                                        Latency.of(3, 0.4).slow(0.1, 60).zero(0.01)),
                                get("/v1/categories", 1, Latency.of(2.5, 0.3).zero(0.05)))));
        all.add(
                new Service(
                        "cart",
                        "dotnet",
                        Convention.CURRENT,
                        false,
                        delta,
                        0.14,
                        2,
                        List.of(
                                get("/api/cart/{id}", 4, Latency.of(9, 0.4)),
                                post("/api/cart/{id}/items", 2, Latency.of(16, 0.5)))));
        all.add(
                new Service(
                        "checkout",
                        "java",
                        Convention.CURRENT,
                        true,
                        delta,
                        0.08,
                        2,
                        List.of(
                                post("/checkout", 2, Latency.of(320, 0.5).slow(0.05, 2200)),
                                get("/checkout/{id}/state", 3, Latency.of(12, 0.5)))));
        all.add(
                new Service(
                        "payment",
                        "java",
                        Convention.OLD,
                        false,
                        cumulative,
                        0.06,
                        2,
                        List.of(
                                post("/payments", 3, Latency.of(240, 0.35).slow(0.3, 800)),
                                get("/payments/{paymentId}", 2, Latency.of(15, 0.4)))));
        all.add(
                new Service(
                        "recommendation",
                        "python",
                        Convention.OLD,
                        true,
                        delta,
                        0.10,
                        2,
                        List.of(get("/recommendations/<user>", 1, Latency.of(80, 0.8)))));
        all.add(
                new Service(
                        "inventory",
                        "ruby",
                        Convention.OLD_UNDERSCORES,
                        false,
                        cumulative,
                        0.06,
                        1,
                        List.of(
                                get("/stock/:sku", 4, Latency.of(11, 0.4).slow(0.02, 250)),
                                post("/reservations", 1, Latency.of(28, 0.5)))));
        return List.copyOf(all);
    }
}
