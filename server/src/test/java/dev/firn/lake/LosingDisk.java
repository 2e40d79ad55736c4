package dev.firn.lake;

import dev.firn.base.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A disk that can fill up, and that loses at a power cut what was not synced: contents after the
/// last force, files whose directory was not synced after their creation.
final class LosingDisk implements Disk {
    /// The machine is off.
    static final class PowerLost extends Error {
        private static final long serialVersionUID = 1;
    }

    private final Disk disk;
    private final Map<Path, Long> durableBytes = new HashMap<>();
    private final Set<Path> unsyncedNames = new HashSet<>();
    private long operationsLeft = Long.MAX_VALUE;
    volatile boolean full;

    LosingDisk(Disk disk) {
        this.disk = disk;
    }

    synchronized void dieAfter(long operations) {
        operationsLeft = operations;
    }

    synchronized boolean dead() {
        return operationsLeft <= 0;
    }

    private synchronized void operate(boolean needsRoom) throws IOException {
        if (operationsLeft != Long.MAX_VALUE && --operationsLeft <= 0) {
            throw new PowerLost();
        }
        if (full && needsRoom) {
            throw new IOException("No space left on device");
        }
    }

    /// What the platters hold after the cut.
    synchronized void losePower() throws IOException {
        for (Path path : unsyncedNames) {
            disk.delete(path);
        }
        for (var entry : durableBytes.entrySet()) {
            if (disk.exists(entry.getKey())) {
                try (File file = disk.openWrite(entry.getKey())) {
                    file.truncate(Math.min(file.size(), entry.getValue()));
                }
            }
        }
    }

    private final class LosingFile implements File {
        private final Path path;
        private final File file;

        LosingFile(Path path, File file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public int read(ByteBuffer to, long position) throws IOException {
            return file.read(to, position);
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            operate(true);
            file.write(from, position);
        }

        @Override
        public void force() throws IOException {
            operate(false);
            file.force();
            synchronized (LosingDisk.this) {
                durableBytes.put(path, file.size());
            }
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            operate(false);
            file.truncate(size);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    @Override
    public File openRead(Path path) throws IOException {
        return disk.openRead(path);
    }

    @Override
    public File openWrite(Path path) throws IOException {
        operate(false);
        boolean fresh = !disk.exists(path);
        return opened(path, fresh, disk.openWrite(path));
    }

    @Override
    public File create(Path path) throws IOException {
        operate(true);
        return opened(path, true, disk.create(path));
    }

    private synchronized File opened(Path path, boolean fresh, File file) {
        if (fresh) {
            unsyncedNames.add(path);
            durableBytes.put(path, 0L);
        }
        return new LosingFile(path, file);
    }

    @Override
    public void createDirectories(Path path) throws IOException {
        disk.createDirectories(path);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        operate(false);
        disk.rename(from, to);
        synchronized (this) {
            unsyncedNames.remove(from);
            durableBytes.put(
                    to, java.util.Objects.requireNonNullElse(durableBytes.remove(from), 0L));
        }
    }

    @Override
    public void delete(Path path) throws IOException {
        operate(false);
        disk.delete(path);
    }

    @Override
    public boolean exists(Path path) {
        return disk.exists(path);
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        return disk.list(directory);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        operate(false);
        disk.syncDirectory(directory);
        synchronized (this) {
            unsyncedNames.removeIf(path -> directory.equals(path.getParent()));
        }
    }

    @Override
    public long usableSpace(Path path) throws IOException {
        return full ? 0 : disk.usableSpace(path);
    }
}
