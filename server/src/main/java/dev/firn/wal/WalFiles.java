package dev.firn.wal;

import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// Every file and folder name of the write-ahead log.
///
/// ```
/// <data>/wal/
///   writer                          JSON: version, writer
///   0000000001.wal …                segments
///   spare-0.wal …                   released segments, waiting to be used again
///   checkpoint/<sink>.json          how far a sink is
///   quarantine/<sink>/<cut>.wal     a cut that the sink refused for good, self-contained
///   quarantine/<sink>/<cut>.json    why
/// ```
public final class WalFiles {
    /// The log's folder in the data directory.
    public static final String FOLDER = "wal";

    /// Who writes this log.
    static final String WRITER = "writer";

    /// Folder of the sinks' checkpoints.
    static final String CHECKPOINT = "checkpoint";

    /// Folder of refused cuts.
    static final String QUARANTINE = "quarantine";

    private static final String SUFFIX = ".wal";
    private static final Pattern SEGMENT = Pattern.compile("(\\d{10})\\.wal");
    private static final Pattern SPARE = Pattern.compile("spare-\\d+\\.wal");
    private static final Pattern SINK = Pattern.compile("[a-z0-9_-]{1,40}");

    private WalFiles() {}

    static Path folder(Path data) {
        return data.resolve(FOLDER);
    }

    static Path segment(Path folder, long number) {
        return folder.resolve(String.format("%010d", number) + SUFFIX);
    }

    /// The number in a segment's name; empty for other files.
    static OptionalLong segmentNumber(Path path) {
        var matcher = SEGMENT.matcher(String.valueOf(path.getFileName()));
        return matcher.matches()
                ? OptionalLong.of(Long.parseLong(matcher.group(1)))
                : OptionalLong.empty();
    }

    static Path spare(Path folder, int index) {
        return folder.resolve("spare-" + index + SUFFIX);
    }

    static boolean isSpare(Path path) {
        return SPARE.matcher(String.valueOf(path.getFileName())).matches();
    }

    static Path checkpoint(Path folder, String sink) {
        return folder.resolve(CHECKPOINT).resolve(checkedSink(sink) + ".json");
    }

    static Path quarantine(Path folder, String sink) {
        return folder.resolve(QUARANTINE).resolve(checkedSink(sink));
    }

    static Path quarantined(Path folder, String sink, long sequence) {
        return quarantine(folder, sink).resolve(String.format("%012d", sequence) + SUFFIX);
    }

    static Path quarantineReason(Path folder, String sink, long sequence) {
        return quarantine(folder, sink).resolve(String.format("%012d", sequence) + ".json");
    }

    private static String checkedSink(String sink) {
        if (!SINK.matcher(sink).matches()) {
            throw new IllegalArgumentException(
                    "a sink's name is 1 to 40 of a-z, 0-9, _ and -, not \"" + sink + "\"");
        }
        return sink;
    }
}
