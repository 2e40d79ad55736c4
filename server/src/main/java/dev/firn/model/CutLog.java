package dev.firn.model;

import org.jspecify.annotations.Nullable;

/// The write-ahead log as sinks see it: a source of cuts that holds what is not yet taken.
public interface CutLog {
    /// Id of this log's writer: column `src`, and the key of its position in the lake.
    String writer();

    /// Random number of this process's run, durable before the first append.
    long epoch();

    /// The cut after `sequence`; waits up to `timeoutMillis` for one. Null if there is none yet.
    @Nullable Cut next(long afterSequence, long timeoutMillis) throws InterruptedException;

    /// Number of the first cut that [#next] can still give, or would be the next to be finished
    /// where it holds none.
    default long oldest() {
        return 1;
    }

    /// Number of the newest finished cut; 0 if there is none.
    long newest();

    /// Ends the open cut now, if it has records, and returns the number of the newest cut.
    long cutNow();

    /// A sink says that it needs nothing up to and with `sequence` any more. Segments go when all
    /// sinks have said so.
    void release(String sink, long sequence);

    /// Stores a cut that a sink refuses for good under `quarantine/<sink>`, so that the sink may go
    /// on.
    void quarantine(String sink, Cut cut, String reason);

    /// Stops the log: every later append is refused (503) with this message. For a foreign position
    /// in the lake.
    void stop(String reason);
}
