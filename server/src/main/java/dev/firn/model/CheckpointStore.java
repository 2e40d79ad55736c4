package dev.firn.model;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Where sinks remember how far they are: one small durable file each, replaced atomically.
public interface CheckpointStore {
    /// What one sink remembers.
    ///
    /// @param sink its name, `[a-z0-9_-]+`
    /// @param sequence the cut up to and with which the sink needs nothing of the WAL any more; 0
    ///   for none
    /// @param fields the sink's own (the lake keeps its intent here: previous, next, range)
    record Checkpoint(String sink, long sequence, Map<String, String> fields) {
        public Checkpoint {
            Objects.requireNonNull(sink, "sink");
            if (sequence < 0) {
                throw new IllegalArgumentException(
                        "a checkpoint has a sequence of 0 or more, not " + sequence);
            }
            fields = java.util.Collections.unmodifiableMap(new TreeMap<>(fields));
        }
    }

    /// The checkpoint written last, or null if the sink never wrote one.
    ///
    /// @throws dev.firn.base.WorldException when it cannot be read, or was written by a newer
    ///   format
    @Nullable Checkpoint read(String sink);

    /// Replaces the sink's checkpoint; durable when this returns.
    void write(Checkpoint checkpoint);
}
