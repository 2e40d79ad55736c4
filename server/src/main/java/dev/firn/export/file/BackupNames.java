package dev.firn.export.file;

import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;

/// Names of files that were put aside: `metrics-2026-11-24T03-04-05.678-size.jsonl` beside
/// `metrics.jsonl`, as today's Collector has it. Older ones wrote no `-size`; both are recognised.
final class BackupNames {
    private static final String REASON = "-size";
    private static final int TIMESTAMP_LENGTH = "2026-11-24T03-04-05.678".length();
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss.SSS", Locale.ROOT);

    private final String prefix;
    private final String extension;
    private final ZoneId zone;

    BackupNames(Path file, boolean localTime) {
        String name = String.valueOf(file.getFileName());
        int dot = name.lastIndexOf('.');
        extension = dot < 0 ? "" : name.substring(dot);
        prefix = name.substring(0, name.length() - extension.length()) + "-";
        zone = localTime ? ZoneId.systemDefault() : ZoneOffset.UTC;
    }

    /// The name of a file put aside now.
    String of(long millis) {
        return prefix
                + TIMESTAMP.format(LocalDateTime.ofInstant(Instant.ofEpochMilli(millis), zone))
                + REASON
                + extension;
    }

    /// When a file with this name was put aside, in milliseconds; empty if it is no backup.
    Optional<Long> millis(String name) {
        if (name.length() < prefix.length() + TIMESTAMP_LENGTH + extension.length()
                || !name.startsWith(prefix)
                || !name.endsWith(extension)) {
            return Optional.empty();
        }
        int end = prefix.length() + TIMESTAMP_LENGTH;
        String reason = name.substring(end, name.length() - extension.length());
        if (!reason.isEmpty() && !reason.startsWith("-")) {
            return Optional.empty();
        }
        try {
            var time = LocalDateTime.parse(name.substring(prefix.length(), end), TIMESTAMP);
            return Optional.of(time.atZone(zone).toInstant().toEpochMilli());
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
