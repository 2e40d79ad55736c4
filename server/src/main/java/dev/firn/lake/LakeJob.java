package dev.firn.lake;

import java.time.Duration;

/// A piece of the lake's upkeep that `firn serve` does from time to time and a command does at
/// once: compaction, manifests, expiry, orphans. Runs on one thread at a time; several processes
/// may do the same job on one lake at once, so that each change goes through [LakeSwap] and a lost
/// race ends the round.
public interface LakeJob {
    /// One word in lower case: the label of its metrics, and in messages.
    String name();

    /// Pause between two runs, of a scheduler that adds some chance to it.
    Duration every();

    /// One round, small steps with [LakePace#step] between them. Tables are loaded anew by each
    /// run, for its thread alone.
    ///
    /// @throws InterruptedException when the process stops: the round ends where it is, and what it
    ///   wrote without naming it in a table is deleted
    /// @throws RuntimeException when the round failed; it is counted and logged, and the next comes
    ///   in its time
    void run(LakePace pace) throws InterruptedException;
}
