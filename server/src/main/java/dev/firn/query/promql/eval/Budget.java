package dev.firn.query.promql.eval;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/// What a query may still use; asked often, cheaply.
final class Budget {
    private static final String WHERE = " in expression evaluation";

    private final long samplesMax;
    private final long deadlineNanos;
    private final LongSupplier nanos;
    private final BooleanSupplier canceled;
    private long samples;
    private long peak;

    Budget(QueryOptions options, LongSupplier nanos, BooleanSupplier canceled) {
        this.samplesMax = options.samplesMax();
        this.nanos = nanos;
        this.canceled = canceled;
        this.deadlineNanos = nanos.getAsLong() + options.timeout().toNanos();
    }

    void check() {
        if (canceled.getAsBoolean()) {
            throw new QueryException(QueryException.Kind.CANCELED, "query was canceled" + WHERE);
        }
        if (nanos.getAsLong() - deadlineNanos > 0) {
            throw new QueryException(QueryException.Kind.TIMEOUT, "query timed out" + WHERE);
        }
    }

    void take(long count) {
        samples += count;
        peak = Math.max(peak, samples);
        if (samples > samplesMax) {
            throw new QueryException(
                    QueryException.Kind.TOO_MANY_SAMPLES,
                    "query processing would load too many samples into memory" + WHERE);
        }
    }

    void give(long count) {
        samples -= count;
    }

    long peak() {
        return peak;
    }
}
