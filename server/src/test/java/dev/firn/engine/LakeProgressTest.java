package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LakeProgressTest {
    @Test
    void theRestIsEstimatedFromThePaceSoFar() {
        var quarter = new LakeProgress(true, 3, 100, 400, 5);
        assertThat(quarter.rowsPerSecond()).isEqualTo(20);
        assertThat(quarter.secondsLeft()).isEqualTo(15);
        assertThat(quarter.describe())
                .isEqualTo("100 of 400 rows, 20 rows/s, 3 days left, about 15 s");
        assertThat(new LakeProgress(true, 3, 0, 400, 0).secondsLeft()).isZero();
    }
}
