package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/// A job of the lake stays within its share of a core and its bytes a second.
final class LakePaceTest {
    private static final long MILLI = 1_000_000L;
    private static final long MIB = 1 << 20;

    private long ticks;
    private long cpu;

    private LakePace pace(double share, long bytesPerSecond) {
        return new LakePace(
                new LakePace.Limits(share, bytesPerSecond),
                LakePace.Progress.NONE,
                () -> ticks,
                () -> cpu,
                millis -> ticks += millis * MILLI);
    }

    private void work(long cpuMillis, long wallMillis) {
        cpu += cpuMillis * MILLI;
        ticks += wallMillis * MILLI;
    }

    @Test
    void aJobTakesItsShareOfACore() throws InterruptedException {
        LakePace pace = pace(0.25, 0);
        for (int step = 0; step < 1_000; step++) {
            work(10, 12);
            pace.step(MIB);
        }
        assertThat((double) cpu / ticks).isCloseTo(0.25, within(0.01));
        assertThat(pace.pausedNanos()).isCloseTo(ticks - 12_000 * MILLI, within(20 * MILLI));
    }

    @Test
    void aJobThatWaitsForOthersAnywayIsNotHeld() throws InterruptedException {
        LakePace pace = pace(0.5, 0);
        for (int step = 0; step < 1_000; step++) {
            work(10, 30);
            pace.step(MIB);
        }
        assertThat(pace.pausedNanos()).isZero();
    }

    @Test
    void bytesASecondAreBounded() throws InterruptedException {
        LakePace pace = pace(1, 64 * MIB);
        for (int step = 0; step < 640; step++) {
            work(1, 1);
            pace.step(MIB);
        }
        assertThat(ticks / 1e9).isCloseTo(10, within(0.1));
    }

    @Test
    void theStricterOfTheLimitsHolds() throws InterruptedException {
        LakePace pace = pace(0.5, 64 * MIB);
        for (int step = 0; step < 640; step++) {
            work(20, 20); // 40 ms by the share, 16 by the bytes
            pace.step(MIB);
        }
        assertThat(ticks / 1e9).isCloseTo(0.04 * 640, within(0.1));
    }

    @Test
    void idleTimeBuysNoLongBurst() throws InterruptedException {
        LakePace pace = pace(1, MIB);
        work(0, 3_600_000);
        pace.step(0);
        long began = ticks;
        for (int step = 0; step < 10; step++) {
            pace.step(MIB);
        }
        assertThat((ticks - began) / 1e9).isCloseTo(9, within(0.1)); // a second was to spare
    }

    @Test
    void aStopIsHeardAtTheNextStep() {
        LakePace pace = pace(0.5, 0);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> pace.step(1)).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }
}
