package dev.firn.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.OwnMetrics;
import dev.firn.config.MemoryLimiterConfig;
import dev.firn.model.Batch;
import dev.firn.model.Intake;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MemoryLimiterTest {
    private static final long MIB = 1L << 20;
    private static final long SECOND = 1_000_000_000L;

    /// A machine whose collections free what the test says.
    private static final class Machine implements MemoryLimiter.Memory {
        private long used;
        private long afterCollection;
        private long heapMax = 10_000 * MIB;
        private int collections;

        @Override
        public long usedBytes() {
            return used;
        }

        @Override
        public long heapMaxBytes() {
            return heapMax;
        }

        @Override
        public long totalBytes() {
            return 4_000 * MIB;
        }

        @Override
        public void collect() {
            collections++;
            used = afterCollection;
        }
    }

    private final TestPoints points = new TestPoints();
    private final Machine machine = new Machine();
    private final OwnMetrics metrics = new OwnMetrics();
    private final ProcessMetrics counted = new ProcessMetrics(metrics);

    private MemoryLimiter limiter(long limitMib, long spikeMib, int percent, int spikePercent) {
        points.add(points.series("a", "{}"), 1);
        return new MemoryLimiter(
                "memory_limiter",
                new MemoryLimiterConfig(
                        SECOND, limitMib * MIB, spikeMib * MIB, percent, spikePercent),
                machine,
                points.clock,
                counted);
    }

    private boolean takes(MemoryLimiter limiter) {
        points.clock.advance(1);
        try {
            assertThat(limiter.process(points.batch, new Batch())).isSameAs(points.batch);
            return true;
        } catch (Intake.Overloaded e) {
            assertThat(e.reason()).isEqualTo(Intake.Overloaded.Cause.EXHAUSTED);
            assertThat(e.retryAfterSeconds()).isEqualTo(1);
            return false;
        }
    }

    private void uses(long mib, long afterCollectionMib) {
        machine.used = mib * MIB;
        machine.afterCollection = afterCollectionMib * MIB;
    }

    @Test
    void requestsAreRefusedAboveTheSoftLimitAndTakenAgainBelow() {
        MemoryLimiter limiter = limiter(1_000, 250, 0, 0);
        uses(700, 700);
        assertThat(takes(limiter)).isTrue();
        uses(750, 750);
        assertThat(takes(limiter)).isFalse();
        uses(749, 749);
        assertThat(takes(limiter)).isTrue();
        assertThat(new String(metrics.page(), StandardCharsets.UTF_8))
                .contains(
                        "otelcol_processor_memory_limiter_accepted_metric_points"
                                + "{processor=\"memory_limiter\"} 2.0")
                .contains(
                        "otelcol_processor_memory_limiter_refused_metric_points"
                                + "{processor=\"memory_limiter\"} 1.0")
                .contains(
                        "otelcol_processor_accepted_metric_points"
                                + "{processor=\"memory_limiter\"} 2.0")
                .contains(
                        "otelcol_processor_refused_metric_points"
                                + "{processor=\"memory_limiter\"} 1.0");
    }

    @Test
    void theMessageNamesTheProcessorAndItsLimit() {
        MemoryLimiter limiter = limiter(1_000, 250, 0, 0);
        uses(900, 900);
        points.clock.advance(1);
        assertThatThrownBy(() -> limiter.process(points.batch, new Batch()))
                .hasMessage(
                        "memory in use is above the limit of processor memory_limiter (750 MiB)");
    }

    @Test
    void aCollectionThatHelpsSavesTheRequest() {
        MemoryLimiter limiter = limiter(1_000, 250, 0, 0);
        uses(2_000, 100);
        assertThat(takes(limiter)).isTrue();
        assertThat(machine.collections).isEqualTo(1);
    }

    @Test
    void collectionsArePausedLongerWhileTheyDoNotHelp() {
        MemoryLimiter limiter = limiter(1_000, 250, 0, 0);
        uses(1_100, 1_100);
        for (int second = 0; second < 120; second++) {
            assertThat(takes(limiter)).isFalse();
        }
        assertThat(machine.collections).isBetween(6, 10);
        int before = machine.collections;
        uses(800, 800);
        for (int second = 0; second < 60; second++) {
            assertThat(takes(limiter)).isFalse();
        }
        assertThat(machine.collections - before).isBetween(1, 3);
    }

    @Test
    void memoryIsLookedAtOncePerInterval() {
        MemoryLimiter limiter = limiter(1_000, 250, 0, 0);
        assertThat(takes(limiter)).isTrue();
        uses(900, 900);
        assertThat(limiter.process(points.batch, new Batch())).isSameAs(points.batch);
        assertThat(takes(limiter)).isFalse();
    }

    @Test
    void percentagesAreOfAllMemoryAndTheSpikeIsAFifthWhereNotSaid() {
        MemoryLimiter limiter = limiter(0, 0, 50, 0);
        uses(1_599, 1_599);
        assertThat(takes(limiter)).isTrue();
        uses(1_600, 1_600);
        assertThat(takes(limiter)).isFalse();
    }

    @Test
    void limitsBeyondTheHeapAreLoweredToIt() {
        machine.heapMax = 1_000 * MIB;
        MemoryLimiter limiter = limiter(1_800, 600, 0, 0);
        uses(599, 599);
        assertThat(takes(limiter)).isTrue();
        uses(601, 601);
        assertThat(takes(limiter)).isFalse();
    }

    @Test
    void whatACollectionLeavesIsMeasured() {
        var memory = new MemoryLimiter.OwnMemory();
        memory.collect();
        assertThat(memory.usedBytes()).isBetween(MIB, memory.heapMaxBytes());
        assertThat(memory.totalBytes()).isGreaterThan(memory.heapMaxBytes() / 100);
    }
}
