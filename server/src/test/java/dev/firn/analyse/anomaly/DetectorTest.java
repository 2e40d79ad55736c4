package dev.firn.analyse.anomaly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.analyse.anomaly.Detector.Kind;
import dev.firn.base.Forall;
import dev.firn.base.InputException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class DetectorTest {
    private static final long MINUTE = 60_000;
    private static final int DAY = 1440;

    /// A day's wave with noise.
    private static double busy(int minute, Random random) {
        return 1000 + 600 * Math.sin(2 * Math.PI * minute / DAY) + 30 * random.nextGaussian();
    }

    private static Detector learned(Random random, int days) {
        var detector = new Detector(Kind.GAUGE, MINUTE);
        for (int i = 0; i < days * DAY; i++) {
            detector.observe(i * MINUTE, busy(i, random));
        }
        return detector;
    }

    @Test
    void aRestoredDetectorGoesOnBitForBit() {
        Forall.of(
                20,
                42,
                random -> {
                    Kind kind = Kind.values()[random.nextInt(3)];
                    var detector = new Detector(kind, 5 * MINUTE);
                    int cut = random.nextInt(5000);
                    Detector restored = Detector.restore(detector.snapshot());
                    for (int i = 0; i < 5200; i++) {
                        if (i == cut) {
                            restored = Detector.restore(detector.snapshot());
                            assertThat(restored.snapshot()).isEqualTo(detector.snapshot());
                        }
                        double value = anything(random);
                        Verdict verdict = detector.observe(i * 5 * MINUTE, value, 100);
                        if (restored != null) {
                            assertThat(restored.observe(i * 5 * MINUTE, value, 100))
                                    .isEqualTo(verdict);
                        }
                    }
                    assertThat(restored.snapshot()).isEqualTo(detector.snapshot());
                });
    }

    private static double anything(Random random) {
        return switch (random.nextInt(40)) {
            case 0 -> Double.NaN;
            case 1 -> 0;
            case 2 -> 1e12 * random.nextGaussian();
            default -> random.nextDouble();
        };
    }

    @Test
    void laterPointsDoNotChangeEarlierScores() {
        Forall.of(
                10,
                7,
                random -> {
                    double[] values = random.doubles(4000).toArray();
                    int prefix = 1 + random.nextInt(3999);
                    double[] changed = values.clone();
                    for (int i = prefix; i < changed.length; i++) {
                        changed[i] = 1e6 * random.nextGaussian();
                    }
                    assertThat(Arrays.copyOf(scores(changed), prefix))
                            .isEqualTo(Arrays.copyOf(scores(values), prefix));
                });
    }

    private static double[] scores(double[] values) {
        var detector = new Detector(Kind.GAUGE, 5 * MINUTE);
        double[] scores = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            scores[i] = detector.observe(i * 5 * MINUTE, values[i]).score();
        }
        return scores;
    }

    @Test
    void stateStaysWithinItsBound() {
        for (long step : new long[] {1_000, MINUTE, 5 * MINUTE, 60 * MINUTE, DAY * MINUTE}) {
            var detector = new Detector(Kind.GAUGE, step);
            for (int i = 0; i < 20_000; i++) {
                detector.observe(i * step, i % 13);
            }
            assertThat(detector.snapshot().length).isLessThanOrEqualTo(Detector.SNAPSHOT_BYTES_MAX);
        }
    }

    @Test
    void anIncidentIsStillFlaggedAfterSixHoursAndALargerOneTwelveHoursLater() {
        Forall.of(5, 11, DetectorTest::sixHoursThenALargerOne);
    }

    private static void sixHoursThenALargerOne(Random random) {
        var detector = learned(random, 10);
        int start = 10 * DAY + 300;
        int flagged = 0;
        Verdict verdict = Verdict.none(0);
        for (int i = 10 * DAY; i < start + 1080 + 60; i++) {
            boolean first = i >= start && i < start + 360;
            boolean second = i >= start + 360 + 720;
            double value = busy(i, random) + (first ? 700 : second ? 1200 : 0);
            verdict = detector.observe(i * MINUTE, value);
            if (first) {
                flagged += verdict.anomalous() ? 1 : 0;
            }
            if (i == start + 359) {
                assertThat(verdict.anomalous()).as("after six hours").isTrue();
            }
            if (i > start + 400 && i < start + 1080) {
                assertThat(verdict.anomalous()).as("minute %d between", i - start).isFalse();
            }
            if (i == start + 1080 + 2) {
                assertThat(verdict.anomalous()).as("the second").isTrue();
            }
        }
        assertThat(flagged).isGreaterThan(340);
        assertThat(verdict.anomalous()).as("an hour into the second").isTrue();
    }

    @Test
    void anIncidentOfASignalWithoutSeasonIsHeld() {
        var random = new Random(5);
        var detector = new Detector(Kind.GAUGE, MINUTE);
        int start = 3 * DAY;
        for (int i = 0; i < start + 360 + 720 + 10; i++) {
            boolean first = i >= start && i < start + 360;
            boolean second = i >= start + 1080;
            double value = 30 + random.nextGaussian() + (first ? 40 : second ? 80 : 0);
            Verdict verdict = detector.observe(i * MINUTE, value);
            if (i >= start + 2 && first || i >= start + 1080 + 2) {
                assertThat(verdict.anomalous()).as("minute %d", i - start).isTrue();
            }
        }
    }

    @Test
    void missingAndExcludedPointsSayAndTeachNothing() {
        var random = new Random(3);
        var with = learned(random, 9);
        var without = Detector.restore(with.snapshot());
        for (int i = 9 * DAY; i < 9 * DAY + 15; i++) {
            assertThat(with.observe(i * MINUTE, Double.NaN).score()).isZero();
            assertThat(with.exclude(i * MINUTE).channel()).isEqualTo(Verdict.Channel.NONE);
        }
        double value = busy(9 * DAY + 15, random);
        long time = (9 * DAY + 15) * MINUTE;
        assertThat(with.observe(time, value)).isEqualTo(without.observe(time, value));
        assertThat(with.observe(time + MINUTE, 0).anomalous()).as("zero is a value").isTrue();
    }

    @Test
    void fewEventsExplainAHighRatio() {
        var random = new Random(9);
        var detector = new Detector(Kind.RATIO, MINUTE);
        for (int i = 0; i < 8 * DAY; i++) {
            int bad = 0;
            for (int event = 0; event < 200; event++) {
                bad += random.nextDouble() < 0.01 ? 1 : 0;
            }
            detector.observe(i * MINUTE, bad / 200.0, 200);
        }
        Detector many = Detector.restore(detector.snapshot());
        long time = 8L * DAY * MINUTE;
        assertThat(detector.observe(time, 0.25, 4).anomalous()).as("one of four").isFalse();
        assertThat(many.observe(time, 0.25, 2000).anomalous()).as("five hundred of 2000").isTrue();
    }

    @Test
    void badInputIsRefused() {
        assertThatThrownBy(() -> new Detector(Kind.GAUGE, 10)).isInstanceOf(InputException.class);
        byte[] snapshot = new Detector(Kind.COUNT, MINUTE).snapshot();
        for (byte[] bad :
                new byte[][] {
                    {},
                    new byte[24],
                    Arrays.copyOf(snapshot, snapshot.length - 1),
                    Arrays.copyOf(snapshot, snapshot.length + 1)
                }) {
            assertThatThrownBy(() -> Detector.restore(bad)).isInstanceOf(InputException.class);
        }
    }

    @Test
    void aPointThatIsNotLaterSaysNothing() {
        var detector = new Detector(Kind.GAUGE, MINUTE);
        detector.observe(MINUTE, 1);
        byte[] before = detector.snapshot();
        assertThat(detector.observe(MINUTE, 5).channel()).isEqualTo(Verdict.Channel.NONE);
        assertThat(detector.snapshot()).isEqualTo(before);
    }

    /// What came while nothing was to be learned leaves band and expectation as a gap would.
    @Test
    void aTimeThatIsNotLearnedFromMovesNoBand() {
        var excluded = new Detector(Detector.Kind.GAUGE, 300_000);
        var judged = new Detector(Detector.Kind.GAUGE, 300_000);
        var learned = new Detector(Detector.Kind.GAUGE, 300_000);
        var random = new java.util.Random(3);
        for (int i = 0; i < 12 * 288; i++) {
            long time = i * 300_000L;
            double value = 10 + random.nextGaussian();
            boolean deployed = i % 288 < 9 && i > 288;
            if (deployed) {
                excluded.exclude(time);
                Verdict verdict = judged.observe(time, value + 30, 0, false);
                learned.observe(time, value + 30);
                assertThat(verdict.actual()).isEqualTo(value + 30);
            } else {
                Verdict without = excluded.observe(time, value);
                Verdict with = judged.observe(time, value, 0, true);
                Verdict spoilt = learned.observe(time, value);
                assertThat(with.expected()).isEqualTo(without.expected());
                assertThat(with.high()).isEqualTo(without.high());
                if (i > 11 * 288 + 100) {
                    assertThat(spoilt.high() - spoilt.expected())
                            .isGreaterThan(1.05 * (with.high() - with.expected()));
                }
            }
        }
    }
}
