package dev.firn.wal;

import dev.firn.base.Disk;
import dev.firn.base.WorldException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/// Reads every durable record of a log that is being written and checks its checksum and number.
/// Segments that go meanwhile are no longer the log's, whatever was read of them.
final class LiveCheck {
    private final Disk disk;
    private final LogIndex index;

    LiveCheck(Disk disk, LogIndex index) {
        this.disk = disk;
        this.index = index;
    }

    /// What cannot be read, in order; empty if the log is sound.
    List<String> damages() {
        var found = new ArrayList<String>();
        for (Segment one : index.segments()) {
            var here = new ArrayList<String>();
            try {
                check(one, here);
            } catch (NoSuchFileException e) {
                continue; // renamed or deleted just now: everybody had released it
            } catch (IOException e) {
                throw new WorldException(
                        "cannot read wal segment \"" + one.path + "\": " + e.getMessage(), e);
            }
            if (index.segment(one.number()) == one) { // its file was not used again
                found.addAll(here);
            }
        }
        return found;
    }

    private void check(Segment segment, List<String> found) throws IOException {
        long end = segment.endOffset;
        if (segment.doubtful || end <= SegmentHeader.BLOCK) {
            return;
        }
        try (var scan = new SegmentScan(disk, segment.path, segment.header)) {
            scan.limit(end);
            long expected = segment.header.firstRecord();
            while (scan.position() < end) {
                long at = scan.position();
                boolean sound = scan.next();
                if (sound && scan.number() == expected) {
                    expected++;
                    continue;
                }
                found.add(
                        new Replay.Damage(
                                        segment.number(), at, "record " + expected + " is damaged")
                                .toString());
                if (!sound && !scan.findAfter(at)) {
                    return;
                }
                expected = scan.number() + 1;
            }
        }
    }
}
