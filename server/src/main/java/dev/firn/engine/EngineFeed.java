package dev.firn.engine;

import dev.firn.base.Worker;
import dev.firn.model.PointWatch;
import dev.firn.model.Retried;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who fills the engine: the log's sink, or a follower of the lake.
public interface EngineFeed extends Worker.Duty {
    /// One round.
    @Override
    void run() throws InterruptedException;

    /// Why it has stopped for good; null while it works.
    @Nullable String stopped();

    /// What a human should know or mend, beside [#stopped].
    List<String> troubles();

    /// How old the oldest data are that are not in the engine, in seconds.
    double lagSeconds();

    /// Loads whole days of the lake anew, or all of it; [#lakeProgress] tells how far it is. Any
    /// thread may call.
    ///
    /// @param timeoutMillis how long to wait for the beginning
    Retried rebuild(DayRange range, long timeoutMillis) throws InterruptedException;

    /// Runs a statement that deletes rows, between two rounds, and then looks anew which series the
    /// engine has. Any thread may call.
    ///
    /// @return false if it was not come to in time
    /// @throws EngineException of the statement
    boolean delete(String statement, long timeoutMillis) throws InterruptedException;

    /// Shows each point that is stored from now on. Any thread may call.
    void watch(PointWatch watch);

    /// How far the reading of the lake is.
    LakeProgress lakeProgress();

    /// The cuts that are in the engine in whole, for a backup; null while rows of the lake are
    /// being brought in.
    @Nullable EngineContents contents();
}
