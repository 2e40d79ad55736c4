package dev.firn.analyse.cost;

import dev.firn.model.Batch;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.query.AdmittedBook.Admitted;
import dev.firn.query.AdmittedBook.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Points of each cut by plane and day. A hot path: `firn bench ingest` has it. Not thread-safe.
final class AdmittedTally {
    private static final long DAY_NANOS = 86_400_000_000_000L;

    private final List<Admitted> admitted = new ArrayList<>();
    private final Map<Place, long[]> cut = new HashMap<>();

    /// Counts a request of the cut that is being read.
    void take(Batch batch) {
        for (Points.Kind kind : Points.Kind.values()) {
            Points points = batch.points(kind);
            Series series = null;
            long[] count = new long[1];
            long from = 0;
            for (int row = 0; row < points.size(); row++) {
                long time = points.time[row];
                Series one = points.series[row];
                if (one != series || time < from || time - from >= DAY_NANOS) {
                    long day = Math.floorDiv(time, DAY_NANOS);
                    from = day * DAY_NANOS;
                    series = one;
                    count =
                            cut.computeIfAbsent(
                                    new Place(one.wellKnown().dataPlaneId(), day),
                                    place -> new long[1]);
                }
                count[0]++;
            }
        }
    }

    /// Ends a cut.
    void cut(long number) {
        cut.forEach((place, count) -> admitted.add(new Admitted(number, place, count[0])));
        cut.clear();
    }

    /// Of cuts that ended since the last [#clear].
    List<Admitted> admitted() {
        return admitted;
    }

    void clear() {
        admitted.clear();
        cut.clear();
    }
}
