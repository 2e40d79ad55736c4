package dev.firn.export.send;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.RetryConfig;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RetryScheduleTest {
    @Test
    void waitsGrowUpToTheLimitAndAreSpread() {
        var config = new RetryConfig(true, 1_000, 0.5, 2, 5_000, 0);
        long[] intervals = {1_000, 2_000, 4_000, 5_000, 5_000};
        boolean differed = false;
        for (int seed = 0; seed < 100; seed++) {
            var schedule = new RetrySchedule(config, new Random(seed));
            for (long interval : intervals) {
                long wait = schedule.next();
                assertThat(wait).isBetween(interval / 2, interval * 3 / 2);
                differed |= wait != interval;
            }
        }
        assertThat(differed).isTrue();
    }
}
