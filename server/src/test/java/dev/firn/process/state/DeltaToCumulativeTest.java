package dev.firn.process.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Forall;
import dev.firn.model.Batch;
import dev.firn.model.HistogramValue;
import dev.firn.model.Histograms;
import dev.firn.model.MetricType;
import dev.firn.model.NumberValue;
import dev.firn.model.Numbers;
import dev.firn.model.PointValue;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.Temporality;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class DeltaToCumulativeTest {
    private final Bench bench = new Bench();
    private final DeltaToCumulative processor =
            new DeltaToCumulative(
                    "d2c",
                    new DeltaToCumulative.Options(300 * Bench.SECOND, 4),
                    bench.room,
                    bench.registry);
    private final Batch in = new Batch();

    DeltaToCumulativeTest() throws InterruptedException {
        bench.open();
    }

    private Series series(MetricType type, String label) {
        return bench.series(type, Temporality.DELTA, true, "{\"a\":\"" + label + "\"}");
    }

    private void add(String label, double time, double start, PointValue value) {
        MetricType type =
                switch (value) {
                    case NumberValue n -> MetricType.SUM;
                    case HistogramValue h -> MetricType.HISTOGRAM;
                    default -> MetricType.EXPONENTIAL_HISTOGRAM;
                };
        Bench.add(in, series(type, label), time, start, value);
    }

    private Batch process() {
        Batch out = processor.process(in, new Batch());
        bench.room.stored();
        return out;
    }

    private List<String> sent() {
        List<String> lines =
                Bench.lines(process()).stream()
                        .map(line -> line.replace("{\"a\":\"x\"} ", ""))
                        .toList();
        in.clear();
        return lines;
    }

    private String dropped(String reason) {
        return "firn_process_state_dropped_points_total{processor=\"d2c\",reason=\""
                + reason
                + "\"}";
    }

    @Test
    void deltasAreAddedUp() {
        add("x", 10, 1, NumberValue.of(5));
        add("x", 20, 10, NumberValue.of(7));
        add("x", 40, 30, NumberValue.of(1)); // a gap
        assertThat(sent())
                .containsExactly(
                        "cumulative (1, 10] 5", "cumulative (1, 20] 12", "cumulative (1, 40] 13");
    }

    @Test
    void whatIsOlderIsDropped() {
        add("x", 10, 5, NumberValue.of(5));
        add("x", 10, 5, NumberValue.of(5));
        add("x", 9, 5, NumberValue.of(5));
        add("x", 20, 4, NumberValue.of(5));
        add("x", 20, 10, NumberValue.of(5));
        assertThat(sent()).containsExactly("cumulative (5, 10] 5", "cumulative (5, 20] 10");
        assertThat(bench.page())
                .contains(dropped("out_of_order") + " 2.0")
                .contains(dropped("older_start") + " 1.0");
    }

    @Test
    void markersEndTheSeriesAndNanIsDropped() {
        add("x", 10, 1, NumberValue.of(5.0));
        add("x", 20, 10, NumberValue.of(Double.NaN));
        in.numbers.add(
                series(MetricType.SUM, "x"),
                Bench.nanos(25),
                0,
                Points.NO_RECORDED_VALUE,
                Numbers.NONE,
                0);
        add("x", 30, 20, NumberValue.of(1.0));
        assertThat(sent())
                .containsExactly(
                        "cumulative (1, 10] 5.0",
                        "cumulative (1, 25] flags 1 none",
                        "cumulative (1, 30] 6.0");
        assertThat(bench.page()).contains(dropped("no_value") + " 1.0");
    }

    @Test
    void streamsBeyondTheLimitAreDroppedUntilOthersAreStale() {
        for (String label : List.of("a", "b", "c", "d", "e", "f")) {
            add(label, 10, 1, NumberValue.of(5));
        }
        assertThat(sent()).hasSize(4);
        assertThat(bench.page())
                .contains(dropped("limit") + " 2.0")
                .contains("firn_process_state_streams{processor=\"d2c\"} 4.0");
        bench.clock.nanos += 301 * Bench.SECOND;
        add("e", 20, 10, NumberValue.of(5));
        assertThat(sent()).hasSize(1);
        assertThat(bench.page()).contains("firn_process_state_streams{processor=\"d2c\"} 1.0");
    }

    @Test
    void aStreamNotSeenForLongBeginsAnew() {
        add("x", 10, 1, NumberValue.of(5));
        sent();
        bench.clock.nanos += 301 * Bench.SECOND;
        add("x", 400, 390, NumberValue.of(2));
        assertThat(sent()).containsExactly("cumulative (390, 400] 2");
    }

    private static HistogramValue histogram(byte has, long... counts) {
        long[] bounds = new long[counts.length - 1];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = Double.doubleToRawLongBits(i + 1);
        }
        long count = java.util.Arrays.stream(counts).sum();
        return new HistogramValue(count, has, 10 * count, counts[0], count, bounds, counts);
    }

    @Test
    void histogramsAreAddedUpAndBeginAnewWithOtherBounds() {
        byte all = Histograms.HAS_SUM | Histograms.HAS_MIN | Histograms.HAS_MAX;
        add("x", 10, 1, histogram(all, 1, 2, 3));
        add("x", 20, 10, histogram(all, 2, 2, 2));
        add("x", 30, 20, histogram(all, 1, 1));
        add("x", 40, 30, histogram(Histograms.HAS_SUM, 1, 1));
        Histograms out = process().histograms;
        assertThat(PointValue.of(out, 1))
                .isEqualTo(histogram(all, 1, 2, 3).plus(histogram(all, 2, 2, 2)));
        assertThat(out.min[1]).isEqualTo(1);
        assertThat(out.max[1]).isEqualTo(6);
        assertThat(out.start[1]).isEqualTo(Bench.nanos(1));
        assertThat(PointValue.of(out, 2)).isEqualTo(histogram(all, 1, 1));
        assertThat(out.start[2]).isEqualTo(Bench.nanos(20));
        assertThat(out.has[3]).isEqualTo(Histograms.HAS_SUM);
        assertThat(out.count[3]).isEqualTo(4);
        assertThat(out.series[0].metric().temporality()).isEqualTo(Temporality.CUMULATIVE);
    }

    /// Random deltas of all shapes against a model that merges all of a stream at once.
    @Test
    void everyPointIsTheSumOfThoseBefore() {
        Forall.of(
                200,
                1,
                random -> {
                    var test = new DeltaToCumulativeTest();
                    Map<MetricType, PointValue> totals = new HashMap<>();
                    Map<MetricType, Long> starts = new HashMap<>();
                    for (int time = 2; time < 40; time++) {
                        MetricType type =
                                List.of(
                                                MetricType.SUM,
                                                MetricType.HISTOGRAM,
                                                MetricType.EXPONENTIAL_HISTOGRAM)
                                        .get(random.nextInt(3));
                        PointValue value =
                                type == MetricType.SUM
                                        ? NumberValue.of(random.nextInt(9))
                                        : RandomValues.of(random, type);
                        long start = Bench.nanos(time - 1);
                        PointValue before = totals.get(type);
                        boolean anew =
                                before == null
                                        || before instanceof HistogramValue histogram
                                                && !histogram.sameBounds((HistogramValue) value);
                        totals.put(type, anew ? value : Objects.requireNonNull(before).plus(value));
                        starts.merge(type, start, (old, now) -> anew ? now : old);
                        test.add("x", time, time - 1, value);
                        Batch out = test.process();
                        Points points =
                                switch (type) {
                                    case SUM -> out.numbers;
                                    case HISTOGRAM -> out.histograms;
                                    default -> out.exponential;
                                };
                        assertThat(PointValue.of(points, 0)).isEqualTo(totals.get(type));
                        assertThat(points.start[0]).isEqualTo(starts.get(type));
                        test.in.clear();
                    }
                });
    }

    @Test
    void whatTheLogDoesNotTakeNeverWas() {
        add("x", 10, 1, NumberValue.of(5));
        sent();
        add("x", 20, 10, NumberValue.of(7));
        add("y", 20, 10, NumberValue.of(7));
        processor.process(in, new Batch());
        bench.room.failed();
        assertThat(bench.page()).contains("firn_process_state_streams{processor=\"d2c\"} 1.0");
        assertThat(sent())
                .containsExactly("cumulative (1, 20] 12", "{\"a\":\"y\"} cumulative (10, 20] 7");
    }
}
