package dev.firn.wal;

import dev.firn.base.ByteWriter;
import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.WorldException;
import dev.firn.model.Batch;
import dev.firn.model.Cut;
import dev.firn.model.Intake.Answer;
import dev.firn.model.Intake.RequestKey;
import dev.firn.model.Points;
import dev.firn.model.SeriesRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/// Cuts that a sink refuses for good: each a file of its own in the segment format, with all
/// definitions, and a JSON file that says why. `firn wal retry` reads them back. Thread-safe.
public final class Quarantine {
    /// A stored cut.
    ///
    /// @param sink that refused it
    /// @param sequence of the cut
    /// @param writer of the log
    /// @param digest of the cut
    /// @param points in it
    /// @param bytes of its file
    /// @param reason as the sink gave it
    /// @param millis wall time at which it was stored
    public record Entry(
            String sink,
            long sequence,
            String writer,
            long digest,
            long points,
            long bytes,
            String reason,
            long millis) {
        private Entry of(long newPoints, long newBytes) {
            return new Entry(sink, sequence, writer, digest, newPoints, newBytes, reason, millis);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);
    private static final int VERSION = 1;

    private final Disk disk;
    private final Path folder;
    private final Clock clock;
    private final String writer;
    private final long epoch;
    private final SeriesRegistry registry;

    Quarantine(
            Disk disk,
            Path folder,
            Clock clock,
            String writer,
            long epoch,
            SeriesRegistry registry) {
        this.disk = disk;
        this.folder = folder;
        this.clock = clock;
        this.writer = writer;
        this.epoch = epoch;
        this.registry = registry;
    }

    /// The quarantine of a directory in which no Firn runs.
    ///
    /// @param random for the epoch of cuts that are stored anew
    public static Quarantine of(
            Path data, Disk disk, Clock clock, RandomGenerator random, SeriesRegistry registry) {
        return new Quarantine(disk, WalFiles.folder(data), clock, "", random.nextLong(), registry);
    }

    /// Says which points are meant.
    @FunctionalInterface
    public interface Meant {
        boolean is(Points points, int row);
    }

    /// Stores a cut durably; stored once more, the newer copy counts.
    void store(String sink, Cut cut, String reason) {
        var entry =
                new Entry(
                        sink,
                        cut.sequence(),
                        writer,
                        cut.digest(),
                        cut.points(),
                        0,
                        reason,
                        clock.millis());
        Path path = put(entry, cut);
        LOG.error(
                "sink {} refuses cut {} ({} points) for good: {}; it lies in \"{}\", firn wal retry"
                        + " replays it",
                sink,
                cut.sequence(),
                cut.points(),
                reason,
                path);
    }

    private Path put(Entry entry, Cut cut) {
        String sink = entry.sink;
        Path path = WalFiles.quarantined(folder, sink, cut.sequence());
        Path directory = WalFiles.quarantine(folder, sink);
        try {
            disk.createDirectories(directory);
            disk.syncDirectory(folder);
            disk.syncDirectory(folder.resolve(WalFiles.QUARANTINE));
            Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
            disk.delete(temporary);
            long bytes = write(temporary, entry.writer, cut);
            disk.rename(temporary, path);
            disk.syncDirectory(directory);
            Json.replace(
                    disk, reasonPath(sink, cut.sequence()), toJson(entry.of(cut.points(), bytes)));
            return path;
        } catch (IOException | UncheckedIOException e) {
            throw new WorldException(
                    "cannot store cut "
                            + cut.sequence()
                            + " in quarantine \""
                            + path
                            + "\": "
                            + e.getMessage(),
                    e);
        }
    }

    private Path reasonPath(String sink, long sequence) {
        return WalFiles.quarantineReason(folder, sink, sequence);
    }

    private long write(Path path, String from, Cut cut) throws IOException {
        try (Disk.File file = disk.create(path)) {
            var copy = new Copy(file, from, cut);
            copy.header();
            cut.read(copy::batch);
            long bytes = copy.end();
            file.force();
            return bytes;
        }
    }

    /// One file being written.
    private final class Copy {
        private final Disk.File file;
        private final String from;
        private final Cut cut;
        private final Definitions definitions = Definitions.aside();
        private final PointsEncoder encoder = new PointsEncoder();
        private final ByteWriter points = new ByteWriter(1 << 16);
        private final ByteWriter record = new ByteWriter(1 << 16);
        private long position = SegmentHeader.BLOCK;
        private long number = 1;

        Copy(Disk.File file, String from, Cut cut) {
            this.file = file;
            this.from = from;
            this.cut = cut;
        }

        void header() throws IOException {
            var header = new SegmentHeader(0, from, epoch, 1, cut.sequence(), 1, 0, clock.millis());
            file.write(ByteBuffer.wrap(header.toBytes()), 0);
        }

        void batch(Batch batch) {
            int start = Records.begin(record.reset());
            new BatchRecord(
                            new RequestKey(0, 0),
                            Answer.OK,
                            clock.millis(),
                            cut.sequence(),
                            batch.size())
                    .write(record);
            points.reset();
            encoder.encode(batch, definitions, points, clock.millis() / 1000);
            definitions.write(record);
            record.bytes(points.array(), 0, points.size());
            finish(start, Records.BATCH);
        }

        private void finish(int start, int type) {
            Records.end(record, start, epoch, number, 0, type, 0);
            try {
                file.write(record.buffer(), position);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            position += record.size();
            number++;
        }

        long end() {
            int start = Records.begin(record.reset());
            new CutRecord(cut.sequence(), cut.points(), cut.bytes(), cut.digest(), clock.millis())
                    .write(record);
            finish(start, Records.CUT);
            return position;
        }
    }

    /// What a sink has refused, oldest first.
    public List<Entry> list(String sink) {
        var result = new ArrayList<Entry>();
        try {
            for (Path path : disk.list(WalFiles.quarantine(folder, sink))) {
                if (path.toString().endsWith(".json")) {
                    result.add(fromJson(Json.read(disk, path, VERSION)));
                }
            }
        } catch (IOException e) {
            throw new WorldException(
                    "cannot list the quarantine of \"" + sink + "\": " + e.getMessage(), e);
        }
        return result;
    }

    /// Bytes of all stored cuts; 0 while the folder cannot be read.
    long bytes() {
        return entries().stream().mapToLong(Entry::bytes).sum();
    }

    /// What all sinks have refused; none while the folder cannot be read.
    public List<Entry> entries() {
        try {
            return sinks().stream().flatMap(sink -> list(sink).stream()).toList();
        } catch (WorldException e) {
            LOG.debug("cannot read the quarantine", e);
            return List.of();
        }
    }

    /// The sinks that have a quarantine.
    public List<String> sinks() {
        try {
            return disk.list(folder.resolve(WalFiles.QUARANTINE)).stream()
                    .map(path -> String.valueOf(path.getFileName()))
                    .toList();
        } catch (IOException e) {
            throw new WorldException("cannot list the quarantine: " + e.getMessage(), e);
        }
    }

    /// The stored cut, with the sequence and digest that it had in the log.
    public Cut read(Entry entry) {
        return new StoredCut(entry);
    }

    /// Points of a stored cut that are meant.
    public long count(Entry entry, Meant meant) {
        return tally(entry, meant).meant;
    }

    private record Tally(long all, long meant) {}

    private Tally tally(Entry entry, Meant meant) {
        var count = new long[2];
        if (!disk.exists(WalFiles.quarantined(folder, entry.sink, entry.sequence))) {
            return new Tally(0, 0); // killed in the middle of forgetting it
        }
        read(entry)
                .read(batch -> {
                    for (Points.Kind kind : Points.Kind.values()) {
                        Points points = batch.points(kind);
                        count[0] += points.size();
                        for (int row = 0; row < points.size(); row++) {
                            count[1] += meant.is(points, row) ? 1 : 0;
                        }
                    }
                });
        return new Tally(count[0], count[1]);
    }

    /// Stores a cut anew without some of its points; one that has no others is forgotten.
    ///
    /// @return points that went
    public long take(Entry entry, Meant meant) {
        Tally tally = tally(entry, meant);
        if (tally.meant == tally.all) {
            remove(entry);
        } else if (tally.meant > 0 || tally.all != entry.points) { // a crash left the old figures
            put(entry, new Without(entry, tally.all - tally.meant, meant));
        }
        return tally.meant;
    }

    private final class Without extends StoredCut {
        private final long points;
        private final Meant meant;

        Without(Entry entry, long points, Meant meant) {
            super(entry);
            this.points = points;
            this.meant = meant;
        }

        @Override
        public long points() {
            return points;
        }

        @Override
        public void read(Consumer<Batch> each) {
            var left = new Batch();
            super.read(batch -> {
                left.clear();
                left.append(batch, (from, row) -> meant.is(from, row) ? null : from.series[row]);
                each.accept(left);
            });
        }
    }

    private class StoredCut implements Cut {
        private final Entry entry;

        StoredCut(Entry entry) {
            this.entry = entry;
        }

        @Override
        public long sequence() {
            return entry.sequence;
        }

        @Override
        public long digest() {
            return entry.digest;
        }

        @Override
        public long points() {
            return entry.points;
        }

        @Override
        public long bytes() {
            return entry.bytes;
        }

        @Override
        public void read(Consumer<Batch> each) {
            Path path = WalFiles.quarantined(folder, entry.sink, entry.sequence);
            try {
                readAll(path, each);
            } catch (IOException e) {
                throw new WorldException(
                        "cannot read quarantined cut \"" + path + "\": " + e.getMessage(), e);
            }
        }
    }

    private void readAll(Path path, Consumer<Batch> each) throws IOException {
        SegmentHeader header = SegmentHeader.read(disk, path);
        var table = new SegmentTable(registry);
        var decoder = new PointsDecoder();
        var batch = new Batch();
        try (var scan = new SegmentScan(disk, path, header)) {
            while (scan.next()) {
                if (scan.type() == Records.CUT) {
                    return;
                }
                var payload = scan.payload();
                BatchRecord.read(payload);
                table.read(payload);
                decoder.decode(payload, table, batch);
                each.accept(batch);
            }
            throw new WorldException(
                    "cannot read quarantined cut \""
                            + path
                            + "\" at offset "
                            + scan.position()
                            + ": the record there is damaged");
        }
    }

    /// Forgets a stored cut: it was taken after all.
    public void remove(Entry entry) {
        Path directory = WalFiles.quarantine(folder, entry.sink);
        try {
            disk.delete(WalFiles.quarantined(folder, entry.sink, entry.sequence));
            disk.syncDirectory(directory); // as long as there are points, there is a name for them
            disk.delete(reasonPath(entry.sink, entry.sequence));
            disk.syncDirectory(directory);
        } catch (IOException e) {
            throw new WorldException(
                    "cannot delete quarantined cut " + entry.sequence + ": " + e.getMessage(), e);
        }
    }

    private static ObjectNode toJson(Entry entry) {
        return Json.object(VERSION)
                .put("sink", entry.sink)
                .put("sequence", entry.sequence)
                .put("writer", entry.writer)
                .put("digest", entry.digest)
                .put("points", entry.points)
                .put("bytes", entry.bytes)
                .put("reason", entry.reason)
                .put("millis", entry.millis);
    }

    private static Entry fromJson(ObjectNode json) {
        return new Entry(
                json.path("sink").asString(""),
                json.path("sequence").asLong(0),
                json.path("writer").asString(""),
                json.path("digest").asLong(0),
                json.path("points").asLong(0),
                json.path("bytes").asLong(0),
                json.path("reason").asString(""),
                json.path("millis").asLong(0));
    }
}
