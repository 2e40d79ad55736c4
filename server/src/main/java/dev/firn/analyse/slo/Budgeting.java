package dev.firn.analyse.slo;

import java.math.BigDecimal;

/// How events become a share of good ones.
public sealed interface Budgeting {
    /// Good events by all events.
    record Occurrences() implements Budgeting {}

    /// Good slices by all slices; a slice is good if its own ratio reaches `target`.
    ///
    /// @param target 0 to 1
    /// @param minutes length of a slice; slices begin at multiples of it since 1970
    /// @param empty what a slice without events is
    record Timeslices(BigDecimal target, int minutes, Empty empty) implements Budgeting {
        public Timeslices {
            checkMinutes(minutes);
        }
    }

    /// The mean of the slices' ratios, each with the same weight. Quiet hours then weigh as much as
    /// busy ones, which is why it is never taken unasked.
    record RatioTimeslices(int minutes, Empty empty) implements Budgeting {
        public RatioTimeslices {
            checkMinutes(minutes);
        }
    }

    /// What a slice without events is.
    enum Empty {
        GOOD,
        IGNORE,
        BAD
    }

    private static void checkMinutes(int minutes) {
        if (minutes < 1 || minutes > 1440) {
            throw new IllegalArgumentException("a slice has 1 to 1440 minutes, not " + minutes);
        }
    }
}
