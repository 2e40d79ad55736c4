package dev.firn.lake;

import static dev.firn.lake.FaultProxy.Fault.NONE;
import static dev.firn.lake.FaultProxy.Fault.RESET_BEFORE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.model.Batch;
import dev.firn.model.Intake;
import dev.firn.model.Numbers;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.wal.Wal;
import dev.firn.wal.WalOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// An S3 out of reach for hours, by a clock that is moved: the write-ahead log on its disk holds
/// what was acknowledged, the metrics of :8080 show it, and it drains in order.
@Timeout(180)
final class S3OutageTest {
    private static final long TEN_MINUTES = 600_000_000_000L;
    private static final String BUFFER = "otel_buffer_size_bytes";
    private static final String LAG = "firn_lake_lag_seconds";
    private static final String CUTS = "firn_lake_cuts_waiting";
    private static final String FILES = "firn_lake_files_waiting";

    @TempDir Path data;

    private final S3LakeTest.Steps clock = new S3LakeTest.Steps();
    private long requests;
    private long acknowledged;

    /// A log on the disk and its lake sink, whose rounds the test calls.
    private final class Life implements AutoCloseable {
        final OwnMetrics own = new OwnMetrics();
        final Wal wal;
        final LakeCatalog catalog;
        final LakeSink sink;
        private final Series series;

        Life(S3Home home, long sizeMax) {
            var registry = new SeriesRegistry(SeriesIdentity.SHA_256, clock, 10);
            series = MemoryLog.series(registry);
            wal =
                    Wal.open(
                            data,
                            new NioDisk(),
                            clock,
                            new Random(requests),
                            registry,
                            own,
                            WalOptions.of(LakeIntents.SINK)
                                    .withSizes(4 << 10, sizeMax, 0)
                                    .withCuts(1L << 40, 1L << 40, 1L << 40));
            var metrics = new LakeMetrics(own);
            catalog =
                    LakeCatalog.open(
                            home.config(), data, new NioDisk(), clock, metrics::requestRetried);
            catalog.createTablesWhenReached(TestTables.both());
            var backoff = new Backoff(new Random(1), 0, 0);
            var rounds =
                    new LakeRounds(
                            wal,
                            catalog,
                            TestRun::new,
                            new LakeIntents(wal.checkpoints()),
                            metrics,
                            new LakeCommit(backoff, 4, Clock.system(), () -> {}),
                            clock,
                            Failpoint.NONE);
            sink =
                    new LakeSink(
                            new LakeSink.Settings(30_000, 1 << 20, 1_000),
                            wal,
                            rounds,
                            metrics,
                            backoff,
                            clock);
        }

        /// A request of so many points, answered, and the end of its cut.
        void send(int points) {
            var batch = new Batch();
            for (long id = acknowledged + 1; id <= acknowledged + points; id++) {
                batch.numbers.add(series, id, 0, 0, Numbers.INT, id);
            }
            var key = new Intake.RequestKey(17, ++requests);
            wal.accept(key, () -> new Intake.Decoded(batch, Intake.Answer.OK));
            acknowledged += points;
            wal.cutNow();
        }

        void round() throws InterruptedException {
            sink.round();
            assertThat(sink.stopped()).isNull();
        }

        /// Rounds until all is in the lake; what the log holds for it never grows.
        void drain() throws InterruptedException {
            double before = metric(BUFFER);
            while (sink.committed() < wal.newest()) {
                round();
                clock.nanos += 10_000_000_000L;
                assertThat(metric(BUFFER)).isLessThanOrEqualTo(before);
                before = metric(BUFFER);
            }
            round();
            for (String each : List.of(BUFFER, LAG, CUTS, FILES)) {
                assertThat(metric(each)).as(each).isZero();
            }
        }

        /// Points go on coming, and each step shows more of them waiting, for longer.
        void outage(int steps) throws InterruptedException {
            for (int step = 0; step < steps; step++) {
                double buffered = metric(BUFFER);
                double lag = metric(LAG);
                double cuts = metric(CUTS);
                send(3);
                clock.nanos += TEN_MINUTES;
                round();
                assertThat(metric(BUFFER)).isGreaterThan(buffered);
                assertThat(metric(LAG)).isGreaterThanOrEqualTo(lag);
                assertThat(metric(CUTS)).isGreaterThan(cuts);
            }
        }

