package dev.firn.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Disk;
import dev.firn.base.Forall;
import dev.firn.base.PowerLossDisk;
import dev.firn.model.Batch;
import dev.firn.model.Cut;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/// What stateful processors put into a batch goes into the log and comes back.
final class WalStateTest {
    private final ManualClock clock = new ManualClock();

    private static List<String> states(WalHarness log) throws InterruptedException {
        var states = new ArrayList<String>();
        for (long at = 0; at < log.wal.newest(); at++) {
            Cut cut = log.cut(at + 1);
            long[] points = {0};
            cut.read(batch -> {
                states.add(HexFormat.of().formatHex(batch.state.toBytes()));
                points[0] += batch.size();
            });
            assertThat(points[0]).isEqualTo(cut.points());
        }
        return states;
    }

    @Test
    void stateComesBackWithAndWithoutPoints() {
        Forall.of(
                30,
                1,
                random -> {
                    var disk = new PowerLossDisk(WalHarness.DATA);
                    var expected = new ArrayList<String>();
                    var lines = new ArrayList<String>();
                    var batch = new Batch();
                    for (int run = 0; run < 3; run++) {
                        try (var log =
                                new WalHarness(disk, clock, run, WalHarness.small("state"))) {
                            assertThat(states(log)).isEqualTo(expected);
                            var batches = new RandomBatches(random, log.registry, 20);
                            for (int i = 0; i < 20; i++) {
                                batch.clear();
                                if (random.nextBoolean()) {
                                    batches.fill(batch, 10);
                                }
                                byte[] state = new byte[random.nextInt(200)];
                                random.nextBytes(state);
                                batch.state.bytes(state);
                                if (batch.size() + state.length > 0) {
                                    expected.add(HexFormat.of().formatHex(state));
                                }
                                lines.addAll(RandomBatches.lines(batch));
                                log.append(run * 100 + i, batch);
                                if (random.nextInt(4) == 0) {
                                    log.wal.cutNow();
                                }
                            }
                        }
                    }
                    try (var log = new WalHarness(disk, clock, 9, WalHarness.small("state"))) {
                        assertThat(states(log)).isEqualTo(expected);
                        assertThat(log.linesAfter(0)).isEqualTo(lines);
                    }
                });
    }

    @Test
    void aCutOfStateOnlyHoldsItsSegment() throws Exception {
        var disk = new PowerLossDisk(WalHarness.DATA);
        try (var log = new WalHarness(disk, clock, 1, WalHarness.small("state"))) {
            var batch = new Batch();
            batch.state.u8(1);
            log.append(1, batch);
            assertThat(log.wal.newest()).isZero();
            assertThat(log.wal.cutNow()).isEqualTo(1);
            assertThat(log.cut(1).points()).isZero();
            assertThat(states(log)).containsExactly("01");
            batch.state.u8(2);
            log.append(2, batch);
        }
        try (var log = new WalHarness(disk, clock, 2, WalHarness.small("state"))) {
            assertThat(states(log)).containsExactly("01", "0102");
            assertThat(log.wal.newest()).isEqualTo(2);
        }
    }

    @Test
    void segmentsOfVersion1AreRead() throws Exception {
        var disk = new PowerLossDisk(WalHarness.DATA);
        var batch = new Batch();
        try (var log = new WalHarness(disk, clock, 1, WalHarness.small("lake"))) {
            new RandomBatches(new Random(1), log.registry, 10).fill(batch, 20);
            log.append(1, batch);
        }
        Path segment = WalFiles.segment(WalHarness.FOLDER, 1);
        var header = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
        try (Disk.File file = disk.openRead(segment)) {
            file.read(header, 0);
        }
        header.putInt(8, 1);
        var crc = new CRC32C();
        crc.update(header.array(), 0, 12);
        crc.update(header.array(), 16, 112);
        header.putInt(12, (int) crc.getValue());
        disk.damage(segment, 0, header.array());
        disk.damage(segment, 2048, header.array());
        try (var log = new WalHarness(disk, clock, 2, WalHarness.small("lake"))) {
            assertThat(log.linesAfter(0)).isEqualTo(RandomBatches.lines(batch));
        }
    }
}
