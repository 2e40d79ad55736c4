package dev.firn.query.promql.store;

import dev.firn.engine.EngineClient.Row;
import dev.firn.engine.NativeReader;
import dev.firn.engine.NativeReader.Block;
import dev.firn.model.prometheus.FamilyType;
import dev.firn.query.promql.eval.QueryException;
import dev.firn.query.promql.lang.Matcher;
import dev.firn.query.promql.store.Identities.Key;
import dev.firn.query.promql.store.Identities.Known;
import dev.firn.query.promql.store.Translation.Wanted;
import dev.firn.query.promql.value.Labels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Finds the stored series behind a selector.
final class Resolver {
    private static final long DAY_MILLIS = 86_400_000;

    /// ClickHouse's last Date.
    private static final long DAY_MAX = 65_535;

    private final Translation translation;
    private final Identities identities;
    private final long seriesMax;

    Resolver(Translation translation, Identities identities, long seriesMax) {
        this.translation = translation;
        this.identities = identities;
        this.seriesMax = seriesMax;
    }

    static long day(long millis) {
        return Math.clamp(Math.floorDiv(millis, DAY_MILLIS), 0, DAY_MAX);
    }

    /// Names, units and types of all metrics.
    static List<Family> families(Reads reads) {
        var families = new ArrayList<Family>();
        for (Row row : reads.rows("metrics", Map.of())) {
            families.add(
                    Family.of(
                            row.number(0),
                            row.text(1),
                            row.text(2),
                            row.text(3),
                            row.text(4),
                            row.text(5)));
        }
        return families;
    }

    /// Groups in order of their labels.
    List<Group> groups(List<Matcher> matchers, long fromMillis, long toMillis, Reads reads) {
        List<Wanted> wanted = translation.wanted(families(reads), matchers);
        var forms = new HashMap<Family, List<Wanted>>();
        wanted.forEach(one -> forms.computeIfAbsent(one.family(), _ -> new ArrayList<>()).add(one));
        if (forms.isEmpty()) {
            return List.of();
        }
        var byLabels = new TreeMap<Labels, Map<String, Group>>();
        for (Known series : known(forms, fromMillis, toMillis, reads)) {
            for (Wanted one : forms.getOrDefault(series.family(), List.of())) {
                add(one, series, matchers, byLabels);
            }
        }
        return byLabels.values().stream().flatMap(groups -> groups.values().stream()).toList();
    }

    private List<Known> known(
            Map<Family, List<Wanted>> forms, long fromMillis, long toMillis, Reads reads) {
        var metrics = new TreeSet<Long>();
        forms.keySet().forEach(family -> metrics.add(family.id()));
        var keys = new ArrayList<Key>();
        var parameters =
                Map.of(
                        "metrics", Identities.join(metrics),
                        "from_day", Long.toString(day(fromMillis)),
                        "to_day", Long.toString(day(toMillis)));
        try (NativeReader reader = reads.open("series_ids", parameters)) {
            for (Block block = reader.next(); block != null; block = reader.next()) {
                reads.check();
                for (int i = 0; i < block.rows(); i++) {
                    keys.add(new Key(block.longs(0)[i], block.longs(1)[i]));
                }
                if (keys.size() > seriesMax) {
                    throw new QueryException(
                            QueryException.Kind.TOO_MANY_SAMPLES,
                            "the selector's metrics have more than "
                                    + seriesMax
                                    + " series; name fewer, or raise promql.series_max");
                }
            }
        } catch (IOException e) {
            throw reads.brokenOff("series_ids", e);
        }
        keys.sort((a, b) -> Long.compare(a.seriesId(), b.seriesId()));
        return identities.of(keys, reads);
    }

    private static void add(
            Wanted wanted,
            Known series,
            List<Matcher> matchers,
            Map<Labels, Map<String, Group>> byLabels) {
        String split =
                wanted.form().split()
                        ? FamilyType.of(series.family().described()).reservedLabel()
                        : "";
        for (Matcher matcher : matchers) {
            boolean later =
                    matcher.name().equals(Labels.NAME)
                            || (!split.isEmpty() && matcher.name().equals(split));
            if (!later && !matcher.matches(series.labels().get(matcher.name()))) {
                return;
            }
        }
        Labels labels = series.labels().with(Labels.NAME, wanted.name());
        byLabels.computeIfAbsent(labels, _ -> new TreeMap<>())
                .computeIfAbsent(split, _ -> new Group(labels, split, new ArrayList<>()))
                .members()
                .add(new Member(series.family(), wanted.form(), series.id()));
    }
}
