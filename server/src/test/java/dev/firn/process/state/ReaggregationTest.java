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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ReaggregationTest {
    private final Bench bench = new Bench();
    private final Reaggregation stage = new Reaggregation("metrics:stage-1", bench.room);
    private MetricType type = MetricType.SUM;
    private Temporality temporality = Temporality.CUMULATIVE;
    private boolean monotonic = true;
    private final Batch in = new Batch();

    ReaggregationTest() throws InterruptedException {
        bench.open();
    }

    private Series pod(String name) {
        return bench.series(type, temporality, monotonic, "{\"pod\":\"" + name + "\"}");
    }

    private void add(String pod, double time, double start, double value) {
        Bench.add(in, pod(pod), time, start, NumberValue.of(value));
    }

    private void add(String pod, double time, double start, long value) {
        Bench.add(in, pod(pod), time, start, NumberValue.of(value));
    }

    private void marker(String pod, double time) {
        in.numbers.add(pod(pod), Bench.nanos(time), 0, Points.NO_RECORDED_VALUE, Numbers.NONE, 0);
    }

    /// Drops the label, and keeps what it changed.
    private Batch send() {
        var out = new Batch();
        var pass = stage.begin(in, out);
        out.append(
                in,
                (points, row) -> {
                    pass.add(points, row, bench.series(type, temporality, monotonic, "{}"));
                    return null;
                });
        pass.end();
        bench.room.stored();
        in.clear();
        return out;
    }

    private List<String> sent() {
        return Bench.lines(send()).stream()
                .map(line -> line.replaceFirst("^\\{} (delta|cumulative)? ?", ""))
                .toList();
    }

    @Test
    void onePodPassesAsItIs() {
        add("a", 10, 1, 5L);
        add("a", 20, 1, 7L);
        add("a", 20, 1, 7L);
        assertThat(sent()).containsExactly("(1, 10] 5", "(1, 20] 7", "(1, 20] 7");
        add("a", 15, 1, 6L);
        add("a", 30, 25, 2L);
        marker("a", 40);
        assertThat(sent()).containsExactly("(1, 15] 6", "(25, 30] 2", "(-, 40] flags 1 none");
    }

    @Test
    void cumulativesOfOneRequestAreAddedUp() {
        add("a", 10, 1, 5L);
        add("b", 10, 2, 7L);
        add("a", 20, 1, 6L);
        add("b", 20, 2, 9L);
        assertThat(sent()).containsExactly("(1, 10] 12", "(1, 20] 15");
    }

    @Test
    void aPodThatBeganLaterCountsInFullAndAnOlderOneFromHereOn() {
        add("a", 10, 5, 100L);
        assertThat(sent()).containsExactly("(5, 10] 100");
        add("young", 20, 6, 10L);
        assertThat(sent()).containsExactly("(5, 20] 110");
        add("old", 30, 1, 1_000L);
        add("unknown", 31, 0, 1_000L);
        assertThat(sent()).containsExactly("(5, 30] 110", "(5, 31] 110");
        add("old", 40, 1, 1_001L);
        add("unknown", 40, 0, 1_002L);
        assertThat(sent()).containsExactly("(5, 40] 113");
    }

    @Test
    void resetsAreSeenThrough() {
        add("a", 10, 1, 100L);
        add("b", 10, 1, 10L);
        send();
        add("a", 20, 15, 3L); // a new start time tells
        add("b", 20, 1, 4L); // the value tells
        assertThat(sent()).containsExactly("(1, 20] 117");
        add("a", 30, 30, 50L); // begun at an unknown time
        add("b", 30, 1, 6L);
        assertThat(sent()).containsExactly("(1, 30] 119");
        add("a", 40, 30, 51L);
        assertThat(sent()).containsExactly("(1, 40] 120");
    }

    @Test
    void whatComesLateIsInTheNextPoint() {
        add("a", 10, 1, 1L);
        add("b", 10, 1, 1L);
        assertThat(sent()).containsExactly("(1, 10] 2");
        add("a", 20, 1, 2L);
        assertThat(sent()).containsExactly("(1, 20] 3");
        add("b", 19, 1, 5L);
        assertThat(sent()).isEmpty();
        add("b", 20, 1, 6L);
        assertThat(sent()).isEmpty();
        add("a", 30, 1, 3L);
        assertThat(sent()).containsExactly("(1, 30] 9");
        add("b", 15, 1, 3L);
        assertThat(sent()).isEmpty();
        assertThat(bench.page())
                .contains(
                        "firn_process_state_dropped_points_total{processor=\"metrics:stage-1/aggregates\",reason=\"out_of_order\"}"
                                + " 1.0");
    }

    @Test
    void deltasOfOneTimeAreAddedUpAndNeverCollide() {
        temporality = Temporality.DELTA;
        add("a", 10, 5, 1L);
        add("b", 10, 5, 2L);
        add("b", 20, 10, 3L);
        assertThat(sent()).containsExactly("(5, 10] 3", "(10, 20] 3");
        add("a", 20, 10, 4L);
        add("c", 20, 10, 5L);
        add("a", 30, 20, 6L);
        assertThat(sent()).containsExactly("(20, 20+1ns] 9", "(20, 30] 6");
    }

    @Test
    void ofGaugesTheNewestWins() {
        type = MetricType.GAUGE;
        temporality = Temporality.UNSPECIFIED;
        add("a", 10, 0, 1.5);
        add("b", 10, 0, 2.5);
        add("b", 9, 0, 9.5);
        assertThat(sent()).containsExactly("(-, 9] 9.5", "(-, 10] 2.5");
        add("a", 10, 0, 3.5);
        add("a", 8, 0, 3.5);
        assertThat(sent()).isEmpty();
    }

    @Test
    void sumsThatMayFallAreTheSumOfWhatIsNow() {
        monotonic = false;
        add("a", 10, 1, 0.1);
        assertThat(sent()).containsExactly("(1, 10] 0.1");
        add("b", 20, 1, 0.2);
        add("c", 20, 1, 5.0);
        assertThat(sent()).containsExactly("(1, 20] 5.3");
        marker("c", 30);
        assertThat(sent()).containsExactly("(1, 30] 0.30000000000000004");
        add("a", 40, 1, -0.2);
        assertThat(sent()).containsExactly("(1, 40] 0.0");
        bench.clock.nanos += 700 * Bench.SECOND; // a and b were not seen for ten minutes
        add("c", 710, 1, 3.0);
        assertThat(sent()).containsExactly("(1, 710] 3.0");
    }

    @Test
    void aSeriesEndsWithItsLastMember() {
        add("a", 10, 1, 1L);
        add("b", 10, 1, 2L);
        send();
        marker("a", 20);
        assertThat(sent()).containsExactly("(1, 20] 3");
        marker("b", 30);
        assertThat(sent()).containsExactly("(-, 30] flags 1 none");
        add("a", 40, 1, 5L);
        assertThat(sent()).containsExactly("(1, 40] 7");
    }

    @Test
    void aMemberForgottenForLongCountsOnlyFromWhereItComesBack() {
        add("a", 10, 1, 100L);
        add("b", 10, 2, 100L);
        send();
        for (int hours = 1; hours <= 30; hours++) {
            bench.clock.nanos += 3_600 * Bench.SECOND;
            add("a", hours * 3_600, 1, 100L + hours);
            send();
        }
        double time = 31 * 3_600;
        add("b", time, 2, 150L); // it had been counted up to 100
        assertThat(sent()).containsExactly("(1, 111600] 230");
        add("b", time + 1, 2, 151L);
        assertThat(sent()).containsExactly("(1, 111601] 231");
    }

    @Test
    void histogramsAreMerged() {
        type = MetricType.HISTOGRAM;
        Bench.add(in, pod("a"), 10, 1, histogram(6, 1, 2, 3));
        Bench.add(in, pod("b"), 10, 1, histogram(15, 4, 5, 6));
        send();
        Bench.add(in, pod("a"), 20, 1, histogram(7, 1, 3, 3));
        Batch out = send();
        assertThat(PointValue.of(out.histograms, 0)).isEqualTo(histogram(22, 5, 8, 9));
        assertThat(out.histograms.start[0]).isEqualTo(Bench.nanos(1));
    }

    private static HistogramValue histogram(long sum, long... counts) {
        long[] bounds = {Double.doubleToRawLongBits(1), Double.doubleToRawLongBits(2)};
        long count = java.util.Arrays.stream(counts).sum();
        return new HistogramValue(count, Histograms.HAS_SUM, sum, 0, 0, bounds, counts);
    }

    @Test
    void exemplarsFollowTheirPoints() {
        temporality = Temporality.DELTA;
        add("a", 20, 5, 1L);
        add("b", 10, 5, 2L);
        add("c", 20, 5, 4L);
        for (int row = 0; row < 3; row++) {
            in.exemplars.add(
                    Points.Kind.NUMBERS,
                    row,
                    0,
                    Numbers.INT,
                    row,
                    new byte[16],
                    new byte[8],
                    "{\"x\":" + row + "}");
        }
        assertThat(sent())
                .containsExactly(
                        "(5, 10] 2",
                        "(5, 20] 5",
                        "exemplar of 1/0 {\"x\":1}",
                        "exemplar of 1/1 {\"x\":0}",
                        "exemplar of 1/1 {\"x\":2}");
    }

    /// What has been fed in deltas comes out, whenever it came; and no two points are one.
    @Test
    void noDeltaIsLostAndNoPointsCollide() {
        Forall.of(
                300,
                1,
                random -> {
                    var test = new ReaggregationTest();
                    test.temporality = Temporality.DELTA;
                    var seen = new HashSet<String>();
                    long fed = 0;
                    long got = 0;
                    for (int request = 0; request < 20; request++) {
                        for (int p = random.nextInt(6); p >= 0; p--) {
                            long value = random.nextInt(100);
                            fed += value;
                            int time = 20 + request + random.nextInt(6);
                            // what one pod sends has times of its own; pods share them
                            String pod = request == 0 ? "a" + p : "a" + random.nextInt(4);
                            test.add(pod, time, time - random.nextInt(1, 3), value);
                        }
                        Batch out = test.send();
                        for (int row = 0; row < out.numbers.size(); row++) {
                            got += out.numbers.bits[row];
                            boolean first =
                                    seen.add(out.numbers.time[row] + " " + out.numbers.start[row]);
                            assertThat(first || request == 0).isTrue();
                        }
                    }
                    assertThat(got).isEqualTo(fed);
                });
    }

    /// Counters of several pods, with restarts: the sum is what all of them have counted.
    @Test
    void cumulativesComeToWhatAllHaveCounted() {
        Forall.of(
                300,
                2,
                random -> {
                    var test = new ReaggregationTest();
                    Map<String, long[]> pods = new HashMap<>();
                    long counted = 0;
                    long now = 10;
                    long last = 0;
                    String newest = "";
                    for (int request = 0; request < 30; request++) {
                        now++;
                        var names = new ArrayList<String>();
                        for (int p = random.nextInt(3); p >= 0; p--) {
                            names.add("p" + random.nextInt(5));
                        }
                        for (String name : names.stream().distinct().toList()) {
                            long[] pod = pods.get(name); // value, start
                            if (pod == null || random.nextInt(8) == 0) {
                                pod = new long[] {0, pods.isEmpty() ? 1 : now - 1};
                                pods.put(name, pod);
                            }
                            long more = random.nextInt(50);
                            pod[0] += more;
                            counted += more;
                            test.add(name, now, pod[1], pod[0]);
                        }
                        Batch out = test.send();
                        assertThat(out.numbers.size()).isEqualTo(1);
                        assertThat(out.numbers.time[0]).isGreaterThan(last);
                        last = out.numbers.time[0];
                        newest = Bench.lines(out).getLast();
                        if (pods.size() > 1) {
                            assertThat(out.numbers.bits[0]).isEqualTo(counted);
                        } else { // alone, it passes as it is
                            counted = out.numbers.bits[0];
                        }
                    }
                    assertThat(newest).contains("(");
                });
    }

    @Test
    void tooManyMembersAreDroppedAndCounted() throws InterruptedException {
        var small =
                new Bench(new dev.firn.base.PowerLossDisk(Bench.DATA), new Bench.TestClock(), 2);
        var tight = new Reaggregation("s", small.room);
        small.open();
        var batch = new Batch();
        var random = new Random(1);
        for (int pod = 0; pod < 4; pod++) {
            Series series =
                    small.series(
                            MetricType.SUM, Temporality.CUMULATIVE, true, "{\"p\":" + pod + "}");
            Bench.add(batch, series, 10, 1, NumberValue.of(random.nextInt(10) + 1L));
        }
        var out = new Batch();
        var pass = tight.begin(batch, out);
        for (int row = 0; row < 4; row++) {
            pass.add(
                    batch.numbers,
                    row,
                    small.series(MetricType.SUM, Temporality.CUMULATIVE, true, "{}"));
        }
        pass.end();
        small.room.stored();
        assertThat(out.numbers.size()).isEqualTo(1);
        assertThat(small.page())
                .contains(
                        "firn_process_state_dropped_points_total{processor=\"s/aggregates\",reason=\"limit\"} 2.0")
                .contains("firn_process_state_streams{processor=\"s/members\"} 2.0");
    }
}
