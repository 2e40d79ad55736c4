package dev.firn.lake.keep;

import static dev.firn.lake.keep.KeepFixture.assertWhole;
import static dev.firn.lake.keep.KeepFixture.decided;
import static dev.firn.lake.keep.KeepFixture.files;
import static dev.firn.lake.keep.KeepFixture.metadata;
import static dev.firn.lake.keep.KeepFixture.metrics;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Clock;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakePaths;
import dev.firn.lake.LakeSwap;
import dev.firn.lake.PlainRows;
import dev.firn.lake.PointsRun;
import dev.firn.lake.RandomPoints;
import dev.firn.lake.TestLake;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ErasureTest {
    private static final LakePace PACE = LakePace.unlimited();
    private static final Bounds NO_BOUNDS = new Bounds(Map.of());
    private static final Predicate<Map<String, Object>> GAUGE =
            row -> column(row, "metric_type").equals("gauge");

    @TempDir Path data;

    private final RandomPoints points = new RandomPoints(new Random(11), 40, 2);
    private final List<Map<String, Object>> written = new ArrayList<>();
    private TestLake lake;
    private long cut;

    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    @BeforeEach
    void open() {
        lake = new TestLake(data);
        for (int i = 0; i < 3; i++) {
            append(60);
        }
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private void append(int size) {
        Batch batch = points.batch(size);
        PointsRun run = lake.runs.start();
        run.add(batch, TestLake.WRITER, ++cut);
        lake.commit(run);
        synchronized (written) {
            written.addAll(PlainRows.of(batch, TestLake.WRITER, cut));
        }
    }

    private Erasure erasure(Erasure.Failpoint failpoint) {
        return new Erasure(lake.catalog, decided(5), metrics(), failpoint);
    }

    private Erasure erasure() {
        return erasure(step -> {});
    }

    private List<String> rows() {
        return texts(
                lake.points(Expressions.alwaysTrue()).stream().map(PlainRows::of).toList(),
                row -> true);
    }

    private static List<String> texts(
            List<Map<String, Object>> rows, Predicate<Map<String, Object>> stays) {
        return rows.stream()
                .filter(stays)
                .map(row -> {
                    var plain = new java.util.TreeMap<>(row);
                    plain.remove("plane");
                    return plain.toString();
                })
                .sorted()
                .toList();
    }

    @Test
    void whatIsMeantGoesAndEveryOtherRowStaysBitForBit() throws Exception {
        assertThat(rows()).isEqualTo(texts(written, row -> true));
        String service =
                written.stream()
                        .map(row -> (String) column(row, "service_name"))
                        .filter(name -> !name.isEmpty())
                        .findFirst()
                        .orElseThrow();
        long number =
                (long)
                        ((Attributes) column(written.getFirst(), "attributes"))
                                .find("number")
                                .map(value -> ((dev.firn.model.AttributeValue.Int) value).value())
                                .orElseThrow();
        record Case(String where, Predicate<Map<String, Object>> goes) {}
        List<Map<String, Object>> left = new ArrayList<>(written);
        for (Case one :
                List.of(
                        new Case(
                                "attributes['number'] = '" + number + "'", // a text: no such
                                row -> false),
                        new Case(
                                "attributes['number'] = " + number,
                                row -> attribute(row, "number").equals("" + number)),
                        new Case(
                                "service_name = '" + service + "'",
                                row -> service.equals(column(row, "service_name"))),
                        new Case(
                                "metric_type IN ('gauge', 'summary') AND time < '2023-11-15'",
                                row ->
                                        Set.of("gauge", "summary")
                                                        .contains(column(row, "metric_type"))
                                                && (Long) column(row, "time")
                                                        < 1_700_006_400_000_000_000L),
                        new Case(
                                "metric_type != 'sum'",
                                row -> !column(row, "metric_type").equals("sum")))) {
            Erasure.Count counted = erasure().countPoints(Where.parse(one.where), NO_BOUNDS, PACE);
            Erasure.Count gone = erasure().erasePoints(Where.parse(one.where), NO_BOUNDS, PACE);
            long expected = left.stream().filter(one.goes).count();
            assertThat(gone.rows()).as(one.where).isEqualTo(expected);
            assertThat(counted).as(one.where).isEqualTo(gone);
            left.removeIf(one.goes);
            assertThat(rows()).as(one.where).isEqualTo(texts(left, row -> true));
        }
        assertThat(left).isNotEmpty().hasSizeLessThan(written.size());
        assertWhole(lake.catalog.load(LakePaths.POINTS));
    }

    private static Object column(Map<String, Object> row, String name) {
        return Objects.requireNonNull(row.get(name), name);
    }

    private static String attribute(Map<String, Object> row, String key) {
        return ((Attributes) column(row, "attributes"))
                .find(key)
                .map(value -> value.asText())
                .orElse("");
    }

    @Test
    void aHoldForbidsAndSaysWhichAndNothingIsErased() throws Exception {
        var holds = new Holds(lake.catalog, Clock.system(), decided(2));
        assertThat(holds.add("case-17", Where.parse("metric_type = 'gauge'"))).hasSize(2);
        holds.add("case-17", Where.parse("metric_type = 'gauge'")); // said again
        append(60); // rows that come later are covered too
        List<String> before = rows();
        assertThatThrownBy(() ->
                        erasure()
                                .erasePoints(
                                        Where.parse("metric_type IN ('sum', 'gauge')"),
                                        NO_BOUNDS,
                                        PACE))
                .isInstanceOf(Held.class)
                .hasMessageContaining("case-17")
                .hasMessageContaining("nothing was erased");
        assertThat(rows()).isEqualTo(before);
        assertThat(erasure().countPoints(Where.ALL, NO_BOUNDS, PACE).held().get("case-17"))
                .isEqualTo(written.stream().filter(GAUGE).count());

        erasure().erasePoints(Where.parse("metric_type = 'sum'"), NO_BOUNDS, PACE);
        LastSnapshot last = LastSnapshot.of(lake.catalog, LakePaths.POINTS, Duration.ofDays(1));
        assertThat(last.references()).containsExactly("firn.hold.case-17 never");
        assertThat(last.snapshots()).isPositive();

        holds.remove("case-17");
        assertThat(holds.list()).isEmpty();
        erasure().erasePoints(Where.parse("metric_type = 'gauge'"), NO_BOUNDS, PACE);
        assertThat(rows())
                .isEqualTo(
                        texts(
                                written,
                                row ->
                                        !GAUGE.test(row)
                                                && !column(row, "metric_type").equals("sum")));
    }

    /// A compaction that comes between the rewriting and the swap: an overwrite of files that are
    /// gone would bring their rows back.
    @Test
    void aCompactionThatWasFasterIsNoticed() throws Exception {
        var compacted = new boolean[1];
        Erasure.Count gone =
                erasure(
                                step -> {
                                    if (step.equals("written") && !compacted[0]) {
                                        compacted[0] = true;
                                        rewriteAll();
                                    }
                                })
                        .erasePoints(Where.parse("metric_type = 'gauge'"), NO_BOUNDS, PACE);
        assertThat(compacted[0]).isTrue();
        assertThat(gone.rows()).isEqualTo(written.stream().filter(GAUGE).count());
        assertThat(rows()).isEqualTo(texts(written, GAUGE.negate()));
    }

    private void rewriteAll() {
        Table table = lake.catalog.load(LakePaths.POINTS);
        LakeSwap.once(
                table,
                (fresh, base) -> {
                    var old = new HashSet<DataFile>();
                    var anew = new HashSet<DataFile>();
                    try (var tasks = fresh.newScan().planFiles()) {
                        for (var task : tasks) {
                            old.add(task.file().copy());
                            anew.add(RewrittenFile.without(fresh, task.file(), row -> false));
                        }
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                    return TableMetadata.buildFrom(base)
                            .setBranchSnapshot(
                                    fresh.newRewrite().rewriteFiles(old, anew).apply(),
                                    SnapshotRef.MAIN_BRANCH)
                            .build();
                });
    }

    @Test
    void appendsWhileErasingAreNeitherLostNorMeant() throws Exception {
        long last = cut;
        try (var thread = Executors.newSingleThreadExecutor()) {
            Future<?> appending =
                    thread.submit(() -> {
                        for (int i = 0; i < 8; i++) {
                            append(30);
                        }
                    });
            erasure()
                    .erasePoints(
                            Where.parse("metric_type = 'gauge'"),
                            new Bounds(Map.of(TestLake.WRITER, last)),
                            PACE);
            appending.get();
        }
        assertThat(rows())
                .isEqualTo(
                        texts(
                                written,
                                row -> !GAUGE.test(row) || (Long) column(row, "seq") > last));
    }

    @Test
    void killedInTheMiddleItIsDoneByAskingAgain() throws Exception {
        for (String step : List.of("written", "swapped")) {
            assertThatThrownBy(() ->
                            erasure(
                                            at -> {
                                                if (at.equals(step)) {
                                                    throw new Killed();
                                                }
                                            })
                                    .erasePoints(
                                            Where.parse("metric_type = 'gauge'"), NO_BOUNDS, PACE))
                    .isInstanceOf(Killed.class);
            assertThat(rows()).containsAll(texts(written, GAUGE.negate()));
        }
        erasure().erasePoints(Where.parse("metric_type = 'gauge'"), NO_BOUNDS, PACE);
        assertThat(rows()).isEqualTo(texts(written, GAUGE.negate()));
        assertWhole(lake.catalog.load(LakePaths.POINTS));
    }

    @Test
    void onceItsSnapshotsExpiredNoFileHoldsTheRows() throws Exception {
        erasure().erasePoints(Where.parse("metric_type = 'gauge'"), NO_BOUNDS, PACE);
        int files = files(data).size();
        KeepFixture.expiry(lake.catalog, KeepFixture.LATER)
                .run(LakePaths.POINTS, Duration.ZERO, false, PACE);
        assertThat(files(data)).hasSizeLessThan(files);
        assertThat(metadata(lake.catalog.load(LakePaths.POINTS)).snapshots()).hasSize(1);
        assertThat(LastSnapshot.of(lake.catalog, LakePaths.POINTS, Duration.ZERO).snapshots())
                .isZero();
        assertThat(rows()).isEqualTo(texts(written, GAUGE.negate()));
    }

    @Test
    void seriesGoWithTheirPointsUnlessATimeIsNamed() throws Exception {
        Where gauges = Where.parse("metric_type = 'gauge'");
        int before = lake.series().size();
        erasure().erasePoints(gauges, NO_BOUNDS, PACE);
        assertThat(erasure().eraseSeries(gauges, NO_BOUNDS, Set.of("another"), PACE).rows())
                .isZero();
        long gone = erasure().eraseSeries(gauges, NO_BOUNDS, Set.of(TestLake.WRITER), PACE).rows();
        assertThat(gone).isPositive();
        assertThat(lake.series())
                .hasSize((int) (before - gone))
                .noneMatch(row -> row.getField("metric_type").equals("gauge"));
        assertThatThrownBy(() ->
                        erasure()
                                .eraseSeries(
                                        Where.parse("time < '2024-01-01'"),
                                        NO_BOUNDS,
                                        Set.of(TestLake.WRITER),
                                        PACE))
                .hasMessageContaining("names a time");
    }
}
