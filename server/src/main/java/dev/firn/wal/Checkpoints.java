package dev.firn.wal;

import dev.firn.base.Disk;
import dev.firn.base.Reason;
import dev.firn.base.WorldException;
import dev.firn.model.CheckpointStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Checkpoints as files: `checkpoint/<sink>.json`, version 1, replaced atomically and synced.
final class Checkpoints implements CheckpointStore {
    private static final int VERSION = 1;

    private final Disk disk;
    private final Path folder;
    private volatile boolean folderDurable;

    Checkpoints(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
    }

    @Override
    public @Nullable Checkpoint read(String sink) {
        Path path = WalFiles.checkpoint(folder, sink);
        return disk.exists(path) ? fromJson(Json.read(disk, path, VERSION), path) : null;
    }

    /// Those of all sinks, by name.
    List<Checkpoint> all() {
        try {
            var result = new ArrayList<Checkpoint>();
            for (Path path : disk.list(folder.resolve(WalFiles.CHECKPOINT))) {
                String name = String.valueOf(path.getFileName());
                Checkpoint one =
                        name.endsWith(".json") ? read(name.substring(0, name.length() - 5)) : null;
                if (one != null) {
                    result.add(one);
                }
            }
            return result;
        } catch (IOException e) {
            throw new WorldException(
                    "cannot list the checkpoints in \"" + folder + "\": " + Reason.of(e), e);
        }
    }

    @Override
    public void write(Checkpoint checkpoint) {
        Path path = WalFiles.checkpoint(folder, checkpoint.sink());
        Path directory = folder.resolve(WalFiles.CHECKPOINT);
        if (!folderDurable) { // that it exists says nothing: who made it may have died before
            try {
                disk.createDirectories(directory);
                disk.syncDirectory(folder);
                folderDurable = true;
            } catch (IOException e) {
                throw new WorldException("cannot create \"" + directory + "\": " + Reason.of(e), e);
            }
        }
        Json.replace(disk, path, toJson(checkpoint));
    }

    static ObjectNode toJson(Checkpoint checkpoint) {
        ObjectNode json =
                Json.object(VERSION)
                        .put("sink", checkpoint.sink())
                        .put("sequence", checkpoint.sequence());
        ObjectNode fields = json.putObject("fields");
        checkpoint.fields().forEach(fields::put);
        return json;
    }

    static Checkpoint fromJson(ObjectNode json, Path path) {
        if (!json.path("sink").isString() || !json.path("sequence").canConvertToLong()) {
            throw new WorldException(
                    "cannot read \"" + path + "\": it lacks \"sink\" or \"sequence\"");
        }
        var fields = new TreeMap<String, String>();
        json.path("fields")
                .properties()
                .forEach(one -> fields.put(one.getKey(), one.getValue().asString("")));
        return new Checkpoint(
                json.path("sink").asString(""), json.path("sequence").asLong(0), fields);
    }
}
