package dev.firn.model;

/// What became of a quarantined cut that was handed to its sink again.
///
/// @param taken every row of it is in the sink's store, once; it may leave quarantine
/// @param outcome for a person: how it was taken, or why it was not
public record Retried(boolean taken, String outcome) {
    /// Taken, and how.
    public static Retried taken(String outcome) {
        return new Retried(true, outcome);
    }

    /// Not taken, and why; the cut stays in quarantine.
    public static Retried refused(String outcome) {
        return new Retried(false, outcome);
    }
}
