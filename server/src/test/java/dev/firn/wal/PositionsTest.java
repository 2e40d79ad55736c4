package dev.firn.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.PowerLossDisk;
import dev.firn.model.Batch;
import dev.firn.model.Intake.Answer;
import dev.firn.model.Intake.Decoded;
import dev.firn.model.Intake.RequestKey;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class PositionsTest {
    private static final int SOURCE = -7;

    private final ManualClock clock = new ManualClock();
    private PowerLossDisk disk = new PowerLossDisk(WalHarness.DATA);

    private WalHarness open(long seed) {
        return new WalHarness(disk, clock, seed, WalHarness.small("lake"));
    }

    @Test
    void aPositionOutlivesItsSegmentAndAnyTime() throws Exception {
        var batch = new Batch();
        var key = RequestKey.position(SOURCE, 100);
        try (var log = open(1)) {
            var batches = new RandomBatches(new Random(1), log.registry, 10);
            batches.fill(batch, 1);
            log.wal.accept(RequestKey.position(SOURCE, 60), () -> new Decoded(batch, Answer.OK));
            log.wal.accept(key, () -> new Decoded(batch, new Answer(3, "three")));
            for (int round = 0; round < 3; round++) {
                clock.advanceMillis(TimeUnit.HOURS.toMillis(1));
                long oldest = log.wal.inspect().segments().getLast().number();
                for (long id = 1; log.wal.inspect().segments().getLast().number() < oldest + 2; ) {
                    batches.fill(batch, 40);
                    log.append(round * 10_000 + id++, batch);
                }
                log.wal.release("lake", log.wal.cutNow());
                log.append(round * 10_000, batch);
                awaitOldestSegment(log, oldest + 1);
            }
        }
        disk = disk.afterKill();
        clock.advanceMillis(TimeUnit.DAYS.toMillis(40));
        try (var log = open(2)) {
            assertThat(log.wal.answeredUpTo(SOURCE)).isEqualTo(100);
            assertThat(log.wal.answeredUpTo(8)).isZero();
            assertThat(log.wal.accept(key, PositionsTest::mustNotDecode))
                    .isEqualTo(new Answer(3, "three"));
            assertThat(
                            log.wal.accept(
                                    RequestKey.position(SOURCE, 60), PositionsTest::mustNotDecode))
                    .isEqualTo(Answer.OK);
            log.wal.accept(RequestKey.position(SOURCE, 101), () -> new Decoded(batch, Answer.OK));
            assertThat(log.wal.answeredUpTo(SOURCE)).isEqualTo(101);
        }
    }

    private static Decoded mustNotDecode() {
        throw new AssertionError("decoded");
    }

    private static void awaitOldestSegment(WalHarness log, long atLeast) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (log.wal.inspect().segments().getFirst().number() < atLeast) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(2);
        }
    }

    @Test
    void theSourceUntouchedLongestIsForgottenBeyondTheLimit() {
        var memory = new RetryMemory(clock, 900_000, 10);
        for (int source = 1; source <= 4_097; source++) {
            memory.put(RequestKey.position(source, 5), Answer.OK, 0, 1);
            memory.put(RequestKey.position(1, 5 + source), Answer.OK, 0, 1);
        }
        assertThat(memory.answeredUpTo(1)).isEqualTo(5 + 4_097);
        assertThat(memory.answeredUpTo(2)).isZero();
        assertThat(memory.answeredUpTo(3)).isEqualTo(5);
        assertThat(memory.size()).isZero();
    }
}
