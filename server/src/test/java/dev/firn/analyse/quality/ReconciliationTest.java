package dev.firn.analyse.quality;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Forall;
import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.engine.EngineClient;
import dev.firn.query.AdmittedBook;
import dev.firn.query.AdmittedBook.Admitted;
import dev.firn.query.AdmittedBook.Place;
import dev.firn.query.Answer;
import dev.firn.query.Appended;
import dev.firn.query.CostBook;
import dev.firn.query.Queries;
import dev.firn.query.StateFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Engine and lake as lists of rows, to which wrong things happen.
class ReconciliationTest {
    private static final String WRITER = "w";
    private static final long DAY = 86_400;
    private static final long TODAY = 20_000;
    private static final long NOW = TODAY * DAY + 5_000;

    @TempDir Path data;

    /// Rows by cut and place; everything is counted naively.
    private static final class World implements Queries, Appended.Source {
        final Random random;
        final CostBook costs;
        final AdmittedBook book;
        final TreeMap<Long, Map<Place, Long>> log = new TreeMap<>();
        final TreeMap<Long, Map<Place, Long>> engine = new TreeMap<>();
        final List<Appended.Commit> commits = new ArrayList<>();
        final List<Appended.Rewrite> rewrites = new ArrayList<>();
        final Map<Place, Long> rewritten = new HashMap<>();
        final Set<Long> refused = new HashSet<>();
        long done;
        long inLake;
        long counted;
        boolean lakeIsOut;

        World(Random random, Path data) {
            this.random = random;
            StateFile state = StateFile.open(data);
            costs = new CostBook(state);
            book = new AdmittedBook(state);
        }

        Map<Place, Long> points() {
            var points = new HashMap<Place, Long>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                points.merge(
                        new Place("p" + random.nextInt(3), TODAY - random.nextInt(3)),
                        1L + random.nextInt(9),
                        Long::sum);
            }
            return points;
        }

        Map<Place, Long> of(long cut) {
            return Objects.requireNonNull(log.get(cut));
        }

        void append() {
            log.put(log.size() + 1L, points());
        }

        void count(long to) {
            var admitted = new ArrayList<Admitted>();
            log.subMap(counted, false, to, true)
                    .forEach((cut, points) ->
                            points.forEach(
                                    (place, n) -> admitted.add(new Admitted(cut, place, n))));
            counted = to;
            costs.add(
                    WRITER, new CostBook.Place(counted, 1, 0), List.of(), new long[0], admitted, 0);
        }

        void store(long to) {
            while (done < to) {
                done++;
                engine.put(done, new HashMap<>(of(done)));
            }
        }

        void commit(long to) {
            var rows = new HashMap<Place, Long>();
            for (long cut = inLake + 1; cut <= to; cut++) {
                if (!refused.contains(cut)) {
                    of(cut).forEach((place, n) -> rows.merge(place, n, Long::sum));
                }
            }
            if (to > inLake) {
                commits.add(new Appended.Commit(to, false, rows));
                inLake = to;
            }
        }

        void comeIn(long cut) {
            refused.remove(cut);
            commits.add(new Appended.Commit(cut, true, of(cut)));
        }

        @Override
        public Appended since(String writer, long cut) {
            if (lakeIsOut) {
                throw new WorldException("out of reach");
            }
            int from = commits.size();
            while (from > 0
                    && (commits.get(from - 1).beside() || commits.get(from - 1).cut() > cut)) {
                from--;
            }
            return new Appended(true, commits.subList(from, commits.size()), rewrites);
        }

        @Override
        public Answer ask(Question question) {
            assertThat(question.parameters()).containsEntry("writer", WRITER);
            var rows = new HashMap<List<String>, Long>();
            long border = Long.parseLong(question.parameters().get("border")) / DAY;
            boolean days = question.file().endsWith("days");
            engine.subMap(
                            Long.parseLong(question.parameters().get("after")),
                            false,
                            Long.parseLong(question.parameters().get("to")),
                            true)
                    .forEach((cut, one) ->
                            one.forEach((place, n) -> {
                                if (place.day() >= border && n > 0) {
                                    rows.merge(
                                            days
                                                    ? List.of(place.plane(), "" + place.day())
                                                    : List.of("" + cut),
                                            n,
                                            Long::sum);
                                }
                            }));
            var answer = new ArrayList<EngineClient.Row>();
            rows.forEach((key, n) -> {
                var values = new ArrayList<>(key);
                values.add("" + n);
                answer.add(new EngineClient.Row(values));
            });
            return new Answer(List.of(), List.of(), answer, 0, false);
        }

