package dev.firn.ops.load;

import dev.firn.base.InputException;
import dev.firn.base.Reason;
import dev.firn.base.WorldException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/// Writes a ledger as lines of JSON (`docs/formats/ledger.md`), as it comes: lines with the same
/// key add up. [Ledger#read] is its twin.
public final class LedgerFile implements LedgerSink, AutoCloseable {
    private static final int FORMAT = 1;

    private final Path file;
    private final ObjectMapper json = new ObjectMapper();
    private final BufferedWriter writer;

    /// Creates or replaces the file.
    public LedgerFile(Path file, LoadOptions options) {
        this.file = file;
        try {
            writer = Files.newBufferedWriter(file);
        } catch (IOException e) {
            throw failed(e);
        }
        ObjectNode header = json.createObjectNode();
        header.put("type", "ledger").put("format", FORMAT).put("ticks_per_second", Ledger.TICKS);
        header.put("seed", options.seed()).put("rate", options.rate());
        header.put("series", options.series()).put("from_unix_nano", options.fromNanos());
        header.put("live_from_unix_nano", options.liveFromNanos());
        header.put("until_unix_nano", options.untilNanos());
        write(header);
    }

    @Override
    public void requests(Ledger.RequestKey key, Ledger.Requests requests) {
        ObjectNode line = json.createObjectNode();
        line.put("type", "requests").put("hour", hourText(key.hour()));
        line.put("plane", key.plane()).put("environment", key.environment());
        line.put("service", key.service()).put("route", key.route());
        line.put("method", key.method()).put("status", key.status());
        line.put("happened", requests.happened()).put("happened_ticks", requests.happenedTicks());
        line.put("exported", requests.exported()).put("exported_ticks", requests.exportedTicks());
        write(line);
    }

    @Override
    public void points(Ledger.PointKey key, Ledger.Points points) {
        ObjectNode line = json.createObjectNode();
        line.put("type", "points").put("hour", hourText(key.hour()));
        line.put("metric", key.metric()).put("kind", key.kind());
        line.put("temporality", key.temporality());
        line.put("sent", points.sent()).put("acknowledged", points.acknowledged());
        line.put("partial", points.partial()).put("refused", points.refused());
        line.put("unknown", points.unknown()).put("series", points.series());
        write(line);
    }

    @Override
    public void event(Ledger.Event event) {
        ObjectNode line = json.createObjectNode();
        line.put("type", "event").put("unix_nano", event.nanos());
        line.put("what", event.what()).put("where", event.where());
        write(line);
    }

    private synchronized void write(ObjectNode line) {
        try {
            writer.write(json.writeValueAsString(line));
            writer.write('\n');
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /// Hands lines to the operating system.
    public synchronized void flush() {
        try {
            writer.flush();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public synchronized void close() {
        try {
            writer.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private WorldException failed(IOException e) {
        return new WorldException(
                "cannot write ledger \""
                        + file
                        + "\": "
                        + Reason.of(e)
                        + "; name another file with --ledger",
                e);
    }

    /// Adds one line to `ledger`. Types of line that are not known are passed over.
    static void take(JsonNode line, int number, Path file, Ledger ledger) {
        String type = line.path("type").asString("");
        if (number == 1 && (!type.equals("ledger") || line.path("format").asInt(0) != FORMAT)) {
            throw wrong(file, number, "it must say type \"ledger\" and format " + FORMAT);
        }
        switch (type) {
            case "requests" -> takeRequests(line, number, file, ledger);
            case "points" -> takePoints(line, number, file, ledger);
            case "event" ->
                    ledger.event(
                            new Ledger.Event(
                                    whole(line, "unix_nano", number, file),
                                    text(line, "what", number, file),
                                    text(line, "where", number, file)));
            default -> {}
        }
    }

    private static void takeRequests(JsonNode line, int number, Path file, Ledger ledger) {
        ledger.requests(
                new Ledger.RequestKey(
                        hour(text(line, "hour", number, file), number, file),
                        text(line, "plane", number, file),
                        text(line, "environment", number, file),
                        text(line, "service", number, file),
                        text(line, "route", number, file),
                        text(line, "method", number, file),
                        (int) whole(line, "status", number, file)),
                new Ledger.Requests(
                        whole(line, "happened", number, file),
                        whole(line, "happened_ticks", number, file),
                        whole(line, "exported", number, file),
                        whole(line, "exported_ticks", number, file)));
    }

    private static void takePoints(JsonNode line, int number, Path file, Ledger ledger) {
        ledger.points(
                new Ledger.PointKey(
                        hour(text(line, "hour", number, file), number, file),
                        text(line, "metric", number, file),
                        text(line, "kind", number, file),
                        text(line, "temporality", number, file)),
                new Ledger.Points(
                        whole(line, "sent", number, file),
                        whole(line, "acknowledged", number, file),
                        whole(line, "partial", number, file),
                        whole(line, "refused", number, file),
                        whole(line, "unknown", number, file),
                        whole(line, "series", number, file)));
    }

    private static String text(JsonNode line, String field, int number, Path file) {
        JsonNode value = line.path(field);
        if (!value.isString()) {
            throw wrong(file, number, "\"" + field + "\" must be a string");
        }
        return value.asString();
    }

    private static long whole(JsonNode line, String field, int number, Path file) {
        JsonNode value = line.path(field);
        if (!value.canConvertToLong()) {
            throw wrong(file, number, "\"" + field + "\" must be a whole number");
        }
        return value.asLong();
    }

    private static String hourText(long hour) {
        return Instant.ofEpochSecond(hour * 3600).toString();
    }

    private static long hour(String text, int number, Path file) {
        try {
            return Instant.parse(text).getEpochSecond() / 3600;
        } catch (java.time.DateTimeException e) {
            throw wrong(file, number, "\"hour\" \"" + text + "\" must be an instant");
        }
    }

    static InputException wrong(Path file, int line, String why) {
        return new InputException("cannot read ledger \"" + file + "\", line " + line + ": " + why);
    }
}
