package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.model.Batch;
import dev.firn.model.Histograms;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Summaries;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakeVerifyTest {
    private static final long HOUR = 3_600_000_000_000L;
    private static final long FIRST = RandomPoints.EPOCH / HOUR;

    @TempDir Path folder;

    /// The engine's side: a naive model over the same batches.
    private static List<LakeVerify.Hour> naive(List<Batch> cuts, long position) {
        record Key(long series, long time, long start) {}
        record Point(String metric, long count, double value) {}
        var points = new HashMap<Key, Point>();
        for (int cut = 0; cut < Math.min(cuts.size(), position); cut++) {
            for (Points.Kind kind : Points.Kind.values()) {
                Points rows = cuts.get(cut).points(kind);
                for (int i = 0; i < rows.size(); i++) {
                    boolean stale = (rows.flags[i] & 1) != 0;
                    var key =
                            new Key(
                                    rows.series[i].id(),
                                    millis(rows.time[i]),
                                    millis(rows.start[i]));
                    points.put(
                            key,
                            new Point(
                                    rows.series[i].metric().name(),
                                    stale ? 0 : count(rows, i),
                                    stale ? Double.NaN : value(rows, i)));
                }
            }
        }
        var hours = new TreeMap<String, List<Map.Entry<Key, Point>>>();
        points.entrySet()
                .forEach(point ->
                        hours.computeIfAbsent(
                                        point.getKey().time / HOUR + " " + point.getValue().metric,
                                        h -> new ArrayList<>())
                                .add(point));
        var answer = new ArrayList<LakeVerify.Hour>();
        for (var hour : hours.values()) {
            var sum = BigDecimal.ZERO;
            long count = 0;
            for (var point : hour) {
                count += point.getValue().count;
                if (Double.isFinite(point.getValue().value)) {
                    sum = sum.add(new BigDecimal(point.getValue().value));
                }
            }
            var first = hour.getFirst();
            answer.add(
                    new LakeVerify.Hour(
                            first.getValue().metric,
                            first.getKey().time / HOUR,
                            hour.size(),
                            count,
                            sum.doubleValue()));
        }
        return answer;
    }

    private static long millis(long nanos) {
        return nanos / 1_000_000 * 1_000_000;
    }

    private static long count(Points rows, int i) {
        return switch (rows) {
            case Histograms h -> h.count[i];
            case dev.firn.model.ExponentialHistograms e -> e.count[i];
            case Summaries s -> s.count[i];
            case Numbers _ -> 0;
        };
    }

    private static double value(Points rows, int i) {
        return switch (rows) {
            case Histograms h -> (h.has[i] & Histograms.HAS_SUM) != 0 ? h.sum[i] : Double.NaN;
            case dev.firn.model.ExponentialHistograms e ->
                    (e.has[i] & Histograms.HAS_SUM) != 0 ? e.sum[i] : Double.NaN;
            case Summaries s -> s.sum[i];
            case Numbers n -> n.value(i);
        };
    }

    private static LakeVerify.Engine engine(List<LakeVerify.Hour> hours) {
        return (scope, each) ->
                hours.stream()
                        .filter(hour ->
                                hour.hour() >= scope.fromHour() && hour.hour() < scope.toHour())
                        .forEach(each);
    }

    private static LakeVerify.Scope scope(long position) {
        return new LakeVerify.Scope(FIRST - 5, FIRST + 50, Map.of(TestLake.WRITER, position));
    }

    private LakeVerify verify(TestLake lake, int rowsMax) {
        return new LakeVerify(lake.catalog.load(LakePaths.POINTS), rowsMax, 100, 1_000_000);
    }

    private static List<Batch> cuts(int seed) {
        var random = new RandomPoints(new Random(seed), 30, 2);
        var cuts = new ArrayList<Batch>();
        for (int i = 0; i < 5; i++) {
            cuts.add(random.batch(400));
        }
        cuts.add(cuts.get(1)); // a retry: the same points once more
        cuts.add(changed(cuts.get(2))); // a conflict: the later one stands
        return cuts;
    }

    private static Batch changed(Batch original) {
        var batch = new Batch();
        Numbers rows = original.numbers;
        for (int i = 0; i < rows.size(); i++) {
            batch.numbers.add(rows.series[i], rows.time[i], rows.start[i], 0, Numbers.INT, 17L + i);
        }
        return batch;
    }

    @Test
    void aFaithfulEngineIsEqualAtAnyPositionInAnyMemory() {
        for (int seed = 1; seed <= 2; seed++) {
            List<Batch> cuts = cuts(seed);
            try (var lake = new TestLake(folder.resolve("lake-" + seed))) {
                lake.write(cuts);
                for (long position : new long[] {0, 3, 99}) {
                    for (int rowsMax : new int[] {2000, 1_000_000}) {
                        LakeVerify.Result result =
                                verify(lake, rowsMax)
                                        .compare(scope(position), engine(naive(cuts, position)));
                        assertThat(result.differences())
                                .as("seed %s, position %s", seed, position)
                                .isEmpty();
                        assertThat(result.equal()).isTrue();
                        assertThat(result.metricHours() > 0).isEqualTo(position > 0);
                    }
                }
            }
        }
    }

    @Test
    void eachDifferenceIsNamed() {
        var random = new RandomPoints(new Random(1), 5, 1);
        var batch = new Batch();
        long time = FIRST * HOUR + 1;
        batch.numbers.add(random.series().getFirst(), time, 0, 0, Numbers.INT, 5);
        String metric = random.series().getFirst().metric().name();
        var scope = scope(1);
        try (var lake = new TestLake(folder)) {
            lake.write(List.of(batch));
            var right = new LakeVerify.Hour(metric, FIRST, 1, 0, 5);
            assertThat(differences(lake, right)).isEmpty();
            assertThat(differences(lake, new LakeVerify.Hour(metric, FIRST, 2, 0, 5)))
                    .singleElement()
                    .asString()
                    .contains("\"" + metric + "\"", "points is 1 in the lake, 2 in the engine");
            assertThat(differences(lake, new LakeVerify.Hour(metric, FIRST, 1, 0, 5.0001)))
                    .singleElement()
                    .asString()
                    .contains("sum is 5.0 in the lake, 5.0001 in the engine");
            assertThat(differences(lake, new LakeVerify.Hour(metric, FIRST, 1, 3, 5)))
                    .singleElement()
                    .asString()
                    .contains("measurements is 0 in the lake, 3 in the engine");
            assertThat(
                            differences(
                                    lake,
                                    right,
                                    new LakeVerify.Hour("only here", FIRST + 9, 1, 0, 0)))
                    .singleElement()
                    .asString()
                    .contains("only here");
            assertThat(verify(lake, 10).compare(scope, engine(List.of())).equal()).isFalse();
        }
    }

    private List<LakeVerify.Difference> differences(TestLake lake, LakeVerify.Hour... hours) {
        return verify(lake, 10).compare(scope(1), engine(List.of(hours))).differences();
    }

    @Test
    void anEmptyLakeHasWhatTheEngineLacks() {
        try (var lake = new TestLake(folder)) {
            assertThat(verify(lake, 10).compare(scope(1), engine(List.of())).equal()).isTrue();
            var extra = new LakeVerify.Hour("m", FIRST, 1, 0, 0);
            assertThat(verify(lake, 10).compare(scope(1), engine(List.of(extra))).differences())
                    .hasSize(1);
        }
    }
}
