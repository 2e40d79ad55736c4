package dev.firn.ops.bench.analytics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// NAB's detector of that name (Wang et al. 2011), to check the scoring against its published
/// scores: fires when the histogram of the last 52 values is like none before. It knows the file's
/// smallest and largest value, as NAB hands them to detectors.
final class RelativeEntropy {
    private static final int BINS = 5;
    private static final int WINDOW = 52;

    /// 99 % of chi-squared with four degrees of freedom.
    private static final double LIMIT = 13.276704135987622;

    static final double THRESHOLD = 0.5;

    private RelativeEntropy() {}

    /// 1 where the detector fires, else 0.
    static double[] scores(double[] values) {
        double low = Arrays.stream(values).min().orElseThrow();
        double width = (Arrays.stream(values).max().orElseThrow() - low) / BINS;
        double[] scores = new double[values.length];
        List<double[]> known = new ArrayList<>();
        List<int[]> seen = new ArrayList<>();
        for (int i = WINDOW - 1; width > 0 && i < values.length; i++) {
            double[] histogram = histogram(values, i, low, width);
            int nearest = nearest(histogram, known);
            if (nearest < 0) {
                scores[i] = known.isEmpty() ? 0 : 1;
                known.add(histogram);
                seen.add(new int[] {1});
            } else {
                scores[i] = ++seen.get(nearest)[0] <= 1 ? 1 : 0;
            }
        }
        return scores;
    }

    private static double[] histogram(double[] values, int last, double low, double width) {
        double[] histogram = new double[BINS];
        for (int i = last - WINDOW + 1; i <= last; i++) {
            int bin = (int) Math.ceil((values[i] - low) / width);
            histogram[Math.min(bin, BINS - 1)] += 1.0 / WINDOW;
        }
        return histogram;
    }

    private static int nearest(double[] histogram, List<double[]> known) {
        int nearest = -1;
        double least = LIMIT;
        for (int i = 0; i < known.size(); i++) {
            double entropy = 0;
            for (int bin = 0; bin < BINS; bin++) {
                entropy +=
                        histogram[bin] == 0
                                ? 0
                                : histogram[bin] * Math.log(histogram[bin] / known.get(i)[bin]);
            }
            if (2 * WINDOW * entropy < least) {
                least = 2 * WINDOW * entropy;
                nearest = i;
            }
        }
        return nearest;
    }
}
