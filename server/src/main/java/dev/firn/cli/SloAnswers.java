package dev.firn.cli;

import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/// How objectives look in a terminal.
final class SloAnswers {
    static final String PATH = "/api/firn/v1/slo";
    static final String SQL = "SELECT detail FROM v_slo_status ORDER BY slo, group_values";

    private SloAnswers() {}

    /// One line an objective and group, tab-separated.
    static void list(List<JsonNode> objectives) {
        System.out.println(
                "slo\tgroup\tstatus\ttarget\tsli\tbudget_left\tburn_1h\texhaustion\tevents\tcoverage\tpage\tticket\tas_of");
        for (JsonNode one : objectives) {
            System.out.println(
                    String.join(
                            "\t",
                            one.path("slo").asString(),
                            Tsv.text(one.path("group")),
                            one.path("status").asString(),
                            one.path("target").asString(),
                            number(one.path("sli").path("estimate"), "%.6f"),
                            number(one.path("budget").path("left").path("estimate"), "%.4f"),
                            number(burn(one, 60), "%.3f"),
                            exhaustion(one),
                            one.path("events").path("total").asString(),
                            number(one.path("coverage"), "%.4f"),
                            alert(one, "page"),
                            alert(one, "ticket"),
                            one.path("as_of").asString()));
        }
    }

    /// All of one.
    static void show(JsonNode one) {
        line("slo", one.path("slo").asString());
        if (!one.path("group").isEmpty()) {
            line("group", Tsv.text(one.path("group")));
        }
        line("description", one.path("description").asString());
        line("service", one.path("service").asString());
        line("defined in", one.path("origin").asString());
        line(
                "window",
                one.path("window").path("from").asString()
                        + " to "
                        + one.path("window").path("to").asString());
        line("as of", one.path("as_of").asString());
        line("status", one.path("status").asString() + ", target " + percent(one.path("target")));
        line("events", one.path("events").path("total").asString() + " (" + good(one) + " good)");
        line("indicator", bounds(one.path("sli")));
        line("budget left", bounds(one.path("budget").path("left")));
        line("exhaustion", exhaustion(one));
        line("coverage", percent(one.path("coverage")));
        if (one.path("events").path("unknown_baselines").asLong(0) > 0) {
            line(
                    "not counted",
                    one.path("events").path("unknown_baselines").asString()
                            + " points of unknown baseline");
        }
        if (!one.path("advice").asString("").isEmpty()) {
            line("advice", one.path("advice").asString());
        }
        for (JsonNode burn : one.path("burn_rates")) {
            line(
                    "burn " + burn.path("window").asString(),
                    number(burn.path("rate"), "%.3f")
                            + "  ("
                            + number(burn.path("bad"), "%.0f")
                            + " bad of "
                            + burn.path("events").asString()
                            + ", coverage "
                            + percent(burn.path("coverage"))
                            + ")");
        }
        for (JsonNode alert : one.path("alerts")) {
            line(alert.path("severity").asString(), alert.path("state").asString());
        }
    }

    private static String good(JsonNode one) {
        String lower = one.path("events").path("good_lower").asString();
        String upper = one.path("events").path("good_upper").asString();
        return lower.equals(upper) ? lower : lower + " to " + upper;
    }

    private static String bounds(JsonNode bounded) {
        String estimate = percent(bounded.path("estimate"));
        return bounded.path("lower").equals(bounded.path("upper"))
                ? estimate
                : estimate
                        + " (from "
                        + percent(bounded.path("lower"))
                        + " to "
                        + percent(bounded.path("upper"))
                        + ")";
    }

    private static String exhaustion(JsonNode one) {
        String when = one.path("exhaustion").asString("");
        return when.equals("ahead")
                ? "in " + number(one.path("minutes_to_exhaustion"), "%.0f") + " minutes"
                : when;
    }

    private static JsonNode burn(JsonNode one, long minutes) {
        for (JsonNode burn : one.path("burn_rates")) {
            if (burn.path("minutes").asLong(0) == minutes) {
                return burn.path("rate");
            }
        }
        return one.path("burn_rates").path("none");
    }

    private static String alert(JsonNode one, String severity) {
        for (JsonNode alert : one.path("alerts")) {
            if (alert.path("severity").asString("").equals(severity)) {
                return alert.path("state").asString();
            }
        }
        return "off";
    }

    private static String percent(JsonNode share) {
        return share.isNumber()
                ? new java.math.BigDecimal(
                                        String.format(Locale.ROOT, "%.5f", 100 * share.asDouble()))
                                .stripTrailingZeros()
                                .toPlainString()
                        + " %"
                : "unknown";
    }

    private static String number(JsonNode value, String format) {
        return value.isNumber() ? String.format(Locale.ROOT, format, value.asDouble()) : "";
    }

    private static void line(String name, String value) {
        System.out.printf(Locale.ROOT, "%-14s %s%n", name, value);
    }
}
