package dev.firn.engine;

import dev.firn.config.EngineRetentionRule;
import dev.firn.model.Series;
import java.util.List;
import java.util.regex.Pattern;

/// How long the engine keeps a series' points: days, 1 to 65,535, counted from a point's time. What
/// was stored keeps the days that it was stored with.
public final class Retention {
    /// Days that the engine keeps points by default.
    public static final int DEFAULT_DAYS = 90;

    private static final Pattern WILD = Pattern.compile("[*?]|[^*?]+");

    private final int usualDays;
    private final List<Rule> rules;

    private record Rule(EngineRetentionRule config, Pattern metric) {
        boolean matches(Series series) {
            return fits(config.environment(), series.wellKnown().environment())
                    && fits(config.plane(), series.wellKnown().dataPlaneId())
                    && (config.metric().isEmpty()
                            || metric.matcher(series.metric().name()).matches());
        }

        private static boolean fits(String wanted, String value) {
            return wanted.isEmpty() || wanted.equals(value);
        }
    }

    private Retention(int usualDays, List<Rule> rules) {
        this.usualDays = usualDays;
        this.rules = rules;
    }

    /// The same for all series.
    public static Retention days(int days) {
        return new Retention(days, List.of());
    }

    /// By the first rule that matches a series, else the usual.
    public static Retention rules(int usualDays, List<EngineRetentionRule> rules) {
        return new Retention(
                usualDays,
                rules.stream().map(rule -> new Rule(rule, pattern(rule.metric()))).toList());
    }

    private static Pattern pattern(String wild) {
        var regex = new StringBuilder();
        var parts = WILD.matcher(wild);
        while (parts.find()) {
            regex.append(
                    switch (parts.group()) {
                        case "*" -> ".*";
                        case "?" -> ".";
                        case String text -> Pattern.quote(text);
                    });
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }

    /// The least that any series has.
    int daysMin() {
        return rules.stream().mapToInt(rule -> rule.config.keepDays()).reduce(usualDays, Math::min);
    }

    /// The most that any series has.
    int daysMax() {
        return rules.stream().mapToInt(rule -> rule.config.keepDays()).reduce(usualDays, Math::max);
    }

    /// Days that a series' points are kept.
    int days(Series series) {
        for (Rule rule : rules) {
            if (rule.matches(series)) {
                return rule.config.keepDays();
            }
        }
        return usualDays;
    }
}
