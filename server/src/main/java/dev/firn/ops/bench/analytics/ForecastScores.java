package dev.firn.ops.bench.analytics;

import dev.firn.analyse.forecast.Forecast;
import dev.firn.analyse.forecast.Forecaster;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/// The shipped forecaster on M4's hourly series and on daily totals of their last week.
final class ForecastScores {
    private static final int DAY = 24;
    private static final int WEEK = 168;
    private static final int TIMED_SERIES = 10_000;

    private final List<Data.Hourly> series;
    private final Consumer<String> out;
    private final Gates gates;

    ForecastScores(Data data, Consumer<String> out, Gates gates) {
        this.series = data.m4();
        this.out = out;
        this.gates = gates;
    }

    /// Sums over series, by measure.
    private static final class Sums {
        private double smape;
        private double mase;
        private double msis;
        private double inside95;
        private double inside80;

        void add(double[] actual, double[] forecast, double scale) {
            smape += M4Score.smape(actual, forecast);
            mase += M4Score.mase(actual, forecast, scale);
        }
    }

    void run() {
        if (series.isEmpty()) {
            out.accept("M4 hourly: no data");
            return;
        }
        hourly();
        daily();
        time();
    }

    private void hourly() {
        Sums ours = new Sums();
        Sums naive = new Sums();
        for (Data.Hourly each : series) {
            double scale = M4Score.scale(each.train(), M4Score.SEASON);
            double[] actual = each.test();
            Forecast forecast = Forecaster.hourly(each.train(), actual.length);
            ours.add(actual, forecast.values(), scale);
            ours.msis += M4Score.msis(actual, forecast.low95(), forecast.high95(), scale);
            ours.inside95 += M4Score.coverage(actual, forecast.low95(), forecast.high95());
            ours.inside80 += M4Score.coverage(actual, forecast.low80(), forecast.high80());
            naive.add(actual, M4Score.naive2(each.train(), actual.length), scale);
        }
        int n = series.size();
        double owa = (ours.smape / naive.smape + ours.mase / naive.mase) / 2;
        out.accept(
                "M4 hourly, "
                        + n
                        + " series            sMAPE    MASE     OWA    MSIS   95 %   80 %");
        out.accept(
                String.format(
                        Locale.ROOT,
                        "  Firn                        %8.3f%8.3f%8.3f%8.2f%7.3f%7.3f",
                        ours.smape / n,
                        ours.mase / n,
                        owa,
                        ours.msis / n,
                        ours.inside95 / n,
                        ours.inside80 / n));
        out.accept(
                String.format(
                        Locale.ROOT,
                        "  Naive2                      %8.3f%8.3f   1.000",
                        naive.smape / n,
                        naive.mase / n));
        out.accept("published, all 414 series:");
        out.accept("  Card (238)                     8.913   0.801   0.410    6.14");
        out.accept("  ES-RNN (118, M4's winner)      9.328   0.893   0.440    7.93");
        out.accept("  FFORMA (245)                  11.506   0.819   0.484");
        out.accept("  Naive2                        18.383   2.395   1.000");
        gates.most("M4 OWA", owa, 0.44, 0.43);
        gates.most("M4 MASE", ours.mase / n, 0.85, 0.83);
        gates.between("M4 coverage of 95 %", ours.inside95 / n, 0.93, 0.98, "0.93 to 0.97");
        gates.most("M4 MSIS", ours.msis / n, 7.5, 7.0);
    }

    /// The last week of train and test together is held out; daily totals are judged.
    private void daily() {
        Sums ours = new Sums();
        Sums naive = new Sums();
        for (Data.Hourly each : series) {
            double[] all = Arrays.copyOf(each.train(), each.train().length + each.test().length);
            System.arraycopy(each.test(), 0, all, each.train().length, each.test().length);
            int known = all.length - WEEK;
            double[] train = Arrays.copyOf(all, known);
            double[] actual = days(all, known);
            double scale = M4Score.scale(days(train, known % DAY), 1);
            ours.add(actual, days(Forecaster.hourly(train, WEEK).values(), 0), scale);
            naive.add(actual, days(train, known - WEEK), scale);
        }
        int n = series.size();
        out.accept("7 daily totals                       sMAPE    MASE");
        out.accept(
                String.format(
                        Locale.ROOT,
                        "  Firn                        %8.3f%8.3f",
                        ours.smape / n,
                        ours.mase / n));
        out.accept(
                String.format(
                        Locale.ROOT,
                        "  weekly naive                %8.3f%8.3f",
                        naive.smape / n,
                        naive.mase / n));
        out.accept("  linear regression (all 414)    9.81    2.078");
        gates.most("7-day sMAPE", ours.smape / n, 8.2, 7.7);
        gates.most("7-day MASE", ours.mase / n, 1.85, 1.8);
    }

    /// Totals of 24 hours each from an index on, whole days only.
    static double[] days(double[] hours, int from) {
        double[] days = new double[(hours.length - from) / DAY];
        for (int i = 0; i < days.length * DAY; i++) {
            days[i / DAY] += hours[from + i];
        }
        return days;
    }

    private void time() {
        long start = System.nanoTime();
        series.parallelStream()
                .forEach(each -> Forecaster.hourly(each.train(), M4Score.SEASON * 2));
        double seconds = (System.nanoTime() - start) / 1e9;
        out.accept(
                String.format(
                        Locale.ROOT,
                        "time: %d series with intervals in %.1f s on %d cores, so 10,000 in %.0f s (target 20 on 2)",
                        series.size(),
                        seconds,
                        Runtime.getRuntime().availableProcessors(),
                        seconds * TIMED_SERIES / series.size()));
    }
}
