package dev.firn.lake;

import java.util.Map;

/// A small durable map of strings for each sink; what [#write] took is what [#read] gives after a
/// crash, whole or not at all.
public interface LakeCheckpoint {
    /// The map written last; empty if none was.
    Map<String, String> read(String sink);

    /// Replaces the map; durable when it returns.
    void write(String sink, Map<String, String> state);
}
