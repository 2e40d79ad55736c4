package dev.firn.lake;

import static dev.firn.lake.FaultProxy.Fault.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.config.LakeConfig;
import dev.firn.lake.FaultProxy.Fault;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.FileIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The same code above S3 as above a disk, whatever lies between: at the end what was acknowledged
/// is stored, once.
@Timeout(180)
final class S3LakeTest {
    private static final Disk DISK = new NioDisk();

    @TempDir Path data;

    private final MemoryLog.State state = new MemoryLog.State("w1");
    private final MemoryCheckpoint checkpoint = new MemoryCheckpoint();
    private final Steps clock = new Steps();

    /// Time that moves with each round.
    static final class Steps implements Clock {
        volatile long nanos = 1_700_000_000_000_000_000L;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long ticks() {
            return nanos;
        }
    }

    private final class Life implements AutoCloseable {
        final OwnMetrics own = new OwnMetrics();
        final LakeMetrics metrics = new LakeMetrics(own);
        final LakeCatalog catalog;
        final LakeSink sink;
        final MemoryLog log = new MemoryLog(state);

        Life(LakeConfig config) {
            this(config, Failpoint.NONE);
        }

        Life(LakeConfig config, Failpoint failpoint) {
            catalog = LakeCatalog.open(config, data, DISK, clock, metrics::requestRetried);
            catalog.createTablesWhenReached(TestTables.both());
            var backoff = new Backoff(new Random(1), 0, 0);
            var rounds =
                    new LakeRounds(
                            log,
                            catalog,
                            TestRun::new,
                            new LakeIntents(checkpoint),
                            metrics,
                            new LakeCommit(
                                    backoff,
                                    4,
                                    Clock.system(),
                                    () -> metrics.again(LakeMetrics.Again.COMMIT)),
                            clock,
                            failpoint);
            sink =
                    new LakeSink(
                            new LakeSink.Settings(30_000, 1 << 20, 1_000),
                            log,
                            rounds,
                            metrics,
                            backoff,
                            clock);
        }

        void rounds(int count) throws InterruptedException {
            for (int i = 0; i < count && sink.stopped() == null; i++) {
                sink.round();
                clock.nanos += 10_000_000_000L;
            }
        }

        void settle() throws InterruptedException {
            while (sink.committed() < log.newest() && sink.stopped() == null) {
                rounds(1);
            }
            assertThat(sink.stopped()).isNull();
        }

        String page() {
            return new String(own.page(), StandardCharsets.UTF_8);
        }

        @Override
        public void close() {
            catalog.close();
        }
    }

    private void assertExactlyOnce(S3Home home) {
        Map<String, Integer> points = new TreeMap<>();
        for (int cut = 0; cut < state.cuts.size(); cut++) {
            for (long id : state.cuts.get(cut)) {
                points.put(new TestTables.Row(state.writer, cut + 1, id).toString(), 1);
            }
        }
        try (LakeCatalog catalog = home.catalog()) {
            assertThat(TestTables.counts(catalog.load(LakePaths.POINTS))).isEqualTo(points);
            assertThat(TestTables.counts(catalog.load(LakePaths.SERIES)).values())
                    .hasSize(state.cuts.size())
                    .containsOnly(1);
        }
    }

    @ParameterizedTest
    @EnumSource(S3Home.Kind.class)
    void cutsReachTablesOnS3AndTheCopyOfTheMetadataIsTheNewest(S3Home.Kind kind) throws Exception {
        try (var home = new S3Home(kind, data);
                var life = new Life(home.config())) {
            state.append(1, 2);
            life.settle();
            state.append(3);
            life.settle();
            assertExactlyOnce(home);
            Table table = life.catalog.load(LakePaths.POINTS);
            assertThat(table.location()).isEqualTo(home.warehouse + "/metrics/points");
            assertThat(contents(table.io(), LakePaths.currentMetadata(table.location())))
                    .isEqualTo(
                            contents(
                                    table.io(),
                                    ((org.apache.iceberg.BaseTable) table)
                                            .operations()
                                            .current()
                                            .metadataFileLocation()));
            assertThat(life.page())
                    .contains("s3_uploader_files_processed_total{status=\"success\"} 4.0")
                    .contains("s3_uploader_files_processed_total{status=\"error\"} 0.0")
                    .contains("firn_lake_files_waiting 0.0")
                    .contains("firn_lake_cuts_waiting 0.0")
                    .contains("firn_lake_upload_seconds_count 2")
                    // there from the start; a slow machine may well ask twice
                    .contains("firn_lake_retries_total{what=\"request\"} ");
        }
    }

