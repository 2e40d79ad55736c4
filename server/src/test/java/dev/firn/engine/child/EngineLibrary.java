package dev.firn.engine.child;

import java.nio.file.Files;
import java.nio.file.Path;

/// Where tests find libchdb: told by `firn.engine.library` or `FIRN_ENGINE_LIBRARY`, else where the
/// launcher puts it. Its absence fails a test, since a skipped test proves nothing.
public final class EngineLibrary {
    private EngineLibrary() {}

    /// The library's path.
    public static Path find() {
        String told =
                System.getProperty("firn.engine.library", System.getenv("FIRN_ENGINE_LIBRARY"));
        if (told != null) {
            return Path.of(told).toAbsolutePath();
        }
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path engines = at.resolve(".firn/engine");
            if (Files.isDirectory(engines)) {
                try (var versions = Files.list(engines)) {
                    var found =
                            versions.map(version -> version.resolve("libchdb.so"))
                                    .filter(Files::exists)
                                    .sorted()
                                    .toList();
                    if (!found.isEmpty()) {
                        return found.getLast();
                    }
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        }
        throw new AssertionError(
                "cannot find the engine library libchdb.so under .firn/engine; run ./firn once to"
                        + " fetch it, or set FIRN_ENGINE_LIBRARY");
    }
}
