package dev.firn.base.security;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.Throttle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A small text file with a secret that somebody replaces now and then. Looked at again at most
/// once a second; while it cannot be read, its last text holds.
final class WatchedFile {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedFile.class);
    private static final long LOOK_NANOS = 1_000_000_000L;
    private static final long LOG_SECONDS = 60;
    private static final long BYTES_MAX = 1 << 20;

    private final String key;
    private final Path path;
    private final Clock clock;
    private final Throttle throttle;
    private long lookedTicks;
    private Stamp stamp;
    private String text;
    private long version;

    /// What tells that a file was replaced or written.
    private record Stamp(@Nullable Object file, long modifiedNanos, long size) {
        static Stamp of(Path path) throws IOException {
            var attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(
                    attributes.fileKey(),
                    attributes.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS),
                    attributes.size());
        }
    }

    /// @param key of the configuration, from the top
    /// @throws InputException when it cannot be read
    WatchedFile(String key, Path path, Clock clock) {
        this.key = key;
        this.path = path;
        this.clock = clock;
        this.throttle = new Throttle(clock, LOG_SECONDS);
        try {
            this.stamp = Stamp.of(path);
            this.text = read();
        } catch (IOException e) {
            throw new InputException(message(e));
        }
        this.lookedTicks = clock.ticks();
    }

    private String read() throws IOException {
        if (Files.size(path) > BYTES_MAX) {
            throw new IOException("it has more than " + BYTES_MAX + " bytes");
        }
        return Files.readString(path);
    }

    private String message(IOException e) {
        return "cannot read "
                + key
                + " \""
                + path
                + "\": "
                + (e instanceof NoSuchFileException ? "there is no such file" : e.getMessage())
                + "; write the path of a file that this user may read";
    }

    /// Its text as of now.
    synchronized String text() {
        if (clock.ticks() - lookedTicks >= LOOK_NANOS) {
            lookedTicks = clock.ticks();
            look();
        }
        return text;
    }

    /// Changes with each new text.
    synchronized long version() {
        text();
        return version;
    }

    private void look() {
        try {
            Stamp now = Stamp.of(path);
            if (!Objects.equals(now, stamp)) {
                text = read();
                stamp = now;
                version++;
            }
        } catch (IOException e) {
            long dropped = throttle.permit();
            if (dropped >= 0) {
                LOG.error(
                        "{}; what was read before stays in use ({} such messages were not logged)",
                        message(e),
                        dropped);
            }
        }
    }
}