        double metric(String name) {
            return new String(own.page(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(name + " "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public void close() {
            wal.close();
            catalog.close();
        }
    }

    /// Every snapshot holds the first of what was acknowledged, each once, and the newest all.
    private void assertInOrderAndOnce(S3Home home) throws Exception {
        try (LakeCatalog catalog = home.catalog()) {
            Table table = catalog.load(LakePaths.POINTS);
            List<Long> newest = List.of();
            for (Snapshot snapshot : table.snapshots()) {
                var ids = new ArrayList<Long>();
                try (var rows =
                        IcebergGenerics.read(table).useSnapshot(snapshot.snapshotId()).build()) {
                    rows.forEach(row -> ids.add(TestTables.row(row).id()));
                }
                ids.sort(null);
                assertThat(ids).isEqualTo(LongStream.rangeClosed(1, ids.size()).boxed().toList());
                assertThat(ids).hasSizeGreaterThanOrEqualTo(newest.size());
                newest = ids;
            }
            assertThat(newest).hasSize((int) acknowledged);
        }
    }

    @Test
    void hoursOfItAndARestartFillTheLogShowAndDrainInOrder() throws Exception {
        long began;
        double buffered;
        try (var home = new S3Home(S3Home.Kind.REST, data)) {
            try (var life = new Life(home, 1 << 30)) {
                life.send(3);
                life.drain();
                began = clock.nanos;
                // First the tables' own files fail, so that data files wait for their commit.
                home.proxy.plan =
                        request -> request.path().contains("/metadata/") ? RESET_BEFORE : NONE;
                life.send(2);
                for (int round = 0; round < 3; round++) {
                    life.round();
                    clock.nanos += TEN_MINUTES / 2;
                }
                assertThat(life.metric(FILES)).isEqualTo(2);
                home.proxy.plan = request -> RESET_BEFORE;
                life.outage(12);
                assertThat(life.metric(FILES))
                        .as("they still wait, or are written anew")
                        .isIn(0.0, 2.0);
                assertThat(life.metric(LAG)).isGreaterThan(2 * 3_600);
                assertThat(life.sink.committed()).isEqualTo(1);
                buffered = life.metric(BUFFER);
            }
            try (var life = new Life(home, 1 << 30)) {
                assertThat(life.metric(BUFFER)).isGreaterThanOrEqualTo(buffered);
                life.round(); // sees where the tables stand
                life.outage(12);
                assertThat(clock.nanos - began).isGreaterThan(4 * 3_600_000_000_000L);
                home.proxy.plan = request -> NONE;
                life.drain();
                life.send(1);
                life.drain();
            }
            assertInOrderAndOnce(home);
        }
    }

    @Test
    void aLogThatIsFullRefusesWhatItCannotHoldAndTakesItOnceTheStoreIsBack() throws Exception {
        try (var home = new S3Home(S3Home.Kind.SQLITE, data);
                var life = new Life(home, 64 << 10)) {
            life.send(3);
            life.drain();
            home.proxy.plan = request -> RESET_BEFORE;
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    life.send(100);
                                }
                            })
                    .isInstanceOf(Intake.Overloaded.class)
                    .hasMessageContaining("log is full");
            assertThat(acknowledged).isGreaterThan(100);
            assertThat(life.metric(BUFFER)).isGreaterThan(16 << 10);
            assertThat(life.metric("firn_wal_bytes")).isBetween(48.0 * 1_024, 64.0 * 1_024);
            for (int round = 0; round < 4; round++) {
                life.round();
                clock.nanos += TEN_MINUTES;
            }
            assertThat(life.metric(LAG)).isGreaterThan(30 * 60);
            home.proxy.plan = request -> NONE;
            life.drain();
            life.send(100);
            life.drain();
            assertInOrderAndOnce(home);
        }
    }
}
