package dev.firn.analyse.cost;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The month so far as JSON-able values.
final class CostView {
    /// Groups of an answer, the dearest first; the views have all.
    private static final int GROUPS_MAX = 1_000;

    private CostView() {}

    static Map<String, Object> of(
            Prices prices, Budgets.Month month, List<Unasked> unasked, long now) {
        var view = new LinkedHashMap<String, Object>();
        view.put("as_of", time(now));
        view.put("from", time(month.from()));
        view.put("to", time(month.to()));
        view.put("prices", prices.list());
        view.put("currency", prices.currency());
        view.put("meters", meters(prices, month));
        view.put("groups", groups(prices, month));
        view.put("budgets", month.spent().stream().map(CostView::budget).toList());
        view.put("unasked", unasked.stream().map(CostView::unasked).toList());
        return view;
    }

    private static Map<String, Object> unasked(Unasked one) {
        var view = new LinkedHashMap<String, Object>();
        view.put("metric_name", one.metric());
        view.put("series", one.series());
        view.put("cost", one.cost());
        view.put("asked_since", time(one.since()));
        return view;
    }

    private static String time(long seconds) {
        return Instant.ofEpochSecond(seconds).toString();
    }

    private static Map<String, Object> budget(Budgets.Spent spent) {
        var view = new LinkedHashMap<String, Object>();
        view.put("name", spent.budget().name());
        view.put("data_plane_id", spent.budget().dataPlaneId());
        view.put("environment", spent.budget().environment());
        view.put("service_name", spent.budget().serviceName());
        view.put("team", spent.budget().team());
        view.put("monthly", spent.budget().amount());
        view.put("spent", spent.cost());
        view.put("foreseen", spent.foreseen());
        return view;
    }

    private static List<Map<String, Object>> meters(Prices prices, Budgets.Month month) {
        var parts = new EnumMap<Meter, Map<String, Long>>(Meter.class);
        month.quantities()
                .forEach((key, quantity) ->
                        parts.computeIfAbsent(key.meter(), meter -> new HashMap<>())
                                .merge(part(key.group()), quantity, Long::sum));
        var views = new ArrayList<Map<String, Object>>();
        parts.forEach((meter, its) -> {
            long total = its.values().stream().mapToLong(one -> one).sum();
            var view = new LinkedHashMap<String, Object>();
            view.put("meter", meter.label());
            view.put("unit", meter.unit());
            view.put("quantity", total);
            for (String part : List.of("attributed", "overhead", "idle", "unattributed")) {
                view.put(part, its.getOrDefault(part, 0L));
            }
            view.put("price", prices.of(meter));
            view.put("priced_per", meter.pricedPer());
            view.put("cost", prices.cost(meter, total));
            views.add(view);
        });
        return views;
    }

    private static String part(Group group) {
        if (!group.isSpecial()) {
            return "attributed";
        }
        return group.equals(Group.OVERHEAD)
                ? "overhead"
                : group.equals(Group.IDLE) ? "idle" : "unattributed";
    }

    private static List<Map<String, Object>> groups(Prices prices, Budgets.Month month) {
        var all = new HashMap<Group, Map<String, Object>>();
        var costs = new HashMap<Group, Double>();
        month.quantities()
                .forEach((key, quantity) -> {
                    Map<String, Object> view = all.computeIfAbsent(key.group(), CostView::group);
                    view.put(key.meter().label(), quantity);
                    costs.merge(key.group(), prices.cost(key.meter(), quantity), Double::sum);
                });
        all.forEach((group, view) -> view.put("cost", costs.getOrDefault(group, 0.0)));
        return all.entrySet().stream()
                .sorted(
                        Comparator.comparingDouble((Map.Entry<Group, Map<String, Object>> one) ->
                                        -costs.getOrDefault(one.getKey(), 0.0))
                                .thenComparing(one -> one.getKey().toString()))
                .limit(GROUPS_MAX)
                .map(Map.Entry::getValue)
                .toList();
    }

    private static Map<String, Object> group(Group group) {
        var view = new LinkedHashMap<String, Object>();
        view.put("data_plane_id", group.dataPlaneId());
        view.put("environment", group.environment());
        view.put("service_name", group.serviceName());
        view.put("team", group.team());
        view.put("metric_name", group.metric());
        view.put("source", group.source());
        return view;
    }
}
