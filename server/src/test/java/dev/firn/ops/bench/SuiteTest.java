package dev.firn.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SuiteTest {
    @Test
    void quantilesAreValuesThatWereMeasured() {
        double[] sorted = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        assertThat(Suite.quantile(sorted, 0.5)).isEqualTo(5);
        assertThat(Suite.quantile(sorted, 0.95)).isEqualTo(10);
        assertThat(Suite.quantile(sorted, 0)).isEqualTo(1);
        assertThat(Suite.quantile(new double[] {7}, 0.99)).isEqualTo(7);
    }

    @Test
    void changesAreInPercentOfTheLastRun() {
        assertThat(Suite.change(200.0, 150)).isEqualTo(-25);
        assertThat(Suite.change(0.0, 3)).isNull();
        assertThat(Suite.change(null, 3)).isNull();
    }
}
