package dev.firn.wal;

import dev.firn.base.Disk;
import dev.firn.base.Reason;
import dev.firn.base.WorldException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The log's small files: JSON objects with a format version, replaced atomically.
final class Json {
    private static final JsonMapper MAPPER = new JsonMapper();

    private Json() {}

    static ObjectNode object(int version) {
        return MAPPER.createObjectNode().put("version", version);
    }

    static ObjectNode read(Disk disk, Path path, int versionKnown) {
        JsonNode node;
        try {
            node = MAPPER.readTree(disk.readAll(path));
        } catch (IOException | JacksonException e) {
            throw new WorldException("cannot read \"" + path + "\": " + e.getMessage(), e);
        }
        if (!(node instanceof ObjectNode object) || !object.path("version").isInt()) {
            throw new WorldException(
                    "cannot read \"" + path + "\": it is no JSON object with a version");
        }
        int version = object.path("version").intValue();
        if (version > versionKnown) {
            throw new WorldException(
                    "cannot read \""
                            + path
                            + "\": its format has version "
                            + version
                            + ", this Firn knows "
                            + versionKnown
                            + "; start the Firn that wrote it, or a newer one");
        }
        return object;
    }

    static void replace(Disk disk, Path path, ObjectNode contents) {
        try {
            disk.replace(path, (contents.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new WorldException("cannot write \"" + path + "\": " + Reason.of(e), e);
        }
    }
}
