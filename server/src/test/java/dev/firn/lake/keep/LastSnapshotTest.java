package dev.firn.lake.keep;

import static dev.firn.lake.keep.KeepFixture.at;
import static dev.firn.lake.keep.KeepFixture.decided;
import static dev.firn.lake.keep.KeepFixture.expiry;
import static dev.firn.lake.keep.KeepFixture.files;
import static dev.firn.lake.keep.KeepFixture.metadata;
import static dev.firn.lake.keep.KeepFixture.metrics;
import static dev.firn.lake.keep.KeepFixture.tag;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakePaths;
import dev.firn.lake.RandomPoints;
import dev.firn.lake.TestLake;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What an erasure says of the last snapshot that has its rows is what expiry does, to the
/// millisecond.
class LastSnapshotTest {
    private static final LakePace PACE = LakePace.unlimited();
    private static final String GAUGES = "metric_type = 'gauge'";
    private static final Duration AGE = Duration.ofHours(6);

    @TempDir Path data;

    private final RandomPoints points = new RandomPoints(new Random(12), 40, 2);
    private TestLake lake;
    private Table table;

    @BeforeEach
    void open() {
        lake = new TestLake(data);
        table = lake.catalog.load(LakePaths.POINTS);
        append();
        append();
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private void append() {
        lake.write(List.of(points.batch(60)));
    }

    /// Erases, a commit a partition, and gives the last snapshot that has some of the rows.
    private long erase() throws InterruptedException {
        new Erasure(lake.catalog, decided(5), metrics(), step -> {})
                .erasePoints(Where.parse(GAUGES), new Bounds(Map.of()), PACE);
        return metadata(table).currentSnapshot().parentId();
    }

    private LastSnapshot last(Duration age) {
        return LastSnapshot.of(lake.catalog, LakePaths.POINTS, age);
    }

    private void expire(long millis, Duration age) throws InterruptedException {
        expiry(lake.catalog, at(millis)).run(LakePaths.POINTS, age, false, PACE);
    }

    private static long millis(String time) {
        return Instant.parse(time).toEpochMilli();
    }

    private long gauges(long snapshot) throws Exception {
        long count = 0;
        try (var rows =
                IcebergGenerics.read(lake.catalog.load(LakePaths.POINTS))
                        .useSnapshot(snapshot)
                        .where(Expressions.equal("metric_type", "gauge"))
                        .build()) {
            for (var _ : rows) {
                count++;
            }
        }
        return count;
    }

    /// Data files of the table's folder.
    private Set<String> dataFiles() {
        var names = new TreeSet<>(files(data));
        names.removeIf(name -> !name.endsWith(".parquet"));
        return names;
    }

    private long newest() {
        return metadata(table).currentSnapshot().snapshotId();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT1H", "PT6H", "P30D"})
    void atTheTimeItNamesTheRowsAreGoneAndAMillisecondBeforeTheyAreNot(String text)
            throws Exception {
        Duration age = Duration.parse(text);
        var erased = new HashSet<>(dataFiles());
        long before = erase();
        append(); // what comes later has no part in it
        LastSnapshot last = last(age);
        assertThat(last.snapshots()).isGreaterThanOrEqualTo(2);
        assertThat(last.references()).isEmpty();
        assertThat(millis(last.expires()) - metadata(table).snapshot(before).timestampMillis())
                .as("an hour at least")
                .isEqualTo(Math.max(age.toMillis(), 3_600_000) + 1);

        expire(millis(last.expires()) - 1, age);
        assertThat(last(age).snapshots()).isPositive();
        assertThat(last(age).expires()).isEqualTo(last.expires());
        assertThat(gauges(before)).isPositive();

        expire(millis(last.expires()), age);
        assertThat(last(age)).isEqualTo(new LastSnapshot(LakePaths.POINTS, 0, "", List.of()));
        assertThat(metadata(table).snapshot(before)).isNull();
        try (var tasks = lake.catalog.load(LakePaths.POINTS).newScan().planFiles()) {
            for (var task : tasks) {
                DataFile live = task.file();
                erased.remove(LakePaths.local(live.location()).toString());
            }
        }
        assertThat(erased).isNotEmpty().doesNotContainAnyElementsOf(dataFiles());
    }

    @Test
    void aHoldKeepsItsSnapshotForEverAndTheTimeIsThatOfTheOthers() throws Exception {
        var holds = new Holds(lake.catalog, Clock.system(), decided(2));
        long held = newest();
        holds.add("case-17", Where.parse("metric_type = 'sum'"));
        append();
        long other = erase();
        LastSnapshot last = last(AGE);
        assertThat(last.references()).containsExactly("firn.hold.case-17 never");

        expire(millis(last.expires()) - 1, AGE);
        assertThat(gauges(other)).isPositive();
        expire(millis(last.expires()), AGE);
        assertThat(metadata(table).snapshot(other)).isNull();
        expire(millis(last.expires()) + Duration.ofDays(36_500).toMillis(), AGE);
        assertThat(gauges(held)).isPositive();
        assertThat(last(AGE))
                .isEqualTo(new LastSnapshot(LakePaths.POINTS, 1, "", last.references()));

        holds.remove("case-17");
        LastSnapshot free = last(AGE);
        assertThat(free.references()).isEmpty();
        expire(millis(free.expires()) - 1, AGE);
        assertThat(gauges(held)).isPositive();
        expire(millis(free.expires()), AGE);
        assertThat(last(AGE).snapshots()).isZero();
    }

    @Test
    void aTagThatEndsAndABranchWithAnAgeOfItsOwnAreMinded() throws Exception {
        long tagged = newest();
        tag(table, "quarter", Duration.ofDays(90).toMillis());
        erase();
        LastSnapshot last = last(AGE);
        assertThat(last.references()).containsExactly("quarter " + last.expires());
        expire(millis(last.expires()) - 1, AGE);
        assertThat(gauges(tagged)).isPositive();
        expire(millis(last.expires()), AGE);
        assertThat(last(AGE).snapshots()).isZero();

        append();
        dev.firn.lake.LakeSwap.once(
                table,
                (_, base) ->
                        TableMetadata.buildFrom(base)
                                .setRef(
                                        SnapshotRef.MAIN_BRANCH,
                                        SnapshotRef.builderFrom(base.ref(SnapshotRef.MAIN_BRANCH))
                                                .maxSnapshotAgeMs(Duration.ofDays(7).toMillis())
                                                .build())
                                .build());
        long after = erase();
        LastSnapshot ofBranch = last(AGE);
        expire(millis(ofBranch.expires()) - 1, AGE);
        assertThat(gauges(after)).isPositive();
        expire(millis(ofBranch.expires()), AGE);
        assertThat(last(AGE).snapshots()).isZero();
    }
}
