package dev.firn.engine;

import dev.firn.base.ByteWriter;
import dev.firn.base.Clock;
import dev.firn.engine.RollupWindows.Stored;
import dev.firn.model.Points;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// The table of marks, `firn_rollup_marks`.
final class RollupMarks {
    private static final String COLUMNS =
            "kind, day, metric_id, series_id, from_window, to_window, marked_by, version, deleted";

    private static final int WIDTH = 9;

    /// By this clock, from which their age is told; that of deleted ones is the engine's, as is the
    /// TTL that takes them away.
    private static final String WRITTEN = "written_at";

    private static final int ROWS_MAX = 100_000;

    private final EngineClient client;
    private final String database;
    private final RollupGate gate;
    private final Clock clock;

    RollupMarks(EngineClient client, String database, RollupGate gate, Clock clock) {
        this.client = client;
        this.database = database;
        this.gate = gate;
        this.clock = clock;
    }

    /// Writes marks. A range is cut at hours where its work is done by hours.
    ///
    /// @return their version
    long write(List<RollupMark> marks) throws InterruptedException {
        long version = gate.nextVersion();
        var cut = new ArrayList<RollupMark>();
        for (RollupMark mark : marks) {
            if (mark.by() == RollupMark.By.ALL || mark.by() == RollupMark.By.HOURS) {
                cutAtHours(mark, cut);
            } else {
                cut.add(mark);
            }
        }
        insert(cut, version, 0);
        if (marks.stream().anyMatch(mark -> mark.by() != RollupMark.By.OPEN)) {
            gate.noteMarks();
        }
        return version;
    }

    private static void cutAtHours(RollupMark mark, List<RollupMark> into) {
        for (long from = mark.from(); from < mark.to(); ) {
            long to = Math.min(mark.to(), RollupMark.hour(from) + RollupMark.HOUR_SECONDS);
            into.add(new RollupMark(mark.kind(), mark.metricId(), mark.id(), from, to, mark.by()));
            from = to;
        }
    }

    /// Deletes marks that this process wrote.
    void delete(List<Stored> stored) throws InterruptedException {
        for (Stored one : stored) {
            insert(List.of(one.mark()), one.version() + 1, 1);
        }
    }

    private void insert(List<RollupMark> marks, long version, int deleted)
            throws InterruptedException {
        for (int from = 0; from < marks.size(); from += ROWS_MAX) {
            List<RollupMark> part = marks.subList(from, Math.min(marks.size(), from + ROWS_MAX));
            client.insert(
                    database + ".firn_rollup_marks",
                    deleted == 0 ? COLUMNS + ", " + WRITTEN : COLUMNS,
                    block(part, version, deleted),
                    "firn-marks-" + version + "-" + deleted + "-" + from);
        }
    }

    private ByteWriter block(List<RollupMark> marks, long version, int deleted) {
        int size = marks.size();
        var order = new int[size];
        var day = new int[size];
        var metric = new int[size];
        var id = new long[size];
        var from = new long[size];
        var to = new long[size];
        for (int i = 0; i < size; i++) {
            RollupMark mark = marks.get(i);
            order[i] = i;
            day[i] = (int) mark.day();
            metric[i] = mark.metricId();
            id[i] = mark.id();
            from[i] = mark.from();
            to[i] = mark.to();
        }
        var gone = new byte[size];
        Arrays.fill(gone, (byte) deleted);
        var block =
                new NativeBlock(new ByteWriter(1 << 12))
                        .begin(deleted == 0 ? WIDTH + 1 : WIDTH, order, 0, size)
                        .string("kind", row -> table(marks.get(row).kind()))
                        .date("day", day)
                        .uint32("metric_id", metric)
                        .int64("series_id", id)
                        .dateTime("from_window", from)
                        .dateTime("to_window", to)
                        .string("marked_by", row -> marks.get(row).by().label())
                        .uint64Constant("version", version)
                        .uint8("deleted", gone);
        if (deleted == 0) {
            var written = new long[size];
            Arrays.fill(written, clock.millis() / 1_000);
            block.dateTime(WRITTEN, written);
        }
        return block.end();
    }

    private static String table(Points.Kind kind) {
        return RollupSql.Kind.of(kind).table();
    }

    /// Marks of a kind and day, one row each kind of mark: (kind, day, marked_by, number, second
    /// since 1970 at which the oldest was written).
    List<EngineClient.Row> summary() throws InterruptedException {
        return client.query(read("read_marked_days", Map.of()));
    }

    /// Ranges of marks of all series: (from, to, marked_by, kind), seconds.
    ///
    /// @param condition on the marks
    List<EngineClient.Row> ranges(String condition, int limit) throws InterruptedException {
        return client.query(
                read("read_marked_ranges", Map.of("marks", condition, "limit", "" + limit)));
    }

    /// Marked series with their ranges: (metric_id, series_id, from, to).
    List<EngineClient.Row> series(String condition, int limit) throws InterruptedException {
        return client.query(
                read("read_marked_series", Map.of("marks", condition, "limit", "" + limit)));
    }

    /// Deletes marks that were worked off.
    void done(String condition) throws InterruptedException {
        client.execute(read("mark_done", Map.of("marks", condition)));
    }

    private String read(String file, Map<String, String> own) {
        return EngineSql.read("engine/" + file, database, own);
    }
}
