package dev.firn.analyse.anomaly.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DistributionTest {
    private static final int PARTS = 1_000;

    /// The oracle lays each bucket's events out one by one.
    private static double naive(double[] lows, double[] highs, int[] counts, double share) {
        int total = Arrays.stream(counts).sum();
        double[] events = new double[total * PARTS];
        int next = 0;
        for (int i = 0; i < counts.length; i++) {
            int parts = counts[i] * PARTS;
            for (int part = 0; part < parts; part++) {
                events[next++] = lows[i] + (highs[i] - lows[i]) * (part + 0.5) / parts;
            }
        }
        Arrays.sort(events);
        return events[(int) Math.min(events.length - 1, Math.round(share * events.length))];
    }

    @Test
    void quantilesOfTwoLayoutsAreThoseOfTheirEventsLaidOut() {
        var random = new Random(4);
        for (int trial = 0; trial < 50; trial++) {
            var distribution = new Distribution();
            double[] lows = new double[9];
            double[] highs = new double[9];
            int[] counts = new int[9];
            double[] first = {0.1, 0.3, 1};
            double[] second = {100, 200, 700, 900};
            double[] firstCounts = new double[4];
            double[] secondCounts = new double[5];
            for (int i = 0; i < 4; i++) {
                counts[i] = random.nextInt(20);
                firstCounts[i] = counts[i];
                lows[i] = i == 0 ? 0 : first[i - 1];
                highs[i] = first[Math.min(i, 2)];
            }
            for (int i = 0; i < 5; i++) {
                counts[4 + i] = 1 + random.nextInt(20);
                secondCounts[i] = counts[4 + i];
                lows[4 + i] = i == 0 ? 0 : second[i - 1] / 1_000;
                highs[4 + i] = second[Math.min(i, 3)] / 1_000;
            }
            distribution.explicit(first, firstCounts, 1);
            distribution.explicit(second, secondCounts, 0.001);
            for (double share : new double[] {0.05, 0.31, 0.5, 0.9, 0.95, 1}) {
                assertThat(distribution.quantile(share))
                        .as("%s of %s", share, Arrays.toString(counts))
                        .isCloseTo(naive(lows, highs, counts, share), within(0.003));
            }
        }
    }

    @Test
    void exponentialBucketsAndZerosAreCounted() {
        var distribution = new Distribution();
        distribution.exponential(0, new double[] {0, 1}, new double[] {10, 10}, 20, 0.5);
        assertThat(distribution.total()).isEqualTo(40);
        assertThat(distribution.quantile(0.25)).isZero();
        assertThat(distribution.quantile(0.75)).isCloseTo(1, within(1e-9)); // (1, 2] times 0.5
        assertThat(distribution.quantile(1)).isCloseTo(2, within(1e-9));
        assertThat(new Distribution().quantile(0.5)).isNaN();
    }
}
