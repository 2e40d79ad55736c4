package dev.firn.engine;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the statements of a computation. What the engine has too little memory for is divided by
/// its series, then by its windows; one window that a statement may not have the memory for even so
/// is set aside, because trying again would not mend it.
final class RollupStatements {
    private static final Logger LOG = LoggerFactory.getLogger(RollupStatements.class);
    private static final long LOG_SECONDS = 30;
    private static final int MEMORY_LIMIT_EXCEEDED = 241;

    /// In messages about the memory of all statements together, of which more may be free later.
    private static final String OF_ALL = "(total)";

    /// Of the series of one computation, by another hash than those of [RollupSql#parts].
    private static final int PARTS_MAX = 256;

    private final Runner runner;
    private final Failpoint failpoint;
    private final Throttle asideLog;
    private final Counter divided;
    private final Counter aside;

    /// The engine.
    interface Runner {
        void execute(String statement) throws InterruptedException;
    }

    /// Makes statements for series and times.
    interface Rollup {
        List<String> statements(String keys, long from, long to);
    }

    RollupStatements(Runner runner, Clock clock, OwnMetrics metrics, Failpoint failpoint) {
        this.runner = runner;
        this.failpoint = failpoint;
        this.asideLog = new Throttle(clock, LOG_SECONDS);
        this.divided =
                metrics.counter(
                        "firn_rollup_divided",
                        "Computations that were divided because the engine had too little memory.");
        this.aside =
                metrics.counter(
                        "firn_rollup_windows_aside",
                        "Windows that were not computed for some series because a statement may"
                                + " not have the memory.");
    }

    /// @param table that rows are computed for
    /// @param keys condition on (metric_id, series_id)
    /// @param from start of the first window, seconds
    /// @param to end of the last
    /// @param window seconds of one
    void run(String table, String keys, long from, long to, long window, Rollup rollup)
            throws InterruptedException {
        new Run(table, keys, window, rollup).part(1, 0, from, to);
    }

    private final class Run {
        private final String table;
        private final String keys;
        private final long window;
        private final Rollup rollup;

        Run(String table, String keys, long window, Rollup rollup) {
            this.table = table;
            this.keys = keys;
            this.window = window;
            this.rollup = rollup;
        }

        /// One of so many parts of the series.
        void part(int parts, int part, long from, long to) throws InterruptedException {
            String some =
                    parts == 1
                            ? keys
                            : keys + " AND sipHash64(series_id) %% %d = %d".formatted(parts, part);
            try {
                for (String statement : rollup.statements(some, from, to)) {
                    runner.execute(statement);
                    failpoint.reach(table);
                }
            } catch (EngineException e) {
                if (e.code() != MEMORY_LIMIT_EXCEEDED) {
                    throw e;
                }
                divide(parts, part, from, to, e);
            }
        }

        private void divide(int parts, int part, long from, long to, EngineException e)
                throws InterruptedException {
            long half = from + (to - from) / window / 2 * window;
            if (parts < PARTS_MAX) {
                divided.inc();
                part(parts * 2, part, from, to);
                part(parts * 2, part + parts, from, to);
            } else if (half > from) {
                divided.inc();
                part(parts, part, from, half);
                part(parts, part, half, to);
            } else if (String.valueOf(e.getMessage()).contains(OF_ALL)) {
                throw e;
            } else {
                setAside(from, e);
            }
        }

        private void setAside(long from, EngineException e) {
            aside.inc();
            long dropped = asideLog.permit();
            if (dropped >= 0) {
                LOG.error(
                        "cannot compute the window at {} of {} for all of its series: a statement"
                                + " may not have the memory; raise memory.max ({} such"
                                + " messages dropped): {}",
                        from,
                        table,
                        dropped,
                        e.getMessage());
            }
        }
    }
}
