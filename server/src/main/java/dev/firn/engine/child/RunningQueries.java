package dev.firn.engine.child;

import dev.firn.engine.child.Engine.Role;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/// The queries in progress: how many there may be, and which to stop at the end. Internal ones have
/// places of their own, so that readers cannot keep rows from being stored.
final class RunningQueries {
    private final int max;
    private final Semaphore readers;
    private final Semaphore internals;
    private final Set<String> marks = ConcurrentHashMap.newKeySet();

    RunningQueries(int max) {
        this.max = max;
        this.readers = new Semaphore(max);
        this.internals = new Semaphore(max);
    }

    /// A place among the running queries; given back by closing.
    final class Place implements AutoCloseable {
        private final Semaphore semaphore;
        private final String mark;

        private Place(Semaphore semaphore, String mark) {
            this.semaphore = semaphore;
            this.mark = mark;
            marks.add(mark);
        }

        @Override
        public void close() {
            marks.remove(mark);
            semaphore.release();
        }
    }

    Place enter(Role role, String mark) {
        var semaphore =
                switch (role) {
                    case READER, ADMIN -> readers;
                    case INTERNAL -> internals;
                };
        if (!semaphore.tryAcquire()) {
            throw EngineException.of(
                    EngineException.TOO_MANY_SIMULTANEOUS_QUERIES,
                    "TOO_MANY_SIMULTANEOUS_QUERIES",
                    "Too many simultaneous queries. Maximum: " + max + "; try again in a moment");
        }
        return new Place(semaphore, mark);
    }

    Set<String> marks() {
        return Set.copyOf(marks);
    }
}
