package dev.firn;

import dev.firn.base.Clock;
import dev.firn.base.WorldException;
import dev.firn.engine.EngineSink;
import dev.firn.wal.Wal;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Up to which time the engine has all points that were acknowledged before it: a moment after
/// which the log was cut, once the engine has that cut.
final class CompleteTime implements LongSupplier {
    private static final Logger LOG = LoggerFactory.getLogger(CompleteTime.class);

    /// Between two cuts that are asked for.
    private static final long PAUSE_MILLIS = 5_000;

    /// How long after their time points of other writers are expected in the lake, and so here.
    private static final long FOLLOWER_MILLIS = 120_000;

    private final Wal wal;
    private final EngineRoom engine;
    private final Clock clock;
    private long complete;
    private long cut;
    private long cutMillis;

    CompleteTime(Wal wal, EngineRoom engine, Clock clock) {
        this.wal = wal;
        this.engine = engine;
        this.clock = clock;
    }

    /// Milliseconds since 1970. Safe for several threads.
    @Override
    public synchronized long getAsLong() {
        EngineSink sink = engine.sink();
        long now = clock.millis();
        if (sink == null) {
            if (engine.applied() != 0) { // at rest: it shows the newest snapshot
                complete = Math.max(complete, now - FOLLOWER_MILLIS);
            }
            return complete;
        }
        if (cutMillis > 0 && sink.done() >= cut) {
            complete = cutMillis;
            cutMillis = 0;
        }
        if (cutMillis == 0 && now - complete >= PAUSE_MILLIS) {
            try {
                cut = wal.cutNow();
                cutMillis = now;
            } catch (WorldException e) {
                LOG.debug("cannot cut the log", e); // it says so itself
            }
        }
        return complete;
    }
}
