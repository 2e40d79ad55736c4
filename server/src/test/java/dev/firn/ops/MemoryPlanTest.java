package dev.firn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.InputException;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
    private static final long MIB = 1L << 20;

    /// As the launcher starts Java: a quarter of the machine as heap, 256 MiB direct.
    private static MemoryPlan launched(long configured, long machineMib) {
        return MemoryPlan.divide(
                configured, machineMib * MIB, machineMib * MIB / 4, 256 * MIB, true);
    }

    @Test
    void theDivisionAddsUp() {
        for (long machine : new long[] {1_900, 2_048, 3_000, 4_096, 8_192, 24_000, 65_536}) {
            MemoryPlan plan = launched(0, machine);
            assertThat(plan.heap() + plan.direct() + plan.java() + plan.engine())
                    .isEqualTo(plan.max());
            assertThat(plan.max()).isLessThanOrEqualTo(machine * MIB / 4 * 3);
            assertThat(plan.engine()).as("%s MiB", machine).isGreaterThanOrEqualTo(512 * MIB);
        }
    }

    @Test
    void aLargeMachineKeepsHalfForOthers() {
        assertThat(launched(0, 16_384).max()).isEqualTo(8_192 * MIB);
        assertThat(launched(0, 2_048).max()).isEqualTo(1_536 * MIB);
        assertThat(launched(0, 2_048).describe())
                .isEqualTo(
                        "memory 1.5GiB = heap 512MiB + direct 256MiB + java 128MiB + engine"
                                + " 640MiB");
    }

    @Test
    void tooLittleForTheEngineIsRefused() {
        assertThatThrownBy(() -> launched(1_024 * MIB, 2_048))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("memory.max of 1GiB leaves less than 512MiB")
                .hasMessageContaining("direct memory of 256MiB")
                .hasMessageContaining("-XX:MaxDirectMemorySize=");
        assertThat(MemoryPlan.divide(1_024 * MIB, 0, 512 * MIB, 256 * MIB, false).engine())
                .isZero();
    }

    @Test
    void theProcessKnowsItsDirectMemory() {
        assertThat(MemoryPlan.directMax()).isPositive();
    }
}
