package dev.firn.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// The file system as WAL, checkpoints and lake use it: the few calls whose durability matters.
/// Tests put a model of power loss, a full disk or failing syncs in its place.
///
/// Nothing is durable before the matching [File#force] (contents) and [#syncDirectory] (names).
public interface Disk {
    /// One open file. Positions are bytes from its start.
    interface File extends AutoCloseable {
        /// Reads up to `to.remaining()` bytes at `position`; -1 at the end.
        int read(ByteBuffer to, long position) throws IOException;

        /// Writes all of `from` at `position`.
        void write(ByteBuffer from, long position) throws IOException;

        /// Makes the contents durable. A failure leaves the state of unsynced pages unknown: never
        /// retry on this file.
        void force() throws IOException;

        /// Current length in bytes.
        long size() throws IOException;

        /// Cuts the file at `size` bytes.
        void truncate(long size) throws IOException;

        @Override
        void close() throws IOException;
    }

    /// Opens an existing file for reading.
    File openRead(Path path) throws IOException;

    /// Opens a file for reading and writing, creating it where it does not exist.
    File openWrite(Path path) throws IOException;

    /// Creates a new file for reading and writing; it is an error that it exists.
    File create(Path path) throws IOException;

    /// Creates a directory and its missing parents.
    void createDirectories(Path path) throws IOException;

    /// Renames within one file system, replacing the target atomically.
    void rename(Path from, Path to) throws IOException;

    /// Deletes a file; nothing happens where it does not exist.
    void delete(Path path) throws IOException;

    /// True if the file or directory exists.
    boolean exists(Path path);

    /// The names in a directory, sorted; empty where it does not exist.
    List<Path> list(Path directory) throws IOException;

    /// Makes the names in a directory (creations, renames, deletions) durable.
    void syncDirectory(Path directory) throws IOException;

    /// Bytes that may still be written to the file system that holds `path`.
    long usableSpace(Path path) throws IOException;

    /// Reads a whole small file.
    default byte[] readAll(Path path) throws IOException {
        try (File file = openRead(path)) {
            var bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
            while (bytes.hasRemaining() && file.read(bytes, bytes.position()) >= 0) {}
            return java.util.Arrays.copyOf(bytes.array(), bytes.position());
        }
    }

    /// Replaces a small file so that after a crash either the old or the new contents stand there,
    /// whole and synced.
    default void replace(Path path, byte[] contents) throws IOException {
        Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
        delete(temporary);
        try (File file = create(temporary)) {
            file.write(ByteBuffer.wrap(contents), 0);
            file.force();
        }
        rename(temporary, path);
        syncDirectory(java.util.Objects.requireNonNull(path.getParent(), "a file has a directory"));
    }
}