        @Override
        public Answer askText(String name, String sql, Map<String, String> parameters) {
            throw new AssertionError("asks nothing of its own");
        }

        /// By plane: how many points engine and lake have too few or too many.
        Map<String, Double> wrong() {
            var wrong = new HashMap<String, Double>();
            add(wrong, total(log.values()), total(engine.values()));
            add(
                    wrong,
                    total(log.values()),
                    total(commits.stream().map(one -> one.rows()).toList()));
            rewritten.forEach((place, n) -> wrong.merge(place.plane(), (double) n, Double::sum));
            return wrong;
        }

        private static Map<Place, Long> total(Iterable<Map<Place, Long>> all) {
            var sum = new HashMap<Place, Long>();
            all.forEach(one -> one.forEach((place, n) -> sum.merge(place, n, Long::sum)));
            return sum;
        }

        private static void add(
                Map<String, Double> wrong, Map<Place, Long> admitted, Map<Place, Long> stored) {
            var places = new HashSet<>(admitted.keySet());
            places.addAll(stored.keySet());
            for (Place one : places) {
                long more = stored.getOrDefault(one, 0L) - admitted.getOrDefault(one, 0L);
                if (more != 0) {
                    wrong.merge(one.plane(), (double) Math.abs(more), Double::sum);
                }
            }
        }
    }

    private static Reconciliation over(World world) {
        return new Reconciliation(
                WRITER, world.book, world, () -> world.done, 90, world, new OwnMetrics());
    }

    private static Map<String, Double> round(World world, long now) throws InterruptedException {
        var found = new HashMap<String, Double>();
        for (Finding one : over(world).round(now)) { // each time a new process
            assertThat(QualityRules.NONE.isWrong(one)).isTrue();
            assertThat(one.evidence()).containsAnyOf("lost", "too many");
            found.put(one.plane(), one.observed());
        }
        return found;
    }

    @Test
    void whatIsOnItsWayIsNoIncidentAndWhatIsLostOrDoubledIs() {
        Forall.of(
                40,
                21,
                random -> {
                    var world = new World(random, data.resolve("s" + random.nextLong()));
                    for (int step = 0; step < 12; step++) { // nothing is wrong, all are late
                        world.append();
                        long newest = world.log.lastKey();
                        switch (random.nextInt(5)) {
                            case 0 -> world.store(random.nextLong(world.done, newest + 1));
                            case 1 -> world.commit(random.nextLong(world.inLake, newest + 1));
                            case 2 -> world.count(random.nextLong(world.counted, newest + 1));
                            case 3 -> world.lakeIsOut = random.nextBoolean();
                            default -> assertThat(quiet(world)).isEmpty();
                        }
                    }
                    world.lakeIsOut = false;
                    world.append();
                    long to = world.log.lastKey();
                    world.count(to);
                    if (random.nextBoolean()) {
                        world.refused.add(to);
                    }
                    world.store(to);
                    spoil(world, to);
                    world.commit(to);
                    assertThat(quiet(world)).isEqualTo(world.wrong());
                    assertThat(quiet(world)).as("the next round").isEqualTo(world.wrong());
                    if (world.refused.contains(to)) {
                        world.comeIn(to);
                        assertThat(quiet(world)).as("came in").isEqualTo(world.wrong());
                    }
                    world.engine.put(to, new HashMap<>(world.of(to))); // mended
                    assertThat(quiet(world)).as("mended").isEqualTo(world.wrong());
                });
    }

    @Test
    void sevenCleanButBurstyDaysHaveNoDifference() throws InterruptedException {
        var world = new World(new Random(11), data);
        Random random = world.random;
        for (int quarter = 0; quarter < 7 * 96; quarter++) {
            int cuts = random.nextInt(20) == 0 ? 20 : random.nextInt(3);
            for (int i = 0; i < cuts; i++) {
                world.append();
            }
            if (!world.log.isEmpty()) {
                long newest = world.log.lastKey();
                world.count(random.nextLong(world.counted, newest + 1));
                world.store(random.nextLong(world.done, newest + 1));
                world.commit(random.nextLong(world.inLake, newest + 1));
            }
            world.lakeIsOut = random.nextInt(12) == 0;
            if (random.nextInt(40) == 0) { // compaction
                var points = Map.of(new Place("p1", TODAY), 1L + random.nextInt(500));
                world.rewrites.add(new Appended.Rewrite(quarter, points, points));
            }
            assertThat(round(world, NOW + quarter * 900L)).as("quarter %d", quarter).isEmpty();
        }
        world.lakeIsOut = false;
        world.append();
        long last = world.log.lastKey();
        world.count(last);
        world.store(last);
        world.commit(last);
        world.engine.put(last, Map.of());
        assertThat(round(world, NOW + 7 * DAY)).isEqualTo(world.wrong()).isNotEmpty();
    }

    /// Points of the newest cut are lost or doubled, or files are rewritten with others.
    private static void spoil(World world, long cut) {
        Random random = world.random;
        Map<Place, Long> rows = Objects.requireNonNull(world.engine.get(cut));
        Place place = rows.keySet().iterator().next();
        switch (random.nextInt(4)) {
            case 0 -> rows.merge(place, 1L + random.nextInt(50), Long::sum);
            case 1 -> rows.remove(place);
            case 2 -> {
                world.rewrites.add(
                        new Appended.Rewrite(9, Map.of(place, 100L), Map.of(place, 93L)));
                world.rewritten.put(place, 7L);
            }
            default -> {} // fine
        }
    }

    private static Map<String, Double> quiet(World world) {
        try {
            return round(world, NOW);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void planesThatShareAPartitionAreComparedTogether() throws InterruptedException {
        var world = new World(new Random(1), data);
        world.log.put(1L, Map.of(new Place("a", TODAY), 5L, new Place("b", TODAY), 7L));
        world.count(1);
        world.store(1);
        world.inLake = 1;
        world.commits.add(
                new Appended.Commit(
                        1,
                        false,
                        Map.of(new Place("a", TODAY), 2L, new Place("other", TODAY), 10L)));
        assertThat(round(world, NOW)).isEmpty();
        world.append();
        world.log.put(2L, Map.of(new Place("a", TODAY), 5L, new Place("b", TODAY), 7L));
        world.count(2);
        world.store(2);
        world.commits.add(
                new Appended.Commit(
                        2,
                        false,
                        Map.of(new Place("a", TODAY), 5L, new Place("other", TODAY), 6L)));
        assertThat(round(world, NOW)).containsExactly(Map.entry("other", 1.0));
    }

    @Test
    void pointsThatTheEngineLeavesOutAreNotMissed() throws InterruptedException {
        var world = new World(new Random(1), data);
        world.log.put(1L, Map.of(new Place("a", TODAY - 88), 5L, new Place("a", TODAY), 7L));
        world.count(1);
        world.done = 1;
        world.engine.put(1L, Map.of(new Place("a", TODAY), 7L));
        world.inLake = 1;
        world.commits.add(new Appended.Commit(1, false, world.of(1)));
        assertThat(round(world, NOW)).isEmpty();
    }

    @Test
    void cutsFromBeforeTheyWereCountedAreNotCompared() throws InterruptedException {
        var world = new World(new Random(1), data);
        for (int cut = 0; cut < 3; cut++) {
            world.append();
        }
        world.costs.add(WRITER, new CostBook.Place(2, 1, 0), List.of(), new long[0]);
        world.counted = 2; // by a meter that told of no places
        world.store(3);
        world.commit(2);
        assertThat(round(world, NOW)).isEmpty();
        assertThat(world.costs.unknownTo(WRITER, 2)).isEqualTo(2);
        assertThat(world.costs.unknownTo(WRITER, 9)).isEqualTo(2);
        world.count(3);
        world.commit(3);
        assertThat(round(world, NOW)).isEmpty();
    }

    @Test
    void differencesAreToldForAWeek() throws InterruptedException {
        var world = new World(new Random(1), data);
        world.append();
        world.count(1);
        world.store(1);
        world.refused.add(1L);
        world.commit(1);
        assertThat(round(world, NOW)).isNotEmpty();
        assertThat(round(world, NOW + 6 * DAY)).isNotEmpty();
        assertThat(round(world, NOW + 8 * DAY)).isEmpty();
    }
}
