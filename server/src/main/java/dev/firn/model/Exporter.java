package dev.firn.model;

/// An end of a pipeline that does not decide the sender's answer: it gets the points after the
/// write-ahead log has them, and drops and counts what it cannot take.
public interface Exporter extends AutoCloseable {
    /// Its name in the configuration, such as `prometheus/hot`.
    String name();

    /// Takes what it needs out of the batch, which is reused once this returns. Called on request
    /// threads, several at once; never waits long, and never throws for the world's failures.
    void export(Batch batch);

    /// Delivers what is pending, within a few seconds.
    @Override
    void close();
}
