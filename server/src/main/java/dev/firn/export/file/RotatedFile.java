package dev.firn.export.file;

import dev.firn.base.ByteWriter;
import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.config.FileExporterConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file that is written, and its backups. Used by one thread.
final class RotatedFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RotatedFile.class);
    private static final long DAY_MILLIS = 86_400_000;

    private record Backup(Path path, long millis) {}

    private final Disk disk;
    private final Clock clock;
    private final Path path;
    private final Path folder;
    private final FileExporterConfig config;
    private final FileExporterConfig.@Nullable Rotation rotation;
    private final BackupNames names;
    private final boolean lines;
    private Disk.@Nullable File file;
    private long rotations;

    /// @param lines records end with a newline; else they begin with their length
    RotatedFile(FileExporterConfig config, boolean lines, Disk disk, Clock clock) {
        this.config = config;
        this.lines = lines;
        this.disk = disk;
        this.clock = clock;
        this.path = config.path().toAbsolutePath();
        this.folder = java.util.Objects.requireNonNull(path.getParent(), "a file has a directory");
        this.rotation = config.rotation().orElse(null);
        this.names = new BackupNames(path, rotation != null && rotation.localTime());
    }

    /// Opens the file; empties it unless it is appended to or rotated.
    void open() throws IOException {
        if (config.createDirectory() || rotation != null) {
            disk.createDirectories(folder);
        }
        Disk.File opened = disk.openWrite(path);
        file = opened;
        if (config.append() || rotation != null) {
            mendTail(opened);
        } else {
            opened.truncate(0);
        }
        if (rotation != null) {
            expire(rotation);
        }
    }

    /// A process that was killed may have left half a record, which would spoil the next one. Half
    /// a line gets its newline, so that a reader passes over it; half a framed record is cut off.
    private void mendTail(Disk.File opened) throws IOException {
        long size = opened.size();
        if (size > 0 && lines) {
            var last = ByteBuffer.allocate(1);
            opened.read(last, size - 1);
            if (last.get(0) != '\n') {
                opened.write(ByteBuffer.wrap(new byte[] {'\n'}), size);
            }
        } else if (size > 0) {
            opened.truncate(wholeRecords(opened, size));
        }
    }

    private static long wholeRecords(Disk.File opened, long size) throws IOException {
        long end = 0;
        var length = ByteBuffer.allocate(4);
        while (end + 4 <= size) {
            length.clear();
            while (length.hasRemaining() && opened.read(length, end + length.position()) > 0) {}
            long next = end + 4 + Integer.toUnsignedLong(length.getInt(0));
            if (next > size) {
                break;
            }
            end = next;
        }
        return end;
    }

    /// Appends records, all that fit before the file is full; puts it aside then.
    ///
    /// @return the number of records that are in the file now, at least one
    /// @throws IOException when none of them is
    int append(List<byte[]> records, ByteWriter buffer) throws IOException {
        Disk.File open = file == null ? reopen() : file;
        long size = open.size(); // someone else may have cut it
        if (rotation != null
                && size > 0
                && size + records.getFirst().length > rotation.maxBytes()) {
            rotate();
            open = java.util.Objects.requireNonNull(file, "file");
            size = open.size();
        }
        buffer.reset();
        int count = 0;
        for (byte[] one : records) {
            boolean fits =
                    rotation == null || size + buffer.size() + one.length <= rotation.maxBytes();
            if (count > 0 && !fits) {
                break;
            }
            buffer.bytes(one);
            count++;
        }
        write(open, buffer.buffer(), size);
        return count;
    }

    /// All or nothing: what a full disk took of it is cut off again.
    private void write(Disk.File open, ByteBuffer bytes, long size) throws IOException {
        try {
            open.write(bytes, size);
        } catch (IOException e) {
            try {
                open.truncate(size);
            } catch (IOException other) {
                e.addSuppressed(other);
                close(); // the next try opens it anew and mends its tail
            }
            throw e;
        }
    }

    private Disk.File reopen() throws IOException {
        Disk.File opened = disk.openWrite(path);
        file = opened;
        mendTail(opened);
        return opened;
    }

    private void rotate() throws IOException {
        close();
        long millis = clock.millis();
        Path backup = folder.resolve(names.of(millis));
        while (disk.exists(backup)) {
            backup = folder.resolve(names.of(++millis));
        }
        disk.rename(path, backup);
        rotations++;
        file = disk.openWrite(path);
        expire(java.util.Objects.requireNonNull(rotation, "rotation"));
    }

    /// How often the file was put aside.
    long rotations() {
        return rotations;
    }

    private void expire(FileExporterConfig.Rotation rule) {
        try {
            List<Backup> backups = backups();
            long oldest =
                    rule.maxDays() == 0
                            ? Long.MIN_VALUE
                            : clock.millis() - rule.maxDays() * DAY_MILLIS;
            for (int i = 0; i < backups.size(); i++) {
                boolean many = rule.maxBackups() > 0 && i >= rule.maxBackups();
                if (many || backups.get(i).millis < oldest) {
                    disk.delete(backups.get(i).path);
                }
            }
        } catch (IOException e) {
            LOG.warn(
                    "cannot delete old backups of \"{}\": {}; they stay until the next rotation",
                    path,
                    e.getMessage());
        }
    }

    /// Newest first.
    private List<Backup> backups() throws IOException {
        var backups = new ArrayList<Backup>();
        for (Path one : disk.list(folder)) {
            names.millis(String.valueOf(one.getFileName()))
                    .ifPresent(millis -> backups.add(new Backup(one, millis)));
        }
        backups.sort(Comparator.comparingLong(Backup::millis).reversed());
        return backups;
    }

    @Override
    public void close() throws IOException {
        Disk.File open = file;
        file = null;
        if (open != null) {
            open.close();
        }
    }
}
