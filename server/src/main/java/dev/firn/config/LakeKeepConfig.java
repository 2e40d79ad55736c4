package dev.firn.config;

import java.util.ArrayList;
import java.util.List;

/// What of `lake` says how long things stay. Durations are nanoseconds.
///
/// @param snapshotsOlderThanNanos age at which snapshots expire
/// @param snapshotsEveryNanos pause between two looks
/// @param orphansOlderThanNanos age at which files that nothing reaches are removed
/// @param orphansEveryNanos pause between two looks
/// @param retention the first rule that matches a row decides; none: it stays for ever
public record LakeKeepConfig(
        long snapshotsOlderThanNanos,
        long snapshotsEveryNanos,
        long orphansOlderThanNanos,
        long orphansEveryNanos,
        List<Rule> retention) {
    /// A rule's `keep` that never ends.
    public static final long FOREVER = Long.MAX_VALUE;

    private static final long HOUR = 3_600_000_000_000L;
    private static final long DAY = 24 * HOUR;
    private static final long YEARS = 36_500 * DAY;

    /// Which rows, and how long they stay after their time. An empty text matches any.
    ///
    /// @param environment column `environment`
    /// @param plane column `data_plane_id`
    /// @param metric pattern over `metric_name`: `*` any characters, `?` one
    /// @param keepNanos [#FOREVER] for no end
    public record Rule(String environment, String plane, String metric, long keepNanos) {}

    /// What holds without a configuration.
    public static final LakeKeepConfig DEFAULT =
            new LakeKeepConfig(DAY, HOUR, 3 * DAY, DAY, List.of());

    public LakeKeepConfig {
        retention = List.copyOf(retention);
    }

    /// Whole days that every row stays, whatever rule is its.
    ///
    /// @param daysMax the answer where rows stay longer
    public int leastKeepDays(int daysMax) {
        long days = daysMax;
        for (Rule rule : retention) {
            days = Math.min(days, rule.keepNanos / DAY);
        }
        return (int) days;
    }

    /// Reads its keys of section `lake`.
    static LakeKeepConfig read(Section lake) {
        Section snapshots = lake.section("snapshots");
        Section orphans = lake.section("orphans");
        var config =
                new LakeKeepConfig(
                        snapshots.nanos("older_than", DEFAULT.snapshotsOlderThanNanos, HOUR, YEARS),
                        snapshots.nanos("every", DEFAULT.snapshotsEveryNanos, HOUR / 60, 30 * DAY),
                        orphans.nanos("older_than", DEFAULT.orphansOlderThanNanos, HOUR, YEARS),
                        orphans.nanos("every", DEFAULT.orphansEveryNanos, HOUR / 60, 30 * DAY),
                        rules(lake.sections("retention")));
        snapshots.close();
        orphans.close();
        return config;
    }

    private static List<Rule> rules(List<Section> sections) {
        var rules = new ArrayList<Rule>();
        for (Section section : sections) {
            var rule =
                    new Rule(
                            section.text("environment", ""),
                            section.text("plane", ""),
                            section.text("metric", ""),
                            keep(section));
            if (rule.environment.isEmpty() && rule.plane.isEmpty() && rule.metric.isEmpty()) {
                section.problem(
                        "names none of environment, plane and metric; name one, or write"
                                + " metric: '*' for all that no rule before it names");
            }
            section.close();
            rules.add(rule);
        }
        return rules;
    }

    private static long keep(Section section) {
        if (!section.has("keep")) {
            section.problem("has no keep; add for how long, such as keep: 30d or keep: forever");
            return FOREVER;
        }
        return section.text("keep", "").strip().equals("forever")
                ? FOREVER
                : section.nanos("keep", YEARS, DAY, YEARS); // a mistake is named once
    }
}
