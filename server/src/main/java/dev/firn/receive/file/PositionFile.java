package dev.firn.receive.file;

import dev.firn.base.Disk;
import dev.firn.base.WorldException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What a receiver remembers of its files, in a small JSON file that is replaced as a whole.
final class PositionFile {
    private static final int VERSION = 1;
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final Disk disk;
    private final Path path;
    private boolean folderIsDurable;

    PositionFile(Disk disk, Path path) {
        this.disk = disk;
        this.path = path;
    }

    /// Whether this receiver has run before.
    boolean exists() {
        return disk.exists(path);
    }

    /// @throws WorldException when the file is there and cannot be read
    List<KnownFile> read() {
        if (!disk.exists(path)) {
            return List.of();
        }
        try {
            JsonNode root = MAPPER.readTree(disk.readAll(path));
            int version = root.path("version").asInt(0);
            if (version != VERSION) {
                throw new WorldException(
                        "cannot read \""
                                + path
                                + "\": its format has version "
                                + version
                                + ", this Firn knows "
                                + VERSION
                                + "; start the Firn that wrote it");
            }
            var files = new ArrayList<KnownFile>();
            for (JsonNode one : root.path("files")) {
                files.add(
                        new KnownFile(
                                one.path("source").asInt(0),
                                one.path("path").asString(""),
                                one.path("inode").asString(""),
                                bytes(one, "head"),
                                one.path("offset").asLong(0),
                                bytes(one, "tail")));
            }
            return files;
        } catch (IOException | JacksonException | IllegalArgumentException e) {
            throw new WorldException(
                    "cannot read the positions of files in \""
                            + path
                            + "\": "
                            + e.getMessage()
                            + "; mend the disk, or move that file away to begin anew as start_at"
                            + " says",
                    e);
        }
    }

    private static byte[] bytes(JsonNode node, String field) {
        return Base64.getDecoder().decode(node.path(field).asString(""));
    }

    /// Durable when this returns.
    void write(Collection<KnownFile> files) throws IOException {
        ObjectNode root = MAPPER.createObjectNode().put("version", VERSION);
        ArrayNode list = root.putArray("files");
        for (KnownFile one : files) {
            list.addObject()
                    .put("source", one.source())
                    .put("path", one.path())
                    .put("inode", one.inode())
                    .put("offset", one.offset())
                    .put("head", Base64.getEncoder().encodeToString(one.head()))
                    .put("tail", Base64.getEncoder().encodeToString(one.tail()));
        }
        makeFolder();
        disk.replace(path, (root.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /// The directory's own name must survive, too.
    private void makeFolder() throws IOException {
        Path folder = Objects.requireNonNull(path.getParent(), "a file has a directory");
        if (!folderIsDurable) {
            disk.createDirectories(folder);
            Path data = folder.getParent();
            if (data != null) {
                disk.syncDirectory(data);
            }
            folderIsDurable = true;
        }
    }
}
