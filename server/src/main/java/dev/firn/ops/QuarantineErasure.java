package dev.firn.ops;

import dev.firn.lake.keep.Bounds;
import dev.firn.lake.keep.Held;
import dev.firn.lake.keep.Where;
import dev.firn.model.Points;
import dev.firn.wal.Quarantine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The part of an erasure that is about cuts which sinks refused.
public final class QuarantineErasure {
    /// What is concerned of what one sink refused.
    ///
    /// @param cuts with points that go
    /// @param rows points that go
    public record Count(String sink, long cuts, long rows) {}

    private final Quarantine quarantine;
    private final Where where;
    private final Bounds bounds;

    QuarantineErasure(Quarantine quarantine, Where where, Bounds bounds) {
        this.quarantine = quarantine;
        this.where = where;
        this.bounds = bounds;
    }

    /// Counts.
    ///
    /// @throws Held when a hold covers one of the points
    List<Count> count(Map<String, Where> holds) {
        var held = new TreeMap<String, Long>();
        List<Count> counts =
                all(
                        quarantine::count,
                        (points, row) -> {
                            if (!matches(where, points, row)) {
                                return false;
                            }
                            holds.forEach((name, hold) -> {
                                if (matches(hold, points, row)) {
                                    held.merge(name, 1L, Long::sum);
                                }
                            });
                            return true;
                        });
        if (!held.isEmpty()) {
            throw new Held(
                    "cannot erase "
                            + where
                            + " from quarantined cuts: holds cover points of them ("
                            + held
                            + "); nothing was erased; remove the hold with firn lake hold remove,"
                            + " or ask for less");
        }
        return counts;
    }

    /// Erases all but what a hold covers by now.
    List<Count> erase(Map<String, Where> holds) {
        return all(
                quarantine::take,
                (points, row) ->
                        matches(where, points, row)
                                && holds.values().stream()
                                        .noneMatch(hold -> matches(hold, points, row)));
    }

    private interface Deed {
        long on(Quarantine.Entry entry, Quarantine.Meant meant);
    }

    private static boolean matches(Where some, Points points, int row) {
        return some.matches(points.series[row], points.time[row]);
    }

    private List<Count> all(Deed deed, Quarantine.Meant meant) {
        var counts = new ArrayList<Count>();
        for (String sink : quarantine.sinks()) {
            long cuts = 0;
            long rows = 0;
            for (Quarantine.Entry entry : quarantine.list(sink)) {
                long some =
                        bounds.contains(entry.writer(), entry.sequence())
                                ? deed.on(entry, meant)
                                : 0;
                cuts += some > 0 ? 1 : 0;
                rows += some;
            }
            if (rows > 0) {
                counts.add(new Count(sink, cuts, rows));
            }
        }
        return counts;
    }
}
