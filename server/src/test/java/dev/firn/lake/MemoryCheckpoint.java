package dev.firn.lake;

import dev.firn.model.CheckpointStore;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Checkpoints that survive the sinks of a test.
final class MemoryCheckpoint implements CheckpointStore {
    private final Map<String, Checkpoint> written = new HashMap<>();

    @Override
    public @Nullable Checkpoint read(String sink) {
        return written.get(sink);
    }

    @Override
    public void write(Checkpoint checkpoint) {
        written.put(checkpoint.sink(), checkpoint);
    }

    MemoryCheckpoint copy() {
        var copy = new MemoryCheckpoint();
        copy.written.putAll(written);
        return copy;
    }
}
