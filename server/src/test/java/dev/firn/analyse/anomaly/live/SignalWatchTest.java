package dev.firn.analyse.anomaly.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.analyse.anomaly.Detector.Kind;
import dev.firn.base.Forall;
import dev.firn.base.InputException;
import dev.firn.query.AnomalyMarks;
import dev.firn.query.AnomalyMarks.Mark;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignalWatchTest {
    private static final long STEP = 300_000;
    private static final long FROM = 1_760_000_000_000L / STEP * STEP;
    private static final long DAY = 86_400_000;
    private static final long FROM_DAY = FROM / DAY * DAY;
    private static final int DAYS = 5;
    private static final int INTERVALS = DAYS * 288;

    @TempDir Path data;

    private static SignalKey key(String signal, String service) {
        return new SignalKey(signal, "prod", service, "/x", "");
    }

    /// Counts around 500 and an error ratio around 1 %, which from some interval on is `ratio`.
    private static List<SignalPoint> points(int interval, Random random, int wrong, double ratio) {
        double requests = Math.round(500 + 20 * random.nextGaussian());
        double errors = 0;
        for (int i = 0; i < requests; i++) {
            errors += random.nextDouble() < (interval >= wrong ? ratio : 0.01) ? 1 : 0;
        }
        var points = new ArrayList<SignalPoint>();
        points.add(SignalPoint.of(key(Signals.REQUEST_RATE, "a"), Kind.COUNT, requests, requests));
        points.add(
                SignalPoint.of(
                        key(Signals.ERROR_RATIO, "a"), Kind.RATIO, errors / requests, requests));
        points.add(
                SignalPoint.of(
                        key("level", "b"), Kind.GAUGE, random.nextGaussian(), Double.MAX_VALUE));
        return points;
    }

    private static byte[] bytes(SignalWatch watch) throws Exception {
        var bytes = new ByteArrayOutputStream();
        watch.write(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    @Test
    void aRestartAtAnyIntervalChangesNotABit() throws Exception {
        var file = new WatchFile(data);
        var through = new SignalWatch(10, FROM);
        var stopped = new SignalWatch(10, FROM);
        var random = new Random(1);
        var stops = new Random(2);
        for (int i = 0; i < INTERVALS; i++) {
            List<SignalPoint> points = points(i, random, INTERVALS - 20, 0.2);
            for (int instance = 0; instance < 5; instance++) {
                points.add(
                        SignalPoint.of(
                                new SignalKey(
                                        Signals.LATENCY_P95, "prod", "a", "", "", "i" + instance),
                                Kind.GAUGE,
                                instance == i / 100 % 6 ? 3 : random.nextDouble(1, 1.1),
                                Double.MAX_VALUE));
            }
            var running = List.of(new SignalWatch.Ran("prod", "a", "v" + i / 200));
            through.interval(FROM + i * STEP, points, running, List.of());
            stopped.interval(FROM + i * STEP, points, running, List.of());
            if (stops.nextInt(100) == 0 || i == INTERVALS - 10) {
                file.write(stopped);
                stopped = java.util.Objects.requireNonNull(file.read(10));
            }
        }
        assertThat(bytes(stopped)).isEqualTo(bytes(through));
        assertThat(stopped.until()).isEqualTo(FROM + INTERVALS * STEP);
    }

    @Test
    void aTornOrOlderFileIsRefused() throws Exception {
        var file = new WatchFile(data);
        assertThat(file.read(10)).isNull();
        var watch = new SignalWatch(10, FROM);
        watch.interval(FROM, points(0, new Random(1), 1, 0.2), List.of());
        file.write(watch);
        Path at = data.resolve("state/anomaly.bin");
        byte[] good = Files.readAllBytes(at);
        for (int cut = 0; cut < good.length; cut += 997) {
            Files.write(at, java.util.Arrays.copyOf(good, cut));
            assertThatThrownBy(() -> file.read(10)).isInstanceOf(InputException.class);
        }
        byte[] bad = good.clone();
        bad[good.length / 2] ^= 1;
        Files.write(at, bad);
        assertThatThrownBy(() -> file.read(10))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("checksum");
    }

    @Test
    void onlyTheHeaviestSeriesAreWatched() {
        var watch = new SignalWatch(2, FROM);
        var points = new ArrayList<SignalPoint>();
        for (int i = 0; i < 5; i++) {
            points.add(
                    SignalPoint.of(key(Signals.REQUEST_RATE, "s" + i), Kind.COUNT, i * 10, i * 10));
        }
        assertThat(watch.interval(FROM, points, List.of()).leftOut()).isEqualTo(3);
        assertThat(watch.newest()).extracting(one -> one.key().service()).contains("s3", "s4");
        // a week without a word makes room
        var late = List.of(SignalPoint.of(key("level", "late"), Kind.GAUGE, 1, 1));
        long later = FROM + 8 * 86_400_000L;
        assertThat(watch.interval(later, late, List.of()).leftOut()).isZero();
    }

    /// Errors at 20 % from some interval on.
    private static List<Judged> judged(List<Mark> marks, int wrong) {
        var watch = new SignalWatch(10, FROM);
        var random = new Random(1);
        var judged = new ArrayList<Judged>();
        for (int i = 0; i < INTERVALS; i++) {
            judged.addAll(
                    watch.interval(FROM + i * STEP, points(i, random, wrong, 0.2), marks)
                            .anomalies());
        }
        return judged;
    }

    private static Mark mark(AnomalyMarks.Kind kind, String service) {
        return new Mark(1, kind, "", "prod", service, "", FROM, FROM + INTERVALS * STEP, "", 0);
    }

    @Test
    void anAnomalyIsToldWhenItLastsAndNotWherePeopleExpectIt() {
        int wrong = INTERVALS - 100;
        List<Judged> told = judged(List.of(), wrong).stream().filter(Judged::alerting).toList();
        assertThat(told).hasSizeGreaterThan(95);
        assertThat(told.getFirst().verdict().time())
                .isBetween(FROM + wrong * STEP, FROM + (wrong + 2) * STEP);
        assertThat(told.getLast().verdict().time()).isEqualTo(FROM + (INTERVALS - 1) * STEP);
        assertThat(told)
                .allSatisfy(one -> {
                    assertThat(one.key().signal()).isEqualTo(Signals.ERROR_RATIO);
                    assertThat(one.since()).isEqualTo(FROM + wrong * STEP);
                    assertThat(one.verdict().expected()).isLessThan(0.03);
                    assertThat(one.explanation()).contains("error_ratio of prod a /x is 0.");
                });
        List<Judged> expected = judged(List.of(mark(AnomalyMarks.Kind.EXPECTED, "a")), wrong);
        assertThat(expected).noneMatch(Judged::alerting);
        assertThat(expected).extracting(Judged::severity).contains("expected");
        assertThat(judged(List.of(mark(AnomalyMarks.Kind.EXPECTED, "b")), wrong))
                .anyMatch(Judged::alerting);
    }

    @Test
    void anExcludedTimeIsNeitherJudgedNorLearned() {
        assertThat(judged(List.of(mark(AnomalyMarks.Kind.EXCLUDED, "")), INTERVALS - 100))
                .isEmpty();
    }

    @Test
    void anIntervalIsJudgedOnce() {
        var watch = new SignalWatch(10, FROM);
        watch.interval(FROM, List.of(), List.of());
        assertThatThrownBy(() -> watch.interval(FROM, List.of(), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static List<Judged> judgedWithVersions(int deployed) {
        var watch = new SignalWatch(10, FROM);
        var random = new Random(1);
        var judged = new ArrayList<Judged>();
        for (int i = 0; i < INTERVALS; i++) {
            var running = new ArrayList<SignalWatch.Ran>();
            if (i < deployed + 1) { // both for an interval, as it is rolled
                running.add(new SignalWatch.Ran("prod", "a", "1.0"));
            }
            if (i >= deployed) {
                running.add(new SignalWatch.Ran("prod", "a", "1.1"));
            }
            judged.addAll(
                    watch.interval(
                                    FROM + i * STEP,
                                    points(i, random, INTERVALS - 100, 0.2),
                                    running,
                                    List.of())
                            .anomalies());
        }
        return judged;
    }

    @Test
    void aDeploymentIsNamedAndItsErrorsAreToldAllTheSame() {
        int wrong = INTERVALS - 100;
        List<Judged> told = judgedWithVersions(wrong).stream().filter(Judged::alerting).toList();
        assertThat(told.getFirst().verdict().time())
                .isBetween(FROM + wrong * STEP, FROM + (wrong + 2) * STEP);
        assertThat(told.getFirst().explanation())
                .endsWith(
                        "; version 1.1 came at "
                                + java.time.Instant.ofEpochMilli(FROM + wrong * STEP));
        assertThat(told.get(10).explanation()).doesNotContain("came at");
        assertThat(judgedWithVersions(600)).noneMatch(one -> one.explanation().contains("came at"));
    }

    /// Durations that double in eight hours are what the last minutes let expect, and twice what a
    /// week had, also one that had incidents; those that do so each day are not.
    @Test
    void whatGrowsSlowlyIsToldOfUnlessItDoesSoEachDay() {
        for (List<Judged> told : List.of(slowly(false, false), slowly(false, true))) {
            assertThat(told).isNotEmpty();
            assertThat(told.getFirst().verdict().actual()).isLessThan(0.36);
            assertThat(told.getFirst().explanation()).contains("any of the last week");
        }
        assertThat(slowly(true, false))
                .allMatch(one -> one.verdict().time() < FROM + 3 * 288 * STEP);
    }

    /// What is told of the last day, or, where durations grow daily, of all.
    ///
    /// @param incidents of an hour on the two days before
    private static List<Judged> slowly(boolean daily, boolean incidents) {
        var watch = new SignalWatch(10, FROM);
        var random = new Random(2);
        var told = new ArrayList<Judged>();
        for (int i = 0; i < INTERVALS; i++) {
            boolean last = i >= INTERVALS - 288;
            double hours = Math.clamp(i % 288 / 12.0 - 8, 0, 8);
            double factor = daily || last ? 1 + hours / 8 : 1;
            if (incidents && !last && i >= INTERVALS - 3 * 288 && i % 288 < 12) {
                factor = 3;
            }
            double seconds = factor * (0.2 + 0.004 * random.nextGaussian());
            var point =
                    SignalPoint.of(
                            key(Signals.LATENCY_P95, "a"), Kind.GAUGE, seconds, Double.MAX_VALUE);
            watch.interval(FROM + i * STEP, List.of(point), List.of()).anomalies().stream()
                    .filter(one -> one.alerting() && (daily || last))
                    .forEach(told::add);
        }
        return told;
    }

    /// By day up to 640 requests an interval with deviations of a tenth, at night 100 with those of
    /// chance: once the week is known, a fall to a tenth is told of at night, too, and nothing
    /// before it is.
    @Test
    void aFallAtNightIsToldOf() {
        Forall.of(5, 3, SignalWatchTest::fallAtNight);
    }

    private static void fallAtNight(Random random) {
        int fall = 14 * 288 + 36;
        var watch = new SignalWatch(10, FROM_DAY);
        var told = new ArrayList<Judged>();
        for (int i = 0; i < fall + 12; i++) {
            double day = Math.max(0, Math.sin(Math.PI * (i % 288 - 72) / 216));
            double usual = 100 + 540 * day * (1 + 0.1 * random.nextGaussian());
            double mean = i < fall ? usual : 0.1 * usual;
            double requests =
                    Math.max(0, Math.round(mean + Math.sqrt(mean) * random.nextGaussian()));
            var point =
                    SignalPoint.of(key(Signals.REQUEST_RATE, "a"), Kind.COUNT, requests, requests);
            watch.interval(FROM_DAY + i * STEP, List.of(point), List.of()).anomalies().stream()
                    .filter(one -> one.alerting() && one.verdict().time() > FROM_DAY + 8 * DAY)
                    .forEach(told::add);
        }
        assertThat(told).isNotEmpty();
        Judged first = told.getFirst();
        assertThat((first.verdict().time() - FROM_DAY) / STEP).isBetween((long) fall, fall + 2L);
        assertThat(first.low() * 300).isBetween(5.0, 75.0);
        assertThat(first.zScore()).isBetween(-12.0, -3.0);
    }

    /// A history that begins within an interval of a Saturday: office hours of workdays are told of
    /// once, the first time, and the interval that is not whole teaches nothing.
    @Test
    void officeHoursAreNewsOnce() {
        var random = new Random(4);
        long saturday = FROM_DAY + Math.floorMod(2 - FROM_DAY / DAY, 7L) * DAY;
        var watch = new SignalWatch(10, saturday);
        var daysTold = new TreeSet<Long>();
        for (int i = 0; i < 14 * 288; i++) {
            long time = saturday + i * STEP;
            boolean office = i / 288 % 7 > 1 && i % 288 > 96 && i % 288 < 216;
            double mean = i == 0 ? 30 : office ? 2000 : 180;
            double requests = Math.round(mean + Math.sqrt(mean) * random.nextGaussian());
            var point =
                    SignalPoint.of(key(Signals.REQUEST_RATE, "a"), Kind.COUNT, requests, requests);
            SignalWatch.Round round = watch.interval(time, List.of(point), List.of());
            assertThat(round.judged()).hasSize(i == 0 ? 0 : 1);
            if (i < 7 * 288) {
                assertThat(round.anomalies()).allMatch(one -> one.alerting() || !one.matters());
            }
            if (round.anomalies().stream().anyMatch(Judged::alerting)) {
                daysTold.add((time - saturday) / DAY);
            }
        }
        assertThat(daysTold).containsExactly(2L);
    }

    @Test
    void marksHoldForInstances() {
        for (boolean excluded : List.of(false, true)) {
            var watch = new SignalWatch(10, FROM);
            var kind = excluded ? AnomalyMarks.Kind.EXCLUDED : AnomalyMarks.Kind.EXPECTED;
            var told = new ArrayList<Judged>();
            for (int i = 0; i < 20; i++) {
                var points = new ArrayList<SignalPoint>();
                for (int instance = 0; instance < 5; instance++) {
                    points.add(
                            SignalPoint.of(
                                    new SignalKey(
                                            Signals.LATENCY_P95,
                                            "prod",
                                            "a",
                                            "",
                                            "",
                                            "i" + instance),
                                    Kind.GAUGE,
                                    instance == 2 ? 3 : 1,
                                    1));
                }
                // for the first ten intervals
                var mark = new Mark(1, kind, "", "prod", "a", "", FROM, FROM + 10 * STEP, "", 0);
                told.addAll(watch.interval(FROM + i * STEP, points, List.of(mark)).anomalies());
                assertThat(watch.newest().stream().anyMatch(Judged::alerting))
                        .as("interval %s", i)
                        .isEqualTo(excluded ? i > 10 : i >= 10);
            }
            assertThat(told.stream().filter(one -> one.severity().equals("expected")))
                    .hasSize(excluded ? 0 : 10);
        }
    }
}
