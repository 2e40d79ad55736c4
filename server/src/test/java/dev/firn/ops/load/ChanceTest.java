package dev.firn.ops.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ChanceTest {
    @Test
    void poissonHasTheMeanAndVarianceOfPoisson() {
        for (double mean : new double[] {0.01, 0.5, 3, 20, 31.9, 32, 500}) {
            var chance = new Chance(42);
            int draws = 200_000;
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < draws; i++) {
                double drawn = chance.poisson(mean);
                sum += drawn;
                squares += drawn * drawn;
            }
            double found = sum / draws;
            double tolerance = 6 * Math.sqrt(mean / draws);
            assertThat(found).isCloseTo(mean, within(tolerance));
            assertThat(squares / draws - found * found).isCloseTo(mean, within(mean * 0.2));
        }
        assertThat(new Chance(1).poisson(0)).isZero();
    }

    @Test
    void aSeedMeansTheSameNumbersForEver() {
        // First outputs of SplitMix64 for seed 1234567, as its authors' C program prints them.
        var chance = new Chance(1234567);
        assertThat(Long.toUnsignedString(chance.next())).isEqualTo("6457827717110365317");
        assertThat(Long.toUnsignedString(chance.next())).isEqualTo("3203168211198807973");
    }

    @Test
    void durationsAreExactInBothUnits() {
        var chance = new Chance(9);
        long ticks = 0;
        double seconds = 0;
        double millis = 0;
        for (int i = 0; i < 100_000; i++) {
            long more = chance.below(30L * Layout.TICKS);
            ticks += more;
            seconds += Layout.Unit.SECONDS.of(more);
            millis += Layout.Unit.MILLISECONDS.of(more);
        }
        assertThat(seconds).isEqualTo(Layout.Unit.SECONDS.of(ticks));
        assertThat(millis).isEqualTo(Layout.Unit.MILLISECONDS.of(ticks));
        assertThat(millis / 1000).isEqualTo(seconds);
    }
}
