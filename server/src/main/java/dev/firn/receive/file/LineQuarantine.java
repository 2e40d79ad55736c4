package dev.firn.receive.file;

import dev.firn.base.Disk;
import dev.firn.base.Throttle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/// Lines that cannot be read, kept for a person: one file each, named by source and offset, so that
/// a line met again after a kill is not kept twice. Its first line says what is wrong, the second
/// is the line. Bounded: beyond it, lines are only counted.
final class LineQuarantine {
    private static final Logger LOG = LoggerFactory.getLogger(LineQuarantine.class);

    /// Bytes of all kept lines.
    static final long BYTES_MAX = 64L << 20;

    /// Of a longer line its begin is kept.
    static final int LINE_BYTES_MAX = 1 << 20;

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final Disk disk;
    private final Path folder;
    private final Throttle complaints;
    private final String receiver;
    private long bytes = -1;

    LineQuarantine(Disk disk, Path folder, String receiver, Throttle complaints) {
        this.disk = disk;
        this.folder = folder;
        this.receiver = receiver;
        this.complaints = complaints;
    }

    /// Keeps a line if there is room.
    void keep(int source, String path, long offset, byte[] line, int length, String why) {
        Path kept = folder.resolve(HexFormat.of().toHexDigits(source) + "-" + offset + ".jsonl");
        boolean done = false;
        try {
            done = store(kept, path, offset, line, Math.min(length, LINE_BYTES_MAX), why);
        } catch (IOException e) {
            why = why + " (and it cannot be kept: " + e.getMessage() + ")";
        }
        long more = complaints.permit();
        if (more >= 0) {
            LOG.warn(
                    "receiver {} passes over a line of \"{}\" at byte {}: {}; {} ({} more of these)",
                    receiver,
                    path,
                    offset,
                    why,
                    done ? "it is kept in \"" + kept + "\"" : "it is not kept",
                    more);
        }
    }

    private boolean store(Path kept, String path, long offset, byte[] line, int length, String why)
            throws IOException {
        if (bytes < 0) {
            bytes = size();
        }
        if (disk.exists(kept)) {
            return true;
        }
        byte[] head =
                (MAPPER.createObjectNode()
                                        .put("file", path)
                                        .put("offset", offset)
                                        .put("reason", why)
                                        .toString()
                                + "\n")
                        .getBytes(StandardCharsets.UTF_8);
        if (bytes + head.length + length > BYTES_MAX) {
            return false;
        }
        disk.createDirectories(folder);
        var contents = ByteBuffer.allocate(head.length + length + 1);
        contents.put(head).put(line, 0, length).put((byte) '\n');
        disk.replace(kept, contents.array());
        bytes += contents.capacity();
        return true;
    }

    private long size() throws IOException {
        long sum = 0;
        for (Path one : disk.list(folder)) {
            try (Disk.File file = disk.openRead(one)) {
                sum += file.size();
            }
        }
        return sum;
    }
}
