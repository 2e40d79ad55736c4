package dev.firn.receive;

import dev.firn.model.Intake;

/// A [Receiver] for senders that name their requests themselves, such as lines of a file by their
/// place in it.
public interface KeyedReceiver {
    /// What became of a request.
    ///
    /// @param points good points in it, if it was new; 0 if it was known
    record Taken(Intake.Answer answer, long points) {}

    /// As [Receiver#receive], but known by `key` instead of by a hash of the body.
    Taken receive(
            Intake.RequestKey key, Receiver.Format format, byte[] body, int length, String sender);
}
