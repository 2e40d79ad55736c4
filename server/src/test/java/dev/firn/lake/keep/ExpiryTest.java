package dev.firn.lake.keep;

import static dev.firn.lake.keep.KeepFixture.LATER;
import static dev.firn.lake.keep.KeepFixture.age;
import static dev.firn.lake.keep.KeepFixture.assertWhole;
import static dev.firn.lake.keep.KeepFixture.decided;
import static dev.firn.lake.keep.KeepFixture.expiry;
import static dev.firn.lake.keep.KeepFixture.files;
import static dev.firn.lake.keep.KeepFixture.metadata;
import static dev.firn.lake.keep.KeepFixture.metrics;
import static dev.firn.lake.keep.KeepFixture.tag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Clock;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakePaths;
import dev.firn.lake.TestHome;
import dev.firn.lake.TestTables;
import dev.firn.lake.TestUpkeep;
import dev.firn.lake.TestWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExpiryTest {
    private static final LakePace PACE = LakePace.unlimited();

    @TempDir Path data;

    private final TestWriter writer = new TestWriter("w", 1);

    /// What a crash looks like from inside.
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    private static Expiry.Report run(Expiry expiry, boolean dry) throws InterruptedException {
        return expiry.run(LakePaths.POINTS, Duration.ZERO, dry, PACE);
    }

    @Test
    void noSnapshotGoesWithinAnHourWhateverIsAsked() throws Exception {
        try (var home = new TestHome(TestHome.Kind.SQLITE, data)) {
            LakeCatalog catalog = home.catalog();
            writer.append(catalog, 1);
            writer.append(catalog, 2);
            assertThat(run(expiry(catalog, Clock.system()), false).snapshots()).isZero();
            Clock almost = new LaterClock(Duration.ofMinutes(55));
            assertThat(run(expiry(catalog, almost), false).snapshots()).isZero();
            assertThat(metadata(catalog.load(LakePaths.POINTS)).snapshots()).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource(TestHome.Kind.class)
    void whatOnlyExpiredSnapshotsReachIsDeleted(TestHome.Kind kind) throws Exception {
        try (var home = new TestHome(kind, data)) {
            LakeCatalog catalog = home.catalog();
            for (long id = 1; id <= 4; id++) {
                writer.append(catalog, id);
            }
            Table table = catalog.load(LakePaths.POINTS);
            assertThat(TestUpkeep.compact(table)).as(TestUpkeep.lastEnd).isTrue();
            writer.append(catalog, 5);
            int before = files(data).size();

            Expiry.Report planned = run(expiry(catalog, LATER), true);
            assertThat(files(data)).as("a dry run").hasSize(before);
            Expiry.Report done = run(expiry(catalog, LATER), false);

            assertThat(done).isEqualTo(planned);
            assertThat(done.snapshots()).isEqualTo(5);
            assertThat(done.kept()).isEqualTo(1);
            assertThat(done.dataFiles()).as("the four small ones").isEqualTo(4);
            assertThat(done.lists()).isEqualTo(5);
            assertThat(TestTables.read(table)).hasSize(5);
            assertWhole(table);
            assertThat(run(expiry(catalog, LATER), false).snapshots()).isZero();
        }
    }

    @Test
    void aReaderPinnedToATagGoesOnReading() throws Exception {
        try (var home = new TestHome(TestHome.Kind.SQLITE, data)) {
            LakeCatalog catalog = home.catalog();
            writer.append(catalog, 1, 2);
            Table table = catalog.load(LakePaths.POINTS);
            tag(table, "for.ever", 0);
            tag(table, "a.day", Duration.ofDays(1).toMillis());
            writer.append(catalog, 3);
            tag(table, "ten.minutes", Duration.ofMinutes(10).toMillis());
            TestUpkeep.compact(table);
            Table reader = catalog.load(LakePaths.POINTS);

            Expiry.Report report = run(expiry(catalog, LATER), false);

            assertThat(report.references()).containsExactly("ten.minutes");
            assertThat(metadata(table).refs()).containsOnlyKeys("main", "for.ever", "a.day");
            long pinned = metadata(table).ref("for.ever").snapshotId();
            try (var rows = IcebergGenerics.read(reader).useSnapshot(pinned).build()) {
                assertThat(rows).hasSize(2);
            }
            assertWhole(table);
            Clock nextWeek = new LaterClock(Duration.ofDays(7));
            assertThat(run(expiry(catalog, nextWeek), false).references()).containsExactly("a.day");
            assertThat(TestTables.read(table)).hasSize(3);
            assertWhole(table);
        }
    }

    @Test
    void killedInBetweenItLeavesOrphansAndNothingElse() throws Exception {
        try (var home = new TestHome(TestHome.Kind.SQLITE, data)) {
            LakeCatalog catalog = home.catalog();
            Table table = catalog.load(LakePaths.POINTS);
            for (String step : List.of("swapped", "deleted")) {
                writer.append(catalog, 1);
                writer.append(catalog, 2);
                TestUpkeep.compact(table);
                var killed =
                        new Expiry(
                                catalog,
                                LATER,
                                decided(1),
                                metrics(),
                                at -> {
                                    if (at.equals(step)) {
                                        throw new Killed();
                                    }
                                });
                assertThatThrownBy(() -> run(killed, false)).isInstanceOf(Killed.class);
                assertWhole(table);
            }
            assertThat(TestTables.read(table)).hasSize(4);
            age(data, Duration.ofHours(3));
            Orphans.Report orphans =
                    new Orphans(catalog, metrics())
                            .run(LakePaths.POINTS, Duration.ofHours(1), false, PACE);
            assertThat(orphans.orphans()).isGreaterThanOrEqualTo(6);
            assertWhole(table);
            assertThat(TestTables.read(table)).hasSize(4);
        }
    }

    @ParameterizedTest
    @EnumSource(TestHome.Kind.class)
    void aWriterThatWasAwayLongerThanExpiryComesBackWithoutDoubling(TestHome.Kind kind)
            throws Exception {
        try (var home = new TestHome(kind, data)) {
            LakeCatalog catalog = home.catalog();
            writer.append(catalog, 1);
            var other = new TestWriter("other", 2);
            for (int i = 0; i < 3; i++) {
                other.append(catalog, 10 + i);
            }
            Table table = catalog.load(LakePaths.POINTS);
            TestUpkeep.compact(table);
            run(expiry(catalog, LATER), false);
            assertThat(metadata(table).snapshots()).hasSize(1);

            assertThat(writer.repeatIsRecognised(catalog)).isTrue();
            writer.append(catalog, 2);
            assertThat(TestTables.read(table)).hasSize(5);
        }
    }

    /// Writers, compaction and an expiry that lets only the newest snapshot live, while a fifth of
    /// the answers are false.
    @ParameterizedTest
    @EnumSource(TestHome.Kind.class)
    @Timeout(120)
    void appendsWhileExpiringLoseNothing(TestHome.Kind kind) throws Exception {
        int writers = 2;
        int commits = 8;
        var over = new AtomicBoolean();
        try (var home = new TestHome(kind, data);
                var threads = Executors.newCachedThreadPool()) {
            List<Future<?>> writing = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                var one = new TestWriter("w" + w, w);
                LakeCatalog lying = home.lying(new Random(w), 0.2);
                writing.add(
                        threads.submit(() -> {
                            for (long id = 1; id <= commits; id++) {
                                one.append(lying, id);
                            }
                        }));
            }
            LakeCatalog expiring = home.lying(new Random(9), 0.2);
            Future<?> upkeep =
                    threads.submit(() -> {
                        Table table = home.catalog().load(LakePaths.POINTS);
                        while (!over.get()) {
                            TestUpkeep.compact(table);
                            run(expiry(expiring, LATER), false);
                            LockSupport.parkNanos(60_000_000);
                        }
                        return null;
                    });
            try {
                for (Future<?> one : writing) {
                    one.get();
                }
            } finally {
                over.set(true);
            }
            upkeep.get();
            home.truth();
            Table table = home.catalog().load(LakePaths.POINTS);
            Map<String, Integer> expected = new TreeMap<>();
            for (int w = 0; w < writers; w++) {
                for (long id = 1; id <= commits; id++) {
                    expected.put(new TestTables.Row("w" + w, id, id).toString(), 1);
                }
            }
            assertThat(TestTables.counts(table)).isEqualTo(expected);
            run(expiry(home.catalog(), LATER), false);
            assertThat(metadata(table).snapshots()).hasSize(1);
            assertWhole(table);
        }
    }
}
