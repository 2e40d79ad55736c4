package dev.firn.ops.load;

import dev.firn.ops.load.MetricInfo.Kind;
import dev.firn.ops.load.MetricInfo.Temporality;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What all instances of a service share: encoded headers and attributes, layouts of buckets,
/// tables of durations.
final class ServicePlan {
    /// Name of the counter of requests.
    static final String REQUESTS = "shop.http.requests";

    /// Latency factors are rounded to eighths, which bounds how many tables there can be.
    private static final int FACTOR_STEPS = 8;

    /// One (route, method, status): a histogram series and a counter series.
    ///
    /// @param share of the service's requests on a normal day
    /// @param routeShare of the service's requests to its route
    /// @param routeErrorShare normal share of 5xx in its route
    record Stream(
            Service.Route route,
            Service.Outcome outcome,
            double share,
            double routeShare,
            double routeErrorShare,
            byte[] histogramAttributes,
            byte[] counterAttributes) {}

    private record TableKey(Latency latency, int layout, int factorEighths) {}

    final Service service;
    final List<Layout> layouts;
    final Stream[] streams;
    final MetricInfo duration;
    final byte[] durationHeader;
    final MetricInfo requests;
    final byte[] requestsHeader;
    final List<Scalars.Metric> scalars;
    final @Nullable MetricInfo summary;
    final byte[] httpScope;
    final byte[] processScope;
    final int firstStream;
    private final Map<TableKey, Latency.Table> tables = new ConcurrentHashMap<>();

    /// @param repeats how often the routes are repeated under other paths
    /// @param firstStream number of streams of the services before
    ServicePlan(Service service, MetricList metrics, int repeats, int firstStream) {
        this.service = service;
        this.firstStream = firstStream;
        layouts = layouts(service);
        streams = streams(service, repeats);
        duration =
                metrics.add(
                        service.convention().metric(),
                        service.convention().unit().code,
                        "Duration of HTTP server requests.",
                        service.exponential() ? Kind.EXPONENTIAL_HISTOGRAM : Kind.HISTOGRAM,
                        service.temporality(),
                        false);
        durationHeader = duration.header();
        requests =
                metrics.add(
                        REQUESTS,
                        "{request}",
                        "HTTP requests served.",
                        Kind.SUM,
                        service.temporality(),
                        true);
        requestsHeader = requests.header();
        scalars = Scalars.of(metrics, service);
        summary =
                service.convention() == Service.Convention.OLD_UNDERSCORES
                        ? metrics.add(
                                "inventory_lookup_seconds",
                                "s",
                                "Lookups in the stock's index.",
                                Kind.SUMMARY,
                                Temporality.NONE,
                                false)
                        : null;
        httpScope = scope("io.opentelemetry." + service.language() + ".http", "2.11.0");
        processScope = scope("shop.process", "1.4.0");
    }

    private static byte[] scope(String name, String version) {
        var writer = new ProtobufWriter(128);
        writer.raw(
                Attributes.of("short_name", name.substring(name.lastIndexOf('.') + 1)).encode(3));
        writer.string(2, version);
        writer.string(1, name);
        writer.message(1, 0);
        return writer.toBytes();
    }

    /// Explicit bounds are those that SDKs use; `payment` changes its bounds with every version.
    private static List<Layout> layouts(Service service) {
        Layout.Unit unit = service.convention().unit();
        if (service.exponential()) {
            return List.of(Layout.Exponential.of(unit));
        }
        if (unit == Layout.Unit.SECONDS) {
            return List.of(
                    Layout.Explicit.of(
                            unit, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5,
                            7.5, 10));
        }
        Layout usual =
                Layout.Explicit.of(
                        unit, 0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500,
                        10000);
        return service.name().equals("payment")
                ? List.of(usual, Layout.Explicit.of(unit, 10, 50, 200, 300, 500, 1000, 3000, 10000))
                : List.of(usual);
    }

    private static Stream[] streams(Service service, int repeats) {
        double weights =
                repeats * service.routes().stream().mapToDouble(Service.Route::weight).sum();
        List<Stream> all = new ArrayList<>();
        for (int repeat = 0; repeat < repeats; repeat++) {
            for (Service.Route route : service.routes()) {
                String path = repeat == 0 ? route.path() : "/shop-" + repeat + route.path();
                var named =
                        new Service.Route(route.method(), path, route.weight(), route.outcomes());
                addStreams(all, service, named, route.weight() / weights);
            }
        }
        return all.toArray(Stream[]::new);
    }

    private static void addStreams(
            List<Stream> all, Service service, Service.Route route, double share) {
        double errors =
                route.outcomes().stream()
                        .filter(Service.Outcome::isError)
                        .mapToDouble(Service.Outcome::share)
                        .sum();
        for (Service.Outcome outcome : route.outcomes()) {
            Attributes attributes =
                    service.convention().attributes(route.method(), route.path(), outcome.status());
            all.add(
                    new Stream(
                            route,
                            outcome,
                            share * outcome.share(),
                            share,
                            errors,
                            attributes.encode(service.exponential() ? 1 : 9),
                            attributes.encode(7)));
        }
    }

    /// Series of one instance with all its streams.
    int seriesPerInstance() {
        int series = 2 * streams.length + (summary == null ? 0 : 1);
        for (Scalars.Metric scalar : scalars) {
            series += scalar.attributes().length;
        }
        return series;
    }

    Latency.Table table(int stream, int layout, double factor) {
        int eighths = (int) Math.max(1, Math.round(factor * FACTOR_STEPS));
        Latency latency = streams[stream].outcome().latency();
        return tables.computeIfAbsent(
                new TableKey(latency, layout, eighths),
                key ->
                        key.latency()
                                .table(
                                        layouts.get(key.layout()),
                                        (double) key.factorEighths() / FACTOR_STEPS));
    }
}
