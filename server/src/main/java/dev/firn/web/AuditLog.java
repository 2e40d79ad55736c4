package dev.firn.web;

import dev.firn.base.Clock;
import dev.firn.base.Throttle;
import dev.firn.base.WorldException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Who did what to this Firn: `state/audit.jsonl` in the data directory, a line of JSON each, on
/// disk right after the answer. At [#BYTES_MAX] the file becomes `audit.1.jsonl` and a new one
/// begins; the one before goes. Thread-safe.
public final class AuditLog implements AutoCloseable {
    static final String FILE = "audit.jsonl";
    static final String FILE_BEFORE = "audit.1.jsonl";
    static final long BYTES_MAX = 16 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final int CHARS_MAX = 1_000;

    /// A refusal a second: a flood of them must not push the acts out of the file.
    private static final long REFUSAL_SECONDS = 1;

    private static final long LOG_SECONDS = 60;

    private final Path folder;
    private final long bytesMax;
    private final Clock clock;
    private final Throttle refusals;
    private final Throttle failures;
    private FileChannel file;

    /// Whether the last line may lack its end.
    private boolean torn;

    /// What is written down.
    ///
    /// @param user "" for nobody in particular
    /// @param from address
    /// @param what was done or tried
    /// @param result what came of it
    record Entry(String user, String from, String what, String result) {}

    private AuditLog(Path folder, long bytesMax, Clock clock) throws IOException {
        this.folder = folder;
        this.bytesMax = bytesMax;
        this.clock = clock;
        this.refusals = new Throttle(clock, REFUSAL_SECONDS);
        this.failures = new Throttle(clock, LOG_SECONDS);
        this.file = opened();
        this.torn = file.size() > 0;
    }

    /// Opens or makes the file.
    ///
    /// @param folder where it is to be
    public static AuditLog open(Path folder, Clock clock) {
        return open(folder, BYTES_MAX, clock);
    }

    static AuditLog open(Path folder, long bytesMax, Clock clock) {
        try {
            Files.createDirectories(folder);
            return new AuditLog(folder, bytesMax, clock);
        } catch (IOException e) {
            throw new WorldException(
                    "cannot open \"" + folder.resolve(FILE) + "\": " + e.getMessage(), e);
        }
    }

    private FileChannel opened() throws IOException {
        Path path = folder.resolve(FILE);
        if (Files.notExists(path)) {
            Files.createFile(
                    path,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-r-----")));
        }
        return FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    /// Writes down what was done.
    void done(Entry entry) {
        write(entry, 0);
    }

    /// Writes down what a command did that needed no Firn.
    public void ofCommand(String what, String result) {
        done(new Entry(System.getProperty("user.name", ""), "command line", what, result));
    }

    /// Writes down what an administrator wrote at the engine's port.
    public void ofEngine(String user, String what, String result) {
        done(new Entry(user, "engine", what, result));
    }

    /// Writes down what was refused, unless too much was.
    void refused(Entry entry) {
        long dropped = refusals.permit();
        if (dropped >= 0) {
            write(entry, dropped);
        }
    }

    private synchronized void write(Entry entry, long dropped) {
        var line = new LinkedHashMap<String, Object>();
        line.put("at", Instant.ofEpochMilli(clock.millis()).toString());
        line.put("user", entry.user);
        line.put("from", entry.from);
        line.put("what", cut(entry.what));
        line.put("result", cut(entry.result));
        if (dropped > 0) {
            line.put("refused_before", dropped);
        }
        byte[] bytes = (MAPPER.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            if (!file.isOpen()) {
                file = opened(); // making room has failed
            }
            if (file.size() + bytes.length > bytesMax) {
                file.close();
                Files.move(
                        folder.resolve(FILE),
                        folder.resolve(FILE_BEFORE),
                        StandardCopyOption.REPLACE_EXISTING);
                file = opened();
            }
            if (torn) {
                append(new byte[] {'\n'});
            }
            torn = true;
            append(bytes);
            torn = false;
            file.force(false);
        } catch (IOException e) {
            long silent = failures.permit();
            if (silent >= 0) {
                LOG.error(
                        "cannot write {} to \"{}\": {} ({} such messages were not logged)",
                        line,
                        folder.resolve(FILE),
                        e.getMessage(),
                        silent);
            }
        }
    }

    private void append(byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            file.write(buffer);
        }
    }

    private static String cut(String text) {
        return text.length() > CHARS_MAX ? text.substring(0, CHARS_MAX) + " …" : text;
    }

    /// The newest entries, newest first.
    synchronized List<JsonNode> newest(int limit) {
        var lines = new ArrayList<String>();
        for (String name : List.of(FILE_BEFORE, FILE)) {
            Path path = folder.resolve(name);
            try {
                if (Files.exists(path)) {
                    // not as UTF-8 that must be whole: a line may be cut off within a letter
                    new String(Files.readAllBytes(path), StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> !line.isEmpty())
                            .forEach(lines::add);
                }
            } catch (IOException e) {
                throw new WorldException("cannot read \"" + path + "\": " + e.getMessage(), e);
            }
        }
        List<String> last = lines.subList(Math.max(0, lines.size() - limit), lines.size());
        return last.reversed().stream().map(AuditLog::parsed).toList();
    }

    /// A line that a crash cut off is shown as it is.
    private static JsonNode parsed(String line) {
        try {
            return MAPPER.readTree(line);
        } catch (tools.jackson.core.JacksonException e) {
            return MAPPER.valueToTree(Map.of("broken", line));
        }
    }

    @Override
    public synchronized void close() {
        try {
            file.close();
        } catch (IOException e) {
            LOG.debug("cannot close the audit log: {}", e.getMessage());
        }
    }
}
