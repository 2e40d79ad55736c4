package dev.firn.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Disk;
import dev.firn.base.NioDisk;
import dev.firn.base.PowerLossDisk;
import dev.firn.model.Batch;
import dev.firn.model.CheckpointStore.Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
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

    @Test
    void ofAnEndedSegmentNothingIsLeftOnTheDiskOnceItsSinksHaveReleasedIt(@TempDir Path data)
            throws Exception {
        try (var log =
                new WalHarness(data, new NioDisk(), clock, 1, WalHarness.small("lake", "engine"))) {
            fill(log, batch, 0, 90);
            log.wal.cutNow();
            log.wal.release("lake", log.wal.newest());
            log.wal.release("engine", log.wal.newest());
            until(() -> files(data, "spare").size() == 2); // full of what was there
            fill(log, batch, 1_000, 12);

            long cut = log.wal.endSegment();
            assertThat(cut).isEqualTo(log.wal.newest());
            assertThat(log.wal.inspect().openPoints()).isZero();
            assertThat(files(data, "spare")).isEmpty();
            long segments = log.wal.endedSegments(cut);
            assertThat(segments).isPositive();
            log.wal.release("lake", cut);
            assertThat(log.wal.holders(cut)).containsExactly("engine");
            fill(log, batch, 2_000, 1); // the writer has been round
            assertThat(log.wal.endedSegments(cut)).isEqualTo(segments);

            log.wal.release("engine", cut);
            until(() -> log.wal.endedSegments(cut) == 0);
            assertThat(log.wal.holders(cut)).isEmpty();
            assertThat(files(data, "spare")).isEmpty();
            Path left = files(data, ".wal").getFirst();
            assertThat(files(data, ".wal")).hasSize(1);
            byte[] bytes = Files.readAllBytes(left);
            int end = SegmentHeader.BLOCK + (int) log.wal.inspect().segments().getFirst().bytes();
            for (int i = end; i < bytes.length; i++) {
                assertThat(bytes[i]).as("byte " + i).isZero();
            }
            assertThat(log.linesAfter(cut)).isEmpty(); // of finished cuts
            log.wal.cutNow();
            assertThat(log.linesAfter(cut)).hasSize(12);
        }
        try (var again =
                new WalHarness(data, new NioDisk(), clock, 2, WalHarness.small("lake", "engine"))) {
            assertThat(again.linesAfter(again.wal.newest() - 1)).hasSize(12);
        }
    }

    private static List<Path> files(Path data, String part) {
        try (Stream<Path> all = Files.list(WalFiles.folder(data))) {
            return all.filter(path -> path.getFileName().toString().contains(part)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void until(BooleanSupplier holds) throws InterruptedException {
        for (int i = 0; i < 6_000 && !holds.getAsBoolean(); i++) {
            Thread.sleep(10);
        }
        assertThat(holds.getAsBoolean()).isTrue();
    }
}
