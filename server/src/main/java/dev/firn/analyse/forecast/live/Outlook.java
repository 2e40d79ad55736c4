package dev.firn.analyse.forecast.live;

import dev.firn.analyse.cost.CostHistory;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// When disk and budgets are used up, if it goes on as forecast.
final class Outlook {
    private static final long DAY = 86_400;

    private Outlook() {}

    /// What is known of a budget.
    ///
    /// @param from the first day that is forecast, seconds since 1970
    /// @param spent in the calendar month (UTC) of that day, before it
    record Spent(CostHistory.Monthly budget, long from, double spent) {}

    /// Days until the disk is full; null if that is beyond the forecast. What Firn keeps is
    /// forecast where that is known; else what it takes in a day, as if nothing were deleted.
    static @Nullable Integer daysToFull(Issuer issued, double freeBytes) {
        for (Issued one : issued.newest(Issuer.DISK, "day")) {
            double[] values = one.forecast().values();
            for (int day = 0; day < values.length; day++) {
                if (values[day] - one.lastKnown() >= freeBytes) {
                    return day;
                }
            }
            return null;
        }
        double left = freeBytes;
        for (Issued one : issued.newest("storage", "day")) {
            double[] values = one.forecast().values();
            for (int day = 0; one.environment().isEmpty() && day < values.length; day++) {
                left -= values[day];
                if (left <= 0) {
                    return day;
                }
            }
        }
        return null;
    }

    /// Each budget as JSON-able values: what its month will have cost, and the first day within the
    /// forecast at whose end a month's amount is used up.
    static List<Map<String, @Nullable Object>> budgets(Issuer issued, List<Spent> budgets) {
        var views = new ArrayList<Map<String, @Nullable Object>>();
        for (Spent one : budgets) {
            for (Issued forecast : issued.newest("budget/" + one.budget.name(), "day")) {
                views.add(budget(one, forecast.forecast().values()));
            }
        }
        return views;
    }

    private static Map<String, @Nullable Object> budget(Spent one, double[] days) {
        double amount = one.budget.amount();
        YearMonth present = month(one.from);
        YearMonth month = present;
        double spent = one.spent;
        double foreseen = one.spent;
        Integer usedUp = spent >= amount ? (Integer) 0 : null;
        for (int day = 0; day < days.length; day++) {
            YearMonth its = month(one.from + day * DAY);
            if (!its.equals(month)) {
                month = its;
                spent = 0;
            }
            spent += days[day];
            foreseen += its.equals(present) ? days[day] : 0;
            if (usedUp == null && spent >= amount) {
                usedUp = day;
            }
        }
        var view = new LinkedHashMap<String, @Nullable Object>();
        view.put("name", one.budget.name());
        view.put("monthly", amount);
        view.put("spent", one.spent);
        view.put("foreseen", foreseen);
        view.put("days_to_used_up", usedUp);
        view.put(
                "used_up",
                usedUp == null
                        ? null
                        : Instant.ofEpochSecond(one.from + usedUp * DAY)
                                .atOffset(ZoneOffset.UTC)
                                .toLocalDate()
                                .toString());
        return view;
    }

    static YearMonth month(long seconds) {
        return YearMonth.from(Instant.ofEpochSecond(seconds).atOffset(ZoneOffset.UTC));
    }
}
