package dev.firn.export.send;

import dev.firn.model.CheckpointStore;
import dev.firn.model.CutLog;
import dev.firn.model.Intake;
import dev.firn.model.SeriesRegistry;

/// The durable log behind one exporter's queue: nothing else appends to it or reads it.
public interface QueueLog extends AutoCloseable {
    /// The one sink that holds its cuts.
    String SINK = "send";

    /// Takes batches in; durable when it answers.
    Intake intake();

    /// Gives them back, in order.
    CutLog cuts();

    /// Where the queue remembers what was sent.
    CheckpointStore checkpoints();

    /// The series of this log alone: a log keeps its own notes in them.
    SeriesRegistry series();

    @Override
    void close();

    /// Opens them.
    @FunctionalInterface
    interface Opener {
        /// The queue of one exporter, made where there is none.
        ///
        /// @param exporter its name in the configuration
        /// @param cutMillis how long a batch waits at most before it can be read
        /// @param cutPoints so many need not wait
        /// @throws dev.firn.base.WorldException when the log cannot be read or written
        QueueLog open(String exporter, long cutMillis, long cutPoints);
    }
}
