package dev.firn.process.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Forall;
import dev.firn.model.Batch;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.ExponentialValue;
import dev.firn.model.HistogramValue;
import dev.firn.model.Histograms;
import dev.firn.model.MetricType;
import dev.firn.model.NumberValue;
import dev.firn.model.Numbers;
import dev.firn.model.PointValue;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.Temporality;
import dev.firn.process.state.CumulativeToDelta.InitialValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class CumulativeToDeltaTest {
    private static final byte ALL = Histograms.HAS_SUM | Histograms.HAS_MIN | Histograms.HAS_MAX;

    private final Bench bench = new Bench();
    private CumulativeToDelta processor = processor("c2d", InitialValue.KEEP);
    private final CumulativeToDelta auto = processor("auto", InitialValue.AUTO);
    private final CumulativeToDelta drop = processor("drop", InitialValue.DROP);
    private final Batch in = new Batch();
    private final Series sum;
    private final Series histogram;
    private final Series exponential;

    CumulativeToDeltaTest() throws InterruptedException {
        bench.open();
        sum = bench.series(MetricType.SUM, Temporality.CUMULATIVE, true, "{}");
        histogram = bench.series(MetricType.HISTOGRAM, Temporality.CUMULATIVE, false, "{}");
        exponential =
                bench.series(MetricType.EXPONENTIAL_HISTOGRAM, Temporality.CUMULATIVE, false, "{}");
    }

    private CumulativeToDelta processor(String name, InitialValue initial) {
        return new CumulativeToDelta(
                name,
                new CumulativeToDelta.Options(
                        metric -> !metric.name().equals("kept"), initial, 3_600 * Bench.SECOND),
                bench.room,
                bench.registry);
    }

    private Batch process() {
        Batch out = processor.process(in, new Batch());
        bench.room.stored();
        return out;
    }

    private List<String> sent() {
        List<String> lines =
                Bench.lines(process()).stream().map(line -> line.replace("{} ", "")).toList();
        in.clear();
        return lines;
    }

    private void add(double time, double start, PointValue value) {
        Series to =
                switch (value) {
                    case NumberValue n -> sum;
                    case HistogramValue h -> histogram;
                    case ExponentialValue e -> exponential;
                };
        Bench.add(in, to, time, start, value);
    }

    private String dropped(String reason) {
        return "firn_process_state_dropped_points_total{processor=\"c2d\",reason=\""
                + reason
                + "\"}";
    }

    @Test
    void sumsBecomeWhatTheyHaveGrownBy() {
        add(10, 1, NumberValue.of(5));
        add(20, 1, NumberValue.of(7));
        assertThat(sent()).containsExactly("delta (-, 10] 5", "delta (10, 20] 2");
        add(30, 1, NumberValue.of(7));
        add(40, 1, NumberValue.of(7.5)); // doubles are a stream of their own, as the Collector's
        assertThat(sent()).containsExactly("delta (20, 30] 0", "delta (-, 40] 7.5");
    }

    @Test
    void aResetIsDropped() {
        add(10, 1, NumberValue.of(5));
        add(20, 1, NumberValue.of(3));
        add(30, 1, NumberValue.of(4));
        assertThat(sent()).containsExactly("delta (-, 10] 5", "delta (20, 30] 1");
        assertThat(bench.page()).contains(dropped("reset") + " 1.0");
    }

    @Test
    void whatIsNotNewerIsDropped() {
        add(10, 1, NumberValue.of(5));
        add(10, 1, NumberValue.of(5));
        add(9, 1, NumberValue.of(4));
        add(11, 1, NumberValue.of(6));
        assertThat(sent()).containsExactly("delta (-, 10] 5", "delta (10, 11] 1");
        assertThat(bench.page()).contains(dropped("out_of_order") + " 2.0");
    }

    @Test
    void theFirstPointPassesIfItsStreamBeganAfterTheProcessor() {
        processor = auto;
        add(30, 9, NumberValue.of(5)); // the processor ran at 10
        add(40, 9, NumberValue.of(8));
        add(30, 11, NumberValue.of(50));
        add(31, 31, NumberValue.of(60)); // zero long: nobody knows when it began
        add(32, 31, NumberValue.of(61));
        assertThat(sent())
                .containsExactly("delta (30, 40] 3", "delta (11, 30] 50", "delta (31, 32] 1");
        processor = drop;
        add(30, 11, NumberValue.of(50));
        add(31, 11, NumberValue.of(60));
        assertThat(sent()).containsExactly("delta (30, 31] 10");
    }

    @Test
    void onlyWhatCanBeAndShallBeConvertedIs() {
        Series gauge = bench.series(MetricType.GAUGE, Temporality.UNSPECIFIED, false, "{}");
        Series falling = bench.series(MetricType.SUM, Temporality.CUMULATIVE, false, "{}");
        Series delta = bench.series(MetricType.SUM, Temporality.DELTA, true, "{}");
        Bench.add(in, gauge, 10, 0, NumberValue.of(1));
        Bench.add(in, falling, 10, 1, NumberValue.of(2));
        Bench.add(in, delta, 10, 1, NumberValue.of(3));
        assertThat(processor.process(in, new Batch())).isSameAs(in);
        add(10, 1, NumberValue.of(4));
        assertThat(sent())
                .containsExactly(
                        " (-, 10] 1", "cumulative (1, 10] 2", "delta (1, 10] 3", "delta (-, 10] 4");
    }

    @Test
    void nanPassesAndMarkersDoNot() {
        add(10, 1, NumberValue.of(5.0));
        add(20, 1, NumberValue.of(Double.NaN));
        in.numbers.add(sum, Bench.nanos(25), 0, Points.NO_RECORDED_VALUE, Numbers.DOUBLE, 0);
        add(30, 1, NumberValue.of(6.0));
        assertThat(sent())
                .containsExactly("delta (-, 10] 5.0", "delta (1, 20] NaN", "delta (10, 30] 1.0");
    }

    private static HistogramValue histogram(double total, long... counts) {
        long[] bounds = {Double.doubleToRawLongBits(1), Double.doubleToRawLongBits(2)};
        long count = java.util.Arrays.stream(counts).sum();
        byte has = Double.isInfinite(total) ? 0 : ALL;
        return new HistogramValue(count, has, total, 1, 2, bounds, counts);
    }

    @Test
    void histogramsTooAndWithoutMinimumAndMaximum() {
        add(10, 1, histogram(10, 1, 2, 3));
        add(20, 1, histogram(15, 2, 3, 4));
        add(30, 1, histogram(20, 1, 4, 5)); // a bucket fell
        add(40, 1, histogram(21, 2, 4, 5));
        Histograms out = process().histograms;
        assertThat(out.size()).isEqualTo(3);
        assertThat(PointValue.of(out, 0)).isEqualTo(histogram(10, 1, 2, 3).withoutExtremes());
        assertThat(PointValue.of(out, 1)).isEqualTo(histogram(5, 1, 1, 1).withoutExtremes());
        assertThat(PointValue.of(out, 2)).isEqualTo(histogram(1, 1, 0, 0).withoutExtremes());
        assertThat(bench.page()).contains(dropped("reset") + " 1.0");
    }

    @Test
    void aSumThatIsNotRecordedLeavesTheOneBefore() {
        add(10, 1, histogram(10, 1, 2, 3));
        add(20, 1, histogram(Double.NaN, 2, 2, 3));
        add(30, 1, histogram(Double.POSITIVE_INFINITY, 3, 2, 3)); // has no sum
        add(40, 1, histogram(25, 4, 2, 3));
        Histograms out = process().histograms;
        assertThat(out.sum[1]).isNaN();
        assertThat(out.has[2]).isZero();
        assertThat(out.sum[3]).isEqualTo(15);
        assertThat(out.count[3]).isEqualTo(1);
    }

    @Test
    void otherBucketsAreDroppedOnce() {
        add(10, 1, histogram(10, 1, 2, 3));
        long[] bounds = {Double.doubleToRawLongBits(1)};
        var other = new HistogramValue(7, ALL, 11, 1, 2, bounds, new long[] {3, 4});
        add(20, 1, other);
        add(30, 1, other);
        Histograms out = process().histograms;
        assertThat(out.size()).isEqualTo(2);
        assertThat(out.count[1]).isZero();
        assertThat(bench.page()).contains(dropped("bucket_mismatch") + " 1.0");
    }

    private static PointValue exponential(
            int scale, double threshold, long zero, int offset, long... counts) {
        var batch = new Batch();
        var to = batch.exponential;
        for (long one : counts) {
            to.positive.push(one);
        }
        int row = to.add(RandomValues.SERIES, 0, 0, 0);
        to.count[row] = zero + java.util.Arrays.stream(counts).sum();
        to.has[row] = ALL;
        to.sum[row] = 10 * to.count[row];
        to.scale[row] = scale;
        to.zeroCount[row] = zero;
        to.zeroThreshold[row] = threshold;
        to.positiveOffset[row] = offset;
        return Objects.requireNonNull(PointValue.of(to, row));
    }

    @Test
    void exponentialHistogramsToo() {
        add(10, 1, exponential(2, 0, 1, 4, 1, 2, 3, 4));
        add(20, 1, exponential(1, 0, 2, 2, 3, 9)); // coarser: 3, 7 were there
        add(30, 1, exponential(1, 2.5, 6, 3, 9)); // wider zero bucket: takes in bucket 2
        add(40, 1, exponential(2, 2.5, 6, 7, 9)); // finer again: a reset
        add(50, 1, exponential(2, 2.5, 7, 7, 9));
        ExponentialHistograms out = process().exponential;
        assertThat(out.size()).isEqualTo(4);
        assertThat(String.valueOf(PointValue.of(out, 1)))
                .isEqualTo(
                        "count=3 has=1 sum=30.0 min=0.0 max=0.0 scale=1 zero=1@0.0 positive=3[2] negative=0[]");
        assertThat(String.valueOf(PointValue.of(out, 2)))
                .isEqualTo(
                        "count=1 has=1 sum=10.0 min=0.0 max=0.0 scale=1 zero=1@2.5 positive=0[] negative=0[]");
        assertThat(out.zeroCount[3]).isEqualTo(1);
        assertThat(bench.page()).contains(dropped("reset") + " 1.0");
    }

    @Test
    void aStreamNotSeenForLongBeginsAnew() {
        add(10, 1, NumberValue.of(5));
        assertThat(sent()).containsExactly("delta (-, 10] 5");
        bench.clock.nanos += 3_599 * Bench.SECOND;
        add(20, 1, NumberValue.of(6));
        assertThat(sent()).containsExactly("delta (10, 20] 1");
        bench.clock.nanos += 3_601 * Bench.SECOND;
        add(30, 1, NumberValue.of(8));
        assertThat(sent()).containsExactly("delta (-, 30] 8");
    }

    /// With resets that a new start time tells of, all that was counted comes out.
    @Test
    void deltasAddUpToWhatWasCounted() {
        Forall.of(
                200,
                1,
                random -> {
                    var test = new CumulativeToDeltaTest();
                    long counted = 0;
                    long value = 0;
                    long start = 1;
                    var got = new ArrayList<Long>();
                    for (int time = 2; time < 60; time++) {
                        if (random.nextInt(10) == 0) {
                            value = 0;
                            start = time - 1;
                        }
                        int more = random.nextInt(100);
                        value += more;
                        counted += more;
                        if (random.nextInt(4) > 0 || value == more) {
                            test.add(time, start, NumberValue.of(value));
                        } else {
                            counted -= more; // a gap: the next point has it
                            value -= more;
                        }
                        if (random.nextInt(3) == 0) {
                            Batch out = test.process();
                            for (int row = 0; row < out.numbers.size(); row++) {
                                got.add(out.numbers.bits[row]);
                            }
                            test.in.clear();
                        }
                    }
                    Batch out = test.process();
                    for (int row = 0; row < out.numbers.size(); row++) {
                        got.add(out.numbers.bits[row]);
                    }
                    assertThat(got.stream().mapToLong(Long::longValue).sum()).isEqualTo(counted);
                });
    }
}
