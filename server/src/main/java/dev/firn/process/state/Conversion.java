package dev.firn.process.state;

import dev.firn.model.Batch;
import dev.firn.model.Points;

/// What the two conversions share.
final class Conversion {
    private static final Points.Kind[] KINDS = Points.Kind.values();

    private Conversion() {}

    /// Whether a batch has any point to convert.
    static boolean concerns(Batch in, SeriesTargets targets) {
        for (Points.Kind kind : KINDS) {
            Points points = in.points(kind);
            for (int row = 0; row < points.size(); row++) {
                if (targets.of(points.series[row]).isPresent()) {
                    return true;
                }
            }
        }
        return false;
    }
}
