package dev.firn.ops.load;

import java.util.ArrayList;
import java.util.List;

/// The metrics that the shop reports, each once, numbered from 0.
final class MetricList {
    private final List<MetricInfo> metrics = new ArrayList<>();

    MetricInfo add(
            String name,
            String unit,
            String description,
            MetricInfo.Kind kind,
            MetricInfo.Temporality temporality,
            boolean monotonic) {
        for (MetricInfo known : metrics) {
            if (known.name().equals(name)
                    && known.kind() == kind
                    && known.temporality() == temporality) {
                return known;
            }
        }
        var added =
                new MetricInfo(
                        metrics.size(), name, unit, description, kind, temporality, monotonic);
        metrics.add(added);
        return added;
    }

    MetricInfo at(int index) {
        return metrics.get(index);
    }

    List<MetricInfo> all() {
        return List.copyOf(metrics);
    }
}
