package dev.firn.wal;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteReader.Malformed;
import dev.firn.base.Disk;
import dev.firn.base.WorldException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Reads a log from its first record to its last: finds the cuts, the requests to be recognised,
/// where the log stands, and what is damaged. Points are not decoded. Changes nothing on disk.
///
/// What ends a segment is known: the last one at its first bad record, which is a torn tail unless
/// a later record proves that the bad one had been durable; any other one at the record with which
/// its successor begins.
final class Replay {
    /// Something acknowledged that cannot be read.
    ///
    /// @param segment number
    /// @param offset of the first bad byte
    /// @param what is wrong
    record Damage(long segment, long offset, String what) {
        @Override
        public String toString() {
            return "wal segment \""
                    + String.format("%010d", segment)
                    + "\" at offset "
                    + offset
                    + ": "
                    + what;
        }
    }

    /// A record of the last segment that nothing proves to be durable, and all after it.
    private record Unproven(long record, long offset) {}

    private final Disk disk;
    private final Path folder;
    private final LogIndex index;
    private final @Nullable RetryMemory retries;

    private final List<Segment> segments = new ArrayList<>();
    private final List<Damage> damages = new ArrayList<>();
    private final List<CutEntry> cuts = new ArrayList<>();
    private final ArrayDeque<Unproven> unproven = new ArrayDeque<>();
    private LogState state = new LogState();
    private boolean firstCutIsPartial;
    private boolean holed;
    private long tornBytes;

    Replay(Disk disk, Path folder, LogIndex index, @Nullable RetryMemory retries) {
        this.disk = disk;
        this.folder = folder;
        this.index = index;
        this.retries = retries;
    }

