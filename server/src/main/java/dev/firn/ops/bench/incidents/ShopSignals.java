package dev.firn.ops.bench.incidents;

import dev.firn.analyse.anomaly.live.Distribution;
import dev.firn.analyse.anomaly.live.SignalPoint;
import dev.firn.analyse.anomaly.live.SignalWatch;
import dev.firn.analyse.anomaly.live.Signals;
import dev.firn.base.Clock;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import dev.firn.model.WellKnown;
import dev.firn.ops.load.Body;
import dev.firn.ops.load.Lane;
import dev.firn.ops.load.LedgerSink;
import dev.firn.ops.load.LoadOptions;
import dev.firn.ops.load.Shop;
import dev.firn.receive.OtlpProtobufDecoder;
import dev.firn.receive.ReceiveLimits;
import dev.firn.receive.SeriesCache;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/// The signals of the simulated shop, interval by interval: the plain reading of its exports in
/// memory, every increase in the interval of the later point.
final class ShopSignals {
    private static final long STEP_NANOS = Signals.STEP_SECONDS * LoadOptions.SECOND;
    private static final int CACHE_BYTES = 1 << 27;

    /// A start that is at most so old tells that nothing came before it.
    private static final long FRESH_NANOS = 600 * LoadOptions.SECOND;

    private final OtlpProtobufDecoder decoder;
    private final Batch batch = new Batch();
    private final Map<Series, Last> last = new HashMap<>();
    private final TreeMap<Long, Interval> open = new TreeMap<>();
    private final Map<String, Process> processes = new HashMap<>();
    private final Taker taker;
    private long points;

    /// Takes intervals in order.
    interface Taker {
        void interval(long startMillis, List<SignalPoint> points, List<SignalWatch.Ran> running);
    }

    /// @param part route or instance
    private record Place(String environment, String service, String part) {}

    /// What a resource says of itself.
    private record Process(String instance, String version) {}

    private static final class Interval {
        private final Map<Place, Requests> routes = new HashMap<>();
        private final Map<Place, Requests> instances = new HashMap<>();
        private final Set<SignalWatch.Ran> running = new LinkedHashSet<>();
    }

    private static final class Requests {
        private final Distribution durations = new Distribution();
        private double all;
        private double errors;
    }

    private record Last(
            long start, long count, int scale, int offset, long zeros, long[] buckets) {}

    ShopSignals(Taker taker) {
        this.taker = taker;
        Clock clock = Clock.system();
        decoder =
                new OtlpProtobufDecoder(
                        new SeriesCache(new Random(1), CACHE_BYTES),
                        new SeriesRegistry(SeriesIdentity.SHA_256, clock, 10_000_000),
                        ReceiveLimits.defaults(),
                        clock);
    }

    /// Lets the shop run from beginning to end.
    ///
    /// @return points that were read
    static long run(LoadOptions options, LedgerSink ledger, Taker taker) {
        var signals = new ShopSignals(taker);
        Lane lane = new Shop(options.withBodies(options.bodyPoints(), 1)).lanes(ledger).getFirst();
        while (!lane.ended()) {
            Body body = lane.next();
            if (body != null) {
                signals.take(body);
            }
        }
        lane.close();
        signals.closeBefore(Long.MAX_VALUE);
        return signals.points;
    }

    private void take(Body body) {
        batch.clear();
        decoder.decode(body.bytes(), body.bytes().length, "shop", batch);
        points += body.points();
        explicit(batch.histograms);
        exponential(batch.exponential);
        closeBefore(Math.floorDiv(body.firstNanos(), STEP_NANOS));
    }

    private void closeBefore(long interval) {
        while (!open.isEmpty() && open.firstKey() < interval) {
            var entry = open.pollFirstEntry();
            Interval its = entry.getValue();
            var all = new ArrayList<SignalPoint>();
            var services = new HashMap<Place, double[]>();
            its.routes.forEach((place, requests) -> {
                all.addAll(
                        Signals.ofRequests(
                                place.environment,
                                place.service,
                                place.part,
                                requests.all,
                                requests.errors,
                                requests.durations));
                double[] service =
                        services.computeIfAbsent(
                                new Place(place.environment, place.service, ""),
                                _ -> new double[2]);
                service[0] += requests.all;
                service[1]++;
            });
            services.forEach((place, service) -> {
                if (service[1] > 1) {
                    all.add(Signals.ofService(place.environment, place.service, service[0]));
                }
            });
            its.instances.forEach((place, requests) ->
                    all.addAll(
                            Signals.ofInstance(
                                    place.environment,
                                    place.service,
                                    place.part,
                                    requests.all,
                                    requests.errors,
                                    requests.durations)));
            taker.interval(
                    entry.getKey() * Signals.STEP_SECONDS * 1_000, all, List.copyOf(its.running));
        }
    }

