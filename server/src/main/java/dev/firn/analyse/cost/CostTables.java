package dev.firn.analyse.cost;

import dev.firn.query.CostBook;
import dev.firn.query.ResultTables;
import dev.firn.query.ResultTables.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The engine's copy of what was metered, and of prices, under the views. Not thread-safe.
final class CostTables {
    private static final String COLUMNS =
            "period, seconds, meter, data_plane_id, environment, service_name, team, metric_name,"
                    + " source, quantity, version";
    private static final long DAY = 86_400;

    /// Seconds in which a label that was noted may not have been seen yet.
    private static final long LABELS_AGAIN = 60;

    private final ResultTables tables;
    private final CostBook book;

    private long labelsShown;

    /// What the newest periods show, by key; periods before [#changesFrom] do not change.
    private final Map<CostBook.Entry, Long> shown = new HashMap<>();

    CostTables(ResultTables tables, CostBook book) {
        this.tables = tables;
        this.book = book;
    }

    /// Makes all anew.
    ///
    /// @param now seconds since 1970
    void showAll(long now) throws InterruptedException {
        tables.run("cost/create_quantities", Map.of("table", "firn_cost_quantities"));
        tables.define(List.of("cost/drop_quantities_next"));
        tables.run("cost/create_quantities", Map.of("table", "firn_cost_quantities_next"));
        long last = now + 2 * DAY;
        List<CostBook.Entry> newest = List.of();
        for (long day = book.first() / DAY * DAY; day < last; day += DAY) {
            List<CostBook.Entry> entries = book.entries(day, day + DAY);
            insert("firn_cost_quantities_next", entries, now);
            if (!entries.isEmpty() && day >= changesFrom(now) - DAY) {
                newest = new ArrayList<>(newest);
                newest.addAll(entries);
            }
        }
        tables.define(
                List.of(
                        "cost/exchange_quantities",
                        "cost/drop_quantities_next",
                        "cost/create_labels"));
        showLabels(0);
        labelsShown = now;
        shown.clear();
        for (CostBook.Entry one : newest) {
            if (one.period() >= changesFrom(now)) {
                shown.put(key(one), one.quantity());
            }
        }
    }

    private static long changesFrom(long now) {
        return (now / 3_600 - 2) * 3_600;
    }

    private void showLabels(long since) throws InterruptedException {
        var rows = new ArrayList<Row>();
        book.askedSince(since)
                .forEach((use, at) ->
                        rows.add(
                                new Row()
                                        .text(use.metric())
                                        .text(use.label())
                                        .text(use.source())
                                        .number(at)));
        tables.insert("firn_cost_labels", "metric_name, label, source, asked_at", rows);
    }

    /// Shows what changed.
    void showNew(long now) throws InterruptedException {
        showLabels(labelsShown - LABELS_AGAIN);
        labelsShown = now;
        var changed = new ArrayList<CostBook.Entry>();
        var before = new HashMap<>(shown);
        for (CostBook.Entry one : book.entries(changesFrom(now), Long.MAX_VALUE)) {
            Long was = before.remove(key(one));
            if (!Objects.equals(was, one.quantity())) {
                changed.add(one);
            }
        }
        before.forEach((key, quantity) -> {
            if (key.period() >= changesFrom(now) && quantity != 0) {
                changed.add(key); // nothing any more
            }
        });
        insert("firn_cost_quantities", changed, now);
        changed.forEach(one -> shown.put(key(one), one.quantity()));
        shown.keySet().removeIf(key -> key.period() < changesFrom(now));
    }

    private static CostBook.Entry key(CostBook.Entry one) {
        return new CostBook.Entry(
                one.period(),
                one.seconds(),
                one.meter(),
                one.dataPlaneId(),
                one.environment(),
                one.serviceName(),
                one.team(),
                one.metric(),
                one.source(),
                0);
    }

    private void insert(String table, List<CostBook.Entry> entries, long now)
            throws InterruptedException {
        var rows = new ArrayList<Row>(entries.size());
        for (CostBook.Entry one : entries) {
            rows.add(
                    new Row()
                            .number(one.period())
                            .number(one.seconds())
                            .text(one.meter())
                            .text(one.dataPlaneId())
                            .text(one.environment())
                            .text(one.serviceName())
                            .text(one.team())
                            .text(one.metric())
                            .text(one.source())
                            .number(one.quantity())
                            .number(now));
        }
        tables.insert(table, COLUMNS, rows);
    }

    /// Shows prices.
    void show(Prices prices, long now) throws InterruptedException {
        tables.define(List.of("cost/create_prices"));
        var rows = new ArrayList<Row>();
        for (Meter meter : Meter.values()) {
            rows.add(
                    new Row()
                            .text(meter.label())
                            .text(meter.unit())
                            .text(meter.pricedPer())
                            .number(meter.perPrice())
                            .raw(prices.of(meter).toPlainString())
                            .text(prices.currency())
                            .number(now));
        }
        tables.insert(
                "firn_cost_prices",
                "meter, unit, pricing_unit, per, price, currency, version",
                rows);
        tables.define(
                List.of(
                        "cost/replace_v_cost_attribution",
                        "cost/replace_v_cost_daily",
                        "cost/replace_v_cost_coverage",
                        "cost/replace_v_cost_focus",
                        "cost/replace_v_cost_asked",
                        "cost/replace_v_cost_unasked",
                        "cost/replace_v_cost_savings"));
    }
}
