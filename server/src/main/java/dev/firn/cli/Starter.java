package dev.firn.cli;

import dev.firn.config.Config;
import java.nio.file.Path;
import java.util.List;

/// Starts the program's main job; the root is the only place that can.
public interface Starter {
    /// A running Firn.
    interface Running extends AutoCloseable {
        /// Base URL of its web interface.
        String url();

        /// Base URL of the OTLP/HTTP receiver; empty if it has none.
        String otlpHttpUrl();

        /// Lines for a person: what listens where.
        List<String> listening();

        /// Stops in reverse order; the last commit is included.
        @Override
        void close();
    }

    /// Starts everything that the configuration asks for, or nothing.
    Running start(Config config, Path data);
}
