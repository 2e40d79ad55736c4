package dev.firn.web;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// How many requests of each asker run. Thread-safe.
final class RunningRequests {
    private final int max;
    private final ConcurrentMap<String, Integer> running = new ConcurrentHashMap<>();

    /// @param max of one asker at once
    RunningRequests(int max) {
        this.max = max;
    }

    int max() {
        return max;
    }

    /// Whether one more may run; then it must [#leave].
    boolean enter(String asker) {
        boolean[] entered = {false};
        running.compute(
                asker,
                (_, before) -> {
                    int count = before == null ? 0 : before;
                    entered[0] = count < max;
                    return entered[0] ? Integer.valueOf(count + 1) : before;
                });
        return entered[0];
    }

    void leave(String asker) {
        running.compute(asker, (_, before) -> before == null || before == 1 ? null : before - 1);
    }
}
