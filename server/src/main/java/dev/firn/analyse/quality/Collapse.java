package dev.firn.analyse.quality;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// One incident for what has one cause: where all metrics of a service are stale the service is,
/// and where all services of a plane are, the plane.
final class Collapse {
    private Collapse() {}

    private record Plane(String plane, String environment) {}

    private record Source(Plane plane, String service) {}

    /// @param all findings of one check, the fine ones too
    static List<Finding> wrong(List<Finding> all, Predicate<Finding> isWrong) {
        var planes = new LinkedHashMap<Plane, Map<Source, List<Finding>>>();
        for (Finding one : all) {
            var plane = new Plane(one.plane(), one.environment());
            planes.computeIfAbsent(plane, _ -> new LinkedHashMap<>())
                    .computeIfAbsent(new Source(plane, one.service()), _ -> new ArrayList<>())
                    .add(one);
        }
        var found = new ArrayList<Finding>();
        planes.values()
                .forEach(sources -> {
                    var services = new ArrayList<Finding>();
                    int whole = 0;
                    for (List<Finding> metrics : sources.values()) {
                        List<Finding> wrong = metrics.stream().filter(isWrong).toList();
                        if (wrong.size() == metrics.size()) {
                            whole++;
                            services.add(
                                    wrong.size() > 1 ? together(wrong, false) : wrong.getFirst());
                        } else {
                            services.addAll(wrong);
                        }
                    }
                    if (whole == sources.size() && whole > 1) {
                        found.add(together(services, true));
                    } else {
                        found.addAll(services);
                    }
                });
        return found;
    }

    /// The freshest speaks for all.
    private static Finding together(List<Finding> some, boolean plane) {
        Finding first =
                some.stream()
                        .min(java.util.Comparator.comparingDouble(Finding::observed))
                        .orElseThrow();
        return new Finding(
                first.check(),
                first.plane(),
                first.environment(),
                plane ? "" : first.service(),
                "",
                first.observed(),
                first.expected(),
                some.stream().mapToLong(Finding::series).sum(),
                some.stream().mapToLong(Finding::points).sum(),
                "");
    }
}
