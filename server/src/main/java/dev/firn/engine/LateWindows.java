package dev.firn.engine;

import dev.firn.model.Points;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Marks the closed windows that a cut's points fall into, before the points are written.
final class LateWindows {
    private static final long DAY_SECONDS = 86_400;
    private static final long WINDOW_SECONDS = 300;

    /// Rows of one statement, of 90 bytes each at most: of an INSERT in a body the engine's front
    /// end takes the first 64 KiB for the statement, the rest for its rows.
    private static final int ROWS_MAX = 600;

    private record Place(int slot, long day) {}

    private LateWindows() {}

    /// Writes the marks of a gathered cut; none, in general.
    static void mark(EngineClient client, Schema schema, CutRows rows) throws InterruptedException {
        RollupGate gate = schema.rollups();
        var marks = new ArrayList<String>();
        for (Points.Kind kind : Points.Kind.values()) {
            find(kind, rows, gate.closedSeconds())
                    .forEach((place, range) -> marks.add(row(kind, rows, place, range)));
        }
        for (int from = 0; from < marks.size(); from += ROWS_MAX) {
            List<String> part = marks.subList(from, Math.min(marks.size(), from + ROWS_MAX));
            var parameters =
                    Map.of(
                            "database", schema.database(),
                            "version", Long.toString(gate.nextVersion()),
                            "rows", String.join(",", part));
            client.executeLong(EngineSql.read("engine/mark_late", parameters));
        }
    }

    /// First window and end of the last, seconds since 1970, by series and day.
    private static Map<Place, long[]> find(Points.Kind kind, CutRows rows, long closed) {
        var late = new HashMap<Place, long[]>();
        Points points = rows.points.points(kind);
        int[] slots = rows.slots(kind);
        for (int row = 0; row < points.size(); row++) {
            long seconds = Math.floorDiv(points.time[row], 1_000_000_000L);
            if (seconds < closed && rows.series.rank[slots[row]] >= 0) {
                long window = seconds - Math.floorMod(seconds, WINDOW_SECONDS);
                var place = new Place(slots[row], Math.floorDiv(seconds, DAY_SECONDS));
                late.merge(place, new long[] {window, window + WINDOW_SECONDS}, LateWindows::hull);
            }
        }
        return late;
    }

    private static long[] hull(long[] a, long[] b) {
        return new long[] {Math.min(a[0], b[0]), Math.max(a[1], b[1])};
    }

    private static String row(Points.Kind kind, CutRows rows, Place place, long[] range) {
        return "('%s',%d,%d,%d,%d,%d)"
                .formatted(
                        RollupSql.Kind.of(kind).table(),
                        place.day(),
                        Integer.toUnsignedLong(rows.series.metricId[place.slot()]),
                        rows.series.id[place.slot()],
                        range[0],
                        range[1]);
    }
}
