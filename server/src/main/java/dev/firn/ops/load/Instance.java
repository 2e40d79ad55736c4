package dev.firn.ops.load;

import dev.firn.ops.load.MetricInfo.Temporality;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// One process of a service: serves requests, restarts, and exports every step by its own clock.
///
/// A crash keeps the pod (same resource, later start time) and loses what was not exported; a
/// deployment is a new pod with a last export by the old one. A hot path: `LoadBenchmark` in
/// bench/.
final class Instance {
    private static final long HOUR = 3600 * LoadOptions.SECOND;
    private static final double CRASH_EVERY = 5 * 24 * (double) HOUR;
    private static final long JITTER = 3_000_000;
    private static final double[] QUANTILES = {0.5, 0.9, 0.99};

    /// What does not change.
    ///
    /// @param number in its plane and service
    /// @param rate requests a second, the mean of a week
    /// @param firstCell of its streams in the lane's [Cells]
    /// @param everySeries exports series that have counted nothing yet
    record Place(
            String name,
            Plane plane,
            ServicePlan plan,
            List<Scalars.Metric> scalars,
            int number,
            double rate,
            Rhythm rhythm,
            int firstCell,
            boolean everySeries,
            List<Incident> incidents,
            Deployments deployments) {}

    private final Place place;
    private final LoadOptions options;
    private final Chance chance;
    private final ExportFaults faults;
    private HttpStreams http;
    private final double[] scalarValues;
    private final double[] scalarExported;
    private final boolean[] known;
    private byte[] resource = {};
    private long summaryCount;
    private double summarySum;
    private long requestsSinceExport;
    private long start;
    private long collected;
    private long simulated;
    private long exportBase;
    private long exportAt;
    private long crashAt;
    private long deployAt;

    Instance(Place place, LoadOptions options) {
        this.place = place;
        this.options = options;
        chance = Chance.of(options.seed(), place.name());
        faults = new ExportFaults(Chance.of(options.seed(), place.name() + "/faults"));
        long first = options.fromNanos() + chance.below(options.stepAt(options.fromNanos()));
        int values = 0;
        for (Scalars.Metric scalar : place.scalars()) {
            values += scalar.attributes().length;
        }
        scalarValues = new double[values];
        scalarExported = new double[values];
        http = streams(first);
        known = new boolean[http.size() + 1];
        newPod(first);
        boot(first);
    }

    private HttpStreams streams(long at) {
        ServicePlan plan = place.plan();
        int layout = (int) Math.floorMod(place.deployments().numberAt(at), plan.layouts.size());
        return new HttpStreams(plan, layout);
    }

    String name() {
        return place.name();
    }

    /// When something happens next: an export or a restart.
    long nextAt() {
        return Math.min(exportAt, Math.min(crashAt, deployAt));
    }

    /// Lets it happen. Exported points are appended to `out`, one `ResourceMetrics` at most.
    void advance(Export out) {
        long at = nextAt();
        simulate(at, out.cells());
        if (at == deployAt) {
            if (at > collected) {
                export(at, out);
            }
            deploy(at, out);
        } else if (at == crashAt) {
            out.event("crash", at, place);
            http.clear();
            boot(at + (3 + chance.below(12)) * LoadOptions.SECOND);
        } else {
            export(at, out);
            exportBase += stepAt(exportBase);
            exportAt = exportBase + jitter();
        }
    }

    private void deploy(long at, Export out) {
        out.event("deploy " + place.deployments().versionAt(at), at, place);
        http = streams(at);
        newPod(at);
        boot(at + LoadOptions.SECOND + chance.below(4 * LoadOptions.SECOND));
    }

    private void boot(long at) {
        start = at;
        collected = at;
        simulated = at;
        requestsSinceExport = 0;
        java.util.Arrays.fill(scalarValues, 0);
        java.util.Arrays.fill(scalarExported, 0);
        summaryCount = 0;
        summarySum = 0;
        exportBase = at + stepAt(at);
        exportAt = exportBase + jitter();
        deployAt = place.deployments().nextAfter(at);
        crashAt = Long.MAX_VALUE;
        if (options.restarts() && options.series() == 0) {
            crashAt = at + (long) (CRASH_EVERY * chance.exponential());
        }
        for (Incident incident : place.incidents()) {
            if (incident.kind() == Incident.Kind.SLOW_LEAK && incident.toNanos() > at) {
                crashAt = Math.min(crashAt, incident.toNanos());
            }
            if (incident.kind() == Incident.Kind.RESTARTS) {
                long next =
                        Math.max(at, incident.fromNanos())
                                + (long) (HOUR / Math.max(1e-3, incident.factor()));
                crashAt = next < incident.toNanos() ? Math.min(crashAt, next) : crashAt;
            }
        }
    }

    private long stepAt(long at) {
        double often = 1;
        for (Incident incident : active(at)) {
            often *= incident.kind() == Incident.Kind.VOLUME ? incident.factor() : 1;
        }
        return (long) Math.clamp(options.stepAt(at) / often, LoadOptions.SECOND / 10.0, HOUR / 2.0);
    }

