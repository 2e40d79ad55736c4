package dev.firn.config;

import java.util.ArrayList;
import java.util.List;

/// `engine.retention_rules`: how long the engine keeps a series' points; the first rule that
/// matches decides, `engine.retention` where none does. An empty text matches any.
///
/// @param environment column `environment`
/// @param plane column `data_plane_id`
/// @param metric pattern over the metric's name as sent: `*` any characters, `?` one
/// @param keepDays after a point's time
public record EngineRetentionRule(String environment, String plane, String metric, int keepDays) {
    private static final long DAY = 86_400_000_000_000L;

    static List<EngineRetentionRule> read(List<Section> sections) {
        var rules = new ArrayList<EngineRetentionRule>();
        for (Section section : sections) {
            if (!section.has("keep")) {
                section.problem("has no keep; add for how long, such as keep: 30d");
            }
            long keep = section.nanos("keep", 90 * DAY, 3 * DAY, 36_500 * DAY);
            if (keep % DAY != 0) {
                section.problem("keep", Quantity.showNanos(keep) + " is no multiple of 24h");
            }
            var rule =
                    new EngineRetentionRule(
                            section.text("environment", ""),
                            section.text("plane", ""),
                            section.text("metric", ""),
                            (int) (keep / DAY));
            if (rule.environment.isEmpty() && rule.plane.isEmpty() && rule.metric.isEmpty()) {
                section.problem(
                        "names none of environment, plane and metric; name one, or set"
                                + " engine.retention for all that no rule names");
            }
            section.close();
            rules.add(rule);
        }
        return List.copyOf(rules);
    }
}
