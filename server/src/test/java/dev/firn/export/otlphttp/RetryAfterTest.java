package dev.firn.export.otlphttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import org.junit.jupiter.api.Test;

class RetryAfterTest {
    private static final Clock CLOCK =
            new Clock() {
                @Override
                public long nanos() {
                    return 1_445_412_480_000_000_000L; // 2015-10-21T07:28:00Z
                }

                @Override
                public long ticks() {
                    return 0;
                }
            };

    @Test
    void secondsAndDatesAreRead() {
        assertThat(RetryAfter.nanos("120", CLOCK)).hasValue(120_000_000_000L);
        assertThat(RetryAfter.nanos("0", CLOCK)).hasValue(0);
        assertThat(RetryAfter.nanos("Wed, 21 Oct 2015 07:28:10 GMT", CLOCK))
                .hasValue(10_000_000_000L);
        assertThat(RetryAfter.nanos("Wed, 21 Oct 2015 07:00:00 GMT", CLOCK)).hasValue(0);
        assertThat(RetryAfter.nanos("999999999", CLOCK)).hasValue(86_400_000_000_000L);
        assertThat(RetryAfter.nanos("soon", CLOCK)).isEmpty();
        assertThat(RetryAfter.nanos("", CLOCK)).isEmpty();
    }
}
