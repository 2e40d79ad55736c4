package dev.firn.receive.file;

import dev.firn.base.Clock;
import dev.firn.config.OtlpJsonFileReceiverConfig;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToLongFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The files of a receiver: finds them, knows them again, and writes down what it knows before a
/// line of a new one is taken. Used by one thread.
final class FileSet implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileSet.class);

    /// Contents that are gone from their file, remembered to know copies of them.
    private static final int GONE_MAX = 64;

    /// A file under a name that is not read (any more) is closed this long after its last line: its
    /// writer may not know yet that it was renamed.
    private static final long LEFT_NANOS = 60_000_000_000L;

    private record Found(Path path, String inode, long size, long modified) {}

    private final OtlpJsonFileReceiverConfig config;
    private final FilePatterns patterns;
    private final PositionFile positions;
    private final IntToLongFunction answeredUpTo;
    private final RandomGenerator random;
    private final Clock clock;
    private final Map<String, OpenFile> open = new LinkedHashMap<>();
    private final Deque<KnownFile> gone = new ArrayDeque<>();
    private boolean fromBeginning;
    private boolean dirty;
    private int skipped;

    FileSet(
            OtlpJsonFileReceiverConfig config,
            PositionFile positions,
            IntToLongFunction answeredUpTo,
            RandomGenerator random,
            Clock clock) {
        this.config = config;
        this.patterns = new FilePatterns(config.include(), config.exclude());
        this.positions = positions;
        this.answeredUpTo = answeredUpTo;
        this.random = random;
        this.clock = clock;
        this.fromBeginning = config.startAtBeginning() || positions.exists();
    }

    /// Finds the files of the process before this one, under whatever name.
    void restore() throws IOException {
        closeAll(); // of a try that failed half-way
        gone.clear();
        for (KnownFile known : positions.read()) {
            if (!find(known)) {
                remember(known);
            }
        }
    }

    private boolean find(KnownFile known) throws IOException {
        Path path = Path.of(known.path());
        var candidates = new ArrayList<Found>();
        Path folder = path.getParent();
        if (folder != null && Files.isDirectory(folder)) {
            try (var names = Files.list(folder)) {
                for (Path one : names.sorted().toList()) {
                    Found found = look(one);
                    if (found != null && found.inode.equals(known.inode())) {
                        candidates.add(found);
                    }
                }
            }
        }
        Found sameName = look(path); // device numbers may change when the machine starts anew
        if (sameName != null && !candidates.contains(sameName)) {
            candidates.add(sameName);
        }
        for (Found one : candidates) {
            boolean nameOnly = !one.inode.equals(known.inode());
            if (open.containsKey(one.inode) || (nameOnly && known.offset() == 0)) {
                continue;
            }
            FileChannel channel = OpenFile.open(one.path);
            if (OpenFile.holds(channel, known)) {
                resume(known, one, channel);
                return true;
            }
            channel.close();
        }
        return false;
    }

    /// Goes on behind what the log has. What does not end there with a line is not the content that
    /// the log knows: it was cut, or replaced while nothing of it was written down.
    private void resume(KnownFile known, Found found, FileChannel channel) throws IOException {
        long answered = Math.max(known.offset(), answeredUpTo.applyAsLong(known.source()));
        long size = channel.size();
        boolean same = size >= answered && OpenFile.lineBegin(channel, answered) == answered;
        long begin = answered;
        if (!same) {
            begin =
                    known.offset() > 0 && size < answered
                            ? OpenFile.lineBegin(channel, size)
                            : known.offset();
        }
        add(
                OpenFile.at(
                        same ? known.source() : newSource(),
                        found.path,
                        found.inode,
                        channel,
                        begin,
                        config.fingerprintBytes()));
    }

    private void add(OpenFile file) {
        file.lastTicks = clock.ticks();
        open.put(file.inode(), file);
        dirty = true;
    }

    private void remember(KnownFile known) {
        if (known.offset() > 0) {
            gone.addFirst(
                    new KnownFile(
                            known.source(),
                            known.path(),
                            "",
                            known.head(),
                            known.offset(),
                            known.tail()));
            if (gone.size() > GONE_MAX) {
                gone.removeLast();
            }
        }
        dirty = true;
    }

    private int newSource() {
        while (true) {
            int source = random.nextInt();
            boolean taken =
                    source == 0
                            || answeredUpTo.applyAsLong(source) > 0
                            || open.values().stream().anyMatch(one -> one.source() == source)
                            || gone.stream().anyMatch(one -> one.source() == source);
            if (!taken) {
                return source;
            }
        }
    }

    /// Looks for files that are new, renamed or gone; the others are in the order in which they
    /// were met.
    void look() throws IOException {
        var names = new HashSet<String>();
        var unknown = new ArrayList<Found>();
        for (Path path : patterns.files()) {
            Found found = look(path);
            if (found == null || !names.add(found.inode)) {
                continue;
            }
            OpenFile known = open.get(found.inode);
            if (known != null) {
                known.seenAt(path);
                known.lastTicks = clock.ticks();
            } else if (found.size > 0) {
                unknown.add(found);
            }
        }
        unknown.sort(Comparator.comparingLong(Found::modified).thenComparing(Found::path));
        skipped = 0;
        for (Found one : unknown) {
            meet(one);
        }
        closeLeft(names);
        fromBeginning = true;
        if (dirty) {
            save();
        }
    }

    private static @Nullable Found look(Path path) {
        try {
            var attributes = Files.readAttributes(path, BasicFileAttributes.class);
            Object key = attributes.fileKey();
            return attributes.isRegularFile()
                    ? new Found(
                            path,
                            key == null ? path.toString() : key.toString(),
                            attributes.size(),
                            attributes.lastModifiedTime().toMillis())
                    : null;
        } catch (IOException e) {
            return null; // gone in between, or not ours to read
        }
    }

    private void meet(Found found) {
        if (open.size() >= config.filesMax()) {
            skipped++;
            return;
        }
        try {
            FileChannel channel = OpenFile.open(found.path);
            boolean added = false;
            try {
                added = meet(found, channel);
            } finally {
                if (!added) {
                    channel.close();
                    skipped++;
                }
            }
        } catch (IOException e) {
            LOG.debug("cannot open \"{}\"", found.path, e); // it is tried again next time
        }
    }

    private boolean meet(Found found, FileChannel channel) throws IOException {
        if (isCompressed(OpenFile.bytes(channel, 0, 4))) {
            return false;
        }
        KnownFile original = original(channel);
        if (original != null) {
            LOG.info(
                    "\"{}\" goes on where \"{}\" was read to, byte {}",
                    found.path,
                    original.path(),
                    original.offset());
            gone.remove(original);
            long answered =
                    Math.max(original.offset(), answeredUpTo.applyAsLong(original.source()));
            long offset = Math.min(answered, channel.size());
            add(begin(found, channel, OpenFile.lineBegin(channel, offset)));
            return true;
        }
        long begin = fromBeginning ? 0 : OpenFile.lineBegin(channel, channel.size());
        add(begin(found, channel, begin));
        return true;
    }

    private OpenFile begin(Found found, FileChannel channel, long offset) throws IOException {
        return OpenFile.at(
                newSource(), found.path, found.inode, channel, offset, config.fingerprintBytes());
    }

    /// The content that this one is a copy of, which rotation by copying makes.
    private @Nullable KnownFile original(FileChannel channel) throws IOException {
        for (KnownFile one : gone) {
            if (OpenFile.holds(channel, one)) {
                return one;
            }
        }
        for (OpenFile one : open.values()) {
            KnownFile known = one.known();
            if (known.offset() > 0 && OpenFile.holds(channel, known)) {
                return known;
            }
        }
        return null;
    }

    /// gzip, zstd, bzip2, xz.
    private static boolean isCompressed(byte[] magic) {
        return startsWith(magic, 0x1f, 0x8b)
                || startsWith(magic, 0x28, 0xb5, 0x2f, 0xfd)
                || startsWith(magic, 'B', 'Z', 'h')
                || startsWith(magic, 0xfd, '7', 'z', 'X');
    }

    private static boolean startsWith(byte[] bytes, int... magic) {
        for (int i = 0; i < magic.length; i++) {
            if (i >= bytes.length || (bytes[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    private void closeLeft(Set<String> names) throws IOException {
        for (OpenFile one : List.copyOf(open.values())) {
            boolean left =
                    !names.contains(one.inode())
                            && clock.ticks() - one.lastTicks > LEFT_NANOS
                            && one.channel().size() == one.endSeen;
            if (left) {
                open.remove(one.inode());
                remember(one.known());
                one.close();
            }
        }
    }

    /// The file was emptied or written anew: what follows is another content.
    OpenFile renew(OpenFile file) throws IOException {
        LOG.warn(
                "\"{}\" was emptied or written anew after byte {} was read; it is read from its"
                        + " beginning, and what was appended last may be lost",
                file.path(),
                file.offset());
        remember(file.known());
        OpenFile anew =
                OpenFile.at(
                        newSource(),
                        file.path(),
                        file.inode(),
                        file.channel(),
                        0,
                        config.fingerprintBytes());
        add(anew);
        save();
        return anew;
    }

    Collection<OpenFile> files() {
        return List.copyOf(open.values());
    }

    /// Files that are left alone for now.
    int skipped() {
        return skipped;
    }

    /// A file has moved on.
    void changed() {
        dirty = true;
    }

    /// Writes down what is known, if it has changed.
    void save() throws IOException {
        if (dirty || !positions.exists()) {
            var all = new ArrayList<KnownFile>();
            open.values().forEach(one -> all.add(one.known()));
            all.addAll(gone);
            positions.write(all);
            dirty = false;
        }
    }

    @Override
    public void close() throws IOException {
        save();
        closeAll();
    }

    private void closeAll() throws IOException {
        for (OpenFile one : open.values()) {
            one.close();
        }
        open.clear();
    }
}
