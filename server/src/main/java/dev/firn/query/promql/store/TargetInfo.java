package dev.firn.query.promql.store;

import dev.firn.engine.EngineClient.Row;
import dev.firn.engine.NativeReader;
import dev.firn.engine.NativeReader.Block;
import dev.firn.model.Attributes;
import dev.firn.query.promql.lang.Matcher;
import dev.firn.query.promql.store.Batches.Entry;
import dev.firn.query.promql.store.Identities.Key;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.StaleNan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// `target_info`: a series a resource, 1 at every second in which the resource was heard of. Of
/// resources that share `job` and `instance` the one that was heard of last shows, as at :8889.
///
/// A resource is heard of where one of some of its series has a point: to look at all of them would
/// be to read everything.
final class TargetInfo {
    private static final int SERIES_MAX = 8;
    private static final Set<String> PAIR = Set.of("job", "instance");

    private final Translation translation;

    TargetInfo(Translation translation) {
        this.translation = translation;
    }

    /// What the matchers choose of them.
    List<Entry> series(List<Matcher> matchers, long fromMillis, long toMillis, Reads reads) {
        String name = translation.targetInfo();
        boolean asked =
                matchers.stream()
                        .filter(one -> one.name().equals(Labels.NAME))
                        .allMatch(one -> one.matches(name));
        if (!asked) {
            return List.of();
        }
        var targets = new HashMap<Long, Labels>();
        Map<String, List<Key>> keys = keys(matchers, fromMillis, toMillis, reads, targets);
        var heard = new HashMap<Labels, TreeMap<Long, Labels>>();
        keys.forEach(
                (table, some) -> read(table, some, fromMillis, toMillis, reads, targets, heard));
        var found = new ArrayList<Entry>();
        for (TreeMap<Long, Labels> times : heard.values()) {
            shown(times)
                    .forEach((labels, samples) -> {
                        Labels full = labels.with(Labels.NAME, name);
                        if (matchers.stream().allMatch(one -> one.matches(full.get(one.name())))) {
                            found.add(new Entry(full, samples.samples()));
                        }
                    });
        }
        found.sort((a, b) -> a.labels().compareTo(b.labels()));
        return found;
    }

    /// Series to look at, by table; `targets` gets what each belongs to.
    private Map<String, List<Key>> keys(
            List<Matcher> matchers,
            long fromMillis,
            long toMillis,
            Reads reads,
            Map<Long, Labels> targets) {
        var parameters =
                Map.of(
                        "from_day", Long.toString(Resolver.day(fromMillis)),
                        "to_day", Long.toString(Resolver.day(toMillis)),
                        "series_max", Integer.toString(SERIES_MAX));
        var keys = new HashMap<String, List<Key>>();
        var known = new HashMap<String, Labels>();
        for (Row row : reads.rows("targets", parameters)) {
            Labels labels = known.computeIfAbsent(row.text(0), this::labels);
            boolean asked =
                    matchers.stream()
                            .filter(one -> PAIR.contains(one.name()))
                            .allMatch(one -> one.matches(labels.get(one.name())));
            boolean named = PAIR.stream().anyMatch(label -> !labels.get(label).isEmpty());
            if (asked && named) {
                targets.put(row.number(2), labels);
                keys.computeIfAbsent(table(row.text(3)), _ -> new ArrayList<>())
                        .add(new Key(row.number(1), row.number(2)));
            }
        }
        return keys;
    }

    private Labels labels(String resource) {
        Labels labels = translation.target(Attributes.fromJson(resource));
        return labels == null ? Labels.EMPTY : labels;
    }

    private static String table(String type) {
        return switch (type) {
            case "histogram" -> "histograms";
            case "exponential_histogram" -> "exponential_histograms";
            case "summary" -> "summaries";
            default -> "samples";
        };
    }

    private static void read(
            String table,
            List<Key> keys,
            long fromMillis,
            long toMillis,
            Reads reads,
            Map<Long, Labels> targets,
            Map<Labels, TreeMap<Long, Labels>> heard) {
        var parameters =
                Map.of(
                        "table", table,
                        "keys", Identities.join(keys),
                        "from", Long.toString(PointsReader.within(fromMillis)),
                        "to", Long.toString(PointsReader.within(toMillis)));
        try (NativeReader reader = reads.open("target_times", parameters)) {
            for (Block block = reader.next(); block != null; block = reader.next()) {
                reads.check();
                reads.count(block.rows());
                for (int i = 0; i < block.rows(); i++) {
                    Labels target = targets.getOrDefault(block.longs(0)[i], Labels.EMPTY);
                    heard.computeIfAbsent(target.keep(PAIR), _ -> new TreeMap<>())
                            .put(block.longs(1)[i], target);
                }
            }
        } catch (IOException e) {
            throw reads.brokenOff("target_times", e);
        }
    }

    /// The samples of each target of a pair: it ends where another comes.
    private static Map<Labels, SampleColumns> shown(TreeMap<Long, Labels> times) {
        var samples = new HashMap<Labels, SampleColumns>();
        Labels last = Labels.EMPTY;
        for (Map.Entry<Long, Labels> one : times.entrySet()) {
            long at = one.getKey();
            if (!last.equals(one.getValue()) && !last.equals(Labels.EMPTY)) {
                samples.computeIfAbsent(last, _ -> new SampleColumns()).add(at, StaleNan.VALUE, 0);
            }
            last = one.getValue();
            samples.computeIfAbsent(last, _ -> new SampleColumns()).add(at, 1, 0);
        }
        return samples;
    }
}
