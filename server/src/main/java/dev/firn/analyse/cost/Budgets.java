package dev.firn.analyse.cost;

import dev.firn.query.AlertBook;
import dev.firn.query.CostBook;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// What the calendar month (UTC) has cost so far, and what that means for budgets. A month's end is
/// foreseen from the days that are over: what they cost a day, times the month's days.
final class Budgets {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final long DAY = 86_400;
    private static final int HOUR = 3_600;

    private final CostBook book;

    Budgets(CostBook book) {
        this.book = book;
    }

    /// A month so far.
    ///
    /// @param from its first second since 1970
    /// @param quantities of all periods
    /// @param spent against each budget, in the order of budgets
    record Month(
            long from,
            long to,
            Map<Quantities.Key, Long> quantities,
            List<Spent> spent,
            List<AlertBook.Decision> decisions) {
        Month {
            quantities = Map.copyOf(quantities);
            spent = List.copyOf(spent);
            decisions = List.copyOf(decisions);
        }
    }

    /// What was spent against a budget.
    ///
    /// @param foreseen at the month's end
    record Spent(Prices.Budget budget, double cost, double foreseen) {}

    Month month(Prices prices, long now) {
        YearMonth month = YearMonth.from(Instant.ofEpochSecond(now).atOffset(ZoneOffset.UTC));
        long from = month.atDay(1).toEpochDay() * DAY;
        long to = month.plusMonths(1).atDay(1).toEpochDay() * DAY;
        var quantities = new HashMap<Quantities.Key, Long>();
        long first = to;
        for (CostBook.Entry one : book.entries(from, to)) {
            first = Math.min(first, one.period());
            quantities.merge(
                    new Quantities.Key(Meter.of(one.meter()), Group.of(one)),
                    one.quantity(),
                    Math::addExact);
        }
        var spent = new ArrayList<Spent>();
        var decisions = new ArrayList<AlertBook.Decision>();
        double measured = Math.max(HOUR, now - first); // the month, or since metering began in it
        for (Prices.Budget budget : prices.budgets()) {
            double cost = 0;
            for (Map.Entry<Quantities.Key, Long> one : quantities.entrySet()) {
                if (budget.fits(one.getKey().group())) {
                    cost += prices.cost(one.getKey().meter(), one.getValue());
                }
            }
            var its = new Spent(budget, cost, cost + cost / measured * (to - now));
            spent.add(its);
            decide(its, prices, from, now, decisions);
        }
        return new Month(from, to, quantities, spent, decisions);
    }

    private static void decide(
            Spent spent, Prices prices, long from, long now, List<AlertBook.Decision> decisions) {
        double amount = spent.budget.amount().doubleValue();
        boolean over = spent.cost > amount;
        boolean foreseen = now - from >= 2 * DAY && spent.foreseen > amount;
        if (!over && !foreseen) {
            return;
        }
        var detail = new LinkedHashMap<String, Object>();
        detail.put("budget", spent.budget.name());
        detail.put("spent", spent.cost);
        detail.put("foreseen", spent.foreseen);
        detail.put("amount", amount);
        detail.put("currency", prices.currency());
        decisions.add(
                new AlertBook.Decision(
                        over ? "budget_spent" : "budget_will_not_do",
                        over ? AlertBook.Severity.TICKET : AlertBook.Severity.INFO,
                        subject(spent.budget),
                        now * 1_000,
                        over ? spent.cost : spent.foreseen,
                        amount,
                        String.format(
                                Locale.ROOT,
                                over
                                        ? "budget \"%s\" is spent: %.2f of %.2f %s since the month began;"
                                                + " `firn report cost` says for what"
                                        : "budget \"%s\" will not do: %.2f of %.2f %s at the month's end"
                                                + " if it goes on like this",
                                spent.budget.name(),
                                over ? spent.cost : spent.foreseen,
                                amount,
                                prices.currency()),
                        MAPPER.writeValueAsString(detail)));
    }

    private static Map<String, String> subject(Prices.Budget budget) {
        var subject = new LinkedHashMap<String, String>();
        subject.put("budget", budget.name());
        put(subject, "data_plane_id", budget.dataPlaneId());
        put(subject, "environment", budget.environment());
        put(subject, "service_name", budget.serviceName());
        put(subject, "team", budget.team());
        return subject;
    }

    private static void put(Map<String, String> subject, String name, String value) {
        if (!value.isEmpty()) {
            subject.put(name, value);
        }
    }
}
