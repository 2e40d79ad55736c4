package dev.firn.ops.load;

import dev.firn.base.InputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The whole shop: builds its instances from the options and deals them out to lanes.
public final class Shop {
    private static final int REPEAT_ROUTES_FROM = 20_000;
    private static final int ROUTE_REPEATS = 8;

    private record Site(Plane plane, ServicePlan plan, int planeIndex) {}

    private final LoadOptions options;
    private final MetricList metrics = new MetricList();
    private final List<ServicePlan> plans = new ArrayList<>();
    private final List<Site> sites = new ArrayList<>();
    private final List<Scalars.Metric> filler = new ArrayList<>();
    private final Cells.Key[] cells;

    /// Plans the shop; [#lanes] brings it to life.
    public Shop(LoadOptions options) {
        this.options = options;
        int repeats = options.series() >= REPEAT_ROUTES_FROM ? ROUTE_REPEATS : 1;
        int streams = 0;
        for (Service service : Service.shop()) {
            var plan = new ServicePlan(service, metrics, repeats, streams);
            plans.add(plan);
            streams += plan.streams.length;
        }
        cells = cells(streams);
        placeUsual();
        if (options.series() > 0) {
            placeSeries();
        }
    }

    private Cells.Key[] cells(int streams) {
        List<Cells.Key> keys = new ArrayList<>(options.planes().size() * streams);
        for (Plane plane : options.planes()) {
            for (ServicePlan plan : plans) {
                for (ServicePlan.Stream stream : plan.streams) {
                    keys.add(
                            new Cells.Key(
                                    plane.id(),
                                    plane.environment(),
                                    plan.service.name(),
                                    stream.route().path(),
                                    stream.route().method(),
                                    stream.outcome().status()));
                }
            }
        }
        return keys.toArray(Cells.Key[]::new);
    }

    private void placeUsual() {
        for (int p = 0; p < options.planes().size(); p++) {
            Plane plane = options.planes().get(p);
            for (ServicePlan plan : plans) {
                int count = plane.environment().equals("prod") ? plan.service.instances() : 1;
                for (int i = 0; i < count; i++) {
                    sites.add(new Site(plane, plan, p));
                }
            }
        }
    }

    /// Repeats the usual sites in turn while a whole instance fits; gauges of the last instance
    /// make up the rest.
    private void placeSeries() {
        List<Site> usual = List.copyOf(sites);
        sites.clear();
        long left = options.series();
        for (int i = 0; usual.get(i % usual.size()).plan().seriesPerInstance() <= left; i++) {
            Site site = usual.get(i % usual.size());
            sites.add(site);
            left -= site.plan().seriesPerInstance();
        }
        if (sites.isEmpty()) {
            throw new InputException(
                    "cannot make "
                            + options.series()
                            + " series: the first instance alone has "
                            + usual.getFirst().plan().seriesPerInstance()
                            + "; use as many at least, or 0 for the shop as it is");
        }
        if (left > 0) {
            filler.add(Scalars.filler(metrics, (int) left));
        }
    }

    /// All metrics, by the index that [Body] counts them by.
    List<MetricInfo> metrics() {
        return metrics.all();
    }

    /// How many instances run.
    public int instances() {
        return sites.size();
    }

    /// The ledger's key of a body's metric.
    public Ledger.PointKey pointKey(int metric, long hour) {
        MetricInfo info = metrics.at(metric);
        return new Ledger.PointKey(
                hour, info.name(), info.kind().label(), info.temporality().label());
    }

    /// A fresh simulation. Requests and events go to `sink` as lanes are drawn from.
    public List<Lane> lanes(LedgerSink sink) {
        List<List<Instance>> dealt = new ArrayList<>();
        for (int i = 0; i < options.lanes(); i++) {
            dealt.add(new ArrayList<>());
        }
        List<Instance> instances = instancesOf();
        for (int i = 0; i < instances.size(); i++) {
            dealt.get(i % dealt.size()).add(instances.get(i));
        }
        List<Lane> lanes = new ArrayList<>();
        for (int i = 0; i < dealt.size(); i++) {
            var export = new Export(new Cells(cells, sink), sink, metrics.all().size());
            lanes.add(new Lane(i, options, export, dealt.get(i)));
        }
        return lanes;
    }

    private List<Instance> instancesOf() {
        double planeWeights = options.planes().stream().mapToDouble(Plane::weight).sum();
        Map<Site, Integer> total = new HashMap<>();
        sites.forEach(site -> total.merge(site, 1, Integer::sum));
        Map<String, Rhythm> rhythms = new HashMap<>();
        Map<Site, Integer> placed = new HashMap<>();
        List<Instance> instances = new ArrayList<>();
        for (Site site : sites) {
            int number = placed.merge(site, 1, Integer::sum) - 1;
            double weight = site.plane().weight() / planeWeights * site.plan().service.weight();
            int running = total.getOrDefault(site, 1);
            boolean last = instances.size() == sites.size() - 1;
            Rhythm rhythm =
                    rhythms.computeIfAbsent(
                            site.plane().environment(), e -> Rhythm.of(e, options.flat()));
            instances.add(instance(site, number, options.rate() * weight / running, rhythm, last));
        }
        return instances;
    }

    private Instance instance(Site site, int number, double rate, Rhythm rhythm, boolean last) {
        Plane plane = site.plane();
        String service = site.plan().service.name();
        List<Incident> incidents =
                options.incidents().stream()
                        .filter(i -> i.touches(plane.id(), service, number))
                        .toList();
        boolean scheduled = options.restarts() && options.series() == 0;
        List<Scalars.Metric> scalars = new ArrayList<>(site.plan().scalars);
        if (last) {
            scalars.addAll(filler);
        }
        int streams = cells.length / options.planes().size();
        return new Instance(
                new Instance.Place(
                        plane.id() + "/" + service + "/" + number,
                        plane,
                        site.plan(),
                        List.copyOf(scalars),
                        number,
                        rate,
                        rhythm,
                        site.planeIndex() * streams + site.plan().firstStream,
                        options.series() > 0,
                        incidents,
                        new Deployments(
                                options.seed(), plane.id(), service, number, scheduled, incidents)),
                options);
    }
}
