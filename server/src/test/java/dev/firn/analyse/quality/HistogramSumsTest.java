package dev.firn.analyse.quality;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Forall;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Sums of random events, as they are and made wrong.
class HistogramSumsTest {
    private static final double[] BOUNDS = {0, 0.005, 0.01, 0.1, 0.25, 1, 10};

    private static double[] events(Random random) {
        return random.doubles(1 + random.nextInt(500))
                .map(unit -> 0.2 * Math.exp(3 * unit - 1.5))
                .toArray();
    }

    private static boolean explicit(double[] events, double sum, byte has) {
        var points = new Histograms();
        var counts = new long[BOUNDS.length + 1];
        for (double event : events) {
            int bucket = 0;
            while (bucket < BOUNDS.length && event > BOUNDS[bucket]) {
                bucket++;
            }
            counts[bucket]++;
        }
        for (double bound : BOUNDS) {
            points.bounds.push(Double.doubleToRawLongBits(bound));
        }
        push(points.counts, counts);
        points.counts.endRow();
        points.bounds.endRow();
        points.has = new byte[] {has};
        points.sum = new double[] {sum};
        return HistogramSums.isWrong(points, 0);
    }

    private static boolean exponential(double[] events, int scale, double sum) {
        var points = new ExponentialHistograms();
        int[] index = new int[events.length];
        for (int i = 0; i < index.length; i++) {
            double log = Math.log(events[i]) / Math.log(2) * Math.scalb(1.0, scale);
            index[i] = (int) Math.ceil(log) - 1;
        }
        int least = Arrays.stream(index).min().orElseThrow() - 1;
        int most = Arrays.stream(index).max().orElseThrow() + 2;
        var counts = new long[most - least];
        for (int at : index) {
            counts[at - least]++;
        }
        push(points.positive, counts);
        points.positive.endRow();
        points.negative.endRow();
        points.positiveOffset = new int[] {least};
        points.scale = new int[] {scale};
        points.zeroCount = new long[] {0};
        points.zeroThreshold = new double[] {0};
        points.has = new byte[] {Histograms.HAS_SUM};
        points.sum = new double[] {sum};
        return HistogramSums.isWrong(points, 0);
    }

    private static void push(LongLists into, long[] counts) {
        for (long count : counts) {
            into.push(count);
        }
    }

    @Test
    void sumsOfEventsAreRightAndThoseOfOtherUnitsAreNot() {
        Forall.of(
                1_000,
                3,
                random -> {
                    double[] events = events(random);
                    double sum = Arrays.stream(events).sum();
                    int scale = random.nextInt(6) - 1;
                    assertThat(explicit(events, sum, Histograms.HAS_SUM)).isFalse();
                    assertThat(exponential(events, scale, sum)).isFalse();
                    for (double wrong : new double[] {sum * 1_000, sum / 1_000}) {
                        assertThat(explicit(events, wrong, Histograms.HAS_SUM)).isTrue();
                        assertThat(explicit(events, wrong, (byte) 0)).isFalse();
                        assertThat(exponential(events, scale, wrong)).isTrue();
                    }
                    for (double unknown : new double[] {-sum, Double.NaN}) {
                        assertThat(explicit(events, unknown, Histograms.HAS_SUM)).isFalse();
                        assertThat(exponential(events, scale, unknown)).isFalse();
                    }
                });
    }

    @Test
    void whatLiesOnBoundsOrBeyondTheLastIsRight() {
        assertThat(explicit(new double[] {0.1, 0.1, 0.1}, 0.3, Histograms.HAS_SUM)).isFalse();
        assertThat(explicit(new double[] {0, 0}, 0, Histograms.HAS_SUM)).isFalse();
        assertThat(explicit(new double[] {1e9}, 1e9, Histograms.HAS_SUM)).isFalse();
        assertThat(explicit(new double[] {0.2}, 0.05, Histograms.HAS_SUM)).isTrue();
    }
}
