package dev.firn.analyse.anomaly.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.analyse.anomaly.Detector.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PeersTest {
    private static final long STEP = 300_000;
    private static final long FROM = 1_760_000_000_000L / STEP * STEP;

    private final Random random = new Random(7);

    private static SignalKey key(int instance) {
        return new SignalKey(Signals.LATENCY_P95, "prod", "a", "", "", "i" + instance);
    }

    /// Durations of so many instances, of which the first takes `factor` times as long.
    private List<SignalPoint> points(int instances, double factor) {
        var points = new ArrayList<SignalPoint>();
        double common = random.nextDouble(0.1, 0.5);
        for (int i = 0; i < instances; i++) {
            double value = common * (1 + 0.05 * random.nextGaussian()) * (i == 0 ? factor : 1);
            points.add(SignalPoint.of(key(i), Kind.GAUGE, value, Double.MAX_VALUE));
        }
        return points;
    }

    private static List<String> alerting(List<Judged> judged) {
        return judged.stream().filter(Judged::alerting).map(one -> one.key().instance()).toList();
    }

    @Test
    void theOddOneIsToldAfterTwoIntervalsWhateverAllHaveInCommon() {
        var peers = new Peers();
        long at = FROM;
        for (int i = 0; i < 500; i++, at += STEP) {
            assertThat(alerting(peers.judge(at, points(4, 1)))).isEmpty();
        }
        assertThat(alerting(peers.judge(at, points(4, 3)))).isEmpty();
        List<Judged> judged = peers.judge(at + STEP, points(4, 3));
        assertThat(alerting(judged)).containsExactly("i0");
        Judged odd = judged.getFirst();
        assertThat(odd.since()).isEqualTo(at);
        assertThat(odd.explanation()).contains("prod a i0").contains("the other 3 instances");
        assertThat(odd.contributions()).containsOnlyKeys("peer");
        assertThat(odd.verdict().expected()).isBetween(0.05, 0.6);
        peers.judge(at + 2 * STEP, points(4, 1));
        assertThat(alerting(peers.judge(at + 3 * STEP, points(4, 1)))).isEmpty();
    }

    @Test
    void ofThreeNobodyIsTheOddOne() {
        var peers = new Peers();
        for (int i = 0; i < 10; i++) {
            assertThat(peers.judge(FROM + i * STEP, points(3, 5))).isEmpty();
        }
    }

    @Test
    void oneThatWasDifferentForADayIsExpectedToBe() {
        var peers = new Peers();
        int told = 0;
        for (int i = 0; i < 3 * 288; i++) {
            var points = new ArrayList<SignalPoint>();
            for (int instance = 0; instance < 6; instance++) {
                points.add(
                        SignalPoint.of(
                                key(instance),
                                Kind.GAUGE,
                                (instance == 0 ? 0.6 : 0.2) * random.nextDouble(0.95, 1.05),
                                Double.MAX_VALUE));
            }
            told += alerting(peers.judge(FROM + i * STEP, points)).size();
        }
        assertThat(told).isBetween(280, 292);
    }
}
