package dev.firn.lake;

import java.io.IOException;

/// A store of files that can put a copy of one under a name that never changes, so that a reader
/// sees the old or the new one whole.
public interface StableCopies {
    /// Replaces a file with a copy of another, atomically and durably.
    void replaceWithCopy(String from, String to) throws IOException;
}
