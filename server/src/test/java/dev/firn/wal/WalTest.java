package dev.firn.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Disk;
import dev.firn.base.NioDisk;
import dev.firn.base.PowerLossDisk;
import dev.firn.base.WorldException;
import dev.firn.model.Batch;
import dev.firn.model.CheckpointStore.Checkpoint;
import dev.firn.model.Cut;
import dev.firn.model.Intake.Answer;
import dev.firn.model.Intake.Decoded;
import dev.firn.model.Intake.Overloaded;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WalTest {
    private final ManualClock clock = new ManualClock();
    private final PowerLossDisk disk = new PowerLossDisk(WalHarness.DATA);

    private WalHarness open(Disk on, long seed, WalOptions options) {
        return new WalHarness(on, clock, seed, options);
    }

    @Test
    void whatIsAppendedComesBackCutByCut() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            var random = new Random(seed);
            var fresh = new PowerLossDisk(WalHarness.DATA);
            var expected = new ArrayList<String>();
            var batch = new Batch();
            try (var log = open(fresh, seed, WalHarness.small("engine"))) {
                var batches = new RandomBatches(random, log.registry, 40);
                for (int i = 0; i < 60; i++) {
                    batches.fill(batch, 30);
                    assertThat(log.append(i, batch)).isEqualTo(new Answer(i % 3, ""));
                    expected.addAll(RandomBatches.lines(batch));
                    if (random.nextInt(5) == 0) {
                        log.wal.cutNow();
                    }
                }
                log.wal.cutNow();
                assertThat(log.linesAfter(0)).isEqualTo(expected);
                assertThat(log.linesAfter(0)).isEqualTo(expected);
            }
            try (var log = open(fresh, seed + 1000, WalHarness.small("engine"))) {
                assertThat(log.linesAfter(0)).isEqualTo(expected);
            }
        }
    }

    @Test
    void realFilesDoTheSame(@TempDir Path data) throws Exception {
        var expected = new ArrayList<String>();
        var batch = new Batch();
        for (int run = 0; run < 3; run++) {
            try (var log =
                    new WalHarness(data, new NioDisk(), clock, run, WalHarness.small("engine"))) {
                var batches = new RandomBatches(new Random(run), log.registry, 40);
                for (int i = 0; i < 40; i++) {
                    batches.fill(batch, 30);
                    log.append(run * 1000 + i, batch);
                    expected.addAll(RandomBatches.lines(batch));
                }
                log.wal.cutNow();
                assertThat(log.linesAfter(0)).isEqualTo(expected);
            }
        }
    }

    @Test
    void cutsAreNumberedAndChained() throws Exception {
        long digest;
        try (var log = open(disk, 1, WalHarness.small("engine"))) {
            var batches = new RandomBatches(new Random(1), log.registry, 10);
            var batch = new Batch();
            assertThat(log.wal.cutNow()).isZero();
            assertThat(log.wal.next(0, 0)).isNull();
            for (int i = 1; i <= 5; i++) {
                batches.fill(batch, 5);
                log.append(i, batch);
                assertThat(log.wal.cutNow()).isEqualTo(i);
                assertThat(log.cut(i).sequence()).isEqualTo(i);
            }
            assertThat(log.wal.cutNow()).isEqualTo(5);
            digest = log.cut(5).digest();
        }
        try (var log = open(disk, 2, WalHarness.small("engine"))) {
            assertThat(log.wal.newest()).isEqualTo(5);
            assertThat(log.cut(5).digest()).isEqualTo(digest);
        }
    }

    @Test
    void closingEndsTheOpenCut() throws Exception {
        var batch = new Batch();
        List<String> expected;
        try (var log = open(disk, 1, WalHarness.small("engine"))) {
            new RandomBatches(new Random(1), log.registry, 10).fill(batch, 5);
            log.append(1, batch);
            expected = RandomBatches.lines(batch);
        }
        try (var log = open(disk, 2, WalHarness.small("engine"))) {
            assertThat(log.wal.newest()).isEqualTo(1);
            assertThat(log.linesAfter(0)).isEqualTo(expected);
        }
    }

    @Test
    void cutsEndByTimeByPointsAndByBytes() throws Exception {
        var batch = new Batch();
        try (var log = open(disk, 1, WalHarness.small("engine").withCuts(1000, 1 << 30, 100))) {
            var batches = new RandomBatches(new Random(1), log.registry, 10);
            batches.fill(batch, 5);
            log.append(1, batch);
            clock.advanceMillis(1001);
            assertThat(log.wal.next(0, 30_000)).isNotNull();
            long i = 2;
            while (log.wal.newest() == 1 && i < 1000) {
                batches.fill(batch, 5);
                log.append(i++, batch);
            }
            assertThat(log.cut(2).points()).isBetween(100L, 105L);
        }
    }

    @Test
    void aRetryGetsTheSameAnswerAndIsNotDecoded() {
        var batch = new Batch();
        try (var log = open(disk, 1, WalHarness.small("engine"))) {
            new RandomBatches(new Random(1), log.registry, 10).fill(batch, 5);
            log.append(2, batch);
            assertThat(log.wal.accept(WalHarness.key(2), WalTest::mustNotDecode))
                    .isEqualTo(new Answer(2, ""));
        }
        try (var log = open(disk, 2, WalHarness.small("engine"))) {
            assertThat(log.wal.accept(WalHarness.key(2), WalTest::mustNotDecode))
                    .isEqualTo(new Answer(2, ""));
            clock.advanceMillis(901_000);
            var decoded = new AtomicInteger();
            log.wal.accept(
                    WalHarness.key(2),
                    () -> {
                        decoded.incrementAndGet();
                        return new Decoded(new Batch(), Answer.OK);
                    });
            assertThat(decoded).hasValue(1);
        }
    }

    private static Decoded mustNotDecode() {
        throw new AssertionError("decoded");
    }

    @Test
    void aRetryIsKnownAfterItsSegmentIsDeletedAndAfterARestart() throws Exception {
        var batch = new Batch();
        int last;
        try (var log = open(disk, 1, WalHarness.small("lake"))) {
            var batches = new RandomBatches(new Random(1), log.registry, 10);
            last = appendUntilSegment(log, batches, batch, 4);
            log.wal.release("lake", log.wal.cutNow());
            log.append(last + 1, batch);
            awaitOldestSegment(log, 2);
        }
        assertThat(disk.exists(WalFiles.segment(WalHarness.FOLDER, 1))).isFalse();
        try (var log = open(disk.afterKill(), 2, WalHarness.small("lake"))) {
            for (int i = 0; i <= last + 1; i++) {
                assertThat(log.wal.accept(WalHarness.key(i), WalTest::mustNotDecode))
                        .isEqualTo(new Answer(i % 3, ""));
            }
        }
    }

    private static int appendUntilSegment(
            WalHarness log, RandomBatches batches, Batch batch, int segment) {
        int i = 0;
        while (log.wal.inspect().segments().getLast().number() < segment) {
            batches.fill(batch, 40);
            log.append(i++, batch);
        }
        return i - 1;
    }

    private static void awaitOldestSegment(WalHarness log, long atLeast) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (log.wal.inspect().segments().getFirst().number() < atLeast) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(2);
        }
    }

    @Test
    void twinsInFlightShareOneAppend() throws Exception {
        var batch = new Batch();
        try (var log = open(disk, 1, WalHarness.small("engine"));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            new RandomBatches(new Random(1), log.registry, 10).fill(batch, 5);
            var decodes = new AtomicInteger();
            var inDecoder = new CountDownLatch(1);
            var go = new CountDownLatch(1);
            var answers = new ArrayList<Future<Answer>>();
            for (int i = 0; i < 8; i++) {
                answers.add(
                        threads.submit(() ->
                                log.wal.accept(
                                        WalHarness.key(7),
                                        () -> {
                                            decodes.incrementAndGet();
                                            inDecoder.countDown();
                                            awaitQuietly(go);
                                            return new Decoded(batch, new Answer(1, "one"));
                                        })));
            }
            inDecoder.await();
            go.countDown();
            for (Future<Answer> one : answers) {
                assertThat(one.get()).isEqualTo(new Answer(1, "one"));
            }
            assertThat(decodes).hasValue(1);
            log.wal.cutNow();
            assertThat(log.linesAfter(0)).isEqualTo(RandomBatches.lines(batch));
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aFailedFirstAttemptLeavesNothingAndItsTwinTriesItself() throws Exception {
        var batch = new Batch();
        try (var log = open(disk, 1, WalHarness.small("engine"));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            new RandomBatches(new Random(1), log.registry, 10).fill(batch, 5);
            var inDecoder = new CountDownLatch(1);
            var go = new CountDownLatch(1);
            Future<Answer> first =
                    threads.submit(() ->
                            log.wal.accept(
                                    WalHarness.key(7),
                                    () -> {
                                        inDecoder.countDown();
                                        awaitQuietly(go);
                                        throw new IllegalArgumentException("malformed");
                                    }));
            inDecoder.await();
            Future<Answer> twin = threads.submit(() -> log.append(7, batch));
            go.countDown();
            assertThatThrownBy(first::get).hasRootCauseMessage("malformed");
            assertThat(twin.get()).isEqualTo(new Answer(1, ""));
            log.wal.cutNow();
            assertThat(log.linesAfter(0)).isEqualTo(RandomBatches.lines(batch));
        }
    }

    @Test
    void anEmptyBatchNeedsNoRecord() {
        try (var log = open(disk, 1, WalHarness.small("engine"))) {
            assertThat(log.append(2, new Batch())).isEqualTo(new Answer(2, ""));
            assertThat(log.wal.cutNow()).isZero();
        }
    }

    @Test
    void releasedSegmentsAreUsedAgainAndStaleBytesNeverParse() throws Exception {
        var batch = new Batch();
        var kept = new ArrayList<String>();
        var random = new Random(3);
        PowerLossDisk now = disk;
        long released = 0;
        for (int run = 0; run < 6; run++) {
            try (var log = open(now, run, WalHarness.small("lake"))) {
                if (released > 0) {
                    log.wal.release("lake", released);
                }
                assertThat(log.linesAfter(released)).isEqualTo(kept);
                var batches = new RandomBatches(random, log.registry, 20);
                for (int i = 0; i < 60; i++) {
                    batches.fill(batch, 20);
                    log.append(run * 1000 + i, batch);
                    if (i % 7 == 0) {
                        released = log.wal.cutNow();
                        log.wal.release("lake", released);
                        kept.clear();
                    } else {
                        kept.addAll(RandomBatches.lines(batch));
                    }
                }
                if (run > 1) {
                    assertThat(log.wal.inspect().segments().getFirst().number()).isGreaterThan(2);
                }
            }
            now = run % 2 == 0 ? now.crash(random) : now.afterKill();
        }
        assertThat(now.list(WalHarness.FOLDER).stream().filter(WalFiles::isSpare)).isNotEmpty();
    }

    @Test
    void sequencesGoOnWhenEverythingWasReleased() throws Exception {
        var batch = new Batch();
        for (int run = 1; run < 6; run++) {
            try (var log = open(disk, run, WalHarness.small("lake"))) {
                assertThat(log.wal.newest()).isEqualTo(run - 1);
                new RandomBatches(new Random(run), log.registry, 10).fill(batch, 5);
                log.append(run, batch);
                assertThat(log.wal.cutNow()).isEqualTo(run);
                log.wal.checkpoints().write(new Checkpoint("lake", run, Map.of()));
                log.wal.release("lake", run);
            }
        }
        try (var log = open(disk, 9, WalHarness.small("lake"))) {
            assertThat(log.wal.oldest()).isEqualTo(5); // until the sink says where it stands
            log.wal.release("lake", 5);
            awaitOldestSegment(log, 4);
            assertThat(log.wal.oldest()).isGreaterThan(4);
            assertThatThrownBy(() -> log.wal.next(0, 0))
                    .isInstanceOf(WorldException.class)
                    .hasMessageContaining("cannot read cut 1 from the wal");
        }
    }

    @Test
    void twoSinksReadWhileItIsWritten() throws Exception {
        var expected = Collections.synchronizedList(new ArrayList<String>());
        int cuts = 60;
        try (var log = open(disk, 1, WalHarness.small("engine", "lake"));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var readers = new ArrayList<Future<List<String>>>();
            for (String sink : List.of("engine", "lake")) {
                readers.add(threads.submit(() -> follow(log, sink, cuts)));
            }
            var batches = new RandomBatches(new Random(1), log.registry, 30);
            var batch = new Batch();
            for (int i = 0; i < cuts; i++) {
                for (int j = 0; j < 4; j++) {
                    batches.fill(batch, 20);
                    log.append(i * 10 + j, batch);
                    expected.addAll(RandomBatches.lines(batch));
                }
                log.wal.cutNow();
            }
            for (Future<List<String>> one : readers) {
                assertThat(one.get(60, TimeUnit.SECONDS)).isEqualTo(expected);
            }
        }
    }

    private static List<String> follow(WalHarness log, String sink, int cuts) throws Exception {
        var lines = new ArrayList<String>();
        for (long at = 0; at < cuts; at++) {
            Cut cut = log.cut(at + 1);
            lines.addAll(WalHarness.lines(cut));
            if (at % 5 == 4) {
                log.wal.release(sink, at + 1);
            }
        }
        return lines;
    }

    @Test
    void anInterruptDoesNotBreakAReader(@TempDir Path data) throws Exception {
        var batch = new Batch();
        try (var log = new WalHarness(data, new NioDisk(), clock, 1, WalHarness.small("engine"))) {
            new RandomBatches(new Random(1), log.registry, 10).fill(batch, 5);
            log.append(1, batch);
            log.wal.cutNow();
            Cut cut = log.cut(1);
            Thread.currentThread().interrupt();
            List<String> lines = WalHarness.lines(cut);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(lines).isEqualTo(RandomBatches.lines(batch));
            log.append(2, batch);
            Thread.currentThread().interrupt();
            log.append(3, batch);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void stopRefusesAppendsAndStillReads() throws Exception {
        var batch = new Batch();
        try (var log = open(disk, 1, WalHarness.small("engine"))) {
            new RandomBatches(new Random(1), log.registry, 10).fill(batch, 5);
            log.append(1, batch);
            log.wal.stop("the lake holds a foreign position");
            assertThatThrownBy(() -> log.append(2, batch))
                    .isInstanceOfSatisfying(
                            Overloaded.class,
                            e -> {
                                assertThat(e.reason()).isEqualTo(Overloaded.Cause.UNAVAILABLE);
                                assertThat(e.retryAfterSeconds()).isPositive();
                            })
                    .hasMessage("the lake holds a foreign position");
            assertThat(log.append(1, batch)).isEqualTo(new Answer(1, ""));
            log.wal.cutNow();
            assertThat(log.linesAfter(0)).isEqualTo(RandomBatches.lines(batch));
        }
    }

    @Test
    void aClosedLogRefuses() {
        var batch = new Batch();
        WalHarness log = open(disk, 1, WalHarness.small("engine"));
        new RandomBatches(new Random(1), log.registry, 10).fill(batch, 5);
        log.close();
        assertThatThrownBy(() -> log.append(1, batch))
                .isInstanceOf(Overloaded.class)
                .hasMessage("Firn is shutting down");
        log.close();
    }

    @Test
    void quarantinedCutsStandOnTheirOwn() throws Exception {
        var batch = new Batch();
        List<String> expected;
        try (var log = open(disk, 1, WalHarness.small("engine"))) {
            var batches = new RandomBatches(new Random(1), log.registry, 10);
            for (int i = 0; i < 10; i++) {
                batches.fill(batch, 20);
                log.append(i, batch);
                if (i == 4) {
                    log.wal.cutNow();
                }
            }
            log.wal.cutNow();
            Cut cut = log.cut(2);
            expected = WalHarness.lines(cut);
            log.wal.quarantine("engine", cut, "too many partitions");
        }
        try (var log = open(disk.crash(new Random(1)), 2, WalHarness.small("engine"))) {
            Quarantine quarantine = log.wal.quarantine();
            assertThat(quarantine.sinks()).containsExactly("engine");
            Quarantine.Entry entry = quarantine.list("engine").getFirst();
            assertThat(entry.reason()).isEqualTo("too many partitions");
            assertThat(entry.sequence()).isEqualTo(2);
            assertThat(entry.digest()).isEqualTo(log.cut(2).digest());
            assertThat(WalHarness.lines(quarantine.read(entry))).isEqualTo(expected);
            quarantine.remove(entry);
            assertThat(quarantine.list("engine")).isEmpty();
        }
    }

    @Test
    void checkpointsComeBack() {
        try (var log = open(disk, 1, WalHarness.small("lake"))) {
            var store = log.wal.checkpoints();
            assertThat(store.read("lake")).isNull();
            var checkpoint = new Checkpoint("lake", 0, Map.of("previous", "a:1:b", "next", ""));
            store.write(checkpoint);
            assertThat(store.read("lake")).isEqualTo(checkpoint);
        }
    }

    @Test
    void aLogBehindItsSinkIsRefused() {
        try (var log = open(disk, 1, WalHarness.small("lake"))) {
            log.wal.checkpoints().write(new Checkpoint("lake", 3, Map.of()));
        }
        assertThatThrownBy(() -> open(disk, 2, WalHarness.small("lake")))
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("sink \"lake\" has taken cut 3, the log ends with cut 0");
    }

    @Test
    void newerFormatsAreRefused() throws Exception {
        open(disk, 1, WalHarness.small("lake")).close();
        Path segment = WalFiles.segment(WalHarness.FOLDER, 1);
        disk.damage(segment, 8, new byte[] {3});
        disk.damage(segment, 2048 + 8, new byte[] {3});
        assertThatThrownBy(() -> open(disk, 2, WalHarness.small("lake")))
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("its format has version 3, this Firn knows 2");
    }

    @Test
    void anotherWriterIdIsRefused() {
        open(disk, 1, WalHarness.small("lake").withWriterId("plane-1")).close();
        assertThatThrownBy(() -> open(disk, 2, WalHarness.small("lake").withWriterId("plane-2")))
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("it belongs to writer \"plane-1\"");
        try (var log = open(disk, 3, WalHarness.small("lake"))) {
            assertThat(log.wal.writer()).isEqualTo("plane-1");
        }
    }

    @Test
    void theMetricsAreThere() {
        var batch = new Batch();
        try (var log = open(disk, 1, WalHarness.small("lake"))) {
            new RandomBatches(new Random(1), log.registry, 10).fill(batch, 5);
            log.append(1, batch);
            log.append(1, batch);
            log.wal.cutNow();
            String page = new String(log.metrics.page(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(page)
                    .contains("firn_wal_appends_total 1.0")
                    .contains("firn_wal_retries_recognised_total 1.0")
                    .contains("firn_wal_cuts_total 1.0")
                    .contains("firn_wal_fsync_seconds_count 2")
                    .contains("otel_buffer_max_bytes 1.073741824E9")
                    .containsPattern("otel_buffer_size_bytes [1-9]")
                    .containsPattern("firn_wal_bytes [1-9]");
        }
    }
}
