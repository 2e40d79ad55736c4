package dev.firn.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.ops.bench.incidents.IncidentBench;
import dev.firn.ops.load.Incident;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The load generator's incidents, of which detectors know nothing, and weeks without any.
class IncidentsTest {
    private static final IncidentBench.Run RUN = new IncidentBench.Run(5, 9, 7, 300);

    @Test
    void whatIsObviousIsToldWithinThreeIntervals() {
        List<IncidentBench.Found> obvious =
                IncidentBench.incidents(RUN).stream().filter(IncidentBench.Found::obvious).toList();
        assertThat(obvious.stream().map(IncidentBench.Found::kind).collect(Collectors.toSet()))
                .isEqualTo(EnumSet.range(Incident.Kind.LATENCY, Incident.Kind.BAD_DEPLOY));
        List<IncidentBench.Found> late =
                obvious.stream()
                        .filter(one -> one.intervals() == 0 || one.intervals() > 3)
                        .toList();
        assertThat(late).as("of %s", obvious.size()).isEmpty();
    }

    /// One of at least four is slow, wrong or idle; the others are not taken for it, nor
    /// deployments or crashes for incidents.
    @Test
    void oneInstanceThatIsNotAsItsPeersIsTold() {
        IncidentBench.OneInstance one =
                IncidentBench.oneInstance(new IncidentBench.Run(5, 2, 7, 300));
        assertThat(one.intervals()).hasSizeGreaterThan(40);
        // exports each five minutes: what an interval has may be of the one before
        assertThat(one.intervals().stream().filter(n -> n > 0 && n <= 4).count())
                .as("%s", one.intervals())
                .isGreaterThanOrEqualTo(one.intervals().size() * 9L / 10);
        assertThat(one.intervals()).doesNotContain(0);
        assertThat(one.falseAlarms()).hasSizeLessThanOrEqualTo(7);
    }

    @Test
    void cleanWeeksHaveAtMostOneFalseAlarmAServiceAndWeek() {
        IncidentBench.Clean clean = IncidentBench.clean(RUN);
        assertThat(clean.alarms()).hasSizeGreaterThan(10);
        assertThat(clean.alarms().values())
                .as("%s", clean.examples())
                .allSatisfy(alarms -> assertThat(alarms).isLessThanOrEqualTo(clean.weeks()));
    }
}
