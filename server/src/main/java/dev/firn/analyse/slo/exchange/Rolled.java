package dev.firn.analyse.slo.exchange;

import dev.firn.analyse.slo.Budgeting;
import dev.firn.analyse.slo.Slo;
import dev.firn.analyse.slo.SloWindow;
import dev.firn.base.InputException;

/// What rules over rolling windows of events can say.
final class Rolled {
    private Rolled() {}

    /// @throws InputException if the objective needs more
    static void check(Slo slo, String where) {
        String what =
                slo.window() instanceof SloWindow.Calendar
                        ? "periods of the calendar"
                        : slo.budgeting() instanceof Budgeting.Occurrences ? "" : "time slices";
        if (!what.isEmpty()) {
            throw new InputException(
                    slo.place()
                            + ": cannot export \""
                            + slo.name()
                            + "\": "
                            + where
                            + " has no "
                            + what
                            + "; give it a rolling window and budgetingMethod: Occurrences");
        }
    }

    /// `checkout-latency` as `CheckoutLatency`.
    static String alertName(Slo slo) {
        var name = new StringBuilder();
        for (String word : slo.name().split("[^A-Za-z0-9]+")) {
            if (!word.isEmpty()) {
                name.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
            }
        }
        return name + "BudgetBurn";
    }
}
