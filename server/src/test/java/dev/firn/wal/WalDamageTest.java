package dev.firn.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Disk;
import dev.firn.base.PowerLossDisk;
import dev.firn.base.WorldException;
import dev.firn.model.Batch;
import dev.firn.model.Cut;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The log cut at every byte, and bits flipped in its middle.
final class WalDamageTest {
    private static final int BATCHES = 26;

    private final ManualClock clock = new ManualClock();
    private final Map<Path, byte[]> files = new LinkedHashMap<>();
    private final List<List<String>> batches = new ArrayList<>();

    /// A log of several segments; the process was killed before the last cut ended.
    @BeforeEach
    void writeLog() throws Exception {
        var disk = new PowerLossDisk(WalHarness.DATA);
        WalOptions options = WalHarness.small("lake").withSizes(3000, 1 << 30, 0);
        var log = new WalHarness(disk, clock, 1, options);
        var random = new RandomBatches(new Random(5), log.registry, 20);
        var batch = new Batch();
        for (int i = 0; i < BATCHES; i++) {
            random.fill(batch, 12);
            log.append(i, batch);
            batches.add(RandomBatches.lines(batch));
            if (i % 5 == 4) {
                log.wal.cutNow();
            }
        }
        PowerLossDisk killed = disk.afterKill();
        log.close();
        for (Path path : killed.list(WalHarness.FOLDER)) {
            files.put(path, killed.readAll(path));
        }
    }

    private PowerLossDisk disk(Path changed, byte[] contents) throws Exception {
        var disk = new PowerLossDisk(WalHarness.DATA);
        disk.createDirectories(WalHarness.FOLDER);
        for (var one : files.entrySet()) {
            byte[] bytes = one.getKey().equals(changed) ? contents : one.getValue();
            try (Disk.File file = disk.create(one.getKey())) {
                file.write(ByteBuffer.wrap(bytes), 0);
                file.force();
            }
        }
        disk.syncDirectory(WalHarness.DATA);
        disk.syncDirectory(WalHarness.FOLDER);
        return disk;
    }

    private byte[] contents(Path path) {
        return java.util.Objects.requireNonNull(files.get(path));
    }

    private List<Path> segments() {
        return files.keySet().stream()
                .filter(path -> WalFiles.segmentNumber(path).isPresent())
                .toList();
    }

    private static WalOptions options() {
        return WalHarness.small("lake");
    }

    private static List<List<String>> read(WalHarness log) throws Exception {
        var result = new ArrayList<List<String>>();
        for (long at = 1; at <= log.wal.newest(); at++) {
            Cut cut = log.cut(at);
            cut.read(batch -> result.add(RandomBatches.lines(batch)));
        }
        return result;
    }

    @Test
    void cutAtEveryByteOfTheLastSegmentAPrefixIsLeft() throws Exception {
        Path last = segments().getLast();
        byte[] whole = contents(last);
        int end = whole.length;
        while (whole[end - 1] == 0) {
            end--;
        }
        end = Math.min(whole.length, end + 16); // what ends in zeros is part of it
        assertThat(end).isGreaterThan(SegmentHeader.BLOCK + 200);
        int[] before = {-1, -1}; // zeros may be what stood there, so the two ways differ
        for (int at = Math.max(SegmentHeader.BLOCK, end - 2000); at <= end; at++) {
            byte[] torn = at % 2 == 0 ? java.util.Arrays.copyOf(whole, at) : zeroedFrom(whole, at);
            try (var log = new WalHarness(disk(last, torn), clock, 2, options())) {
                List<List<String>> there = read(log);
                assertThat(there.size()).isGreaterThanOrEqualTo(before[at % 2]);
                assertThat(there).isEqualTo(batches.subList(0, there.size()));
                before[at % 2] = there.size();
            }
        }
        assertThat(before).containsOnly(BATCHES);
    }

    private static byte[] zeroedFrom(byte[] whole, int at) {
        byte[] result = whole.clone();
        java.util.Arrays.fill(result, at, result.length, (byte) 0);
        return result;
    }

    @Test
    void aTornLogGoesOnAndNothingTornComesBack() throws Exception {
        Path last = segments().getLast();
        byte[] whole = contents(last);
        for (int at = SegmentHeader.BLOCK + 7; at < SegmentHeader.BLOCK + 900; at += 61) {
            PowerLossDisk disk = disk(last, java.util.Arrays.copyOf(whole, at));
            List<List<String>> expected;
            try (var log = new WalHarness(disk, clock, 2, options())) {
                expected = read(log);
                var batch = new Batch();
                new RandomBatches(new Random(at), log.registry, 20).fill(batch, 12);
                log.append(1000 + at, batch);
                expected.add(RandomBatches.lines(batch));
            }
            try (var log = new WalHarness(disk.crash(new Random(at)), clock, 3, options())) {
                assertThat(read(log)).isEqualTo(expected);
            }
        }
    }

