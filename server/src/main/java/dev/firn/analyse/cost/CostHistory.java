package dev.firn.analyse.cost;

import dev.firn.query.CostBook;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What each day, or hour, cost by today's prices, in all, by environment and against each budget,
/// and how many bytes were on disk: what forecasts are made from.
public final class CostHistory {
    private static final long HOUR = 3_600;
    private static final long DAY = 86_400;
    private static final long DAY_HOURS = 24;

    private final String file;
    private final CostBook book;

    /// A budget of a calendar month (UTC).
    public record Monthly(String name, double amount) {}

    /// One day (UTC) or hour.
    ///
    /// @param start seconds since 1970
    /// @param byEnvironment without what is of none
    /// @param byBudget in the order of [#budgets]
    /// @param engineBytes mean over the hours that were read; 0 if none was
    public record Period(
            long start,
            double cost,
            Map<String, Double> byEnvironment,
            List<Double> byBudget,
            double engineBytes,
            double lakeBytes) {
        public Period {
            byEnvironment = Map.copyOf(byEnvironment);
            byBudget = List.copyOf(byBudget);
        }
    }

    /// @param file `cost.prices`; empty for none
    public CostHistory(String file, CostBook book) {
        this.file = file;
        this.book = book;
    }

    /// All budgets.
    ///
    /// @throws dev.firn.base.InputException if the file of prices has mistakes
    public List<Monthly> budgets() {
        return Prices.open(file).budgets().stream()
                .map(one -> new Monthly(one.name(), one.amount().doubleValue()))
                .toList();
    }

    /// Days of which anything was metered.
    ///
    /// @param from start of the first day, seconds since 1970
    /// @param to end of the last
    public List<Period> days(long from, long to) {
        return periods(from, to, DAY);
    }

    /// Hours of which anything was metered and which are not yet part of a day: the last three days
    /// at least.
    public List<Period> hours(long from, long to) {
        return periods(from, to, HOUR);
    }

    private List<Period> periods(long from, long to, long seconds) {
        Prices prices = Prices.open(file);
        var periods = new ArrayList<Period>();
        for (long at = Math.max(from, book.first() / seconds * seconds); at < to; at += seconds) {
            List<CostBook.Entry> entries =
                    book.entries(at, at + seconds).stream()
                            .filter(one -> one.seconds() <= seconds)
                            .toList();
            if (!entries.isEmpty()) {
                periods.add(period(at, entries, prices));
            }
        }
        return periods;
    }

    private static Period period(long start, List<CostBook.Entry> entries, Prices prices) {
        double all = 0;
        var byEnvironment = new HashMap<String, Double>();
        double[] byBudget = new double[prices.budgets().size()];
        var bytes = new LinkedHashMap<Meter, Double>();
        var hours = new HashMap<Meter, Set<Long>>();
        for (CostBook.Entry one : entries) {
            Group group = Group.of(one);
            Meter meter = Meter.of(one.meter());
            double cost = prices.cost(meter, one.quantity());
            all += cost;
            if (!one.environment().isEmpty()) {
                byEnvironment.merge(one.environment(), cost, Double::sum);
            }
            for (int i = 0; i < byBudget.length; i++) {
                byBudget[i] += prices.budgets().get(i).fits(group) ? cost : 0;
            }
            hours.computeIfAbsent(meter, _ -> new HashSet<>()).add(one.period());
            if (!group.equals(Group.IDLE)) {
                bytes.merge(meter, (double) one.quantity(), Double::sum);
            }
        }
        boolean whole = entries.stream().anyMatch(one -> one.seconds() == DAY);
        return new Period(
                start,
                all,
                byEnvironment,
                java.util.Arrays.stream(byBudget).boxed().toList(),
                mean(Meter.ENGINE_BYTE_HOURS, bytes, hours, whole),
                mean(Meter.LAKE_BYTE_HOURS, bytes, hours, whole));
    }

    private static double mean(
            Meter meter, Map<Meter, Double> bytes, Map<Meter, Set<Long>> hours, boolean whole) {
        return bytes.getOrDefault(meter, 0.0)
                / (whole ? DAY_HOURS : Math.max(1, hours.getOrDefault(meter, Set.of()).size()));
    }
}
