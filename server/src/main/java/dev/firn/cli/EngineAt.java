package dev.firn.cli;

import dev.firn.base.InputException;
import dev.firn.config.Config;
import dev.firn.engine.child.EngineConfig;
import dev.firn.engine.child.EngineProcess;
import dev.firn.engine.child.QueryLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// An engine's configuration for a command or the server: where its library and its data are.
public final class EngineAt {
    private EngineAt() {}

    /// The library that the configuration names, or that the launcher fetched.
    public static Path library(String configured) {
        @Nullable String fromLauncher = System.getenv("FIRN_ENGINE_LIBRARY");
        String path = configured.isEmpty() ? fromLauncher == null ? "" : fromLauncher : configured;
        if (path.isEmpty() || !Files.isRegularFile(Path.of(path))) {
            throw new InputException(
                    "cannot find the engine library"
                            + (path.isEmpty() ? "" : " at \"" + path + "\"")
                            + "; start Firn with ./firn, which fetches it, or set engine.library to a libchdb.so");
        }
        return Path.of(path).toAbsolutePath();
    }

    /// The engine's folder in a data directory.
    public static Path folder(Path data) {
        return data.toAbsolutePath().normalize().resolve("engine");
    }

    /// For a command that opens a data directory itself: a free port, modest memory, the library
    /// and the database that the configuration names.
    static EngineConfig forCommand(Path data, Config.Engine settings) {
        long memory = 2L << 30;
        return new EngineConfig(
                library(settings.library()),
                folder(data),
                "127.0.0.1",
                0,
                EngineProcess.newSecret(),
                memory,
                settings.database(),
                QueryLimits.within(memory));
    }
}
