package dev.firn.export.prometheus;

import dev.firn.model.Attributes;
import dev.firn.model.Resource;
import dev.firn.model.prometheus.Label;
import dev.firn.model.prometheus.SeriesLabels;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Resources of the series on the page, for `target_info`: at most one for a pair of `job` and
/// `instance`; of several, the one that came last.
final class Targets {
    /// A resource; one object for each.
    static final class Target {
        private final Attributes attributes;
        private final String job;
        private final String instance;
        private final long number; // rises with each new one

        private Target(Attributes attributes, long number) {
            this.attributes = attributes;
            this.job = SeriesLabels.job(attributes);
            this.instance = SeriesLabels.instance(attributes);
            this.number = number;
        }

        private String pair() {
            return job + "\u0000" + instance;
        }
    }

    private final Map<String, Target> byAttributes = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();

    /// The target of a resource.
    Target of(Resource resource) {
        return byAttributes.computeIfAbsent(resource.attributes(), this::make);
    }

    private Target make(String json) {
        return new Target(Attributes.fromJson(json), numbers.incrementAndGet());
    }

    /// Forgets all others.
    void retain(Set<Target> live) {
        byAttributes.values().retainAll(live);
    }

    /// The labels of each line of `target_info`, for the slots that are shown. A resource that has
    /// neither job nor instance has none: nothing could be joined with it.
    static Collection<List<Label>> shown(Index index, long oldestTicks) {
        var newest = new HashMap<String, Target>();
        for (Target target : live(index, oldestTicks)) {
            if (!target.job.isEmpty() || !target.instance.isEmpty()) {
                newest.merge(target.pair(), target, (a, b) -> a.number > b.number ? a : b);
            }
        }
        var lines = new TreeMap<String, List<Label>>();
        newest.forEach((pair, target) -> {
            List<Label> labels = index.labels().target(target.attributes);
            if (!labels.isEmpty()) {
                lines.put(pair, labels);
            }
        });
        return lines.values();
    }

    /// Targets of all slots that are shown.
    static Set<Target> live(Index index, long oldestTicks) {
        var live = new LinkedHashSet<Target>();
        Target last = null;
        for (Family family : index.families()) {
            for (Family.Entry entry : family.entries.values()) {
                Target target = entry.slot.target();
                if (target != last && entry.slot.shown(oldestTicks)) {
                    live.add(target);
                    last = target;
                }
            }
        }
        return live;
    }

    /// `target` of `target_info`.
    static String stem(String name) {
        return name.endsWith("_info") ? name.substring(0, name.length() - 5) : name;
    }
}
