package dev.firn.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// An operating-system lock on a directory: it ends with its process, so a stale file never blocks.
/// The file's contents say who holds it (process id and, once known, the URL at which commands
/// reach it).
public final class FolderLock implements AutoCloseable {
    private static final String NAME = "firn.lock";

    /// By real path, what this process holds. POSIX locks belong to a process, and it loses them
    /// when it closes any descriptor of the file: a second one must not even be opened.
    private static final Map<Path, FolderLock> HELD = new HashMap<>();

    private final Path folder;
    private final FileChannel channel;

    private FolderLock(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /// Takes the lock, or says nothing was taken because another process (or this one) holds it.
    ///
    /// @throws WorldException also for a directory that a newer Firn wrote ([DataFormat])
    public static Optional<FolderLock> tryLock(Path directory) {
        try {
            Files.createDirectories(directory);
            Path folder = directory.toRealPath();
            DataFormat.check(folder);
            synchronized (HELD) {
                return HELD.containsKey(folder) ? Optional.empty() : lock(folder);
            }
        } catch (IOException e) {
            throw new WorldException(
                    "cannot lock data directory \""
                            + directory
                            + "\": "
                            + Reason.of(e)
                            + "; choose another with --data DIR",
                    e);
        }
    }

    private static Optional<FolderLock> lock(Path folder) throws IOException {
        var channel =
                FileChannel.open(
                        folder.resolve(NAME),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        boolean locked = false;
        try {
            if (channel.tryLock(Long.MAX_VALUE - 1, 1, false) != null) {
                var lock = new FolderLock(folder, channel);
                lock.describe("pid " + ProcessHandle.current().pid());
                HELD.put(folder, lock);
                locked = true;
                return Optional.of(lock);
            }
            return Optional.empty();
        } catch (OverlappingFileLockException e) {
            return Optional.empty(); // another class loader of this process holds it
        } finally {
            if (!locked) {
                channel.close();
            }
        }
    }

    /// Who holds the directory, as it described itself; empty where nobody ever did.
    public static String holder(Path directory) {
        try {
            synchronized (HELD) {
                FolderLock own = HELD.get(directory.toRealPath());
                return own == null
                        ? Files.readString(directory.resolve(NAME)).strip()
                        : own.description();
            }
        } catch (IOException e) {
            return "";
        }
    }

    private String description() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
        while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) >= 0) {
            // until all is there
        }
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).strip();
    }

    /// Replaces the description that [#holder] shows.
    public void describe(String text) {
        try {
            byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(bytes), 0);
        } catch (IOException e) {
            throw new WorldException("cannot write \"" + NAME + "\": " + Reason.of(e), e);
        }
    }

    @Override
    public void close() {
        synchronized (HELD) {
            if (!channel.isOpen()) {
                return; // closed before; the folder may be somebody else's by now
            }
            release();
        }
    }

    private void release() {
        HELD.remove(folder);
        try {
            channel.close();
        } catch (IOException e) {
            throw new WorldException("cannot release \"" + NAME + "\": " + Reason.of(e), e);
        }
    }
}