    /// Timers fire late by a little, never early.
    private long jitter() {
        return 50_000 + chance.below(JITTER);
    }

    private void newPod(long at) {
        java.util.Arrays.fill(known, false);
        var names = Chance.of(options.seed(), place.name() + "/" + at);
        String service = place.plan().service.name();
        String pod = service + "-" + Long.toString(names.next() >>> 36, 36) + "-" + place.number();
        var writer = new ProtobufWriter(1024);
        writer.raw(resourceAttributes(at, pod, names).encode(1));
        writer.message(1, 0);
        resource = writer.toBytes();
    }

    private Attributes resourceAttributes(long at, String pod, Chance names) {
        Service service = place.plan().service;
        Plane plane = place.plane();
        boolean current = service.convention() == Service.Convention.CURRENT;
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("service.name", service.name());
        values.put("service.namespace", "shop");
        values.put("service.version", place.deployments().versionAt(at));
        values.put("service.instance.id", new UUID(names.next(), names.next()).toString());
        values.put(
                current ? "deployment.environment.name" : "deployment.environment",
                plane.environment());
        values.put("data_plane_id", plane.id());
        values.put("cloud.region", plane.region());
        values.put("k8s.cluster.name", "shop-" + plane.id());
        values.put("k8s.namespace.name", "shop");
        values.put("k8s.deployment.name", service.name());
        values.put("k8s.pod.name", pod);
        values.put("host.name", "node-" + (1 + names.below(40)) + "." + plane.region());
        values.put("process.pid", 1 + names.below(30));
        values.put("process.command_args", List.of(service.language(), "serve"));
        values.put("shop.canary", place.number() == 0);
        values.put("telemetry.sdk.language", service.language());
        values.put("telemetry.sdk.name", "opentelemetry");
        values.put("telemetry.sdk.version", "1.49.0");
        return new Attributes(values);
    }

    /// Requests from the last time simulated to `until`, hour by hour.
    private void simulate(long until, Cells cells) {
        while (simulated < until) {
            long hour = Math.floorDiv(simulated, HOUR);
            long to = Math.min(until, (hour + 1) * HOUR);
            simulate(simulated, to, hour, cells);
            simulated = to;
        }
    }

    private void simulate(long from, long to, long hour, Cells cells) {
        long middle = from + (to - from) / 2;
        List<Incident> active = active(middle);
        double mean = place.rate() * place.rhythm().at(middle) * (to - from) / LoadOptions.SECOND;
        ServicePlan.Stream[] streams = place.plan().streams;
        for (int i = 0; i < streams.length; i++) {
            double expected = mean * streams[i].share();
            double latency = 1;
            if (!active.isEmpty()) {
                var effect = Effect.of(active, streams[i], middle);
                expected = mean * effect.share();
                latency = effect.latencyFactor();
            }
            long requests = chance.poisson(expected);
            if (requests > 0) {
                long ticks = http.serve(i, requests, latency, chance);
                cells.happened(hour, place.firstCell() + i, requests, ticks);
                requestsSinceExport += requests;
            }
        }
    }

    private List<Incident> active(long at) {
        if (place.incidents().isEmpty()) {
            return place.incidents();
        }
        return place.incidents().stream()
                .filter(i ->
                        i.kind() == Incident.Kind.BAD_DEPLOY
                                ? place.deployments().badAt(at)
                                : i.covers(at))
                .toList();
    }

    private void export(long time, Export out) {
        List<Incident> active = active(time);
        boolean silent = active.stream().anyMatch(i -> i.kind() == Incident.Kind.SILENCE);
        moveScalars(time, active);
        faults.release(time, out::add);
        boolean delta = place.plan().service.temporality() == Temporality.DELTA;
        if (!silent) {
            long httpStart = delta ? collected : start;
            write(out, httpStart, time);
            send(out, time, active);
            markExported(time, out.cells());
        }
        if (delta) {
            http.clear();
        }
        System.arraycopy(scalarValues, 0, scalarExported, 0, scalarValues.length);
        collected = time;
        requestsSinceExport = 0;
    }

    private void moveScalars(long time, List<Incident> active) {
        double leak = 0;
        for (Incident incident : active) {
            if (incident.kind() == Incident.Kind.SLOW_LEAK) {
                leak = Math.max(leak, incident.progress(time));
            }
        }
        double seconds = (double) (time - collected) / LoadOptions.SECOND;
        var moment = new Scalars.Moment(seconds, requestsSinceExport, leak, chance);
        int at = 0;
        for (Scalars.Metric scalar : place.scalars()) {
            for (int i = 0; i < scalar.attributes().length; i++, at++) {
                scalarValues[at] = scalar.motion().next(scalarValues[at], i, moment);
            }
        }
        long lookups = chance.poisson(requestsSinceExport * 3.0);
        summaryCount += lookups;
        summarySum += lookups * (1 + chance.below(8)) / 1024.0;
    }

