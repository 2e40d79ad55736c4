package dev.firn.ops.bench.analytics;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/// F1 of alarms on labelled series as the AIOPS challenge counts it: a labelled stretch is found,
/// with all its points, when an alarm falls on one of its first eight; every other alarm outside is
/// one false point. All series are one pool. And average precision point by point.
final class KpiScore {
    /// A stretch is found by an alarm no later than this many points after its start.
    static final int DELAY = 7;

    /// Labels and scores of one series, or of a part of it.
    record Scored(boolean[] labels, double[] scores) {}

    /// A threshold and the F1 that it gives.
    record Best(double threshold, double f1, double precision, double recall) {}

    /// The weight of points that all turn positive at one score.
    private record Step(double score, int hits, int falseAlarms) {}

    private KpiScore() {}

    /// F1 where a point alarms whose score is above `threshold`.
    static Best at(double threshold, Collection<Scored> all) {
        int labelled = 0;
        int hits = 0;
        int falseAlarms = 0;
        for (Step step : steps(all)) {
            labelled += step.hits;
            if (step.score > threshold) {
                hits += step.hits;
                falseAlarms += step.falseAlarms;
            }
        }
        return best(threshold, hits, falseAlarms, labelled);
    }

    /// The threshold that is best on these series.
    static Best best(Collection<Scored> all) {
        List<Step> steps = steps(all);
        steps.sort(Comparator.comparingDouble(Step::score).reversed());
        int labelled = steps.stream().mapToInt(Step::hits).sum();
        int hits = 0;
        int falseAlarms = 0;
        Best best = best(Double.POSITIVE_INFINITY, 0, 0, labelled);
        for (int i = 0; i < steps.size(); i++) {
            hits += steps.get(i).hits;
            falseAlarms += steps.get(i).falseAlarms;
            double below = i + 1 < steps.size() ? steps.get(i + 1).score : Double.NEGATIVE_INFINITY;
            if (below < steps.get(i).score) {
                Best here = best(below, hits, falseAlarms, labelled);
                best = here.f1 > best.f1 ? here : best;
            }
        }
        return best;
    }

    private static Best best(double threshold, int hits, int falseAlarms, int labelled) {
        double precision = hits == 0 ? 0 : hits / (double) (hits + falseAlarms);
        double recall = labelled == 0 ? 0 : hits / (double) labelled;
        double f1 = hits == 0 ? 0 : 2 * precision * recall / (precision + recall);
        return new Best(threshold, f1, precision, recall);
    }

    private static List<Step> steps(Collection<Scored> all) {
        List<Step> steps = new ArrayList<>();
        for (Scored scored : all) {
            boolean[] labels = scored.labels;
            for (int i = 0; i < labels.length; i++) {
                if (!labels[i]) {
                    steps.add(new Step(scored.scores[i], 0, 1));
                    continue;
                }
                int end = i;
                double highest = Double.NEGATIVE_INFINITY;
                for (; end < labels.length && labels[end]; end++) {
                    highest = end - i > DELAY ? highest : Math.max(highest, scored.scores[end]);
                }
                steps.add(new Step(highest, end - i, 0));
                i = end - 1;
            }
        }
        return steps;
    }

    /// Mean over the series of Σ (recall gained · precision there), points taken one by one from
    /// the highest score on, equal scores together; series without a label do not count.
    static double averagePrecision(Collection<Scored> all) {
        return all.stream()
                .mapToDouble(KpiScore::averagePrecision)
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }

    private static double averagePrecision(Scored scored) {
        List<Step> points = new ArrayList<>();
        for (int i = 0; i < scored.labels.length; i++) {
            boolean label = scored.labels[i];
            points.add(new Step(scored.scores[i], label ? 1 : 0, label ? 0 : 1));
        }
        points.sort(Comparator.comparingDouble(Step::score).reversed());
        double sum = 0;
        int hits = 0;
        int before = 0;
        for (int i = 0; i < points.size(); i++) {
            hits += points.get(i).hits;
            if (i + 1 == points.size() || points.get(i + 1).score < points.get(i).score) {
                sum += (hits - before) * (double) hits / (i + 1);
                before = hits;
            }
        }
        return hits == 0 ? Double.NaN : sum / hits;
    }
}
