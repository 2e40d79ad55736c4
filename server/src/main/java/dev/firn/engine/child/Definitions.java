package dev.firn.engine.child;

import dev.firn.base.WorldException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The files in which the engine keeps what its tables and views are. On a full disk libchdb writes
/// an empty one and says that all went well; with it nothing is opened any more.
final class Definitions {
    private static final Logger LOG = LoggerFactory.getLogger(Definitions.class);
    private static final int DEPTH = 4;

    private final Path data;

    Definitions(Path data) {
        this.data = data;
    }

    /// Takes empty ones away: nothing is in them, and whoever needs a view makes it again.
    void removeEmpty() {
        for (String folder : new String[] {"store", "metadata"}) {
            Path in = data.resolve(folder);
            if (!Files.isDirectory(in)) {
                continue;
            }
            try (Stream<Path> paths =
                    Files.find(
                            in,
                            DEPTH,
                            (path, its) ->
                                    its.isRegularFile()
                                            && its.size() == 0
                                            && path.toString().endsWith(".sql"))) {
                for (Path path : paths.toList()) {
                    Files.delete(path);
                    LOG.warn(
                            "{} was empty, as a full disk leaves it, and is removed; a view comes"
                                    + " again by itself, of a table firn engine rebuild fills in"
                                    + " what the lake has",
                            path);
                }
            } catch (IOException e) {
                throw new WorldException("cannot look through the engine's data: " + e, e);
            }
        }
    }
}
