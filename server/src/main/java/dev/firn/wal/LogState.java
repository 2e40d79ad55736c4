package dev.firn.wal;

/// Where the log stands: what the next record and the open cut look like. Mutable; copied at each
/// sync, so that a failed one can be undone.
final class LogState {
    /// Number of the next record; the first is 1.
    long nextRecord = 1;

    /// Running digest over all records before.
    long digest;

    /// Sequence of the open cut; the first is 1.
    long cut = 1;

    /// Points in the open cut; records that hold only processors' state have none.
    long cutPoints;

    /// BATCH records in the open cut.
    long cutRecords;

    /// Bytes of its records.
    long cutBytes;

    /// Its first record, where it has one.
    long cutFirstRecord;

    /// The segment of that record.
    long cutSegment;

    /// The offset of that record.
    long cutOffset;

    LogState copy() {
        var copy = new LogState();
        copy.nextRecord = nextRecord;
        copy.digest = digest;
        copy.cut = cut;
        copy.cutPoints = cutPoints;
        copy.cutRecords = cutRecords;
        copy.cutBytes = cutBytes;
        copy.cutFirstRecord = cutFirstRecord;
        copy.cutSegment = cutSegment;
        copy.cutOffset = cutOffset;
        return copy;
    }

    /// First record of the open cut, or of what it will be.
    long openCutFirstRecord() {
        return cutRecords == 0 ? nextRecord : cutFirstRecord;
    }

    void record(long number, int crc) {
        digest = Records.digest(digest, number, crc);
        nextRecord = number + 1;
    }

    /// A BATCH record belongs to the open cut.
    void batch(long number, long segment, long offset, long points, long bytes) {
        if (cutRecords == 0) {
            cutFirstRecord = number;
            cutSegment = segment;
            cutOffset = offset;
            cutBytes = 0;
        }
        cutRecords++;
        cutPoints += points;
        cutBytes += bytes;
    }

    /// The open cut as it ends with the CUT record `number`, and the next one opened.
    CutEntry endCut(long cutDigest, long number, long segment, long endOffset) {
        var entry =
                new CutEntry(
                        cut,
                        cutDigest,
                        cutPoints,
                        cutBytes,
                        cutRecords == 0 ? number + 1 : cutFirstRecord,
                        number,
                        cutRecords == 0 ? segment : cutSegment,
                        cutRecords == 0 ? endOffset : cutOffset,
                        segment,
                        endOffset);
        cut++;
        cutPoints = 0;
        cutRecords = 0;
        cutBytes = 0;
        return entry;
    }
}