    @Test
    void aFlippedBitIsReportedWithSegmentAndOffsetOrSkipped() throws Exception {
        int reported = 0;
        int flips = 0;
        List<Path> all = segments();
        for (int segment = 0; segment < all.size(); segment++) {
            boolean last = segment == all.size() - 1;
            Path path = all.get(segment);
            byte[] whole = contents(path);
            for (int at = SegmentHeader.BLOCK + 3; at < whole.length - 8; at += 37) {
                byte[] flipped = whole.clone();
                flipped[at] ^= (byte) (1 << at % 8);
                flips++;
                boolean failed = opensOrReports(path, flipped, last);
                reported += failed ? 1 : 0;
                skips(path, flipped);
            }
        }
        assertThat(reported).isGreaterThan(flips / 4);
    }

    private boolean opensOrReports(Path path, byte[] flipped, boolean last) throws Exception {
        try (var log = new WalHarness(disk(path, flipped), clock, 2, options())) {
            // behind the end, in padding, or in the last group, which nothing proves durable
            List<List<String>> there = read(log);
            assertThat(there).isEqualTo(batches.subList(0, there.size()));
            if (!last) {
                assertThat(there).hasSize(BATCHES);
            } else {
                assertThat(there.size()).isGreaterThanOrEqualTo(BATCHES - 1);
            }
            return false;
        } catch (WorldException e) {
            assertThat(e)
                    .hasMessageMatching(
                            "cannot read wal segment \"00000000\\d\\d\" at offset \\d+: .*; set"
                                    + " wal.on_corruption: skip to go on without what is unreadable");
            return true;
        }
    }

    private void skips(Path path, byte[] flipped) throws Exception {
        WalOptions options = options().withOnCorruption(WalOptions.OnCorruption.SKIP);
        try (var log = new WalHarness(disk(path, flipped), clock, 2, options)) {
            List<List<String>> there = read(log);
            assertThat(batches).containsAll(there);
            assertThat(there).doesNotHaveDuplicates();
            // the last cut has one record, which nothing proves durable
            assertThat(log.wal.newest()).isBetween(BATCHES / 5L, (BATCHES + 4) / 5L);
        }
    }

    @Test
    void oneDamagedCopyOfAHeaderIsHarmlessAndTwoAreReported() throws Exception {
        Path path = segments().getFirst();
        byte[] bytes = contents(path).clone();
        bytes[20] ^= 1;
        try (var log = new WalHarness(disk(path, bytes), clock, 2, options())) {
            assertThat(read(log)).isEqualTo(batches);
        }
        bytes[2048 + 20] ^= 1;
        PowerLossDisk disk = disk(path, bytes);
        assertThatThrownBy(() -> new WalHarness(disk, clock, 2, options()))
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("both copies of its header are damaged");
    }

    @Test
    void aMissingSegmentIsReported() throws Exception {
        Path missing = segments().get(1);
        PowerLossDisk disk = disk(missing, contents(missing));
        disk.delete(missing);
        assertThatThrownBy(() -> new WalHarness(disk, clock, 2, options()))
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("cannot read wal segment \"0000000001\"");
    }

    @Test
    void theInspectorNamesDamageAndChangesNothing() throws Exception {
        Path path = segments().getFirst();
        byte[] bytes = contents(path).clone();
        bytes[SegmentHeader.BLOCK + 40] ^= 1;
        PowerLossDisk disk = disk(path, bytes);
        WalInspector.Report report = WalInspector.inspect(disk, WalHarness.DATA);
        assertThat(report.damages())
                .singleElement()
                .asString()
                .startsWith("wal segment \"0000000001\" at offset 4096: record 1 is damaged");
        assertThat(report.segments()).hasSize(segments().size());
        assertThat(disk.readAll(path)).isEqualTo(bytes);
        WalInspector.Report sound =
                WalInspector.inspect(disk(path, contents(path)), WalHarness.DATA);
        assertThat(sound.damages()).isEmpty();
        assertThat(sound.cuts()).hasSize(BATCHES / 5);
        assertThat(sound.openPoints()).isPositive();
    }
}
