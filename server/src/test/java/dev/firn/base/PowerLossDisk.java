package dev.firn.base;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A file system in memory that can lose its power. What was not forced may survive in whole, in
/// part (by sectors), or not at all; names that were not synced may be lost, each for itself or
/// from some point on. A failed force makes pages count as clean that never reached the disk, as
/// Linux does. It can also be full, and fail writes.
///
/// Thread-safe. After [#crash] it answers every call with an IOException: the machine is off.
public final class PowerLossDisk implements Disk {
    private static final int SECTOR = 512;

    private sealed interface Change {
        record Write(long position, byte[] bytes) implements Change {}

        record Truncate(long size) implements Change {}
    }

    private static final class Inode {
        byte[] durable = new byte[0];
        byte[] current = new byte[0];
        int durableSize;
        int currentSize;
        final List<Change> pending = new ArrayList<>();

        void change(Change change) {
            current = apply(current, currentSize, change);
            currentSize = sizeAfter(currentSize, change);
            pending.add(change);
        }

        void harden(Change change) {
            durable = apply(durable, durableSize, change);
            durableSize = sizeAfter(durableSize, change);
        }

        private static int sizeAfter(int size, Change change) {
            return switch (change) {
                case Change.Write(long position, byte[] bytes) ->
                        Math.max(size, Math.toIntExact(position + bytes.length));
                case Change.Truncate(long to) -> Math.toIntExact(Math.min(size, to));
            };
        }

        private static byte[] apply(byte[] contents, int size, Change change) {
            int after = sizeAfter(size, change);
            byte[] result = contents;
            if (result.length < after) {
                result = Arrays.copyOf(result, Math.max(after, result.length * 2));
            }
            switch (change) {
                case Change.Write(long position, byte[] bytes) ->
                        System.arraycopy(bytes, 0, result, (int) position, bytes.length);
                case Change.Truncate t -> {
                    if (after < size) {
                        Arrays.fill(result, after, size, (byte) 0);
                    }
                }
            }
            return result;
        }
    }

    /// A change of names in one directory: all of it, or nothing, survives.
    private record Naming(@Nullable Path remove, @Nullable Path put, @Nullable Inode inode) {}

    private final Map<Path, Inode> names = new TreeMap<>();
    private final Map<Path, Inode> durableNames = new TreeMap<>();
    private final Set<Path> directories = new HashSet<>();
    private final Set<Path> durableDirectories = new HashSet<>();
    private final Map<Path, List<Naming>> unsyncedNames = new HashMap<>();
    private boolean off;
    private int failingForces;
    private int failingWrites;
    private boolean dying;
    private boolean dyingClean;
    private long capacity = Long.MAX_VALUE;
    private long forces;

    /// An empty disk on which `root` exists.
    public PowerLossDisk(Path root) {
        for (Path one = root; one != null; one = one.getParent()) {
            directories.add(one);
            durableDirectories.add(one);
        }
    }

    private PowerLossDisk() {}

    /// The next `count` forces fail, and what they should have written is lost at a crash.
    public synchronized void failForces(int count) {
        failingForces = count;
    }

    /// The next `count` writes fail half-way.
    public synchronized void failWrites(int count) {
        failingWrites = count;
    }

    /// The process dies in its next force, with everything written and nothing synced.
    ///
    /// @param pagesCountAsClean the kernel has dropped the pages' dirty bits: only writing them
    ///   once more can save them
    public synchronized void dieAtNextForce(boolean pagesCountAsClean) {
        dying = true;
        dyingClean = pagesCountAsClean;
    }

    /// Bytes that all files together may take.
    public synchronized void capacity(long bytes) {
        capacity = bytes;
    }

    /// Bytes that all files take now.
    public synchronized long used() {
        return new HashSet<>(names.values()).stream().mapToLong(one -> one.currentSize).sum();
    }

    /// Forces that succeeded.
    public synchronized long forces() {
        return forces;
    }

    /// Overwrites bytes durably and unseen, as a failing medium would.
    public synchronized void damage(Path path, long position, byte[] bytes) {
        Inode inode = java.util.Objects.requireNonNull(names.get(path));
        for (byte[] contents : List.of(inode.current, inode.durable)) {
            if (position + bytes.length <= contents.length) {
                System.arraycopy(bytes, 0, contents, (int) position, bytes.length);
            }
        }
    }

