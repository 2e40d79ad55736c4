package dev.firn.query.promql.store;

import dev.firn.config.PromqlConfig;
import dev.firn.config.PromqlConfig.Histograms;
import dev.firn.model.Attributes;
import dev.firn.model.Metric;
import dev.firn.model.prometheus.Escaping;
import dev.firn.model.prometheus.FamilyType;
import dev.firn.model.prometheus.Label;
import dev.firn.model.prometheus.Names;
import dev.firn.model.prometheus.SeriesLabels;
import dev.firn.query.promql.lang.Matcher;
import dev.firn.query.promql.value.Labels;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Prometheus' names and labels of stored metrics, by the same code as those at :8889.
final class Translation {
    /// Families whose names are remembered.
    private static final int FAMILIES_MAX = 100_000;

    private final PromqlConfig config;
    private final SeriesLabels labels;
    private final Map<Family, String> names = new ConcurrentHashMap<>();

    Translation(PromqlConfig config) {
        this.config = config;
        var rules =
                new Names(
                        config.namespace(),
                        config.translation().suffixes(),
                        config.translation().utf8(),
                        Escaping.ALLOW_UTF_8);
        this.labels =
                new SeriesLabels(
                        rules, Map.of(), !config.scopeLabels(), config.promotedAttributes()::takes);
    }

    /// A series' name that was asked for, and what of its points it shows.
    record Wanted(Family family, Form form, String name) {}

    /// The family's name; empty if nothing of its metric's can stand in one.
    String name(Family family) {
        if (names.size() > FAMILIES_MAX) {
            names.clear();
        }
        return names.computeIfAbsent(
                family,
                one -> {
                    String name = labels.names().metric(one.described());
                    return name == null ? "" : name;
                });
    }

    /// What the matchers of the name choose. The name that the sender gave is understood, too,
    /// where it is named in full; a histogram is then a native one.
    List<Wanted> wanted(List<Family> families, List<Matcher> matchers) {
        List<Matcher> ofName =
                matchers.stream().filter(one -> one.name().equals(Labels.NAME)).toList();
        var wanted = new LinkedHashSet<Wanted>();
        for (Family family : families) {
            String name = name(family);
            for (Form form : Form.of(family.type(), config.histograms())) {
                add(family, form, name, ofName, wanted);
            }
            boolean named = ofName.stream().anyMatch(one -> isSentName(one, family));
            if (named) {
                for (Form form : Form.of(family.type(), Histograms.BOTH)) {
                    add(family, form, family.metric(), ofName, wanted);
                }
            }
        }
        return List.copyOf(wanted);
    }

    private static boolean isSentName(Matcher matcher, Family family) {
        return matcher.type() == Matcher.Type.EQUAL && matcher.value().startsWith(family.metric());
    }

    private static void add(
            Family family, Form form, String name, List<Matcher> matchers, Set<Wanted> wanted) {
        String full = name + form.suffix();
        var one = new Wanted(family, form, full);
        if (!name.isEmpty() && matchers.stream().allMatch(matcher -> matcher.matches(full))) {
            wanted.add(one);
        }
    }

    /// Labels of a series without its name.
    ///
    /// @param attributes of its points, canonical JSON
    /// @param columns well-known ones by name
    Labels labels(Metric metric, String attributes, Map<String, String> columns) {
        var promoted = new HashMap<>(columns);
        promoted.keySet().retainAll(config.promotedColumns());
        return labels(
                labels.of(metric, attributes, promoted, FamilyType.of(metric).reservedLabel()));
    }

    /// The family's unit as a word; empty if its name has none.
    String unit(Family family) {
        return labels.names().unit(family.described(), name(family));
    }

    /// Name of an attribute's label.
    String label(String key) {
        return labels.names().label(key);
    }

    /// Name of the series that describe resources.
    String targetInfo() {
        return labels.names().own("target_info");
    }

    /// Labels of a resource's `target_info` without its name; null if it has nothing to say.
    @Nullable Labels target(Attributes resource) {
        List<Label> target = labels.target(resource);
        return target.isEmpty() ? null : labels(target);
    }

    private static Labels labels(List<Label> list) {
        var map = new HashMap<String, String>();
        list.forEach(label -> map.put(label.name(), label.value()));
        return Labels.of(map);
    }
}
