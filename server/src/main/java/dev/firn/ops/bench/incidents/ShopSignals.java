package dev.firn.ops.bench.incidents;

import dev.firn.analyse.anomaly.live.Distribution;
import dev.firn.analyse.anomaly.live.SignalPoint;
import dev.firn.analyse.anomaly.live.Signals;
import dev.firn.base.Clock;
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
import java.util.List;
import java.util.Map;
import java.util.Random;
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
    private final TreeMap<Long, Map<Place, Requests>> open = new TreeMap<>();
    private final Taker taker;
    private long points;

    /// Takes intervals in order.
    interface Taker {
        void interval(long startMillis, List<SignalPoint> points);
    }

    private record Place(String environment, String service, String route) {}

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
            var all = new ArrayList<SignalPoint>();
            entry.getValue()
                    .forEach((place, requests) ->
                            all.addAll(
                                    Signals.ofRequests(
                                            place.environment,
                                            place.service,
                                            place.route,
                                            requests.all,
                                            requests.errors,
                                            requests.durations)));
            taker.interval(entry.getKey() * Signals.STEP_SECONDS * 1_000, all);
        }
    }

    private void explicit(Histograms rows) {
        for (int row = 0; row < rows.size(); row++) {
            Series series = rows.series[row];
            if (!isHttp(series)) {
                continue;
            }
            long[] buckets = rows.counts.row(row);
            var now = new Last(rows.start[row], rows.count[row], 0, 0, 0, buckets);
            double[] increase = increase(rows, row, now);
            Requests here = requests(rows, row);
            count(here, series, increase[0]);
            double[] bounds = new double[Math.max(0, buckets.length - 1)];
            long[] bits = rows.bounds.row(row);
            for (int i = 0; i < bounds.length; i++) {
                bounds[i] = Double.longBitsToDouble(bits[i]);
            }
            here.durations.explicit(
                    bounds,
                    java.util.Arrays.copyOfRange(increase, 2, increase.length),
                    unit(series));
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
            Requests here = requests(rows, row);
            count(here, series, increase[0]);
            double[] places = new double[buckets.length];
            java.util.Arrays.setAll(places, i -> now.offset + i);
            here.durations.exponential(
                    now.scale,
                    places,
                    java.util.Arrays.copyOfRange(increase, 2, increase.length),
                    increase[1],
                    unit(series));
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

    private Requests requests(Points rows, int row) {
        WellKnown of = rows.series[row].wellKnown();
        return open.computeIfAbsent(Math.floorDiv(rows.time[row], STEP_NANOS), _ -> new HashMap<>())
                .computeIfAbsent(
                        new Place(of.environment(), of.serviceName(), of.httpRoute()),
                        _ -> new Requests());
    }

    private static void count(Requests here, Series series, double requests) {
        here.all += requests;
        if (series.wellKnown().httpStatusCode().startsWith("5")) {
            here.errors += requests;
        }
    }

    private static boolean isHttp(Series series) {
        return series.metric().name().startsWith("http.server.");
    }

    private static double unit(Series series) {
        return series.metric().unit().equals("ms") ? 1e-3 : 1;
    }
}
