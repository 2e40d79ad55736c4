package dev.firn.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Disk;
import dev.firn.base.NioDisk;
import dev.firn.base.PowerLossDisk;
import dev.firn.base.SmallDisk;
import dev.firn.model.Batch;
import dev.firn.model.Intake.Overloaded;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Failing writes and syncs, a full disk, the log's own limit.
final class WalDiskErrorTest {
    private final ManualClock clock = new ManualClock();
    private final PowerLossDisk disk = new PowerLossDisk(WalHarness.DATA);
    private final List<String> acknowledged = new ArrayList<>();
    private final Batch batch = new Batch();

    private boolean append(WalHarness log, RandomBatches batches, long id) {
        batches.fill(batch, 20);
        List<String> lines = RandomBatches.lines(batch);
        try {
            log.append(id, batch);
        } catch (Overloaded e) {
            assertThat(e.reason()).isEqualTo(Overloaded.Cause.UNAVAILABLE);
            assertThat(e.retryAfterSeconds()).isPositive();
            return false;
        }
        acknowledged.addAll(lines);
        return true;
    }

    @Test
    void oneFailedSyncIsWrittenAgainInANewSegment() throws Exception {
        for (boolean write : new boolean[] {false, true}) {
            acknowledged.clear();
            var fresh = new PowerLossDisk(WalHarness.DATA);
            try (var log = new WalHarness(fresh, clock, 1, WalHarness.small("lake"))) {
                var batches = new RandomBatches(new Random(1), log.registry, 10);
                assertThat(append(log, batches, 1)).isTrue();
                fail(fresh, write, 1);
                assertThat(append(log, batches, 2)).isTrue();
                assertThat(log.wal.inspect().segments()).hasSize(2);
                log.wal.cutNow();
                assertThat(log.linesAfter(0)).isEqualTo(acknowledged);
            }
            PowerLossDisk after = fresh.crash(new Random(1));
            try (var log = new WalHarness(after, clock, 2, WalHarness.small("lake"))) {
                assertThat(log.linesAfter(0)).isEqualTo(acknowledged);
            }
        }
    }

    private static void fail(PowerLossDisk disk, boolean write, int count) {
        if (write) {
            disk.failWrites(count);
        } else {
            disk.failForces(count);
        }
    }

    @Test
    void whereTheNewSegmentFailsTooTheSenderComesBackAndTheLogGoesOnByItself() throws Exception {
        try (var log = new WalHarness(disk, clock, 1, WalHarness.small("lake"))) {
            var batches = new RandomBatches(new Random(1), log.registry, 10);
            assertThat(append(log, batches, 1)).isTrue();
            disk.failForces(2);
            assertThat(append(log, batches, 2)).isFalse();
            assertThat(append(log, batches, 3)).isFalse(); // not even tried within the second
            clock.advanceMillis(1001);
            assertThat(append(log, batches, 4)).isTrue();
            log.wal.cutNow();
            assertThat(log.linesAfter(0)).isEqualTo(acknowledged);
        }
        try (var log =
                new WalHarness(disk.crash(new Random(2)), clock, 2, WalHarness.small("lake"))) {
            assertThat(log.linesAfter(0)).isEqualTo(acknowledged);
        }
    }

    @Test
    void aFullDiskRefusesLosesNothingAndGoesOnWhenThereIsRoom() throws Exception {
        disk.capacity(100_000);
        try (var log = new WalHarness(disk, clock, 1, WalHarness.small("lake"))) {
            var batches = new RandomBatches(new Random(1), log.registry, 10);
            long id = 0;
            while (append(log, batches, id)) {
                id++;
            }
            assertThat(id).isGreaterThan(10);
            assertThat(append(log, batches, id)).isFalse();
            disk.capacity(200_000);
            clock.advanceMillis(1001);
            assertThat(append(log, batches, id + 1)).isTrue();
            log.wal.cutNow();
            assertThat(log.linesAfter(0)).isEqualTo(acknowledged);
        }
        try (var log =
                new WalHarness(disk.crash(new Random(2)), clock, 2, WalHarness.small("lake"))) {
            assertThat(log.linesAfter(0)).isEqualTo(acknowledged);
        }
    }

    @Test
    void theLogsOwnLimitRefusesUntilTheSinksRelease() throws Exception {
        WalOptions options = WalHarness.small("lake").withSizes(8 << 10, 64 << 10, 0);
        try (var log = new WalHarness(disk, clock, 1, options)) {
            limitHolds(log, 64 << 10);
        }
    }

    @Test
    void soDoesTheDiskSpaceThatMustStayFree() throws Exception {
        disk.capacity(200_000);
        WalOptions options = WalHarness.small("lake").withSizes(8 << 10, 1 << 30, 100_000);
        try (var log = new WalHarness(disk, clock, 1, options)) {
            limitHolds(log, 120_000);
        }
    }

    @Test
    void aLimitBelowOneSegmentDoesNotStopTheLogForEver() throws Exception {
        WalOptions options = WalHarness.small("lake").withSizes(1 << 20, 1100 << 10, 0);
        try (var log = new WalHarness(disk, clock, 1, options)) {
            limitHolds(log, 1300 << 10);
        }
    }

    private void limitHolds(WalHarness log, long bytes) throws Exception {
        var batches = new RandomBatches(new Random(1), log.registry, 10);
        long id = 0;
        while (append(log, batches, id)) {
            id++;
        }
        assertThat(disk.used()).isLessThan(bytes + 1000);
        long newest = log.wal.cutNow(); // ends in spite of the limit
        assertThat(log.linesAfter(0)).isEqualTo(acknowledged);
        log.wal.release("lake", newest);
        acknowledged.clear();
        long next = id + 1;
        await(() -> {
            clock.advanceMillis(1001);
            return append(log, batches, next);
        });
        log.wal.cutNow();
        assertThat(log.linesAfter(newest)).isEqualTo(acknowledged);
        assertThat(new String(log.metrics.page(), java.nio.charset.StandardCharsets.UTF_8))
                .containsPattern("firn_wal_refused_total\\{reason=\"full\"} [1-9]");
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(5);
        }
    }

    @Test
    void aRealFullFileSystem(@TempDir Path mount) throws Exception {
        try (var disk = new SmallDisk(mount, "400k")) {
            Path data = mount.resolve("data");
            Disk real = new NioDisk();
            try (var log = new WalHarness(data, real, clock, 1, WalHarness.small("lake"))) {
                var batches = new RandomBatches(new Random(1), log.registry, 10);
                long id = 0;
                while (append(log, batches, id)) {
                    id++;
                }
                assertThat(id).isGreaterThan(10);
                disk.resize("2m");
                clock.advanceMillis(1001);
                assertThat(append(log, batches, id + 1)).isTrue();
                log.wal.cutNow();
                assertThat(log.linesAfter(0)).isEqualTo(acknowledged);
            }
            try (var log = new WalHarness(data, real, clock, 2, WalHarness.small("lake"))) {
                assertThat(log.linesAfter(0)).isEqualTo(acknowledged);
            }
        }
    }
}
