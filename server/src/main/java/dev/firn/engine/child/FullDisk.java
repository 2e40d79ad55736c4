package dev.firn.engine.child;

import dev.firn.base.Clock;
import dev.firn.base.Throttle;
import dev.firn.base.WorldException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a full disk from emptying the engine: libchdb may then write all files of a part empty and
/// say that all went well, and minutes after such a merge the parts that it was made of are gone,
/// too. So nothing is made or inserted while there is little room, no merge begins, and parts that
/// came into being around such a time are looked at. Where one is empty the process ends: its next
/// incarnation sets the part aside and goes on with those that it was made of.
final class FullDisk implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FullDisk.class);

    /// Below it nothing is written.
    private static final long WRITE_BYTES = 16L << 20;

    /// Below it no merge begins.
    private static final long MERGE_BYTES = 64L << 20;

    private static final long LOOK_MILLIS = 500;
    private static final long CLOSE_MILLIS = 2_000;

    /// So long before and after there was little room, parts are looked at.
    private static final long AROUND_MILLIS = 60_000;

    private final Path data;
    private final Consumer<Boolean> merges;
    private final Runnable end;
    private final Throttle complaints = new Throttle(Clock.system(), 60);
    private final Thread watcher;
    private volatile long since; // milliseconds since 1970; 0: there is room
    private long until;
    private boolean stopped;

    /// @param merges told whether they may begin
    /// @param end ends the process
    FullDisk(Path data, Consumer<Boolean> merges, Runnable end) {
        this.data = data;
        this.merges = merges;
        this.end = end;
        this.watcher = Thread.ofPlatform().daemon().name("full-disk").start(this::watch);
    }

    /// Refuses what would write to a disk that is full.
    void requireRoom() {
        long room = room();
        if (room < WRITE_BYTES) {
            throw EngineException.of(
                    EngineException.NOT_ENOUGH_SPACE,
                    "NOT_ENOUGH_SPACE",
                    "Only " + room + " bytes are free, too little to write");
        }
    }

    /// Before it is said that something is stored.
    void written() {
        if (since != 0 || room() < MERGE_BYTES) {
            look(System.currentTimeMillis() - AROUND_MILLIS);
        }
    }

    private long room() {
        try {
            return Files.getFileStore(data).getUsableSpace();
        } catch (IOException e) {
            throw new WorldException("cannot tell the free space of " + data + ": " + e, e);
        }
    }

    private void watch() {
        try {
            while (!Thread.interrupted()) {
                try {
                    step(System.currentTimeMillis());
                } catch (RuntimeException e) { // whatever it is, the next look is needed
                    long dropped = complaints.permit();
                    if (dropped >= 0) {
                        LOG.warn(
                                "cannot look after the engine's disk ({} such messages dropped): {}",
                                dropped,
                                e.toString());
                    }
                }
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private void step(long now) {
        boolean little = room() < MERGE_BYTES;
        if (little) {
            since = since == 0 ? now - AROUND_MILLIS : since;
            until = now + AROUND_MILLIS;
        }
        if (since != 0) {
            look(since);
            since = now > until ? 0 : since;
        }
        if (little != stopped) {
            merges.accept(!little);
            stopped = little;
            LOG.warn(
                    little
                            ? "the engine's disk is nearly full: no merge begins"
                            : "the engine's disk has room again: merges go on");
        }
    }

    private void look(long from) {
        List<Path> empty = empty(from);
        if (!empty.isEmpty()) {
            LOG.error(
                    "a full disk left {} without contents; the engine starts anew with the parts"
                            + " that it was made of",
                    empty);
            end.run();
        }
    }

    /// Parts in use that were written since some time and have nothing in them.
    private List<Path> empty(long fromMillis) {
        var found = new ArrayList<Path>();
        for (Path prefix : folders(data.resolve("store"))) {
            for (Path table : folders(prefix)) {
                for (Path part : folders(table)) {
                    if (isEmpty(part, fromMillis)) {
                        found.add(part);
                    }
                }
            }
        }
        return found;
    }

    /// A part's name begins with its partition; what is being made or was set aside does not.
    private static boolean isEmpty(Path part, long fromMillis) {
        String name = part.getFileName().toString();
        if (name.startsWith("tmp") || name.startsWith("delet") || name.equals("detached")) {
            return false;
        }
        Path sums = part.resolve("checksums.txt");
        try {
            return Files.getLastModifiedTime(part).toMillis() >= fromMillis
                    && Files.size(sums) == 0;
        } catch (NoSuchFileException e) {
            return false; // no part, or taken away meanwhile
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> folders(Path in) {
        var found = new ArrayList<Path>();
        if (!Files.isDirectory(in)) {
            return found;
        }
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(in, Files::isDirectory)) {
            paths.forEach(found::add);
        } catch (NoSuchFileException e) {
            return found; // taken away meanwhile
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    @Override
    public void close() {
        watcher.interrupt();
        try {
            watcher.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
