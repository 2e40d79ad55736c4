package dev.firn.wal;

import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.WorldException;
import dev.firn.model.CheckpointStore;
import dev.firn.model.CheckpointStore.Checkpoint;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// What `firn wal` shows of a log that no Firn has open; a running one tells of itself
/// ([Wal#inspect]). Changes nothing.
public final class WalInspector {
    /// A segment.
    ///
    /// @param number in its file's name
    /// @param epoch of the process that wrote it, in hexadecimal
    /// @param firstRecord number of its first record
    /// @param records in it
    /// @param bytes that its records take
    /// @param fileBytes that its file takes
    /// @param createdMillis wall time
    public record SegmentInfo(
            long number,
            String epoch,
            long firstRecord,
            long records,
            long bytes,
            long fileBytes,
            long createdMillis) {}

    /// A finished cut.
    public record CutInfo(long sequence, String digest, long points, long bytes, long segment) {}

    /// Everything about a log.
    ///
    /// @param writer its id
    /// @param segments in order
    /// @param cuts finished, whole and in order
    /// @param openPoints acknowledged points that no cut has yet
    /// @param sinks checkpoints found
    /// @param quarantine refused cuts of all sinks
    /// @param damages what cannot be read of what was acknowledged; empty if the log is sound
    /// @param tornBytes of a write at the end that was never acknowledged, about
    public record Report(
            String writer,
            List<SegmentInfo> segments,
            List<CutInfo> cuts,
            long openPoints,
            List<Checkpoint> sinks,
            List<Quarantine.Entry> quarantine,
            List<String> damages,
            long tornBytes) {}

    private WalInspector() {}

    /// The sinks' checkpoints of a log that no Firn has open, for a command that does a sink's
    /// work.
    public static CheckpointStore checkpoints(Disk disk, Path data) {
        return new Checkpoints(disk, WalFiles.folder(data));
    }

    /// Reads the log in `<data>/wal`, checking every record's checksum and the running digest.
    ///
    /// @throws WorldException when there is no log, or a newer Firn wrote it
    public static Report inspect(Disk disk, Path data) {
        Path folder = WalFiles.folder(data);
        if (!disk.exists(folder.resolve(WalFiles.WRITER))) {
            throw new WorldException(
                    "cannot read the write-ahead log in \""
                            + folder
                            + "\": there is none; name the data directory with --data DIR");
        }
        try {
            String writer = Wal.readWriter(disk, folder);
            var index = new LogIndex(List.of());
            Replay replay =
                    new Replay(disk, folder, index, null).run(writer, WalOptions.OnCorruption.SKIP);
            var cuts = replay.cuts().stream().map(WalInspector::cut).toList();
            return new Report(
                    writer,
                    segments(replay.segments(), replay.state().nextRecord),
                    cuts,
                    replay.state().cutPoints,
                    new Checkpoints(disk, folder).all(),
                    quarantined(disk, folder, writer),
                    replay.damages().stream().map(Replay.Damage::toString).toList(),
                    replay.tornBytes());
        } catch (IOException e) {
            throw new WorldException(
                    "cannot read the write-ahead log in \"" + folder + "\": " + e.getMessage(), e);
        }
    }

    static List<SegmentInfo> segments(Iterable<Segment> segments, long nextRecord) {
        var result = new ArrayList<SegmentInfo>();
        for (Segment one : segments) {
            SegmentHeader header = one.header;
            long end = one.sealed() ? one.endRecord : nextRecord;
            result.add(
                    new SegmentInfo(
                            one.number(),
                            HexFormat.of().toHexDigits(header.epoch()),
                            header.firstRecord(),
                            Math.max(0, end - header.firstRecord()),
                            one.endOffset,
                            one.fileBytes,
                            header.createdMillis()));
        }
        return result;
    }

    static CutInfo cut(CutEntry cut) {
        return new CutInfo(
                cut.sequence(),
                HexFormat.of().toHexDigits(cut.digest()),
                cut.points(),
                cut.bytes(),
                cut.segment());
    }

    private static List<Quarantine.Entry> quarantined(Disk disk, Path folder, String writer) {
        Quarantine quarantine = openQuarantine(disk, folder, writer);
        var result = new ArrayList<Quarantine.Entry>();
        for (String sink : quarantine.sinks()) {
            result.addAll(quarantine.list(sink));
        }
        return result;
    }

    private static Quarantine openQuarantine(Disk disk, Path folder, String writer) {
        Clock clock = Clock.system();
        var registry = new SeriesRegistry(SeriesIdentity.SHA_256, clock, Long.MAX_VALUE);
        return new Quarantine(disk, folder, clock, writer, 0, registry);
    }

    /// The quarantine of a log that no Firn has open, for `firn wal retry`.
    public static Quarantine quarantine(Disk disk, Path data) {
        Path folder = WalFiles.folder(data);
        return openQuarantine(disk, folder, Wal.readWriter(disk, folder));
    }
}
