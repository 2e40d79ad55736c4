package dev.firn.ops;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.config.LakeKeepConfig;
import dev.firn.config.Quantity;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePace;
import dev.firn.lake.keep.Erasure;
import dev.firn.lake.keep.Expiry;
import dev.firn.lake.keep.Holds;
import dev.firn.lake.keep.KeepMetrics;
import dev.firn.lake.keep.Orphans;
import dev.firn.lake.keep.RetentionRules;
import dev.firn.lake.keep.Retirement;
import dev.firn.lake.keep.Where;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/// What the commands `firn lake …` do to the tables, the same in a running Firn and in a directory
/// that was opened for the command. Parameters are texts, as they come over HTTP.
public final class LakeDeeds {
    /// One deed.
    public interface Deed {
        /// @return what happened, as JSON-able values
        Object run(Map<String, String> parameters, LakePace pace) throws InterruptedException;
    }

    private final LakeKeepConfig config;
    private final Expiry expiry;
    private final Orphans orphans;
    private final Retirement retirement;
    private final Holds holds;
    private final Erase erase;

    public LakeDeeds(
            LakeCatalog catalog,
            LakeKeepConfig config,
            Clock clock,
            RandomGenerator random,
            KeepMetrics metrics,
            Erase.Around around) {
        this.config = config;
        expiry = new Expiry(catalog, clock, random, metrics);
        orphans = new Orphans(catalog, metrics);
        retirement =
                new Retirement(
                        catalog, new RetentionRules(config.retention()), clock, random, metrics);
        holds = new Holds(catalog, clock, random);
        erase = new Erase(catalog, new Erasure(catalog, random, metrics), expiry, around);
    }

    /// All deeds, by name.
    public Map<String, Deed> all() {
        var all = new LinkedHashMap<String, Deed>();
        all.put(
                "expire",
                (parameters, pace) ->
                        expiry.run(
                                age(parameters, config.snapshotsOlderThanNanos()),
                                dry(parameters),
                                pace));
        all.put(
                "orphans",
                (parameters, pace) ->
                        orphans.run(
                                age(parameters, config.orphansOlderThanNanos()),
                                dry(parameters),
                                pace));
        all.put("retention", (parameters, pace) -> retirement.run(dry(parameters), pace));
        all.put("hold-ls", (parameters, pace) -> holds.list());
        all.put("hold-add", (parameters, pace) -> holds.add(name(parameters), where(parameters)));
        all.put(
                "hold-remove",
                (parameters, pace) -> {
                    holds.remove(name(parameters));
                    return holds.list();
                });
        all.put("erase", (parameters, pace) -> erase.run(order(parameters), pace));
        return all;
    }

    private Erase.Order order(Map<String, String> parameters) {
        boolean dry = dry(parameters);
        if (!dry && !flag(parameters, "yes")) {
            throw new InputException(
                    "cannot erase without --yes; look first with --dry-run what it would take");
        }
        return new Erase.Order(
                where(parameters),
                dry,
                flag(parameters, "all_series"),
                flag(parameters, "expire_now"),
                Duration.ofNanos(config.snapshotsOlderThanNanos()));
    }

    private static boolean dry(Map<String, String> parameters) {
        return flag(parameters, "dry_run");
    }

    private static boolean flag(Map<String, String> parameters, String name) {
        return "true".equals(parameters.get(name));
    }

    private static Where where(Map<String, String> parameters) {
        return Where.parse(parameters.getOrDefault("where", ""));
    }

    private static String name(Map<String, String> parameters) {
        return parameters.getOrDefault("name", "");
    }

    /// Below an hour nothing is taken at its word: an age is there so that nothing in use goes.
    private static Duration age(Map<String, String> parameters, long otherwise) {
        String text = parameters.get("older_than");
        if (text == null || text.isEmpty()) {
            return Duration.ofNanos(otherwise);
        }
        long nanos;
        try {
            nanos = Quantity.nanos(text);
        } catch (IllegalArgumentException e) {
            throw new InputException("--older-than: " + e.getMessage());
        }
        if (nanos < Duration.ofHours(1).toNanos()) {
            throw new InputException(
                    "--older-than: "
                            + text
                            + " is below 1h, the least that is safe beside writers");
        }
        return Duration.ofNanos(nanos);
    }
}
