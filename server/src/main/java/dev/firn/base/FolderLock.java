package dev.firn.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// An operating-system lock on a directory: it ends with its process, so a stale file never blocks.
/// The file's contents say who holds it (process id and, once known, the URL at which commands
/// reach it).
public final class FolderLock implements AutoCloseable {
    private static final String NAME = "firn.lock";

    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /// Takes the lock, or says nothing was taken because another process (or this one) holds it.
    public static Optional<FolderLock> tryLock(Path directory) {
        try {
            Files.createDirectories(directory);
            var channel =
                    FileChannel.open(
                            directory.resolve(NAME),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            try {
                if (channel.tryLock(Long.MAX_VALUE - 1, 1, false) != null) {
                    var lock = new FolderLock(channel);
                    lock.describe("pid " + ProcessHandle.current().pid());
                    return Optional.of(lock);
                }
            } catch (OverlappingFileLockException e) {
                // held by this process
            }
            channel.close();
            return Optional.empty();
        } catch (IOException e) {
            throw new WorldException(
                    "cannot lock data directory \""
                            + directory
                            + "\": "
                            + e.getMessage()
                            + "; choose another with --data DIR",
                    e);
        }
    }

    /// Who holds the directory, as it described itself; empty where nobody ever did.
    public static String holder(Path directory) {
        try {
            return Files.readString(directory.resolve(NAME), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /// Replaces the description that [#holder] shows.
    public void describe(String text) {
        try {
            byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(bytes), 0);
        } catch (IOException e) {
            throw new WorldException("cannot write \"" + NAME + "\": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new WorldException("cannot release \"" + NAME + "\": " + e.getMessage(), e);
        }
    }
}
