package dev.firn.config;

/// `cost`: what is metered, and what it costs.
///
/// @param enabled whether it is metered
/// @param prices a file such as `config/prices.yaml`; empty: quantities only, at no price
/// @param team attribute of points or resources that names a team; empty for none
/// @param groupsMax groups (data plane, environment, service, team, metric) that are told apart
public record CostConfig(boolean enabled, String prices, String team, int groupsMax) {
    /// What applies where nothing is set.
    public static final CostConfig DEFAULTS = new CostConfig(true, "", "", 10_000);

    static CostConfig read(Section section) {
        var cost =
                new CostConfig(
                        section.bool("enabled", DEFAULTS.enabled),
                        section.text("prices", DEFAULTS.prices),
                        section.text("team", DEFAULTS.team),
                        (int) section.integer("groups_max", DEFAULTS.groupsMax, 10, 100_000));
        section.close();
        return cost;
    }
}
