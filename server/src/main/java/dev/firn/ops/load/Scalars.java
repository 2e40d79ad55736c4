package dev.firn.ops.load;

import dev.firn.ops.load.MetricInfo.Kind;
import dev.firn.ops.load.MetricInfo.Temporality;
import java.util.ArrayList;
import java.util.List;

/// The metrics of a process with one number a point: gauges, up-down counters, observable counters
/// and the shop's own counters.
final class Scalars {
    private static final double PAGE = 4096;
    private static final double MEMORY_IDLE = 220 * 1024.0 * 1024;
    private static final double MEMORY_SPREAD = 90 * 1024.0 * 1024;
    private static final double MEMORY_LEAK = 1800 * 1024.0 * 1024;
    private static final double POOL = 20;

    private Scalars() {}

    /// What a value depends on.
    ///
    /// @param seconds since the last export
    /// @param requests served in them
    /// @param leak from 0 to 1: how far a memory leak has come
    record Moment(double seconds, long requests, double leak, Chance chance) {}

    /// How a value goes on.
    @FunctionalInterface
    interface Motion {
        double next(double before, int series, Moment moment);
    }

    /// @param attributes encoded, one a series
    record Metric(
            MetricInfo info, byte[] header, boolean integer, byte[][] attributes, Motion motion) {}

    static List<Metric> of(MetricList list, Service service) {
        List<Metric> all = new ArrayList<>();
        process(list, all);
        pools(list, all);
        if (service.name().equals("checkout")) {
            orders(list, all, service.temporality());
        }
        return List.copyOf(all);
    }

    private static Metric metric(
            MetricInfo info, boolean integer, Motion motion, Attributes... series) {
        byte[][] encoded = new byte[series.length][];
        for (int i = 0; i < series.length; i++) {
            encoded[i] = series[i].encode(7);
        }
        return new Metric(info, info.header(), integer, encoded, motion);
    }

    private static void process(MetricList list, List<Metric> all) {
        all.add(
                metric(
                        list.add(
                                "process.cpu.time",
                                "s",
                                "Total CPU seconds broken down by mode.",
                                Kind.SUM,
                                Temporality.CUMULATIVE,
                                true),
                        false,
                        (before, series, m) ->
                                before
                                        + (series == 0 ? 0.004 : 0.001)
                                                * (m.requests() + m.seconds() * m.chance().unit()),
                        Attributes.of("cpu.mode", "user"),
                        Attributes.of("cpu.mode", "system")));
        all.add(
                metric(
                        list.add(
                                "process.cpu.utilization",
                                "1",
                                "Share of the CPU time that the process may use.",
                                Kind.GAUGE,
                                Temporality.NONE,
                                false),
                        false,
                        (before, series, m) ->
                                Math.min(
                                        1,
                                        0.005 * m.requests() / m.seconds()
                                                + 0.02
                                                + 0.03 * m.chance().unit()),
                        Attributes.of()));
        all.add(
                metric(
                        list.add(
                                "process.memory.usage",
                                "By",
                                "Physical memory in use.",
                                Kind.SUM,
                                Temporality.CUMULATIVE,
                                false),
                        true,
                        (before, series, m) ->
                                PAGE
                                        * Math.floor(
                                                (MEMORY_IDLE
                                                                + MEMORY_SPREAD * m.chance().unit()
                                                                + MEMORY_LEAK * m.leak())
                                                        / PAGE),
                        Attributes.of()));
        all.add(
                metric(
                        list.add(
                                "system.network.io",
                                "By",
                                "Bytes sent and received.",
                                Kind.SUM,
                                Temporality.CUMULATIVE,
                                true),
                        true,
                        (before, series, m) ->
                                before
                                        + m.requests() * (series == 0 ? 700 : 9000)
                                        + m.chance().below(2000),
                        Attributes.of("network.io.direction", "receive"),
                        Attributes.of("network.io.direction", "transmit")));
    }

    private static void pools(MetricList list, List<Metric> all) {
        all.add(
                metric(
                        list.add(
                                "http.server.active_requests",
                                "{request}",
                                "Requests being served.",
                                Kind.SUM,
                                Temporality.CUMULATIVE,
                                false),
                        true,
                        (before, series, m) -> m.chance().poisson(0.1 * m.requests() / m.seconds()),
                        Attributes.of("http.request.method", "GET"),
                        Attributes.of("http.request.method", "POST")));
        all.add(
                metric(
                        list.add(
                                "db.client.connection.count",
                                "{connection}",
                                "Connections of the pool by state.",
                                Kind.SUM,
                                Temporality.CUMULATIVE,
                                false),
                        true,
                        (before, series, m) ->
                                Math.min(POOL, m.chance().poisson(series == 0 ? 3 : 9)),
                        Attributes.of(
                                "db.client.connection.state",
                                "used",
                                "db.client.connection.pool.name",
                                "main"),
                        Attributes.of(
                                "db.client.connection.state",
                                "idle",
                                "db.client.connection.pool.name",
                                "main")));
        all.add(
                metric(
                        list.add(
                                "shop.queue.depth",
                                "{message}",
                                "Messages waiting.",
                                Kind.GAUGE,
                                Temporality.NONE,
                                false),
                        true,
                        (before, series, m) ->
                                Math.max(
                                        0,
                                        Math.floor(before * 0.7)
                                                + m.chance().poisson(series == 0 ? 4 : 1)),
                        Attributes.of("messaging.destination.name", "orders", "durable", true),
                        Attributes.of("messaging.destination.name", "mail", "durable", false)));
    }

    private static void orders(MetricList list, List<Metric> all, Temporality temporality) {
        all.add(
                metric(
                        list.add(
                                "shop.orders.placed",
                                "{order}",
                                "Orders placed.",
                                Kind.SUM,
                                temporality,
                                true),
                        true,
                        (before, series, m) -> before + m.chance().poisson(m.requests() * 0.1),
                        Attributes.of("payment.method", "card"),
                        Attributes.of("payment.method", "invoice"),
                        Attributes.of("payment.method", "wallet")));
        all.add(
                metric(
                        list.add(
                                "shop.revenue",
                                "EUR",
                                "Value of the orders placed.",
                                Kind.SUM,
                                temporality,
                                true),
                        false,
                        (before, series, m) ->
                                before + m.chance().below(1 + m.requests() * 400) / 64.0,
                        Attributes.of("currency", "EUR")));
    }

    /// Gauges that make up an exact number of series (see [LoadOptions#series()]).
    static Metric filler(MetricList list, int series) {
        Attributes[] shelves = new Attributes[series];
        for (int i = 0; i < series; i++) {
            shelves[i] = Attributes.of("shelf", (long) i);
        }
        return metric(
                list.add(
                        "shop.shelf.temperature",
                        "Cel",
                        "Temperature of a shelf.",
                        Kind.GAUGE,
                        Temporality.NONE,
                        false),
                false,
                (before, shelf, m) -> 4 + m.chance().below(256) / 64.0,
                shelves);
    }
}
