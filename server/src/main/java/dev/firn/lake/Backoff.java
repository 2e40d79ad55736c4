package dev.firn.lake;

import java.util.random.RandomGenerator;

/// Pauses between attempts: doubling, with full jitter, so that writers that collided spread out.
///
/// @param firstMillis upper bound of the first pause
/// @param pauseMaxMillis upper bound of any pause
public record Backoff(RandomGenerator random, long firstMillis, long pauseMaxMillis) {
    public Backoff {
        if (firstMillis < 0 || pauseMaxMillis < firstMillis) {
            throw new IllegalArgumentException(
                    "pauses grow from " + firstMillis + " to " + pauseMaxMillis + " ms");
        }
    }

    /// The same with pauses that grow to `factor` times as long.
    Backoff longer(int factor) {
        return new Backoff(random, firstMillis, pauseMaxMillis * factor);
    }

    /// How long to wait after attempt number `attempt`, counted from 0.
    public long pauseMillis(int attempt) {
        long bound = Math.min(pauseMaxMillis, firstMillis << Math.min(attempt, 20));
        return random.nextLong(bound + 1);
    }
}