    private void markExported(long time, Cells cells) {
        long hour = Math.floorDiv(time, HOUR);
        for (int i = 0; i < http.size(); i++) {
            long requests = http.countPending(i);
            if (requests > 0) {
                cells.exported(hour, place.firstCell() + i, requests, http.ticksPending(i));
                http.markExported(i);
            }
        }
    }

    /// One `ResourceMetrics` as field 1 of the request, back to front.
    private void write(Export out, long httpStart, long time) {
        ProtobufWriter writer = out.begin();
        int whole = writer.size();
        writer.string(3, "https://opentelemetry.io/schemas/1.37.0");
        int process = writer.size();
        writeSummary(writer, time, out);
        writeScalars(writer, time, out);
        writer.raw(place.plan().processScope);
        writer.message(2, process);
        writeHttp(writer, httpStart, time, out);
        writer.raw(resource);
        writer.message(1, whole);
        known[http.size()] = true;
    }

    private void send(Export out, long time, List<Incident> active) {
        List<Incident> ofData = active.stream().filter(i -> i.kind().isOfData()).toList();
        if (ofData.isEmpty()) {
            out.end();
            return;
        }
        for (Incident fault : ofData) {
            if (faults.begins(fault)) {
                String what = "fault " + fault.kind().label() + " " + fault.factor();
                out.event(what, time, place);
            }
        }
        faults.send(out.written(), time, ofData, out::add);
    }

    private void writeHttp(ProtobufWriter writer, long httpStart, long time, Export out) {
        ServicePlan plan = place.plan();
        int points = 0;
        int fresh = 0;
        int scope = writer.size();
        writer.string(3, "https://opentelemetry.io/schemas/1.37.0");
        int counter = writer.size();
        plan.requests.open(writer);
        for (int i = http.size() - 1; i >= 0; i--) {
            if (http.used(i) || place.everySeries()) {
                http.writeCounter(writer, i, httpStart, time);
                points++;
                fresh += known[i] ? 0 : 1;
                known[i] = true;
            }
        }
        if (points == 0) {
            writer.truncate(scope);
            return;
        }
        plan.requests.close(writer, counter, plan.requestsHeader);
        int histogram = writer.size();
        plan.duration.open(writer);
        for (int i = http.size() - 1; i >= 0; i--) {
            if (http.used(i) || place.everySeries()) {
                http.writeHistogram(writer, i, httpStart, time, chance);
            }
        }
        plan.duration.close(writer, histogram, plan.durationHeader);
        writer.raw(plan.httpScope);
        writer.message(2, scope);
        out.count(plan.requests, points, fresh);
        out.count(plan.duration, points, fresh);
    }

    private void writeScalars(ProtobufWriter writer, long time, Export out) {
        int at = scalarValues.length;
        for (Scalars.Metric scalar : place.scalars().reversed()) {
            MetricInfo info = scalar.info();
            int mark = writer.size();
            info.open(writer);
            for (int i = scalar.attributes().length - 1; i >= 0; i--) {
                writeScalar(writer, scalar, i, --at, time);
            }
            info.close(writer, mark, scalar.header());
            int series = scalar.attributes().length;
            out.count(info, series, known[http.size()] ? 0 : series);
        }
    }

    private void writeScalar(
            ProtobufWriter writer, Scalars.Metric scalar, int series, int at, long time) {
        boolean delta = scalar.info().temporality() == Temporality.DELTA;
        double value = delta ? scalarValues[at] - scalarExported[at] : scalarValues[at];
        int point = writer.size();
        writer.raw(scalar.attributes()[series]);
        if (scalar.integer()) {
            writer.fixed64(6, (long) value);
        } else {
            writer.float64(4, value);
        }
        writer.fixed64(3, time);
        if (scalar.info().kind() == MetricInfo.Kind.SUM) {
            writer.fixed64(2, delta ? collected : start);
        }
        writer.message(1, point);
    }

    private void writeSummary(ProtobufWriter writer, long time, Export out) {
        MetricInfo info = place.plan().summary;
        if (info == null) {
            return;
        }
        int metric = writer.size();
        int point = writer.size();
        for (int i = QUANTILES.length - 1; i >= 0; i--) {
            int quantile = writer.size();
            double spread = summaryCount == 0 ? Double.NaN : (1 + chance.unit()) * (i + 1) / 1000;
            writer.float64(2, spread);
            writer.float64(1, QUANTILES[i]);
            writer.message(6, quantile);
        }
        writer.count64(5, Double.doubleToRawLongBits(summarySum));
        writer.count64(4, summaryCount);
        writer.fixed64(3, time);
        writer.fixed64(2, start);
        writer.message(1, point);
        info.close(writer, metric, info.header());
        out.count(info, 1, known[http.size()] ? 0 : 1);
    }
}