    private void explicit(Histograms rows) {
        for (int row = 0; row < rows.size(); row++) {
            Series series = rows.series[row];
            if (!isHttp(series)) {
                continue;
            }
            long[] counts = rows.counts.row(row);
            var now = new Last(rows.start[row], rows.count[row], 0, 0, 0, counts);
            double[] increase = increase(rows, row, now);
            List<Requests> here = requests(rows, row);
            count(here, series, increase[0]);
            double[] bounds = new double[Math.max(0, counts.length - 1)];
            long[] bits = rows.bounds.row(row);
            for (int i = 0; i < bounds.length; i++) {
                bounds[i] = Double.longBitsToDouble(bits[i]);
            }
            double[] buckets = java.util.Arrays.copyOfRange(increase, 2, increase.length);
            here.forEach(one -> one.durations.explicit(bounds, buckets, unit(series)));
        }
    }

    private void exponential(ExponentialHistograms rows) {
        for (int row = 0; row < rows.size(); row++) {
            Series series = rows.series[row];
            if (!isHttp(series)) {
                continue;
            }
            long[] buckets = rows.positive.row(row);
            var now =
                    new Last(
                            rows.start[row],
                            rows.count[row],
                            rows.scale[row],
                            rows.positiveOffset[row],
                            rows.zeroCount[row],
                            buckets);
            double[] increase = increase(rows, row, now);
            List<Requests> here = requests(rows, row);
            count(here, series, increase[0]);
            double[] places = new double[buckets.length];
            java.util.Arrays.setAll(places, i -> now.offset + i);
            double[] positive = java.util.Arrays.copyOfRange(increase, 2, increase.length);
            here.forEach(one ->
                    one.durations.exponential(
                            now.scale, places, positive, increase[1], unit(series)));
        }
    }

    /// Events, zeros, then each bucket's. Of a scale that changed only the events are known.
    private double[] increase(Points rows, int row, Last now) {
        Series series = rows.series[row];
        double[] increase = new double[2 + now.buckets.length];
        boolean delta = series.metric().temporality() == Temporality.DELTA;
        Last before = delta ? null : last.put(series, now);
        if (!delta && before == null && rows.time[row] - now.start > FRESH_NANOS) {
            return increase;
        }
        Last base =
                before != null && before.start == now.start
                        ? before
                        : new Last(now.start, 0, now.scale, 0, 0, new long[0]);
        increase[0] = now.count - base.count;
        if (base.scale != now.scale) {
            return increase;
        }
        increase[1] = now.zeros - base.zeros;
        for (int i = 0; i < now.buckets.length; i++) {
            int at = now.offset + i - base.offset;
            increase[2 + i] =
                    now.buckets[i] - (at >= 0 && at < base.buckets.length ? base.buckets[at] : 0);
        }
        return increase;
    }

    /// Those of its route and of its instance.
    private List<Requests> requests(Points rows, int row) {
        Series series = rows.series[row];
        WellKnown of = series.wellKnown();
        Process process =
                processes.computeIfAbsent(
                        series.metric().resource().attributes(), ShopSignals::process);
        Interval its =
                open.computeIfAbsent(
                        Math.floorDiv(rows.time[row], STEP_NANOS), _ -> new Interval());
        its.running.add(new SignalWatch.Ran(of.environment(), of.serviceName(), process.version));
        return List.of(
                its.routes.computeIfAbsent(
                        new Place(of.environment(), of.serviceName(), of.httpRoute()),
                        _ -> new Requests()),
                its.instances.computeIfAbsent(
                        new Place(of.environment(), of.serviceName(), process.instance),
                        _ -> new Requests()));
    }

    private static Process process(String attributes) {
        Attributes its = Attributes.fromJson(attributes);
        return new Process(text(its, "service.instance.id"), text(its, "service.version"));
    }

    private static String text(Attributes attributes, String key) {
        return attributes.find(key).orElse(null) instanceof AttributeValue.Text(String text)
                ? text
                : "";
    }

    private static void count(List<Requests> here, Series series, double requests) {
        boolean failed = series.wellKnown().httpStatusCode().startsWith("5");
        for (Requests one : here) {
            one.all += requests;
            one.errors += failed ? requests : 0;
        }
    }

    private static boolean isHttp(Series series) {
        return series.metric().name().startsWith("http.server.");
    }

    private static double unit(Series series) {
        return series.metric().unit().equals("ms") ? 1e-3 : 1;
    }
}
