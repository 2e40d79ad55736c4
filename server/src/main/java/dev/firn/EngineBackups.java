package dev.firn;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.NioDisk;
import dev.firn.base.Reason;
import dev.firn.base.WorldException;
import dev.firn.cli.BackupFolder;
import dev.firn.cli.EnginePlace;
import dev.firn.engine.EngineBackup;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineContents;
import dev.firn.engine.EngineFeed;
import dev.firn.engine.Schema;
import dev.firn.web.Task;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;

/// `firn engine backup` in a running Firn: points come in meanwhile, the rollups wait.
final class EngineBackups implements Task {
    private static final Duration BACKUP_MAX = Duration.ofHours(24);

    private final EnginePlace place;
    private final EngineFeed feed;
    private final Schema schema;
    private final EnginePreparation preparation;
    private final Path data;
    private final Clock clock;

    EngineBackups(
            EnginePlace place,
            EngineFeed feed,
            Schema schema,
            EnginePreparation preparation,
            Path data,
            Clock clock) {
        this.place = place;
        this.feed = feed;
        this.schema = schema;
        this.preparation = preparation;
        this.data = data;
        this.clock = clock;
    }

    @Override
    public Object run(Map<String, String> parameters, Consumer<String> progress)
            throws InterruptedException {
        BackupFolder folder =
                BackupFolder.of(data, Objects.requireNonNullElse(parameters.get("name"), ""));
        folder.refuseThere();
        Lock rolling = preparation.rolling();
        rolling.lockInterruptibly();
        try (EngineClient client = place.client(clock, BACKUP_MAX)) {
            EngineContents contents = feed.contents();
            if (contents == null) {
                throw new InputException(
                        "cannot back up the engine: it is reading from the lake; wait for its end");
            }
            progress.accept("backing up into " + folder.path());
            EngineBackup.take(client, schema.database(), folder.place());
            folder.write(contents.toLines(schema.database()), new NioDisk());
            var answer = new TreeMap<String, Object>();
            answer.put("path", folder.path().toString());
            answer.put("positions", contents.positions());
            return answer;
        } catch (IOException e) {
            throw new WorldException("cannot write \"" + folder.path() + "\": " + Reason.of(e), e);
        } finally {
            rolling.unlock();
        }
    }
}
