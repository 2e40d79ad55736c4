package dev.firn.query.promql.value;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What is known of a histogram's relation to the one before it in its series.
public enum ResetHint {
    /// Compare counts to find out.
    UNKNOWN,
    /// It starts anew.
    RESET,
    /// It goes on.
    NOT_RESET,
    /// It is no counter at all.
    GAUGE;

    /// The hint that Prometheus' storage gives back: what is known within a chunk, nothing for its
    /// first histogram.
    ///
    /// @param previous the one before it in its series; null after numbers
    public static ResetHint after(@Nullable NativeHistogram previous, NativeHistogram histogram) {
        if (histogram.hint() == GAUGE) {
            return GAUGE;
        }
        boolean sameChunk =
                previous != null
                        && previous.hint() != GAUGE
                        && histogram.hint() != RESET
                        && !previous.isStale()
                        && sameLayout(histogram, previous)
                        && !histogram.withHint(UNKNOWN).isResetAfter(previous);
        return sameChunk ? NOT_RESET : UNKNOWN;
    }

    private static boolean sameLayout(NativeHistogram a, NativeHistogram b) {
        return a.schema() == b.schema()
                && a.zeroThreshold() == b.zeroThreshold()
                && (a.schema() != Bounds.CUSTOM_SCHEMA || Arrays.equals(a.bounds(), b.bounds()));
    }
}
