package dev.firn.analyse.quality;

import dev.firn.analyse.quality.FaultyFleet.Fault;
import dev.firn.base.OwnMetrics;
import dev.firn.query.AdmittedBook;
import dev.firn.query.AdmittedBook.Admitted;
import dev.firn.query.AdmittedBook.Place;
import dev.firn.query.Appended;
import dev.firn.query.CostBook;
import dev.firn.query.Queries;
import dev.firn.query.StateFile;
import dev.firn.query.TestStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Planes whose points a log admits in cuts, of which engine and lake have what a fault leaves
/// them. The lake is some cuts behind, and the engine some others.
final class AdmittedFleet {
    private static final String WRITER = "of-the-log";
    private static final long CUTS = 60;
    private static final long IN_ENGINE = 55;
    private static final long IN_LAKE = 48;
    private static final long WRONG_CUTS = 40;
    private static final long DAY = 86_400;

    private final TestStore store;
    private final CostBook costs;
    private final AdmittedBook book;
    private final long now;
    private final Random random = new Random(8);
    private final List<Admitted> admitted = new ArrayList<>();
    private final Map<Place, Long> lake = new HashMap<>();
    private final List<Appended.Rewrite> rewrites = new ArrayList<>();
    private final StringBuilder series = new StringBuilder();
    private final StringBuilder samples = new StringBuilder();
    private long planes;

    /// @param now seconds since 1970
    AdmittedFleet(TestStore store, StateFile state, long now) {
        this.store = store;
        this.costs = new CostBook(state);
        this.book = new AdmittedBook(state);
        this.now = now;
    }

    Reconciliation reconciliation(Queries queries) {
        return new Reconciliation(
                WRITER,
                book,
                queries,
                () -> IN_ENGINE,
                90,
                (writer, cut) ->
                        new Appended(
                                true,
                                cut < IN_LAKE
                                        ? List.of(new Appended.Commit(IN_LAKE, false, lake))
                                        : List.of(),
                                rewrites),
                new OwnMetrics());
    }

    /// The cuts of a plane, named as the service with the fault is.
    void play(Fault fault, int strength) {
        String plane = FaultyFleet.service(fault, strength);
        long id = ++planes;
        series.append(
                "(4000000000, %d, 'x', 'admitted', 'gauge', '%s', '{}', '{}', 30000, today() - 9, today() - 9),"
                        .formatted(id, plane));
        long wrongCut = 1 + id % WRONG_CUTS;
        int wrong = new int[] {1, 2, 10, 25, 40}[strength];
        for (long cut = 1; cut <= CUTS; cut++) {
            boolean late = random.nextInt(10) == 0;
            var place = new Place(plane, now / DAY - (late ? 2 : 1));
            int points = cut == wrongCut ? 40 : random.nextInt(20);
            admitted.add(new Admitted(cut, place, points));
            if (cut <= IN_ENGINE) {
                int more = cut == wrongCut ? inEngine(fault, wrong) : 0;
                for (int i = 0; i < points + more; i++) {
                    long time = place.day() * DAY + i % points;
                    samples.append(
                            "(4000000000, %d, toDateTime64(%d, 3, 'UTC'), 1, '%s', %d, 30000),"
                                    .formatted(id, time, WRITER, cut));
                }
            }
            if (cut <= IN_LAKE) {
                int more = cut == wrongCut ? inLake(fault, wrong) : 0;
                lake.merge(place, (long) points + more, Long::sum);
            }
        }
        if (fault == Fault.LOST_IN_COMPACTION) {
            var place = new Place(plane, now / DAY - 1);
            rewrites.add(
                    new Appended.Rewrite(id, Map.of(place, 1_000L), Map.of(place, 1_000L - wrong)));
        }
    }

    private static int inEngine(Fault fault, int wrong) {
        return fault == Fault.LOST_IN_ENGINE
                ? -wrong
                : fault == Fault.DOUBLED_IN_ENGINE ? wrong : 0;
    }

    private static int inLake(Fault fault, int wrong) {
        return fault == Fault.LOST_IN_LAKE ? -wrong : fault == Fault.DOUBLED_IN_LAKE ? wrong : 0;
    }

    void deliver() throws InterruptedException {
        insert(
                "series (metric_id, series_id, fingerprint, metric_name, type, data_plane_id, resource, attributes, retention_days, first_seen, last_seen)",
                series);
        insert("samples (metric_id, series_id, time, value, src, seq, retention_days)", samples);
        costs.add(WRITER, new CostBook.Place(CUTS, 1, 0), List.of(), new long[0], admitted, 0);
    }

    private void insert(String into, StringBuilder values) throws InterruptedException {
        values.setLength(values.length() - 1);
        store.client.executeLong("INSERT INTO otel_metrics." + into + " VALUES " + values);
    }
}
