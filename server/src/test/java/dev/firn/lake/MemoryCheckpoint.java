package dev.firn.lake;

import java.util.LinkedHashMap;
import java.util.Map;

/// A checkpoint that survives the sinks of a test.
final class MemoryCheckpoint implements LakeCheckpoint {
    private final Map<String, Map<String, String>> states = new LinkedHashMap<>();

    @Override
    public Map<String, String> read(String sink) {
        return states.getOrDefault(sink, Map.of());
    }

    @Override
    public void write(String sink, Map<String, String> state) {
        states.put(sink, Map.copyOf(state));
    }

    MemoryCheckpoint copy() {
        var copy = new MemoryCheckpoint();
        copy.states.putAll(states);
        return copy;
    }
}
