package dev.firn.ops.bench.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.firn.base.InputException;
import dev.firn.ops.bench.analytics.NabFile.NabWindow;
import dev.firn.ops.bench.analytics.NabScore.Profile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Measures against small cases worked out by hand.
final class ScoresTest {
    /// Twenty rows, probation 3, a window on rows 10 to 13.
    private static NabScore.Scored nab(int... fired) {
        double[] scores = new double[20];
        for (int row : fired) {
            scores[row] = 1;
        }
        return new NabScore.Scored(
                new NabFile(
                        "file",
                        LongStream.range(0, 20).toArray(),
                        new double[20],
                        List.of(new NabWindow(10, 13))),
                scores);
    }

    private static double sigmoid(double x) {
        return 2 / (1 + Math.exp(5 * x)) - 1;
    }

    @Test
    void nabGivesNothingFor0AndAHundredForAPerfectDetector() {
        for (Profile profile : Profile.ALL) {
            assertThat(NabScore.at(1, List.of(nab()), profile)).isZero();
            assertThat(NabScore.at(1, List.of(nab(10)), profile)).isCloseTo(100, within(1e-9));
        }
    }

    @Test
    void nabScoresTheEarliestHitAndEveryFalseAlarm() {
        // Row 11 is 3 of 4 rows before the right edge; row 5 has no window before it; row 15 lies
        // two rows behind a window of four; row 1 is on probation.
        double raw = sigmoid(-0.75) / sigmoid(-1) - 0.11 + 0.11 * sigmoid(2 / 3.0);
        assertThat(NabScore.raw(1, nab(1, 5, 11, 13, 15), Profile.STANDARD))
                .isCloseTo(raw, within(1e-12));
        assertThat(NabScore.raw(1, nab(5), Profile.LOW_MISSES)).isCloseTo(-2.11, within(1e-12));
        assertThat(NabScore.raw(1, nab(5), Profile.LOW_FALSE_ALARMS))
                .isCloseTo(-1.22, within(1e-12));
    }

    @Test
    void nabFindsTheBestThreshold() {
        NabScore.Scored scored = nab();
        scored.scores()[10] = 0.7;
        scored.scores()[5] = 0.5;
        NabScore.Best best = NabScore.best(List.of(scored), Profile.STANDARD);
        assertThat(best.threshold()).isEqualTo(0.7);
        assertThat(best.score()).isCloseTo(100, within(1e-9));
        assertThat(NabScore.at(0.5, List.of(scored), Profile.STANDARD))
                .isCloseTo(94.5, within(1e-9));
    }

    @Test
    void aKpiStretchIsFoundWithinEightPoints() {
        boolean[] labels = new boolean[40];
        java.util.Arrays.fill(labels, 10, 22, true);
        java.util.Arrays.fill(labels, 30, 32, true);
        double[] scores = new double[40];
        scores[17] = 2;
        scores[5] = 2;
        var in = new KpiScore.Scored(labels, scores);
        // Twelve of fourteen labelled points, one false alarm.
        KpiScore.Best found = KpiScore.at(1, List.of(in));
        assertThat(found.precision()).isCloseTo(12 / 13.0, within(1e-12));
        assertThat(found.recall()).isCloseTo(12 / 14.0, within(1e-12));
        assertThat(found.f1()).isCloseTo(24 / 27.0, within(1e-12));
        scores[17] = 0;
        scores[18] = 2;
        assertThat(KpiScore.at(1, List.of(in)).f1()).isZero();
    }

    @Test
    void theBestKpiThresholdIsBelowTheLastUsefulScore() {
        var in =
                new KpiScore.Scored(
                        new boolean[] {false, true, false, true}, new double[] {1, 5, 3, 0});
        KpiScore.Best best = KpiScore.best(List.of(in));
        assertThat(best.threshold()).isEqualTo(3);
        assertThat(best.f1()).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(KpiScore.at(best.threshold(), List.of(in)).f1()).isEqualTo(best.f1());
    }

    @Test
    void averagePrecisionTakesEqualScoresTogether() {
        var in =
                new KpiScore.Scored(
                        new boolean[] {true, false, true, false}, new double[] {4, 3, 2, 2});
        // First hit at 1 of 1; the second among four.
        assertThat(KpiScore.averagePrecision(List.of(in)))
                .isCloseTo(0.5 + 0.5 * 0.5, within(1e-12));
    }

    @Test
    void m4Measures() {
        double[] actual = {2, 4};
        double[] forecast = {4, 4};
        assertThat(M4Score.smape(actual, forecast))
                .isCloseTo(100 * 2 / 3.0 / 1 / 2 * 1, within(1e-9));
        assertThat(M4Score.scale(new double[] {1, 2, 4, 4}, 2)).isCloseTo(2.5, within(1e-12));
        assertThat(M4Score.mase(actual, forecast, 2)).isCloseTo(0.5, within(1e-12));
        // Widths 1 and 1, and one value 1 below: (2 + 40) / 2 / 2.
        assertThat(M4Score.msis(actual, new double[] {3, 3.5}, new double[] {4, 4.5}, 2))
                .isCloseTo(10.5, within(1e-12));
        assertThat(M4Score.coverage(actual, new double[] {3, 3.5}, new double[] {4, 4.5}))
                .isEqualTo(0.5);
    }

    @Test
    void naive2RepeatsAMultiplicativeSeason() {
        double[] train = new double[10 * 24];
        java.util.Arrays.setAll(train, i -> 100 * (1 + i % 24 / 24.0));
        double[] forecast = M4Score.naive2(train, 48);
        for (int h = 0; h < 48; h++) {
            assertThat(forecast[h]).isCloseTo(train[h], within(1e-6));
        }
    }

    @Test
    void daysAreWholeDays() {
        double[] hours = new double[50];
        java.util.Arrays.fill(hours, 1);
        assertThat(ForecastScores.days(hours, 1)).containsExactly(24, 24);
    }

    @Test
    void aFailedGateIsNamedInTheLastLine() {
        List<String> lines = new ArrayList<>();
        Gates gates = new Gates(lines::add);
        gates.least("one", 1, 1, 2);
        assertThat(gates.end()).isTrue();
        assertThat(lines.getLast()).isEqualTo("gates: pass");
        gates.most("two", 3, 2, 1);
        gates.between("three", Double.NaN, 0, 1, "");
        assertThat(gates.end()).isFalse();
        assertThat(lines.getLast()).isEqualTo("gates: failed: two, three");
    }

    @Test
    void aFolderThatIsNotThereIsTheUsersMistake(@TempDir Path folder) {
        assertThatThrownBy(() -> AnalyticsBench.run(folder.resolve("none"), line -> {}))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("none");
        List<String> lines = new ArrayList<>();
        AnalyticsBench.run(folder, lines::add);
        assertThat(lines)
                .contains("NAB: no data", "AIOPS: no data", "WSD: no data", "M4 hourly: no data");
    }
}