    /// The power goes off; what is returned is the disk as the next boot finds it.
    public synchronized PowerLossDisk crash(RandomGenerator random) {
        off = true;
        var after = new PowerLossDisk();
        after.capacity = capacity;
        Map<Path, Inode> surviving = new TreeMap<>(durableNames);
        Set<Path> known = new HashSet<>(durableDirectories);
        boolean inOrder = random.nextBoolean();
        for (List<Naming> changes : unsyncedNames.values()) {
            int until = inOrder ? random.nextInt(changes.size() + 1) : changes.size();
            for (Naming change : changes.subList(0, until)) {
                if (inOrder || random.nextBoolean()) {
                    apply(change, surviving, known);
                }
            }
        }
        after.directories.addAll(reachable(known));
        after.durableDirectories.addAll(after.directories);
        Map<Inode, Inode> copies = new HashMap<>();
        surviving.forEach((path, inode) -> {
            if (after.directories.contains(path.getParent())) {
                Inode copy = copies.computeIfAbsent(inode, one -> survivor(one, random));
                after.names.put(path, copy);
                after.durableNames.put(path, copy);
            }
        });
        return after;
    }

    /// The disk as a kill of the process leaves it: everything written is seen, synced or not.
    public synchronized PowerLossDisk afterKill() {
        off = true;
        var after = new PowerLossDisk();
        after.capacity = capacity;
        after.names.putAll(names);
        after.durableNames.putAll(durableNames);
        after.directories.addAll(directories);
        after.durableDirectories.addAll(durableDirectories);
        unsyncedNames.forEach((path, list) -> after.unsyncedNames.put(path, new ArrayList<>(list)));
        return after;
    }

    private static Set<Path> reachable(Set<Path> known) {
        var result = new HashSet<Path>();
        for (Path one : known) {
            boolean whole = true;
            for (Path up = one; up != null; up = up.getParent()) {
                whole &= known.contains(up);
            }
            if (whole) {
                result.add(one);
            }
        }
        return result;
    }

    private static void apply(Naming change, Map<Path, Inode> to, Set<Path> known) {
        if (change.remove != null) {
            to.remove(change.remove);
        }
        if (change.put != null) {
            if (change.inode == null) {
                known.add(change.put);
            } else {
                to.put(change.put, change.inode);
            }
        }
    }

    private static Inode survivor(Inode inode, RandomGenerator random) {
        var copy = new Inode();
        copy.durable = inode.durable.clone();
        copy.durableSize = inode.durableSize;
        int mode = random.nextInt(4);
        for (Change change : inode.pending) {
            switch (mode) {
                case 0 -> {} // nothing of it
                case 1 -> copy.harden(change);
                default -> {
                    switch (change) {
                        case Change.Write write -> tear(copy, write, random);
                        case Change.Truncate truncate -> {
                            if (random.nextBoolean()) {
                                copy.harden(truncate);
                            }
                        }
                    }
                }
            }
        }
        copy.current = copy.durable.clone();
        copy.currentSize = copy.durableSize;
        return copy;
    }

    /// Some sectors survive; a missing one at the end may leave zeros or a shorter file.
    private static void tear(Inode copy, Change.Write write, RandomGenerator random) {
        int way = random.nextInt(4);
        if (way == 0) {
            return;
        }
        long end = write.position + write.bytes.length;
        for (long at = write.position; at < end; ) {
            long sectorEnd = Math.min(end, (at / SECTOR + 1) * SECTOR);
            if (way == 1 || random.nextBoolean()) {
                int from = (int) (at - write.position);
                int to = (int) (sectorEnd - write.position);
                copy.harden(new Change.Write(at, Arrays.copyOfRange(write.bytes, from, to)));
            } else if (way == 3) {
                return; // a prefix
            }
            at = sectorEnd;
        }
    }

    private static Path parent(Path path) {
        return java.util.Objects.requireNonNull(path.getParent());
    }

    private void on() throws IOException {
        if (off) {
            throw new IOException("the power is off");
        }
    }

    private final class OpenFile implements File {
        private final Inode inode;
        private final boolean writable;
        private boolean closed;

        OpenFile(Inode inode, boolean writable) {
            this.inode = inode;
            this.writable = writable;
        }

        private void check(boolean write) throws IOException {
            on();
            if (closed || write && !writable) {
                throw new IOException(closed ? "closed" : "opened for reading");
            }
        }

