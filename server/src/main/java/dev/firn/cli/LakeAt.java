package dev.firn.cli;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.Config;
import dev.firn.engine.EngineClient;
import dev.firn.lake.LakeCatalog;
import dev.firn.query.FileServer;
import dev.firn.query.LakeQuestions;
import java.nio.file.Path;
import java.time.Duration;

/// The lake of a data directory that no Firn holds, with an engine for a command: always a child,
/// which can open the lake's files.
///
/// @param questions to it
record LakeAt(
        LakeCatalog catalog,
        EnginePlace engine,
        EngineClient client,
        FileServer files,
        LakeQuestions questions)
        implements AutoCloseable {
    private static final Duration QUERY_MAX = Duration.ofMinutes(10);

    static LakeAt open(Path data, Config config) {
        Config.Engine settings = config.engine();
        LakeCatalog catalog = LakeCommand.catalog(config.lake(), data);
        try {
            EnginePlace engine =
                    EnginePlace.child(
                            EngineAt.forCommand(data, settings), settings, new OwnMetrics());
            EngineClient client = engine.client(Clock.system(), QUERY_MAX);
            var files = new FileServer();
            return new LakeAt(
                    catalog,
                    engine,
                    client,
                    files,
                    new LakeQuestions(catalog, client, files, settings.database()));
        } catch (RuntimeException e) {
            catalog.close();
            throw e;
        }
    }

    String url() {
        return engine.url();
    }

    @Override
    public void close() {
        try {
            client.close();
        } finally {
            try {
                engine.close();
            } finally {
                files.close();
                catalog.close();
            }
        }
    }
}
