package dev.firn.ops.bench.analytics;

import dev.firn.analyse.anomaly.Detector;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/// The shipped detector on NAB and on the KPI sets, beside published rows.
final class AnomalyScores {
    private static final String PUBLISHED = "/bench/nab-published-raw-scores.csv";
    private static final int STEP_FROM = 100;

    /// Above this a score is anomalous: what is shipped.
    private static final double SHIPPED = 1;

    private final Data data;
    private final Consumer<String> out;
    private final Gates gates;

    AnomalyScores(Data data, Consumer<String> out, Gates gates) {
        this.data = data;
        this.out = out;
        this.gates = gates;
    }

    /// Scores of one series, each from the points up to it only.
    static double[] scores(long[] times, double[] values) {
        var detector = new Detector(Detector.Kind.GAUGE, step(times));
        double[] scores = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            scores[i] = detector.observe(times[i], values[i]).score();
        }
        return scores;
    }

    /// The signal's interval, which Firn is told: the median of the first distances.
    private static long step(long[] times) {
        long[] steps = new long[Math.min(STEP_FROM, times.length - 1)];
        Arrays.setAll(steps, i -> times[i + 1] - times[i]);
        Arrays.sort(steps);
        return Math.clamp(steps[steps.length / 2], 1_000, 86_400_000);
    }

    void nab() {
        List<NabFile> files = data.nab();
        if (files.isEmpty()) {
            out.accept("NAB: no data");
            return;
        }
        check(files);
        List<NabScore.Scored> scored =
                files.stream()
                        .map(f -> new NabScore.Scored(f, scores(f.times(), f.values())))
                        .toList();
        out.accept(
                "NAB, "
                        + files.size()
                        + " files           standard  low FP  low FN  standard, threshold from the other half");
        double[] shipped =
                NabScore.Profile.ALL.stream()
                        .mapToDouble(p -> NabScore.at(SHIPPED, scored, p))
                        .toArray();
        double transferred = transferred(scored);
        row("Firn, shipped threshold", shipped[0], shipped[1], shipped[2], transferred);
        double[] best =
                NabScore.Profile.ALL.stream()
                        .mapToDouble(p -> NabScore.best(scored, p).score())
                        .toArray();
        row("Firn, best threshold", best[0], best[1], best[2], Double.NaN);
        out.accept("published, all 58 files, best threshold:");
        row("ARTime", 74.9, 65.2, 80.4, 69.4);
        row("Numenta HTM", 70.1, 63.1, 74.3, 66.8);
        row("CAD OSE", 69.9, 67.0, 73.2, 68.4);
        row("earthgecko Skyline", 58.2, 46.2, 63.9, 58.2);
        row("AWS RCF", 51.7, 38.4, 59.7, 48.6);
        row("Windowed Gaussian", 39.6, 20.9, 47.4, 39.6);
        gates.least("NAB standard, shipped", shipped[0], 60, 66);
        gates.least("NAB standard, transferred", transferred, 60, 66);
    }

    private void row(String name, double... values) {
        StringBuilder row = new StringBuilder(String.format(Locale.ROOT, "  %-24s", name));
        for (double value : values) {
            row.append(
                    Double.isNaN(value) ? "       -" : String.format(Locale.ROOT, "%8.1f", value));
        }
        out.accept(row.toString());
    }

    /// Every second file by name is one half; each half has the threshold that is best on the
    /// other.
    static double transferred(List<NabScore.Scored> scored) {
        NabScore.Profile profile = NabScore.Profile.STANDARD;
        List<List<NabScore.Scored>> halves = List.of(new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < scored.size(); i++) {
            halves.get(i % 2).add(scored.get(i));
        }
        double sum = 0;
        int all = 0;
        for (int half = 0; half < 2; half++) {
            List<NabScore.Scored> judged = halves.get(half);
            int windows = judged.stream().mapToInt(s -> s.file().windows().size()).sum();
            double threshold = NabScore.best(halves.get(1 - half), profile).threshold();
            sum += windows == 0 ? 0 : windows * NabScore.at(threshold, judged, profile);
            all += windows;
        }
        return sum / all;
    }

    /// Our scoring of two of NAB's detectors against what NAB publishes for the same files.
    private void check(List<NabFile> files) {
        Map<String, double[]> published = published();
        double[] ours = new double[2];
        double[] theirs = new double[2];
        for (NabFile file : files) {
            double[] raw = published.get(file.name());
            if (raw == null) {
                continue;
            }
            ours[0] +=
                    raw(WindowedGaussian.scores(file.values()), WindowedGaussian.THRESHOLD, file);
            ours[1] += raw(RelativeEntropy.scores(file.values()), RelativeEntropy.THRESHOLD, file);
            theirs[0] += raw[0];
            theirs[1] += raw[1];
        }
        out.accept(
                String.format(
                        Locale.ROOT,
                        "NAB scoring, raw sums on these files: windowedGaussian %.3f (published %.3f), relativeEntropy %.3f (published %.3f)",
                        ours[0],
                        theirs[0],
                        ours[1],
                        theirs[1]));
        double error = Math.max(Math.abs(ours[0] - theirs[0]), Math.abs(ours[1] - theirs[1]));
        gates.most("NAB scoring, difference", error, 0.01, 0);
    }

    private static double raw(double[] scores, double threshold, NabFile file) {
        return NabScore.raw(
                threshold, new NabScore.Scored(file, scores), NabScore.Profile.STANDARD);
    }

    private static Map<String, double[]> published() {
        try (InputStream in =
                        Objects.requireNonNull(AnomalyScores.class.getResourceAsStream(PUBLISHED));
                var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            Map<String, double[]> published = new HashMap<>();
            for (String line : lines.lines().skip(1).toList()) {
                String[] cells = line.split(",");
                published.put(
                        cells[0],
                        new double[] {Double.parseDouble(cells[1]), Double.parseDouble(cells[2])});
            }
            return published;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void kpi(String set, double gate, double target, String... published) {
        List<Data.Kpi> all = data.kpi(set);
        if (all.isEmpty()) {
            out.accept(set + ": no data");
            return;
        }
        List<KpiScore.Scored> train = new ArrayList<>();
        List<KpiScore.Scored> test = new ArrayList<>();
        long points = 0;
        long nanos = 0;
        for (Data.Kpi kpi : all) {
            long start = System.nanoTime();
            double[] scores = scores(kpi.times(), kpi.values());
            nanos += System.nanoTime() - start;
            points += scores.length;
            train.add(part(kpi, scores, 0, kpi.trained()));
            test.add(part(kpi, scores, kpi.trained(), scores.length));
        }
        KpiScore.Best shipped = KpiScore.at(SHIPPED, test);
        KpiScore.Best transferred = KpiScore.at(KpiScore.best(train).threshold(), test);
        out.accept(set + ", " + all.size() + " series, test halves, delay " + KpiScore.DELAY);
        out.accept(
                String.format(
                        Locale.ROOT,
                        "  Firn: F1 %.3f shipped (precision %.3f, recall %.3f), %.3f with the threshold from the train halves; best possible %.3f; average precision %.3f; %.2f µs a point (target 5)",
                        shipped.f1(),
                        shipped.precision(),
                        shipped.recall(),
                        transferred.f1(),
                        KpiScore.best(test).f1(),
                        KpiScore.averagePrecision(test),
                        nanos / 1e3 / points));
        for (String line : published) {
            out.accept("  " + line);
        }
        gates.least(set + " F1, shipped", shipped.f1(), gate, target);
        gates.least(set + " F1, transferred", transferred.f1(), gate, target);
    }

    private static KpiScore.Scored part(Data.Kpi kpi, double[] scores, int from, int to) {
        return new KpiScore.Scored(
                Arrays.copyOfRange(kpi.labels(), from, to), Arrays.copyOfRange(scores, from, to));
    }

    /// Snapshot of a detector on minutes that has seen eight days.
    void state() {
        var detector = new Detector(Detector.Kind.GAUGE, 60_000);
        for (int i = 0; i < 8 * 1440; i++) {
            detector.observe(i * 60_000L, Math.sin(i / 200.0) + i % 7);
        }
        gates.most(
                "state, bytes a series",
                detector.snapshot().length,
                Detector.SNAPSHOT_BYTES_MAX,
                Detector.SNAPSHOT_BYTES_MAX);
    }
}
