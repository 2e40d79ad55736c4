package dev.firn.engine.child;

import dev.firn.engine.child.Engine.Role;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/// The queries in progress: how many there may be, and which to stop at the end. Internal ones have
/// places of their own, so that readers cannot keep rows from being stored.
final class RunningQueries {
    private final int max;
    private final int perUser;
    private final Map<String, Integer> ofUsers = new ConcurrentHashMap<>();
    private final Semaphore readers;
    private final Semaphore internals;
    private final Set<String> marks = ConcurrentHashMap.newKeySet();

    /// @param perUser those of one user's; Firn's own have none
    RunningQueries(int max, int perUser) {
        this.max = max;
        this.perUser = perUser;
        this.readers = new Semaphore(max);
        this.internals = new Semaphore(max);
    }

    /// A place among the running queries; given back by closing.
    final class Place implements AutoCloseable {
        private final Semaphore semaphore;
        private final String user;
        private final String mark;

        private Place(Semaphore semaphore, String user, String mark) {
            this.semaphore = semaphore;
            this.user = user;
            this.mark = mark;
            marks.add(mark);
        }

        @Override
        public void close() {
            marks.remove(mark);
            leave(user);
            semaphore.release();
        }
    }

    /// @param user name or address, "" for Firn itself
    Place enter(Role role, String user, String mark) {
        var semaphore =
                switch (role) {
                    case READER, ADMIN -> readers;
                    case INTERNAL -> internals;
                };
        if (!comes(user)) {
            throw tooMany("of " + user + ". Maximum: " + perUser + " (engine.queries_per_user)");
        }
        if (!semaphore.tryAcquire()) {
            leave(user);
            throw tooMany("of all together. Maximum: " + max + " (engine.queries_max)");
        }
        return new Place(semaphore, user, mark);
    }

    private static EngineException tooMany(String what) {
        return EngineException.of(
                EngineException.TOO_MANY_SIMULTANEOUS_QUERIES,
                "TOO_MANY_SIMULTANEOUS_QUERIES",
                "Too many simultaneous queries " + what + "; try again in a moment");
    }

    private boolean comes(String user) {
        if (user.isEmpty()) {
            return true;
        }
        var admitted = new boolean[1];
        ofUsers.compute(
                user,
                (_, now) -> {
                    int count = now == null ? 0 : now;
                    admitted[0] = count < perUser;
                    return count == 0 && !admitted[0] ? null : count + (admitted[0] ? 1 : 0);
                });
        return admitted[0];
    }

    private void leave(String user) {
        ofUsers.computeIfPresent(user, (_, now) -> now == 1 ? null : now - 1);
    }

    Set<String> marks() {
        return Set.copyOf(marks);
    }
}
