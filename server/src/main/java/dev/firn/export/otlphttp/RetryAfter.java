package dev.firn.export.otlphttp;

import dev.firn.base.Clock;
import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.OptionalLong;

/// The header `Retry-After`: seconds or a date (RFC 9110 section 10.2.3).
final class RetryAfter {
    private static final long SECOND = 1_000_000_000L;
    private static final long SECONDS_MAX = 86_400;

    private RetryAfter() {}

    static OptionalLong nanos(HttpHeaders headers, Clock clock) {
        Optional<String> value = headers.firstValue("Retry-After");
        return value.isEmpty() ? OptionalLong.empty() : nanos(value.get().strip(), clock);
    }

    static OptionalLong nanos(String value, Clock clock) {
        if (value.matches("[0-9]{1,9}")) {
            return OptionalLong.of(SECOND * Math.min(Long.parseLong(value), SECONDS_MAX));
        }
        try {
            Instant at =
                    ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            long seconds = at.getEpochSecond() - clock.nanos() / SECOND;
            return OptionalLong.of(SECOND * Math.clamp(seconds, 0, SECONDS_MAX));
        } catch (DateTimeException e) {
            return OptionalLong.empty();
        }
    }
}
