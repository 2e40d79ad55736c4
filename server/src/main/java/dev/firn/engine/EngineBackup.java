package dev.firn.engine;

import dev.firn.base.InputException;
import dev.firn.model.CheckpointStore;
import dev.firn.model.CheckpointStore.Checkpoint;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/// Backs up the engine's database, and brings one back so that whoever fills it goes on where the
/// backup stands.
///
/// A backup takes its tables one after the other while points come in, so that it holds some rows
/// of cuts that came after its begin. What it holds in whole was asked before; after a restore the
/// other rows are taken out, and checkpoints name what is left.
public final class EngineBackup {
    private EngineBackup() {}

    /// Backs up. The rollups must be at rest.
    ///
    /// @param place below the backups' folder
    public static void take(EngineClient client, String database, String place)
            throws InterruptedException {
        client.execute(EngineSql.read("backup/backup_database", parameters(database, place)));
    }

    private static Map<String, String> parameters(String database, String place) {
        return Map.of("database", database, "place", EngineSql.quoted(place));
    }

    /// Restores into an engine that has no such database. May be done again after it was broken
    /// off, once the database is dropped; until it is done, a start takes the engine for another
    /// one and fills it from log and lake.
    ///
    /// @param contents what the backup holds in whole
    /// @param writer of the log in the data directory; empty: there is none yet
    /// @param checkpoints of that log
    /// @throws InputException when there is such a database
    public static void restore(
            EngineClient client,
            Schema schema,
            EngineContents contents,
            String place,
            String writer,
            CheckpointStore checkpoints)
            throws InterruptedException {
        String database = schema.database();
        String tables = EngineSql.read("engine/count_tables", Map.of("database", database));
        if (client.query(tables).getFirst().number(0) > 0) {
            throw new InputException(
                    ("cannot restore database \"%s\": the engine has one of that name; move the"
                                    + " folder \"engine\" of the data directory away")
                            .formatted(database));
        }
        String start = "restored-" + HexFormat.of().toHexDigits(new SecureRandom().nextLong());
        if (!writer.isEmpty()) {
            note(checkpoints, contents, writer, database, start); // names a mark that is not there
        }
        client.execute(EngineSql.read("backup/restore_database", parameters(database, place)));
        for (Table table : Table.values()) {
            client.execute(
                    EngineSql.read(
                            "engine/delete_part",
                            Map.of(
                                    "database", database,
                                    "table", table.label(),
                                    "condition", contents.later())));
        }
        client.execute(
                EngineSql.read(
                        "engine/truncate", Map.of("database", database, "table", "firn_starts")));
        schema.migrate(client);
        schema.recordStart(client, start); // from here on the checkpoints hold
    }

    private static void note(
            CheckpointStore checkpoints,
            EngineContents contents,
            String writer,
            String database,
            String start) {
        var sink = new TreeMap<String, String>();
        sink.put(EngineSink.START, start);
        sink.put(EngineSink.DATABASE, database);
        long done = contents.positions().getOrDefault(writer, 0L);
        checkpoints.write(new Checkpoint(EngineSink.NAME, done, sink));
        var applied = new LakeLoad.Applied(contents.snapshot(), contents.positions());
        checkpoints.write(new Checkpoint(LakeLoad.NAME, 0, applied.fields(start)));
    }
}
