package dev.firn.analyse.slo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.firn.analyse.slo.AlertWindows.Severity;
import dev.firn.analyse.slo.SloResult.Status;
import dev.firn.model.EventBounds;
import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EvaluationTest {
    private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");
    private static final long DAY = 1440;
    private static final long NOW = 29_000_160; // a midnight
    private static final SloWindow MONTH = new SloWindow.Rolling(30 * DAY);
    private static final AlertWindows WINDOWS =
            new AlertWindows(
                    "google-30d",
                    30 * DAY,
                    List.of(
                            new AlertWindows.Pair(Severity.PAGE, 2, 5, 60),
                            new AlertWindows.Pair(Severity.PAGE, 5, 30, 360),
                            new AlertWindows.Pair(Severity.TICKET, 10, 120, 1440),
                            new AlertWindows.Pair(Severity.TICKET, 10, 360, 4320)));

    private static Slo slo(String target, SloWindow window, Budgeting budgeting) {
        var indicator =
                new Indicator(
                        List.of("http.server.request.duration"),
                        Indicator.Type.HISTOGRAM,
                        "s",
                        List.of(),
                        new Indicator.Good.Within(new BigDecimal("0.5")),
                        List.of());
        return new Slo(
                "checkout-latency",
                "",
                "",
                "checkout",
                indicator,
                new BigDecimal(target),
                window,
                budgeting,
                Slo.Alerting.BOTH,
                Map.of(),
                "test:1");
    }

    private static Slo slo(String target) {
        return slo(target, MONTH, new Budgeting.Occurrences());
    }

    private static SloResult at(Slo slo, Minutes minutes, long asOf) {
        return Evaluation.at(slo, Map.of(), minutes, asOf, WINDOWS);
    }

    private static MinuteCounts events(long total, long bad) {
        return MinuteCounts.of(total, EventBounds.exact(total - bad));
    }

    private static void fill(Minutes minutes, long from, long to, long total, long bad) {
        for (long minute = from; minute < to; minute++) {
            minutes.put(minute, events(total, bad));
        }
    }

    private static List<AlertDecision.State> alerts(SloResult result) {
        return result.alerts().stream().map(AlertDecision::state).toList();
    }

    @Test
    void nightsWithoutTrafficDoNotWeighAsMuchAsDays() {
        var minutes = new Minutes();
        for (long minute = NOW - 30 * DAY; minute < NOW; minute++) {
            boolean day = Math.floorMod(minute, DAY) < DAY / 2;
            minutes.put(minute, day ? events(60_000, 30) : events(60, 6));
        }
        SloResult result = at(slo("0.999"), minutes, NOW);
        assertThat(result.events().total()).isEqualTo(30L * 720 * 60_060);
        assertThat(result.events().total() - result.events().goodLower()).isEqualTo(30L * 720 * 36);
        assertThat(1 - result.sli().estimate()).isCloseTo(0.000599, within(0.0000005));
        assertThat(result.status()).isEqualTo(Status.MET);
        assertThat(result.tier()).isEqualTo("99.9%");
        Slo averaged =
                slo("0.999", MONTH, new Budgeting.RatioTimeslices(5, Budgeting.Empty.IGNORE));
        SloResult average = at(averaged, minutes, NOW);
        assertThat(1 - average.sli().estimate()).isCloseTo(0.05025, within(0.000001));
        assertThat(average.status()).isEqualTo(Status.BREACHED);
    }

    @Test
    void exactlyTheTargetIsMet() {
        var minutes = new Minutes();
        minutes.put(NOW - 1, events(1000, 1));
        assertThat(at(slo("0.999"), minutes, NOW).status()).isEqualTo(Status.MET);
        minutes.put(NOW - 1, events(1000, 2));
        SloResult result = at(slo("0.999"), minutes, NOW);
        assertThat(result.status()).isEqualTo(Status.BREACHED);
        assertThat(result.budget().soFar().estimate()).isCloseTo(-1, within(1e-9));
        assertThat(result.minutesToExhaustion()).isZero();
    }

    @Test
    void eventsInDoubtLeaveItUndeterminedWithAdvice() {
        var minutes = new Minutes();
        minutes.put(NOW - 1, MinuteCounts.of(1000, new EventBounds(930, 970, 955, 0.25, 1)));
        SloResult result = at(slo("0.95"), minutes, NOW);
        assertThat(result.status()).isEqualTo(Status.UNDETERMINED);
        assertThat(result.advice())
                .isEqualTo(
                        "0.5 lies inside the histogram's bucket (0.25, 1]: between 93.0000 % and"
                                + " 97.0000 % are good; give the histogram a bound at 0.5, or set"
                                + " the threshold to 0.25 (then it is breached) or 1 (then it is"
                                + " met)");
        assertThat(at(slo("0.93"), minutes, NOW).status()).isEqualTo(Status.MET);
        assertThat(at(slo("0.98"), minutes, NOW).status()).isEqualTo(Status.BREACHED);
    }

    @Test
    void withoutTrafficNothingIsSaid() {
        var minutes = new Minutes();
        fill(minutes, NOW - DAY, NOW, 0, 0);
        SloResult result = at(slo("0.999"), minutes, NOW);
        assertThat(result.status()).isEqualTo(Status.UNDETERMINED);
        assertThat(result.advice()).isEqualTo("no event was counted in the window");
        assertThat(result.sli().estimate()).isNaN();
        assertThat(result.tier()).isEmpty();
        assertThat(result.minutesToExhaustion()).isNaN();
        assertThat(result.coverage()).isCloseTo(1 / 30.0, within(1e-9));
        assertThat(alerts(result)).containsOnly(AlertDecision.State.QUIET);
    }

    @Test
    void threeRequestsADayPageNobody() {
        var minutes = new Minutes();
        fill(minutes, NOW - 30 * DAY, NOW, 0, 0);
        for (long day = 1; day <= 30; day++) {
            for (long at : new long[] {5, 500, 1000}) {
                minutes.put(NOW - day * DAY + at, events(1, 0));
            }
        }
        minutes.put(NOW - 3, events(1, 1));
        SloResult result = at(slo("0.999"), minutes, NOW);
        assertThat(alerts(result)).containsOnly(AlertDecision.State.INSUFFICIENT_DATA);
        assertThat(result.coverage()).isEqualTo(1);
        assertThat(result.status()).isEqualTo(Status.BREACHED); // 90 of 91
    }

    @Test
    void aYoungServiceSaysHowMuchOfTheWindowItSaw() {
        var minutes = new Minutes();
        fill(minutes, NOW - DAY, NOW, 1000, 0);
        SloResult young = at(slo("0.999"), minutes, NOW);
        assertThat(young.coverage()).isCloseTo(1 / 30.0, within(1e-9));
        assertThat(young.status()).isEqualTo(Status.MET);
        assertThat(young.minutesToExhaustion()).isInfinite();
        // from now on 0.4 % fail: a burn of 4
        long fired = 0;
        for (long minute = NOW; fired == 0; minute++) {
            minutes.put(minute, events(1000, 4));
            if (alerts(at(slo("0.999"), minutes, minute + 1)).get(1)
                    == AlertDecision.State.FIRING) {
                fired = minute + 1 - NOW;
            }
        }
        // 10 % of 30 days' budget at a burn of 4 are 1080 minutes, as for an old service; three
        // days'
        // window with what one day held would have fired after 480
        assertThat(fired).isEqualTo(1081);
    }

    @Test
    void monthsAreAsLongAsTheyAreInNewYork() {
        var month =
                new SloWindow.Calendar(
                        SloWindow.Unit.MONTH, 1, LocalDateTime.of(2024, 1, 1, 0, 0), NEW_YORK);
        assertThat(length(month, 2026, 3)).isEqualTo(31 * DAY - 60);
        assertThat(length(month, 2026, 11)).isEqualTo(30 * DAY + 60);
        assertThat(length(month, 2026, 2)).isEqualTo(28 * DAY);
        assertThat(length(month, 2024, 2)).isEqualTo(29 * DAY);
        assertThat(length(month, 2019, 7)).isEqualTo(31 * DAY); // before the start
    }

    private static long length(SloWindow window, int year, int monthOfYear) {
        long first = minute(ZonedDateTime.of(year, monthOfYear, 1, 0, 0, 0, 0, NEW_YORK));
        long next =
                minute(ZonedDateTime.of(year, monthOfYear, 1, 0, 0, 0, 0, NEW_YORK).plusMonths(1));
        var span = new SloWindow.Span(first, next);
        for (long at = first; at < next; at += 7) {
            assertThat(window.at(at)).isEqualTo(span);
        }
        assertThat(window.at(first - 1).to()).isEqualTo(first);
        assertThat(window.at(next).from()).isEqualTo(next);
        return span.minutes();
    }

    private static long minute(ZonedDateTime time) {
        return time.toEpochSecond() / 60;
    }

    @Test
    void daysWithAChangeOfClocksCountAllTheirMinutes() {
        var day =
                new SloWindow.Calendar(
                        SloWindow.Unit.DAY, 1, LocalDateTime.of(2026, 1, 1, 2, 30), NEW_YORK);
        // 2:30 does not exist on 8 March: the period begins when clocks show 3:30
        long spring = minute(ZonedDateTime.of(2026, 3, 8, 12, 0, 0, 0, NEW_YORK));
        assertThat(day.at(spring).minutes()).isEqualTo(23 * 60);
        long autumn = minute(ZonedDateTime.of(2026, 10, 31, 12, 0, 0, 0, NEW_YORK));
        assertThat(day.at(autumn).minutes()).isEqualTo(25 * 60);
        var minutes = new Minutes();
        SloWindow.Span span = day.at(autumn);
        fill(minutes, span.from(), span.to(), 1, 0);
        assertThat(at(slo("0.9", day, new Budgeting.Occurrences()), minutes, span.to() - 1))
                .satisfies(result -> {
                    assertThat(result.events().total()).isEqualTo(25 * 60 - 1);
                    assertThat(result.coverage()).isEqualTo(1);
                });
    }

    @Test
    void aBudgetOfAMonthIsNotSpentByItsFirstBadHour() {
        var month =
                new SloWindow.Calendar(
                        SloWindow.Unit.MONTH, 1, LocalDateTime.of(2026, 1, 1, 0, 0), NEW_YORK);
        long begin = minute(ZonedDateTime.of(2026, 4, 1, 0, 0, 0, 0, NEW_YORK));
        var minutes = new Minutes();
        Slo slo = slo("0.99", month, new Budgeting.Occurrences());
        assertThat(at(slo, minutes, begin).status()).isEqualTo(Status.UNDETERMINED);
        fill(minutes, begin, begin + 72 * 60, 100, 2);
        SloResult result = at(slo, minutes, begin + 72 * 60);
        assertThat(result.budget().soFar().estimate()).isCloseTo(-1, within(1e-9));
        assertThat(result.budget().period()).isCloseTo(0.8, within(1e-9)); // 3 of 30 days at 2
        // 80 % of a month's budget at a burn of 2
        assertThat(result.minutesToExhaustion()).isCloseTo(12 * DAY, within(1e-6));
    }

    @Test
    void slicesAreJudgedOneByOne() {
        var minutes = new Minutes();
        fill(minutes, NOW - 60, NOW - 30, 100, 0);
        fill(minutes, NOW - 30, NOW - 20, 1, 1); // two bad slices of little traffic
        var hour = new SloWindow.Rolling(60);
        assertThat(slices(minutes, hour, Budgeting.Empty.IGNORE)).isEqualTo(6 / 8.0);
        assertThat(slices(minutes, hour, Budgeting.Empty.GOOD)).isEqualTo(10 / 12.0);
        assertThat(slices(minutes, hour, Budgeting.Empty.BAD)).isEqualTo(6 / 12.0);
        assertThat(slices(minutes, hour, Budgeting.Empty.IGNORE))
                .as("events: 3000 of 3010")
                .isNotEqualTo(3000 / 3010.0);
    }

    private static double slices(Minutes minutes, SloWindow window, Budgeting.Empty empty) {
        var budgeting = new Budgeting.Timeslices(new BigDecimal("0.99"), 5, empty);
        return at(slo("0.8", window, budgeting), minutes, NOW).sli().estimate();
    }

    /// Minutes to the first page and ticket after three clean days, as the formula of the workbook
    /// has them: long window × factor / burn, and the moment after it.
    @Test
    void alertsFireWhenTheirShareOfTheBudgetIsSpent() {
        assertThat(fires(1000)).containsExactly(1L, 5L);
        assertThat(fires(100)).containsExactly(9L, 44L);
        assertThat(fires(20)).containsExactly(44L, 217L);
        assertThat(fires(8)).containsExactly(271L, 541L);
        assertThat(fires(4)).containsExactly(0L, 1081L);
    }

    private static List<Long> fires(int burn) {
        var minutes = new Minutes();
        fill(minutes, NOW - 3 * DAY, NOW, 1_000_000, 0);
        long page = 0;
        long ticket = 0;
        for (long at = 1; at <= 1200 && (page == 0 || ticket == 0); at++) {
            minutes.put(NOW + at - 1, events(1_000_000, 1000L * burn));
            var states = alerts(at(slo("0.999"), minutes, NOW + at));
            page = page == 0 && states.get(0) == AlertDecision.State.FIRING ? at : page;
            ticket = ticket == 0 && states.get(1) == AlertDecision.State.FIRING ? at : ticket;
        }
        return List.of(page, ticket);
    }
}
