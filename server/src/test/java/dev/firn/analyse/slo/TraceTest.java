package dev.firn.analyse.slo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.analyse.slo.Indicator.Good;
import dev.firn.base.Forall;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What is counted is what happened.
class TraceTest {
    private static final int ROUNDS = 10_000;
    private static final SloWindow.Span ALL =
            new SloWindow.Span(Trace.BASE, Trace.BASE + Trace.MINUTES + 1);
    private static final Map<String, String> SHOP = Map.of("service.name", "shop");

    private static Indicator indicator(Trace trace, boolean latency) {
        return new Indicator(
                List.of("requests"),
                trace.histogram() ? Indicator.Type.HISTOGRAM : Indicator.Type.COUNTER,
                "",
                List.of(new Matcher(List.of("code"), Matcher.Op.NOT_EQUALS, "404")),
                latency
                        ? new Good.Within(BigDecimal.valueOf(trace.threshold))
                        : new Good.AllBut(
                                List.of(
                                        new Matcher(
                                                List.of("status", "code"),
                                                Matcher.Op.MATCHES,
                                                "5.."))),
                List.of(List.of("service.name")));
    }

    private static Map<Long, MinuteCounts> count(
            Trace trace, Indicator indicator, SloWindow.Span span) {
        return MinuteCounter.count(indicator, trace, span, Trace.FIRST_POINT_MAX_AGE)
                .groups()
                .getOrDefault(SHOP, Map.of());
    }

    @Test
    void errorsAreTheOnesThatHappened() {
        Forall.of(
                ROUNDS,
                7,
                random -> {
                    var trace = new Trace(random);
                    var counted = count(trace, indicator(trace, false), ALL);
                    var expected = new ArrayList<List<Long>>();
                    var actual = new ArrayList<List<Long>>();
                    for (long minute = ALL.from(); minute < ALL.to(); minute++) {
                        MinuteCounts is = counted.getOrDefault(minute, MinuteCounts.NONE);
                        Trace.Truth[] truth = trace.truth(minute);
                        long good = truth[0].total;
                        expected.add(
                                List.of(
                                        good + truth[2].total,
                                        good,
                                        good,
                                        truth[0].unknown + truth[2].unknown));
                        actual.add(
                                List.of(
                                        is.total(),
                                        is.goodLower(),
                                        is.goodUpper(),
                                        is.unknownBaseline()));
                    }
                    assertThat(actual).isEqualTo(expected);
                });
    }

    @Test
    void fastOnesLieWithinTheBounds() {
        Forall.of(
                ROUNDS,
                8,
                random -> {
                    var trace = new Trace(random);
                    if (!trace.histogram()) {
                        return;
                    }
                    var counted = count(trace, indicator(trace, true), ALL);
                    for (long minute = ALL.from(); minute < ALL.to(); minute++) {
                        MinuteCounts is = counted.getOrDefault(minute, MinuteCounts.NONE);
                        Trace.Truth[] truth = trace.truth(minute);
                        long fast = truth[0].fast + truth[2].fast;
                        boolean holds =
                                is.total() == truth[0].total + truth[2].total
                                        && is.goodLower() <= fast
                                        && fast <= is.goodUpper()
                                        && is.goodLower() <= is.goodEstimate()
                                        && is.goodEstimate() <= is.goodUpper()
                                        && (!trace.exact() || is.goodUpper() == is.goodLower());
                        assertThat(holds).as("%s fast ones in %s", fast, is).isTrue();
                    }
                });
    }

    @Test
    void windowsBesideEachOtherAddUp() {
        Forall.of(
                ROUNDS / 10,
                9,
                random -> {
                    var trace = new Trace(random);
                    var indicator = indicator(trace, trace.histogram());
                    long cut = ALL.from() + 1 + random.nextInt(Trace.MINUTES);
                    var parts =
                            new TreeMap<>(
                                    count(trace, indicator, new SloWindow.Span(ALL.from(), cut)));
                    parts.putAll(count(trace, indicator, new SloWindow.Span(cut, ALL.to())));
                    assertThat(parts).isEqualTo(count(trace, indicator, ALL));
                    var minutes = new Minutes();
                    parts.forEach(minutes::put);
                    MinuteCounts left = minutes.sum(new SloWindow.Span(ALL.from(), cut));
                    MinuteCounts right = minutes.sum(new SloWindow.Span(cut, ALL.to()));
                    MinuteCounts both = minutes.sum(ALL);
                    assertThat(left.total() + right.total()).isEqualTo(both.total());
                    assertThat(left.goodLower() + right.goodLower()).isEqualTo(both.goodLower());
                    assertThat(left.goodUpper() + right.goodUpper()).isEqualTo(both.goodUpper());
                });
    }

    @Test
    void latePointsChangeOnlyWhatTheyTouch() {
        Forall.of(
                ROUNDS / 10,
                10,
                random -> {
                    var trace = new Trace(random);
                    var indicator = indicator(trace, trace.histogram());
                    trace.delay();
                    var minutes = new Minutes();
                    count(trace, indicator, ALL).forEach(minutes::put);
                    for (SloWindow.Span span : trace.arrive()) {
                        minutes.replace(span, count(trace, indicator, span));
                    }
                    assertThat(minutes.all()).isEqualTo(count(trace, indicator, ALL));
                });
    }

    @Test
    void sumsOverDaysAreSumsOverMinutes() {
        Forall.of(
                200,
                11,
                random -> {
                    var minutes = new Minutes();
                    var naive = new TreeMap<Long, Long>();
                    for (int i = 0; i < 300; i++) {
                        long minute = Trace.BASE + random.nextInt(5 * 1440);
                        long total = random.nextInt(100);
                        minutes.put(
                                minute,
                                MinuteCounts.of(total, dev.firn.model.EventBounds.exact(total)));
                        naive.put(minute, total);
                        if (i % 10 == 0) {
                            compare(minutes, naive, random);
                        }
                    }
                });
    }

    private static void compare(Minutes minutes, TreeMap<Long, Long> naive, Random random) {
        long from = Trace.BASE - 100 + random.nextInt(5 * 1440);
        long to = from + 1 + random.nextInt(5 * 1440);
        assertThat(minutes.sum(new SloWindow.Span(from, to)).total())
                .isEqualTo(naive.subMap(from, to).values().stream().mapToLong(x -> x).sum());
    }
}
