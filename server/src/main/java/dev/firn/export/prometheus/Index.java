package dev.firn.export.prometheus;

import dev.firn.model.Metric;
import dev.firn.model.Series;
import dev.firn.model.prometheus.Escaping;
import dev.firn.model.prometheus.FamilyType;
import dev.firn.model.prometheus.Label;
import dev.firn.model.prometheus.SeriesLabels;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/// The families of a page by name. A name belongs to the family that was there first, and with it
/// the names of its samples, so that no two series of a page are the same.
final class Index {
    private final SeriesLabels labels;
    private final ConcurrentSkipListMap<String, Family> families = new ConcurrentSkipListMap<>();
    private final Map<String, Family> textNames = new HashMap<>(); // guarded by this
    private final Map<String, Family> openMetricsNames = new HashMap<>(); // guarded by this
    private final String targetInfo;

    Index(SeriesLabels labels) {
        this.labels = labels;
        targetInfo = labels.names().own("target_info");
    }

    SeriesLabels labels() {
        return labels;
    }

    /// Name of the family of `target_info`.
    String targetInfo() {
        return targetInfo;
    }

    /// In the order of their names.
    Collection<Family> families() {
        return families.values();
    }

    /// What the page says about a series.
    ///
    /// @param key labels as text
    record Rendered(String name, FamilyType type, String unit, byte[] key) {}

    /// Renders a series; null if its metric can have no name.
    @Nullable Rendered render(Series series) {
        Metric metric = series.metric();
        String name = labels.names().metric(metric);
        if (name == null) {
            return null;
        }
        FamilyType type = FamilyType.of(metric);
        byte[] key = Label.text(labels.of(metric, series.attributes(), type.reservedLabel()));
        return new Rendered(name, type, labels.names().unit(metric, name), key);
    }

    /// Whether the page has these labels under this name.
    boolean has(Rendered rendered) {
        Family family = families.get(rendered.name);
        return family != null && family.entries.containsKey(rendered.key);
    }

    /// The family of a series; null if its name belongs to one of another type.
    @Nullable Family family(Rendered rendered, String help) {
        synchronized (this) {
            Family family = families.get(rendered.name);
            if (family == null) {
                family = claim(rendered);
            }
            if (family == null || family.type != rendered.type) {
                return null;
            }
            family.describe(help, rendered.unit);
            return family;
        }
    }

    private @Nullable Family claim(Rendered rendered) {
        List<String> names = rendered.type.textNames(rendered.name);
        if (names.contains(targetInfo) || names.stream().anyMatch(textNames::containsKey)) {
            return null;
        }
        var family = new Family(rendered.name, rendered.type);
        names.forEach(name -> textNames.put(name, family));
        claimOpenMetrics(family);
        families.put(rendered.name, family);
        return family;
    }

    private void claimOpenMetrics(Family family) {
        List<String> names = family.type.openMetricsNames(family.name);
        String target = Targets.stem(targetInfo);
        family.inOpenMetrics =
                !names.contains(target) && names.stream().noneMatch(openMetricsNames::containsKey);
        if (family.inOpenMetrics) {
            names.forEach(name -> openMetricsNames.put(name, family));
        }
    }

    /// Takes an entry away, and its family with its last one.
    void remove(Family.Entry entry) {
        synchronized (this) {
            Family family = entry.family;
            family.entries.remove(entry.labels, entry);
            if (family.entries.isEmpty() && families.remove(family.name, family)) {
                textNames.values().removeIf(owner -> owner == family);
                if (openMetricsNames.values().removeIf(owner -> owner == family)) {
                    families.values().stream()
                            .filter(other -> !other.inOpenMetrics)
                            .forEach(this::claimOpenMetrics);
                }
            }
        }
    }

    /// Families that OpenMetrics cannot show beside others.
    long hiddenInOpenMetrics() {
        return families.values().stream().filter(family -> !family.inOpenMetrics).count();
    }

    /// The same slots under names in another escaping. Where two become one series, the first
    /// stays.
    Index escaped(Escaping escaping) {
        var other = new Index(labels.with(escaping));
        for (Family family : families.values()) {
            for (Family.Entry entry : family.entries.values()) {
                other.adopt(entry.slot, family.help());
            }
        }
        return other;
    }

    private void adopt(Slot slot, String help) {
        Rendered rendered = render(slot.owner());
        Family family = rendered == null ? null : family(rendered, help);
        if (rendered != null && family != null) {
            family.entries.putIfAbsent(rendered.key, new Family.Entry(family, rendered.key, slot));
        }
    }
}
