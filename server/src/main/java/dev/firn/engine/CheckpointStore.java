package dev.firn.engine;

/// Where the sink's position survives a restart.
public interface CheckpointStore {
    /// The cut up to which everything is in the engine; 0 before the first.
    long read();

    /// Makes the number durable before it returns.
    void write(long sequence);
}