    private static byte[] contents(FileIO io, String location) throws Exception {
        try (var in = io.newInputFile(location).newStream()) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @EnumSource(value = Fault.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void underEachFaultWhatWasAcknowledgedIsStoredOnce(Fault fault) throws Exception {
        var random = new Random(fault.ordinal());
        try (var home = new S3Home(S3Home.Kind.REST, data);
                var life = new Life(home.config())) {
            boolean slow = fault == Fault.SILENCE;
            home.proxy.plan = FaultProxy.Plan.share(random, slow ? 0.08 : 0.25, fault);
            home.falseShare(0.3);
            int cuts = slow ? 4 : 10;
            for (int cut = 1; cut <= cuts; cut++) {
                state.append(cut * 10L, cut * 10L + 1);
                life.rounds(slow ? 3 : 5);
            }
            home.proxy.plan = request -> NONE;
            home.falseShare(0);
            life.settle();
            assertThat(home.proxy.spoiled).as("requests that were spoiled").isPositive();
            if (fault == Fault.RESET_IN_REQUEST) {
                assertThat(home.proxy.cutOff.get()).as("uploads cut in two").isPositive();
            }
            assertExactlyOnce(home);
            assertThat(state.quarantined).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(S3Home.Kind.class)
    void allFaultsTogetherAcrossRestarts(S3Home.Kind kind) throws Exception {
        var random = new Random(11);
        Set<Fault> some = EnumSet.allOf(Fault.class);
        some.removeAll(EnumSet.of(NONE, Fault.SILENCE));
        try (var home = new S3Home(kind, data)) {
            var any = FaultProxy.Plan.share(random, 0.25, some.toArray(Fault[]::new));
            var uploads = FaultProxy.Plan.share(random, 0.1, Fault.RESET_IN_REQUEST);
            home.proxy.plan =
                    request -> {
                        Fault fault = request.method().equals("PUT") ? uploads.of(request) : NONE;
                        return fault == NONE ? any.of(request) : fault;
                    };
            home.falseShare(0.3);
            for (int life = 0; life < 4; life++) {
                try (var one = new Life(home.config())) {
                    for (int cut = 0; cut < 3; cut++) {
                        state.append(life * 100L + cut);
                        one.rounds(4);
                    }
                } // ends wherever it is
            }
            home.proxy.plan = request -> NONE;
            home.falseShare(0);
            try (var last = new Life(home.config())) {
                last.settle();
            }
            assertThat(home.proxy.cutOff.get()).as("uploads cut in two").isPositive();
            assertExactlyOnce(home);
        }
    }

    @Test
    void anOutageFillsTheLogShowsAndDrainsInOrder() throws Exception {
        try (var home = new S3Home(S3Home.Kind.REST, data);
                var life = new Life(home.config())) {
            state.append(1);
            life.settle();
            home.proxy.plan = request -> Fault.RESET_BEFORE;
            for (int cut = 2; cut <= 20; cut++) {
                state.append(cut);
                life.rounds(1);
            }
            life.rounds(6);
            assertThat(life.sink.committed()).isEqualTo(1);
            assertThat(state.released).as("the log keeps what is not stored").isEqualTo(1);
            assertThat(life.page())
                    .contains("firn_lake_cuts_waiting 19.0")
                    .containsPattern("firn_lake_lag_seconds [1-9]\\d+")
                    .containsPattern(
                            "s3_uploader_files_processed_total\\{status=\"error\"\\} [1-9]")
                    .containsPattern("firn_lake_retries_total\\{what=\"request\"\\} [1-9]")
                    .containsPattern("firn_lake_retries_total\\{what=\"round\"\\} [1-9]");
            assertThat(state.quarantined).isEmpty();
            home.proxy.plan = request -> NONE;
            life.settle();
            assertExactlyOnce(home);
            life.rounds(1);
            assertThat(life.page())
                    .contains("firn_lake_cuts_waiting 0.0")
                    .contains("firn_lake_lag_seconds 0.0");
        }
    }

    @Test
    void aLakeOutOfReachAtTheStartIsMadeOnceItIsReached() throws Exception {
        try (var home = new S3Home(S3Home.Kind.REST, data)) {
            home.proxy.plan = request -> Fault.FORBIDDEN;
            try (var life = new Life(home.config())) {
                state.append(1);
                life.rounds(2);
                assertThat(life.sink.stopped()).isNull();
                assertThat(life.sink.committed()).isZero();
                home.proxy.plan = request -> NONE;
                life.settle();
            }
            assertExactlyOnce(home);
        }
    }

    /// The process ends when the commit is done and before it knows.
    private static final class Death extends Error {
        private static final long serialVersionUID = 1;
    }

    private void dieAfterTheSecond(Failpoint.Step step) {
        if (step == Failpoint.Step.POINTS_COMMITTED && state.cuts.size() == 2) {
            throw new Death();
        }
    }

    @Test
    void aWriterAwayForLongerThanSnapshotsAreKeptComesBackWithoutDoubling() throws Exception {
        try (var home = new S3Home(S3Home.Kind.REST, data)) {
            try (var life = new Life(home.config(), this::dieAfterTheSecond)) {
                state.append(1);
                life.settle();
                state.append(2);
                assertThatThrownBy(life::settle).isInstanceOf(Death.class);
            }
            try (LakeCatalog others = home.catalog()) {
                for (String name : List.of(LakePaths.POINTS, LakePaths.SERIES)) {
                    Table table = others.load(name);
                    TestUpkeep.compact(table);
                    TestUpkeep.expire(table);
                    table.refresh();
                    assertThat(table.snapshots()).hasSize(1);
                }
            }
            try (var life = new Life(home.config())) {
                state.append(3);
                life.settle();
            }
            assertExactlyOnce(home);
        }
    }

    @Test
    void filesCarryEncryptionAndTheStorageClassOfTheirAge() throws Exception {
        try (var home = new S3Home(S3Home.Kind.SQLITE, data);
                var catalog =
                        LakeCatalog.open(
                                home.config(
                                        """
                                        encryption: AES256
                                        storage_class: STANDARD_IA
                                        old_storage_class: GLACIER_IR
                                        old_after: 30d\
                                        """),
                                data,
                                DISK,
                                clock,
                                () -> {})) {
            catalog.createTables(TestTables.both());
            Table table = catalog.load(LakePaths.POINTS);
            String folder = table.location() + "/data/time_day=";
            for (String day : List.of("2023-11-14", "2023-10-01")) { // the clock says 14 November
                try (var out = table.io().newOutputFile(folder + day + "/p/a.parquet").create()) {
                    out.write(1);
                }
            }
            Map<String, String> classes = new TreeMap<>();
            for (FaultProxy.Seen one : home.proxy.seen) {
                if (one.method().equals("PUT")) {
                    assertThat(one.headers())
                            .containsEntry("x-amz-server-side-encryption", "AES256");
                    classes.put(
                            one.path()
                                    .replaceAll(".*/points/", "")
                                    .replaceAll("metadata/.*", "metadata"),
                            one.headers().get("x-amz-storage-class"));
                }
            }
            assertThat(classes)
                    .containsEntry("data/time_day=2023-11-14/p/a.parquet", "STANDARD_IA")
                    .containsEntry("data/time_day=2023-10-01/p/a.parquet", "GLACIER_IR")
                    .containsEntry("metadata", "STANDARD_IA");
        }
    }

    @Test
    void aKeyOfKmsIsNamedInEachWrite() throws Exception {
        String encryption = "encryption: aws:kms\nkms_key: \"" + S3Process.KMS_KEY + "\"";
        try (var home = new S3Home(S3Home.Kind.SQLITE, data);
                var life = new Life(home.config(encryption))) {
            state.append(1, 2);
            life.settle();
            assertExactlyOnce(home);
            assertThat(home.proxy.seen)
                    .filteredOn(request -> request.method().equals("PUT"))
                    .hasSizeGreaterThan(4)
                    .allSatisfy(request ->
                            assertThat(request.headers())
                                    .containsEntry("x-amz-server-side-encryption", "aws:kms")
                                    .containsEntry(
                                            "x-amz-server-side-encryption-aws-kms-key-id",
                                            S3Process.KMS_KEY));
        }
    }

    @Test
    void credentialsThatTheCatalogVendsAreUsedForTheTablesFiles() throws Exception {
        try (var home = new S3Home(S3Home.Kind.REST, data)) {
            home.vend(
                    Map.of(
                            "s3.access-key-id", "vended-id",
                            "s3.secret-access-key", "vended-secret",
                            "s3.session-token", "vended-token"));
            try (var life = new Life(home.config())) {
                state.append(1, 2);
                life.settle();
            }
            assertExactlyOnce(home);
            assertThat(home.proxy.seen)
                    .filteredOn(request -> request.path().endsWith(".parquet"))
                    .isNotEmpty()
                    .allSatisfy(request -> {
                        assertThat(request.headers().get("authorization"))
                                .contains("Credential=vended-id/");
                        assertThat(request.headers())
                                .containsEntry("x-amz-security-token", "vended-token");
                    });
        }
    }

    @Test
    void anOutageOfHoursLosesNothingAndIsDrainedInOrder() throws Exception {
        try (var home = new S3Home(S3Home.Kind.SQLITE, data);
                var life = new Life(home.config())) {
            state.append(1);
            life.settle();
            home.proxy.plan = request -> Fault.RESET_BEFORE;
            long began = clock.nanos;
            for (int cut = 2; cut <= 130; cut++) { // a cut a minute
                state.append(cut);
                clock.nanos += 60_000_000_000L;
                if (cut % 10 == 0) {
                    life.rounds(1);
                }
            }
            assertThat(clock.nanos - began).isGreaterThan(2 * 3_600_000_000_000L);
            assertThat(life.sink.stopped()).isNull();
            assertThat(life.sink.committed()).isEqualTo(1);
            assertThat(state.released).isEqualTo(1);
            assertThat(life.page())
                    .contains("firn_lake_cuts_waiting 129.0")
                    .containsPattern("firn_lake_lag_seconds [1-9]\\d{3}");
            home.proxy.plan = request -> NONE;
            life.settle();
            assertThat(state.released).isEqualTo(130);
            assertExactlyOnce(home);
        }
    }

    @Test
    void aLargeFileGoesUpInPartsAndComesBackWhole() throws Exception {
        byte[] large = new byte[13 << 20];
        new Random(3).nextBytes(large);
        try (var home = new S3Home(S3Home.Kind.SQLITE, data);
                LakeCatalog catalog = home.catalog()) {
            catalog.createTables(TestTables.both());
            Table table = catalog.load(LakePaths.POINTS);
            String location = table.location() + "/data/large";
            var random = new Random(4);
            home.proxy.plan =
                    request -> {
                        if (!request.query().contains("partNumber")) {
                            return NONE;
                        }
                        return home.proxy.cutOff.get() == 0
                                ? Fault.RESET_IN_REQUEST
                                : random.nextBoolean() ? Fault.RESET_BEFORE : NONE;
                    };
            while (true) {
                try (var out = table.io().newOutputFile(location).createOrOverwrite()) {
                    out.write(large);
                } catch (RuntimeException | java.io.IOException e) {
                    continue; // as the sink does
                }
                break;
            }
            assertThat(home.proxy.seen).anyMatch(one -> one.query().contains("partNumber=3"));
            assertThat(home.proxy.cutOff.get()).isPositive();
            assertThat(contents(table.io(), location)).isEqualTo(large);
            table.io().deleteFile(location);
            assertThat(table.io().newInputFile(location).exists()).isFalse();
        }
    }

    @Test
    void aTableThatIsInAnotherWarehouseIsRefused() throws Exception {
        try (var home = new S3Home(S3Home.Kind.SQLITE, data)) {
            try (LakeCatalog catalog = home.catalog()) {
                catalog.createTables(TestTables.both());
            }
            LakeConfig elsewhere =
                    S3Home.read(home.yaml("").replace(home.warehouse, home.warehouse + "2")).lake();
            try (LakeCatalog catalog = LakeCatalog.open(elsewhere, data, DISK)) {
                assertThatThrownBy(() -> catalog.createTables(TestTables.both()))
                        .isInstanceOf(WorldException.class)
                        .hasMessageContaining("not below \"" + home.warehouse + "2\"")
                        .hasMessageContaining("set that one again");
            }
        }
    }
}
