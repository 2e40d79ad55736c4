package dev.firn.wal;

import dev.firn.model.Batch;
import dev.firn.model.Intake.Answer;
import dev.firn.model.Intake.RequestKey;
import java.util.List;

/// What the writer thread has to make durable, and does again in a new segment when a sync failed.
sealed interface Pending {
    /// A request.
    record Append(RequestKey key, Batch batch, Answer answer, Outcome<Answer> outcome)
            implements Pending {}

    /// The end of the open cut.
    record EndCut() implements Pending {}

    /// Requests whose segment is about to be deleted.
    record Carry(List<RequestKey> keys) implements Pending {}
}
