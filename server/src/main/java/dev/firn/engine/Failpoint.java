package dev.firn.engine;

/// Called between every two steps of the sink, so that tests can kill or throw there.
@FunctionalInterface
public interface Failpoint {
    /// Does nothing.
    Failpoint NONE = step -> {};

    /// The step named was done.
    void reach(String step);
}
