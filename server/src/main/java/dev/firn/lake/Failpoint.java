package dev.firn.lake;

/// A place between two steps of the sink where a test ends it as a crash would.
interface Failpoint {
    /// The steps, in the order of one round.
    enum Step {
        RESOLVED,
        CUT_ADDED,
        SERIES_WRITTEN,
        POINTS_WRITTEN,
        INTENT_WRITTEN,
        SERIES_COMMITTED,
        POINTS_COMMITTED,
        RELEASED,
        QUARANTINE_NOTED,
        QUARANTINED
    }

    /// Nothing happens.
    Failpoint NONE = step -> {};

    /// Called after each step.
    void after(Step step);
}
