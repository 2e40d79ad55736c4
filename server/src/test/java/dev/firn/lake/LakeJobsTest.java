package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The lake's upkeep comes in its time, one job after the other.
final class LakeJobsTest {
    private static final long MINUTE = 60_000_000_000L;

    private final List<String> ran = new ArrayList<>();
    private final OwnMetrics own = new OwnMetrics();
    private long ticks;

    private final Clock clock =
            new Clock() {
                @Override
                public long nanos() {
                    return ticks;
                }

                @Override
                public long ticks() {
                    return ticks;
                }
            };

    private record Job(String name, Duration every, Runnable work) implements LakeJob {
        @Override
        public void run(LakePace pace) {
            work.run();
        }
    }

    private Job job(String name, int minutes) {
        return new Job(name, Duration.ofMinutes(minutes), () -> ran.add(name));
    }

    private LakeJobs jobs(LakeJob... jobs) {
        return new LakeJobs(List.of(jobs), new LakePace.Limits(0.5, 0), clock, new Random(1), own);
    }

    private void minutes(LakeJobs jobs, int minutes) throws InterruptedException {
        for (int minute = 0; minute < minutes; minute++) {
            ticks += MINUTE;
            while (jobs.runDue()) {}
        }
    }

    private long count(String name) {
        return ran.stream().filter(name::equals).count();
    }

    @Test
    void eachComesInItsTimeAndARareOneSoonAfterTheStart() throws InterruptedException {
        LakeJobs jobs = jobs(job("often", 10), job("rare", 7 * 24 * 60));
        minutes(jobs, 6);
        assertThat(count("rare")).as("runs of a weekly job in the first minutes").isEqualTo(1);
        minutes(jobs, 24 * 60);
        assertThat(count("rare")).isEqualTo(1);
        assertThat(count("often")).isBetween(24 * 6 - 20L, 24 * 6 + 20L);
    }

    @Test
    void aFailedRunIsCountedAndComesAgainAndHoldsUpNoOther() throws InterruptedException {
        var fails =
                new Job(
                        "fails",
                        Duration.ofMinutes(10),
                        () -> {
                            throw new WorldException("no disk");
                        });
        minutes(jobs(fails, job("other", 10)), 60);
        assertThat(count("other")).isBetween(5L, 8L);
        String page = new String(own.page(), StandardCharsets.UTF_8);
        assertThat(page)
                .containsPattern(
                        "firn_lake_job_runs_total\\{job=\"fails\",outcome=\"failed\"\\} [5-8]")
                .contains("firn_lake_job_runs_total{job=\"fails\",outcome=\"done\"} 0.0")
                .contains("firn_lake_job_running{job=\"fails\"} 0.0");
    }
}
