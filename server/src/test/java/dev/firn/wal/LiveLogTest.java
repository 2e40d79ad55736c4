package dev.firn.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Disk;
import dev.firn.base.NioDisk;
import dev.firn.base.PowerLossDisk;
import dev.firn.model.Batch;
import dev.firn.model.CheckpointStore.Checkpoint;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a running log says of itself, against what its files say.
final class LiveLogTest {
    private final ManualClock clock = new ManualClock();
    private final PowerLossDisk disk = new PowerLossDisk(WalHarness.DATA);
    private final Batch batch = new Batch();

    private static void fill(WalHarness log, Batch batch, int from, int count) {
        var batches = new RandomBatches(new Random(from), log.registry, 20);
        for (int i = 0; i < count; i++) {
            batches.fill(batch, 12);
            log.append(from + i, batch);
            if (i % 5 == 4) {
                log.wal.cutNow();
            }
        }
    }

    @Test
    void theLiveReportIsWhatTheFilesSay() {
        try (var log = new WalHarness(disk, clock, 1, WalHarness.small("lake"))) {
            fill(log, batch, 0, 93);
            log.wal.checkpoints().write(new Checkpoint("lake", 2, Map.of("a", "b")));
            WalInspector.Report live = log.wal.inspect();
            assertThat(log.wal.verify()).isEqualTo(live);
            assertThat(live)
                    .usingRecursiveComparison()
                    .isEqualTo(WalInspector.inspect(disk.afterKill(), WalHarness.DATA));
            assertThat(live.openPoints()).isPositive();
            assertThat(live.segments()).hasSizeGreaterThan(2);
            assertThat(live.sinks()).hasSize(1);
        }
    }

    @Test
    void verifyNamesADamagedRecord() throws Exception {
        try (var log = new WalHarness(disk, clock, 1, WalHarness.small("lake"))) {
            fill(log, batch, 0, 93);
            Path path = WalFiles.segment(WalHarness.FOLDER, 2);
            byte[] bytes = disk.readAll(path);
            int at = SegmentHeader.BLOCK + 40;
            try (Disk.File file = disk.openWrite(path)) {
                file.write(ByteBuffer.wrap(new byte[] {(byte) (bytes[at] ^ 1)}), at);
            }
            assertThat(log.wal.inspect().damages()).isEmpty();
            assertThat(log.wal.verify().damages())
                    .singleElement()
                    .asString()
                    .contains("segment \"0000000002\"")
                    .contains("offset " + SegmentHeader.BLOCK);
        }
    }

    @Test
    void segmentsThatGoMeanwhileAreNoDamage(@TempDir Path data) throws Exception {
        try (var log = new WalHarness(data, new NioDisk(), clock, 1, WalHarness.small("lake"))) {
            Thread writer =
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int round = 0; round < 60; round++) {
                                    fill(log, new Batch(), round * 1000, 10);
                                    log.wal.release("lake", log.wal.newest());
                                }
                            });
            do {
                assertThat(log.wal.verify().damages()).isEmpty();
                assertThat(log.wal.inspect().writer()).isEqualTo(log.wal.writer());
            } while (writer.isAlive());
            assertThat(log.wal.inspect().segments().getFirst().number()).isGreaterThan(1);
        }
    }
}
