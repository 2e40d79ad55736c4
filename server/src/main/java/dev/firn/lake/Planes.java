package dev.firn.lake;

import io.prometheus.metrics.core.metrics.Counter;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The planes that have partitions of their own, first come first served: identity partitions on a
/// value without bounds would bury the lake in small files.
final class Planes {
    private static final Logger LOG = LoggerFactory.getLogger(Planes.class);

    private final int max;
    private final Counter overflow;
    private final Set<String> own = new HashSet<>();
    private boolean warned;

    Planes(int max, Counter overflow) {
        this.max = max;
        this.overflow = overflow;
    }

    /// Admits the planes of these series while there is room; returns all that were ever admitted.
    Set<String> admit(RunSeries series) {
        for (int i = 0; i < series.size(); i++) {
            String plane = series.at(i).wellKnown().dataPlaneId();
            if (plane.isEmpty() || own.contains(plane)) {
                continue;
            }
            if (own.size() < max) {
                own.add(plane);
            } else {
                overflow.inc();
                warn(plane);
            }
        }
        return own;
    }

    private void warn(String plane) {
        if (!warned) {
            warned = true;
            LOG.warn(
                    "data plane \"{}\" has no partition of its own in the lake: {} planes have, and"
                            + " it goes to \"{}\"; raise lake.partition_planes_max if it should",
                    plane,
                    max,
                    PointsTable.OTHER_PLANE);
        }
    }
}
