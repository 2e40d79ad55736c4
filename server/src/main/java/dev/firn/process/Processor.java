package dev.firn.process;

import dev.firn.model.Batch;

/// One step of one pipeline. Thread-safe.
public interface Processor {
    /// What becomes of a request's points.
    ///
    /// @param in not changed
    /// @param out empty; takes the result unless nothing changes
    /// @return `out`, or `in` if all points pass as they are
    /// @throws dev.firn.model.Intake.Overloaded to refuse the whole request, nothing of it done
    Batch process(Batch in, Batch out);
}
