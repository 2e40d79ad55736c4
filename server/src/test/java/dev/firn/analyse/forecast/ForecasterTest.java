package dev.firn.analyse.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.firn.base.Forall;
import dev.firn.base.InputException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ForecasterTest {
    /// Requests in an hour: days, quieter weekends, noise.
    private static double requests(int hour, Random random) {
        double day = 1000 + 500 * Math.sin(2 * Math.PI * hour / 24);
        double week = hour / 24 % 7 >= 5 ? 0.6 : 1;
        return day * week * (1 + 0.02 * random.nextGaussian());
    }

    private static double[] hours(int count, Random random) {
        return IntStream.range(0, count).mapToDouble(hour -> requests(hour, random)).toArray();
    }

    private static double error(double[] actual, double[] forecast) {
        double sum = 0;
        for (int i = 0; i < forecast.length; i++) {
            sum += Math.abs(actual[i] - forecast[i]) / actual[i];
        }
        return sum / forecast.length;
    }

    @Test
    void aWeekAheadIsWithinTheNoise() {
        var random = new Random(1);
        double[] all = hours(7 * 168, random);
        Forecast forecast = Forecaster.hourly(Arrays.copyOf(all, 6 * 168), 168);
        assertThat(error(Arrays.copyOfRange(all, 6 * 168, 7 * 168), forecast.values()))
                .isLessThan(0.04);
        assertThat(forecast.model()).isEqualTo("ridge-24-168+naive-168");
        assertThat(forecast.holdoutError()).isLessThan(1.05);
    }

    @Test
    void intervalsCoverWhatTheySay() {
        int[] inside = new int[2];
        int[] all = {0};
        Forall.of(
                40,
                3,
                random -> {
                    double[] hours = hours(5 * 168 + 48, random);
                    Forecast forecast = Forecaster.hourly(Arrays.copyOf(hours, 5 * 168), 48);
                    for (int h = 0; h < 48; h++) {
                        double actual = hours[5 * 168 + h];
                        inside[0] +=
                                actual >= forecast.low80()[h] && actual <= forecast.high80()[h]
                                        ? 1
                                        : 0;
                        inside[1] +=
                                actual >= forecast.low95()[h] && actual <= forecast.high95()[h]
                                        ? 1
                                        : 0;
                        all[0]++;
                        assertThat(forecast.low95()[h]).isLessThanOrEqualTo(forecast.low80()[h]);
                        assertThat(forecast.high80()[h]).isLessThanOrEqualTo(forecast.high95()[h]);
                    }
                });
        assertThat(inside[0] / (double) all[0]).isBetween(0.70, 0.92);
        assertThat(inside[1] / (double) all[0]).isBetween(0.92, 0.995);
    }

    @Test
    void gapsAreNotZeros() {
        var random = new Random(2);
        double[] all = hours(7 * 168, random);
        double[] train = Arrays.copyOf(all, 6 * 168);
        Arrays.fill(train, 400, 430, Double.NaN);
        Arrays.fill(train, 900, 906, Double.NaN);
        Arrays.fill(train, 0, 5, Double.NaN);
        Forecast forecast = Forecaster.hourly(train, 168);
        assertThat(error(Arrays.copyOfRange(all, 6 * 168, 7 * 168), forecast.values()))
                .isLessThan(0.05);
    }

    /// Days of a year and of the next one: nothing happens at the turn, so nothing may be foreseen.
    @Test
    void newYearIsADayLikeAnyOther() {
        var random = new Random(4);
        double[] days =
                IntStream.range(0, 372)
                        .mapToDouble(day ->
                                (day % 7 >= 5 ? 600 : 1000) + 2.0 * day + 5 * random.nextGaussian())
                        .toArray();
        Forecast forecast = Forecaster.daily(Arrays.copyOf(days, 362), 10);
        assertThat(error(Arrays.copyOfRange(days, 362, 372), forecast.values())).isLessThan(0.03);
    }

    @Test
    void shortHistoriesFallBack() {
        var random = new Random(6);
        assertThat(Forecaster.hourly(hours(21 * 24, random), 24).model())
                .startsWith("ridge-24-168");
        assertThat(Forecaster.hourly(hours(10 * 24, random), 24).model())
                .isIn("ridge-24", "naive-24");
        assertThat(Forecaster.hourly(hours(30, random), 24).model()).isEqualTo("level");
        assertThat(Forecaster.daily(hours(20, random), 7).model()).isIn("naive-7", "level");
        Forecast one = Forecaster.hourly(new double[] {5}, 90 * 24);
        assertThat(one.values()).containsOnly(5);
        assertThat(one.holdoutError()).isNaN();
    }

    @Test
    void everyLengthGivesFiniteOrderedIntervals() {
        Forall.of(
                60,
                8,
                random -> {
                    double[] values = new double[1 + random.nextInt(700)];
                    int kind = random.nextInt(4);
                    Arrays.setAll(
                            values,
                            i ->
                                    switch (kind) {
                                        case 0 -> 0;
                                        case 1 -> random.nextInt(3);
                                        case 2 -> -5 + 1e6 * random.nextGaussian();
                                        default -> random.nextInt(4) == 0 ? Double.NaN : i;
                                    });
                    values[0] = 1;
                    int horizon = 1 + random.nextInt(200);
                    for (Forecast f :
                            new Forecast[] {
                                Forecaster.hourly(values, horizon),
                                Forecaster.daily(values, horizon)
                            }) {
                        for (int h = 0; h < horizon; h++) {
                            assertThat(f.values()[h]).isFinite();
                            assertThat(f.low95()[h]).isLessThanOrEqualTo(f.low80()[h]);
                            assertThat(f.low80()[h]).isLessThanOrEqualTo(f.high80()[h]);
                            assertThat(f.high80()[h]).isLessThanOrEqualTo(f.high95()[h]);
                            assertThat(f.high95()[h]).isFinite();
                        }
                    }
                });
    }

    @Test
    void choleskySolves() {
        double[] x = Cholesky.solve(new double[] {4, 0, 2, 3}, new double[] {10, 8});
        assertThat(x[0]).isCloseTo(1.75, within(1e-12));
        assertThat(x[1]).isCloseTo(1.5, within(1e-12));
    }

    @Test
    void badInputIsRefused() {
        assertThatThrownBy(() -> Forecaster.hourly(new double[] {Double.NaN}, 1))
                .isInstanceOf(InputException.class);
        assertThatThrownBy(() -> Forecaster.hourly(new double[] {1}, 0))
                .isInstanceOf(InputException.class);
        assertThatThrownBy(() -> Forecaster.hourly(new double[] {1}, 2161))
                .isInstanceOf(InputException.class);
    }
}
