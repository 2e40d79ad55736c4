package dev.firn.base.security;

import dev.firn.base.Clock;
import java.util.LinkedHashMap;
import java.util.Map;

/// Slows down who guesses passwords: after [#FREE] wrong ones of an address for a user, it waits.
/// Others are not locked out by that.
final class FailedLogins {
    static final int FREE = 5;
    static final int WAIT_SECONDS = 30;
    private static final int REMEMBERED_MAX = 10_000;

    private record Pair(String from, String name) {}

    private record Failures(int count, long lastTicks) {}

    private final Clock clock;
    private final Map<Pair, Failures> failures =
            new LinkedHashMap<>(64, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Pair, Failures> eldest) {
                    return size() > REMEMBERED_MAX;
                }
            };

    FailedLogins(Clock clock) {
        this.clock = clock;
    }

    private long passedSeconds(Failures one) {
        return (clock.ticks() - one.lastTicks) / 1_000_000_000L;
    }

    /// Seconds until the next password is looked at; 0: now.
    synchronized int waiting(String from, String name) {
        Failures one = failures.get(new Pair(from, name));
        return one == null || one.count < FREE
                ? 0
                : (int) Math.max(0, WAIT_SECONDS - passedSeconds(one));
    }

    synchronized void failed(String from, String name) {
        failures.merge(
                new Pair(from, name),
                new Failures(1, clock.ticks()),
                (before, now) -> {
                    boolean over = before.count >= FREE; // it has waited: again from the start
                    return new Failures(over ? 1 : before.count + 1, now.lastTicks);
                });
    }

    synchronized void succeeded(String from, String name) {
        failures.remove(new Pair(from, name));
    }
}
