package dev.firn.ops;

import dev.firn.engine.LakeProgress;

/// How far a rebuild is, as commands show it.
///
/// @param running false once it is done
/// @param text in words
public record RebuildProgress(
        boolean running,
        int daysLeft,
        long rowsDone,
        long rowsTotal,
        double rowsPerSecond,
        double secondsLeft,
        String text) {
    /// Of the engine's.
    public static RebuildProgress of(LakeProgress progress) {
        return new RebuildProgress(
                progress.running(),
                progress.daysLeft(),
                progress.rowsDone(),
                progress.rowsTotal(),
                progress.rowsPerSecond(),
                progress.secondsLeft(),
                progress.describe());
    }
}