        @Override
        public int read(ByteBuffer to, long position) throws IOException {
            synchronized (PowerLossDisk.this) {
                check(false);
                if (position >= inode.currentSize) {
                    return -1;
                }
                int length = (int) Math.min(to.remaining(), inode.currentSize - position);
                to.put(inode.current, (int) position, length);
                return length;
            }
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            synchronized (PowerLossDisk.this) {
                check(true);
                byte[] bytes = new byte[from.remaining()];
                from.get(bytes);
                if (failingWrites > 0) {
                    failingWrites--;
                    inode.change(
                            new Change.Write(position, Arrays.copyOf(bytes, bytes.length / 2)));
                    throw new IOException("Input/output error");
                }
                long growth = position + bytes.length - inode.currentSize;
                if (growth > 0 && used() + growth > capacity) {
                    int fits = (int) Math.max(0, bytes.length - (used() + growth - capacity));
                    inode.change(new Change.Write(position, Arrays.copyOf(bytes, fits)));
                    throw new IOException("No space left on device");
                }
                inode.change(new Change.Write(position, bytes));
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (PowerLossDisk.this) {
                check(false);
                if (dying) {
                    off = true;
                    if (dyingClean) {
                        inode.pending.clear();
                    }
                    throw new IOException("the process was killed");
                }
                if (failingForces > 0) {
                    failingForces--;
                    inode.pending.clear(); // counts as clean, is nowhere
                    throw new IOException("Input/output error");
                }
                inode.pending.forEach(inode::harden);
                inode.pending.clear();
                forces++;
            }
        }

        @Override
        public long size() throws IOException {
            synchronized (PowerLossDisk.this) {
                check(false);
                return inode.currentSize;
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (PowerLossDisk.this) {
                check(true);
                inode.change(new Change.Truncate(size));
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private void name(Path directory, Naming change) throws IOException {
        if (!directories.contains(directory)) {
            throw new FileNotFoundException(directory.toString());
        }
        apply(change, names, directories);
        unsyncedNames.computeIfAbsent(directory, d -> new ArrayList<>()).add(change);
    }

    @Override
    public synchronized File openRead(Path path) throws IOException {
        on();
        Inode inode = names.get(path);
        if (inode == null) {
            throw new FileNotFoundException(path.toString());
        }
        return new OpenFile(inode, false);
    }

    @Override
    public synchronized File openWrite(Path path) throws IOException {
        on();
        Inode inode = names.get(path);
        return inode == null ? create(path) : new OpenFile(inode, true);
    }

    @Override
    public synchronized File create(Path path) throws IOException {
        on();
        if (names.containsKey(path)) {
            throw new FileAlreadyExistsException(path.toString());
        }
        var inode = new Inode();
        name(parent(path), new Naming(null, path, inode));
        return new OpenFile(inode, true);
    }

    @Override
    public synchronized void createDirectories(Path path) throws IOException {
        on();
        if (directories.contains(path)) {
            return;
        }
        createDirectories(parent(path));
        name(parent(path), new Naming(null, path, null));
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        on();
        Inode inode = names.get(from);
        if (inode == null) {
            throw new FileNotFoundException(from.toString());
        }
        if (!parent(from).equals(to.getParent())) {
            throw new IOException("this model renames within a directory only");
        }
        name(parent(from), new Naming(from, to, inode));
    }

    @Override
    public synchronized void delete(Path path) throws IOException {
        on();
        if (names.containsKey(path)) {
            name(parent(path), new Naming(path, null, null));
        }
    }

    @Override
    public synchronized boolean exists(Path path) {
        return names.containsKey(path) || directories.contains(path);
    }

    @Override
    public synchronized List<Path> list(Path directory) throws IOException {
        on();
        var result = new ArrayList<Path>();
        for (Path one : names.keySet()) {
            if (directory.equals(one.getParent())) {
                result.add(one);
            }
        }
        for (Path one : directories) {
            if (directory.equals(one.getParent())) {
                result.add(one);
            }
        }
        result.sort(null);
        return result;
    }

    @Override
    public synchronized void syncDirectory(Path directory) throws IOException {
        on();
        List<Naming> changes = unsyncedNames.remove(directory);
        if (changes != null) {
            changes.forEach(change -> apply(change, durableNames, durableDirectories));
        }
    }

    @Override
    public synchronized long usableSpace(Path path) {
        return capacity - used();
    }
}
