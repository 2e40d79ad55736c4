package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BenchOptionsTest {
    @Test
    void theBarIsAsWideFromBeginToEnd() {
        assertThat(BenchOptions.bar(0)).isEqualTo("[" + ".".repeat(40) + "] 0 %");
        assertThat(BenchOptions.bar(0.256))
                .isEqualTo("[" + "#".repeat(10) + ".".repeat(30) + "] 25 %");
        assertThat(BenchOptions.bar(1)).isEqualTo("[" + "#".repeat(40) + "] 100 %");
    }
}
