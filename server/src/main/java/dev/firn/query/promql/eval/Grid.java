package dev.firn.query.promql.eval;

/// The times of an evaluation in milliseconds: `start`, `start + step`, … up to `end`.
record Grid(long start, long end, long step) {
    /// More steps are refused.
    static final int STEPS_MAX = 1_000_000;

    Grid {
        if (step <= 0) {
            throw new IllegalArgumentException("step must be above zero");
        }
        if (end >= start && (end - start) / step >= STEPS_MAX) {
            throw QueryException.execution(
                    "query has more than "
                            + STEPS_MAX
                            + " steps; ask for a shorter range or a longer step");
        }
    }

    static Grid instant(long at) {
        return new Grid(at, at, 1);
    }

    boolean isInstant() {
        return start == end;
    }

    int steps() {
        return end < start ? 0 : (int) ((end - start) / step) + 1;
    }

    long at(int i) {
        return start + i * step;
    }

    long last() {
        return at(steps() - 1);
    }
}
