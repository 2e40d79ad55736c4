package dev.firn.wal;

import dev.firn.base.Clock;
import dev.firn.base.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes segments, and takes back the files of released ones to use them again. Used by the writer
/// thread only.
final class SegmentStore {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentStore.class);
    private static final int SPARES_MAX = 2;
    private static final long SPACE_AGE_NANOS = 1_000_000_000L;

    private record Spare(Path path, long bytes) {}

    private final Disk disk;
    private final Path folder;
    private final WalOptions options;
    private final LogIndex index;
    private final Clock clock;
    private final Deque<Spare> spares = new ArrayDeque<>();
    private int nextSpare;
    private long cleanFrom; // segments before this are not used again
    private long nextNumber = 1;
    private long usable = -1;
    private long usableTicks;

    SegmentStore(Disk disk, Path folder, WalOptions options, LogIndex index, Clock clock) {
        this.disk = disk;
        this.folder = folder;
        this.options = options;
        this.index = index;
        this.clock = clock;
    }

    /// Numbers below this are taken. Segments of former processes are not used again: they may have
    /// been ended by [#forgetContents].
    void startAt(long number) {
        nextNumber = number;
        cleanFrom = number;
    }

    private void addSpare(Spare spare) {
        spares.add(spare);
        countSpares();
    }

    private void countSpares() {
        index.spareBytes(spares.stream().mapToLong(Spare::bytes).sum());
    }

    /// Deletes spare files, and lets those of the segments so far be deleted with them: what stood
    /// in them is not to be found behind the records of a new one.
    void forgetContents() throws IOException {
        cleanFrom = nextNumber;
        deleteSpares();
    }

    private void deleteSpares() throws IOException {
        for (Spare spare = spares.poll(); spare != null; spare = spares.poll()) {
            disk.delete(spare.path);
        }
        countSpares();
        usable = -1;
    }

    /// Makes the next segment: its header is durable before the file gets the segment's name. A
    /// number is never tried twice, because a failed attempt may have left the name on the disk.
    SegmentFile create(String writer, long epoch, LogState state) throws IOException {
        long number = nextNumber++;
        var header =
                new SegmentHeader(
                        number,
                        writer,
                        epoch,
                        state.nextRecord,
                        state.cut,
                        state.openCutFirstRecord(),
                        state.digest,
                        clock.millis());
        Spare spare = spares.poll();
        Path prepared = spare == null ? WalFiles.spare(folder, nextSpare++) : spare.path;
        countSpares();
        Path path = WalFiles.segment(folder, number);
        Disk.File file = null;
        try {
            file = disk.openWrite(prepared);
            file.write(ByteBuffer.wrap(header.toBytes()), 0);
            if (file.size() == SegmentHeader.BLOCK) {
                file.write(ByteBuffer.allocate(Records.ALIGNMENT), SegmentHeader.BLOCK);
            }
            file.force();
            disk.rename(prepared, path);
            disk.syncDirectory(folder);
            var segment = new Segment(header, path);
            var active = new SegmentFile(segment, file, options.segmentSize(), clock.ticks());
            index.add(segment);
            return active;
        } catch (IOException e) {
            abandon(header, prepared, path, file);
            throw e;
        }
    }

    private void abandon(SegmentHeader header, Path prepared, Path path, Disk.@Nullable File file) {
        var empty = new Segment(header, path); // deleted with its neighbours if it is there
        empty.endRecord = header.firstRecord();
        empty.doubtful = true;
        index.add(empty);
        try {
            if (file != null) {
                file.close();
            }
            disk.delete(prepared);
        } catch (IOException e) {
            LOG.debug("cannot delete \"{}\"", prepared, e);
        }
    }

    /// Whether the log may grow by `bytes`; gives up spare files first.
    boolean mayGrow(long bytes) throws IOException {
        if (bytes == 0) {
            return true;
        }
        if (!fits(bytes) && !spares.isEmpty()) {
            deleteSpares();
        }
        return fits(bytes);
    }

    private boolean fits(long bytes) throws IOException {
        if (index.bytes() + bytes > options.sizeMax()) {
            return false;
        }
        if (options.diskFreeMin() == 0) {
            return true;
        }
        boolean old = usable < 0 || clock.ticks() - usableTicks > SPACE_AGE_NANOS;
        if (old || usable - bytes < options.diskFreeMin()) {
            usable = disk.usableSpace(folder);
            usableTicks = clock.ticks();
        }
        if (usable - bytes < options.diskFreeMin()) {
            return false;
        }
        usable -= bytes; // asking the system costs more than a sync may
        return true;
    }

    /// Takes a segment's file out of the log; the name is durably gone before the file can be used
    /// again.
    void remove(Segment segment) throws IOException {
        boolean keep =
                segment.number() >= cleanFrom
                        && spares.size() < SPARES_MAX
                        && segment.fileBytes > SegmentHeader.BLOCK
                        && segment.fileBytes <= 4 * options.segmentSize() + SegmentHeader.BLOCK
                        && disk.exists(segment.path);
        if (keep) {
            Path spare = WalFiles.spare(folder, nextSpare++);
            disk.rename(segment.path, spare);
            disk.syncDirectory(folder);
            addSpare(new Spare(spare, segment.fileBytes));
        } else {
            disk.delete(segment.path);
            disk.syncDirectory(folder);
        }
        index.remove(segment);
        usable = -1;
    }
}
