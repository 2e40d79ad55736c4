package dev.firn.lake;

import dev.firn.base.Disk;
import dev.firn.base.NioDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.io.SupportsPrefixOperations;

/// Iceberg's file access over [Disk]: local paths, every file and its name durable when its stream
/// is closed, so that a catalog never names what a power loss can take away. Thread-safe.
public final class LakeFiles implements FileIO, SupportsPrefixOperations, StableCopies {
    private static final long serialVersionUID = 1;

    /// From a table's folder of files up to the data directory: `<data>/lake/warehouse/metrics/
    /// points/data/<partition>`.
    private static final int LEVELS = 7;

    private final transient Disk disk;

    /// Directories whose names are durable, as this process made sure.
    private final transient Set<Path> durable = ConcurrentHashMap.newKeySet();

    /// Over the machine's file system; Iceberg makes it so from the property `io-impl`.
    public LakeFiles() {
        this(new NioDisk());
    }

    /// Over a given disk.
    public LakeFiles(Disk disk) {
        this.disk = disk;
    }

    @Override
    public InputFile newInputFile(String location) {
        return new Input(location);
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return new Output(location);
    }

    @Override
    public void deleteFile(String location) {
        try {
            disk.delete(LakePaths.local(location));
        } catch (IOException e) {
            throw new RuntimeIOException(e, "cannot delete lake file \"%s\"", location);
        }
    }

    /// Files below a folder, at any depth, with the time of their last write. A file that goes
    /// while they are listed is left out.
    ///
    /// @param prefix a folder; locations begin with it as it is written here
    @Override
    public Iterable<FileInfo> listPrefix(String prefix) {
        Path top = LakePaths.local(prefix);
        String start = prefix.endsWith("/") ? prefix : prefix + "/";
        var found = new ArrayList<FileInfo>();
        try {
            Files.walkFileTree(
                    top,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes is) {
                            if (is.isRegularFile()) {
                                found.add(
                                        new FileInfo(
                                                start + top.relativize(file),
                                                is.size(),
                                                is.lastModifiedTime().toMillis()));
                            }
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path file, IOException e)
                                throws IOException {
                            if (e instanceof NoSuchFileException) {
                                return FileVisitResult.CONTINUE;
                            }
                            throw e;
                        }
                    });
        } catch (IOException e) {
            throw new RuntimeIOException(e, "cannot list lake files below \"%s\"", prefix);
        }
        return found;
    }

    /// Nothing in Firn deletes by prefix.
    @Override
    public void deletePrefix(String prefix) {
        throw new UnsupportedOperationException("cannot delete all below \"" + prefix + "\"");
    }

    /// Creates a directory so that its name, and those of the directories above it up to the data
    /// directory, are durable. That one exists says nothing: the process that made it may have died
    /// before it was synced.
    public void createDirectories(Path directory) throws IOException {
        if (durable.contains(directory)) {
            return;
        }
        var missing = new ArrayDeque<Path>();
        for (Path at = directory; at != null && !disk.exists(at); at = at.getParent()) {
            missing.push(at);
        }
        disk.createDirectories(directory);
        for (Path made : missing) {
            disk.syncDirectory(Objects.requireNonNull(made.getParent(), "the root exists"));
        }
        Path at = directory;
        for (int level = 0; level < LEVELS && at.getParent() != null; level++) {
            if (!durable.contains(at)) {
                disk.syncDirectory(at.getParent());
                durable.add(at);
            }
            at = at.getParent();
        }
        durable.add(directory);
    }

    /// The temporary name is unique, because several processes may do this at once.
    @Override
    public void replaceWithCopy(String from, String to) throws IOException {
        byte[] contents = disk.readAll(LakePaths.local(from));
        Path target = LakePaths.local(to);
        Path temporary = target.resolveSibling(target.getFileName() + "." + UUID.randomUUID());
        try {
            try (var file = disk.create(temporary)) {
                file.write(java.nio.ByteBuffer.wrap(contents), 0);
                file.force();
            }
            disk.rename(temporary, target);
        } catch (IOException e) {
            disk.delete(temporary);
            throw e;
        }
        disk.syncDirectory(Objects.requireNonNull(target.getParent(), "a file has a directory"));
    }

    private final class Input implements InputFile {
        private final String location;

        Input(String location) {
            this.location = location;
        }

        @Override
        public long getLength() {
            try (var file = open()) {
                return file.size();
            } catch (IOException e) {
                throw new RuntimeIOException(e, "cannot read lake file \"%s\"", location);
            }
        }

        @Override
        public SeekableInputStream newStream() {
            return new LakeInput(open());
        }

        private Disk.File open() {
            try {
                return disk.openRead(LakePaths.local(location));
            } catch (NoSuchFileException e) {
                throw new NotFoundException(e, "cannot read lake file \"%s\": not there", location);
            } catch (IOException e) {
                throw new RuntimeIOException(e, "cannot read lake file \"%s\"", location);
            }
        }

        @Override
        public String location() {
            return location;
        }

        @Override
        public boolean exists() {
            return disk.exists(LakePaths.local(location));
        }

        @Override
        public String toString() {
            return location;
        }
    }

    private final class Output implements OutputFile {
        private final String location;

        Output(String location) {
            this.location = location;
        }

        @Override
        public PositionOutputStream create() {
            try {
                return stream(disk.create(prepared()));
            } catch (FileAlreadyExistsException e) {
                throw new AlreadyExistsException(
                        e, "cannot create lake file \"%s\": it exists", location);
            } catch (IOException e) {
                throw failed(e);
            }
        }

        @Override
        public PositionOutputStream createOrOverwrite() {
            try {
                Disk.File file = disk.openWrite(prepared());
                file.truncate(0);
                return stream(file);
            } catch (IOException e) {
                throw failed(e);
            }
        }

        private Path prepared() throws IOException {
            Path path = LakePaths.local(location);
            createDirectories(directory());
            return path;
        }

        private Path directory() {
            return Objects.requireNonNull(
                    LakePaths.local(location).getParent(), "a file has a directory");
        }

        private PositionOutputStream stream(Disk.File file) {
            return new LakeOutput(file, () -> disk.syncDirectory(directory()));
        }

        private UncheckedIOException failed(IOException e) {
            return new RuntimeIOException(e, "cannot create lake file \"%s\"", location);
        }

        @Override
        public String location() {
            return location;
        }

        @Override
        public InputFile toInputFile() {
            return new Input(location);
        }

        @Override
        public String toString() {
            return location;
        }
    }
}
