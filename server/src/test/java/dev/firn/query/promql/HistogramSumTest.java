package dev.firn.query.promql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.firn.query.promql.value.Bucket;
import dev.firn.query.promql.value.BucketWalk;
import dev.firn.query.promql.value.Buckets;
import dev.firn.query.promql.value.HistogramSum;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.ResetHint;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Addition of native histograms against a naive model: how many observations lie below a bound
/// that both layouts have.
class HistogramSumTest {
    private static NativeHistogram random(Random random) {
        int schema = random.nextInt(4);
        double[] positive = counts(random);
        double[] negative = counts(random);
        double zero = random.nextInt(5);
        double count = zero;
        for (double each : positive) {
            count += each;
        }
        for (double each : negative) {
            count += each;
        }
        return new NativeHistogram(
                schema,
                0.001,
                zero,
                count,
                random.nextInt(100),
                Buckets.from(random.nextInt(9) - 4, positive),
                Buckets.from(random.nextInt(9) - 4, negative),
                new double[0],
                ResetHint.UNKNOWN);
    }

    private static double[] counts(Random random) {
        return random.doubles(random.nextInt(6), 1, 9).map(Math::floor).toArray();
    }

    private static double below(NativeHistogram histogram, double bound) {
        double below = 0;
        BucketWalk walk = histogram.upwards();
        while (walk.next()) {
            Bucket bucket = walk.bucket();
            below += bucket.upper() <= bound ? bucket.count() : 0;
        }
        return below;
    }

    @Test
    void sumsCountWhatTheirPartsCount() {
        var random = new Random(3);
        for (int round = 0; round < 2000; round++) {
            NativeHistogram a = random(random);
            NativeHistogram b = random(random);
            NativeHistogram sum = a.plus(b).result();
            var kahan = new HistogramSum(a);
            kahan.add(b);
            for (int exponent = -8; exponent <= 8; exponent++) {
                for (double bound :
                        new double[] {Math.scalb(1.0, exponent), -Math.scalb(1.0, exponent)}) {
                    double wanted = below(a, bound) + below(b, bound);
                    assertThat(below(sum, bound)).isEqualTo(wanted);
                    assertThat(below(kahan.dividedBy(1), bound)).isEqualTo(wanted);
                }
            }
            assertThat(sum.count()).isEqualTo(a.count() + b.count());
            NativeHistogram back = sum.minus(b).result();
            assertThat(back.count()).isCloseTo(a.count(), within(1e-9));
        }
    }

    @Test
    void growingIsNoResetAndShrinkingIs() {
        var random = new Random(5);
        for (int round = 0; round < 2000; round++) {
            NativeHistogram a = random(random);
            NativeHistogram b = random(random);
            if (b.schema() > a.schema() || b.count() == 0) {
                continue;
            }
            NativeHistogram more = a.plus(b).result();
            assertThat(more.isResetAfter(a)).isFalse();
            assertThat(a.isResetAfter(more)).isTrue();
        }
    }
}