    /// Reads everything. With `onCorruption` FAIL the first damage ends it.
    ///
    /// @throws WorldException on damage, a foreign or a newer segment
    Replay run(String writer, WalOptions.OnCorruption onCorruption) throws IOException {
        for (Path path : disk.list(folder)) {
            OptionalLong number = WalFiles.segmentNumber(path);
            if (number.isPresent()) {
                SegmentHeader header = SegmentHeader.read(disk, path);
                check(path, number.getAsLong(), header, writer);
                segments.add(new Segment(header, path));
            }
        }
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            boolean last = i == segments.size() - 1;
            long end = last ? Long.MAX_VALUE : segments.get(i + 1).header.firstRecord();
            begin(segment, i == 0);
            scan(segment, end, last);
            segment.endRecord = last ? state.nextRecord : end;
            index.add(segment);
            if (onCorruption == WalOptions.OnCorruption.FAIL && !damages.isEmpty()) {
                throw new WorldException(
                        "cannot read "
                                + damages.getFirst()
                                + "; set wal.on_corruption: skip to go on without what is"
                                + " unreadable");
            }
        }
        return this;
    }

    private static void check(Path path, long number, SegmentHeader header, String writer) {
        if (header.number() != number || !header.writer().equals(writer)) {
            throw new WorldException(
                    "cannot read wal segment \""
                            + path
                            + "\": its header says segment "
                            + header.number()
                            + " of writer \""
                            + header.writer()
                            + "\", the folder belongs to \""
                            + writer
                            + "\"; was it copied from elsewhere?");
        }
    }

    private void begin(Segment segment, boolean first) {
        SegmentHeader header = segment.header;
        if (first) {
            state.nextRecord = header.firstRecord();
            state.digest = header.digest();
            state.cut = header.openCut();
            firstCutIsPartial = header.openCutFirstRecord() < header.firstRecord();
        } else if (header.firstRecord() > state.nextRecord) {
            if (!holed) {
                damage(
                        segment,
                        0,
                        "records "
                                + state.nextRecord
                                + " to "
                                + (header.firstRecord() - 1)
                                + " before it are missing");
            }
            endLostCuts(header.openCut(), segment, SegmentHeader.BLOCK);
            state.nextRecord = header.firstRecord();
            state.digest = header.digest();
            holed = true;
        }
    }

    private void damage(Segment segment, long offset, String what) {
        damages.add(new Damage(segment.number(), offset, what));
        holed = true;
    }

    private void scan(Segment segment, long end, boolean last) throws IOException {
        unproven.clear();
        try (var scan = new SegmentScan(disk, segment.path, segment.header)) {
            while (state.nextRecord < end) {
                if (!(scan.next() && scan.number() == state.nextRecord)
                        && !resync(segment, scan, end, last)) {
                    break;
                }
                take(segment, scan, last);
            }
            segment.endOffset = Math.max(SegmentHeader.BLOCK, endOfRecords(scan, segment));
            try (Disk.File file = disk.openRead(segment.path)) {
                segment.fileBytes = file.size();
            }
        }
    }

    private long endOfRecords(SegmentScan scan, Segment segment) {
        return Math.max(scan.position(), segment.endOffset);
    }

    /// Finds where to go on after a bad record; false if the segment ends here.
    private boolean resync(Segment segment, SegmentScan scan, long end, boolean last)
            throws IOException {
        long bad = segment.endOffset;
        scan.seek(bad);
        boolean rubbish = scan.endsInRubbish();
        boolean proven = !last;
        boolean found = false;
        long resume = bad;
        long at = bad;
        while (scan.findAfter(at)) {
            at = scan.offset();
            if (scan.number() <= state.nextRecord || scan.number() >= end) {
                continue;
            }
            if (!found) {
                found = true;
                resume = at;
            }
            if (scan.firstUnsynced() > state.nextRecord) {
                proven = true;
                break;
            }
        }
        scan.seek(bad);
        if (!proven) {
            tornBytes = rubbish || found ? Math.max(Records.ALIGNMENT, at - bad) : 0;
            return false;
        }
        damage(segment, bad, "record " + state.nextRecord + " is damaged or missing");
        if (!found) {
            return false;
        }
        scan.seek(resume);
        if (!scan.next()) {
            return false;
        }
        state.nextRecord = scan.number();
        return true;
    }

    private void take(Segment segment, SegmentScan scan, boolean last) {
        long number = scan.number();
        ByteReader payload = scan.payload();
        long endOffset = scan.offset() + scan.framed();
        try {
            switch (scan.type()) {
                case Records.BATCH -> batch(segment, scan, payload);
                case Records.CUT -> cut(segment, endOffset, number, payload);
                case Records.RETRIES -> {
                    if (retries != null) {
                        retries.read(payload, segment.number());
                    }
                }
                default -> damage(segment, scan.offset(), "no record has type " + scan.type());
            }
        } catch (Malformed e) {
            damage(segment, scan.offset(), String.valueOf(e.getMessage()));
        }
        state.record(number, scan.crc());
        segment.endOffset = endOffset;
        if (last) {
            while (!unproven.isEmpty() && unproven.getFirst().record < scan.firstUnsynced()) {
                unproven.removeFirst();
            }
            unproven.addLast(new Unproven(number, scan.offset()));
        }
    }

    private void batch(Segment segment, SegmentScan scan, ByteReader payload) {
        BatchRecord head = BatchRecord.read(payload);
        if (head.cut() != state.cut) {
            if (!holed || head.cut() < state.cut) {
                throw new Malformed("a record of cut " + head.cut() + " in cut " + state.cut);
            }
            endLostCuts(head.cut(), segment, scan.offset());
        }
        state.batch(scan.number(), segment.number(), scan.offset(), head.points(), scan.framed());
        if (retries != null) {
            retries.restore(head.key(), head.answer(), head.millis(), segment.number());
        }
    }

    private void cut(Segment segment, long endOffset, long number, ByteReader payload) {
        CutRecord cut = CutRecord.read(payload);
        if (cut.sequence() != state.cut) {
            if (!holed || cut.sequence() < state.cut) {
                throw new Malformed("the end of cut " + cut.sequence() + " in cut " + state.cut);
            }
            endLostCuts(cut.sequence(), segment, endOffset);
        }
        if (cut.digest() != state.digest) {
            if (!holed && !firstCutIsPartial) {
                throw new Malformed("the running digest does not match");
            }
            state.digest = cut.digest();
        }
        CutEntry entry = state.endCut(cut.digest(), number, segment.number(), endOffset);
        if (!firstCutIsPartial) {
            cuts.add(entry);
        }
        firstCutIsPartial = false;
        holed = false;
    }

    /// Cuts whose end was in a damaged record: they keep what is readable of them.
    private void endLostCuts(long until, Segment segment, long offset) {
        while (state.cut < until) {
            long lastRecord = Math.max(state.nextRecord - 1, state.openCutFirstRecord() - 1);
            cuts.add(state.endCut(state.digest, lastRecord, segment.number(), offset));
        }
    }

    List<Segment> segments() {
        return segments;
    }

    List<Damage> damages() {
        return damages;
    }

    /// Finished cuts whose records are all there.
    List<CutEntry> cuts() {
        return cuts;
    }

    LogState state() {
        return state;
    }

    /// Bytes of a torn tail that were dropped, about; 0 if the log ended cleanly.
    long tornBytes() {
        return tornBytes;
    }

    /// Makes sure that the tail of the last segment, which may stand in the page cache only, is
    /// durable before anybody builds on it: it is written once more, because a sync that failed in
    /// a former process may have left pages that count as clean. What is torn is cut off.
    void secureTail() throws IOException {
        if (segments.isEmpty()) {
            return;
        }
        Segment last = segments.getLast();
        long end = last.endOffset;
        long from = unproven.isEmpty() ? end : unproven.getFirst().offset;
        try (Disk.File file = disk.openWrite(last.path)) {
            if (tornBytes > 0) {
                file.truncate(end);
                last.fileBytes = end;
            }
            var tail = ByteBuffer.allocate(Math.toIntExact(end - from));
            while (tail.hasRemaining() && file.read(tail, from + tail.position()) > 0) {}
            tail.flip();
            file.write(tail, from);
            file.force();
        }
    }
}
