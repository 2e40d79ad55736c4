package dev.firn.wal;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Settings of the write-ahead log (section `wal` of the configuration).
///
/// @param writerId `wal.writer_id`, `[a-z0-9-]{1,40}`; null: what stands in the folder, else 12
///   random hexadecimal digits
/// @param sinks who must release a cut before its segment goes
/// @param segmentSize `wal.segment_size`: bytes of samples (not definitions) that close a segment
/// @param segmentAgeMaxMillis `wal.segment_age_max`: age that closes a segment
/// @param cutIntervalMillis `wal.cut_interval`: time from a cut's first record to its end
/// @param cutBytesMax `wal.cut_bytes_max`: bytes of records that end a cut
/// @param cutPointsMax `wal.cut_points_max`: points that end a cut
/// @param sizeMax `wal.size_max`: bytes of all segments; beyond it senders are told to come back
/// @param diskFreeMin `wal.disk_free_min`: bytes that stay free on the disk
/// @param queueMax `wal.queue_max`: requests waiting for the writer
/// @param queueWaitMillis `wal.queue_wait`: how long a request waits for a place in the queue
/// @param retryMillis how long a request is recognised when it comes again
/// @param retriesMax how many requests are remembered for that
/// @param onCorruption `wal.on_corruption`: what to do about a damaged record that was acknowledged
public record WalOptions(
        @Nullable String writerId,
        List<String> sinks,
        long segmentSize,
        long segmentAgeMaxMillis,
        long cutIntervalMillis,
        long cutBytesMax,
        long cutPointsMax,
        long sizeMax,
        long diskFreeMin,
        int queueMax,
        long queueWaitMillis,
        long retryMillis,
        int retriesMax,
        OnCorruption onCorruption) {
    /// What to do about a damaged record in the middle of the log.
    public enum OnCorruption {
        /// Report it and stop.
        FAIL,
        /// Report it, count it, go on behind it.
        SKIP
    }

    /// Everything by default, for these sinks.
    public static WalOptions of(String... sinks) {
        return new WalOptions(
                null,
                List.of(sinks),
                64L << 20,
                600_000,
                1_000,
                16L << 20,
                500_000,
                8L << 30,
                256L << 20,
                1_024,
                5_000,
                900_000,
                1_000_000,
                OnCorruption.FAIL);
    }

    public WalOptions {
        sinks = List.copyOf(sinks);
        Objects.requireNonNull(onCorruption, "onCorruption");
        if (writerId != null && !writerId.matches("[a-z0-9-]{1,40}")) {
            throw new IllegalArgumentException(
                    "wal.writer_id: \"" + writerId + "\" is not 1 to 40 of a-z, 0-9 and -");
        }
        atLeast(segmentSize, 1, "wal.segment_size");
        atLeast(segmentAgeMaxMillis, 1, "wal.segment_age_max");
        atLeast(cutIntervalMillis, 1, "wal.cut_interval");
        atLeast(cutBytesMax, 1, "wal.cut_bytes_max");
        atLeast(cutPointsMax, 1, "wal.cut_points_max");
        atLeast(sizeMax, 1, "wal.size_max");
        atLeast(diskFreeMin, 0, "wal.disk_free_min");
        atLeast(queueMax, 1, "wal.queue_max");
        atLeast(queueWaitMillis, 0, "wal.queue_wait");
        atLeast(retryMillis, 0, "wal.retry_memory");
        atLeast(retriesMax, 1, "wal.retries_max");
    }

    private static void atLeast(long value, long least, String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " is below " + least);
        }
    }

    /// The same with another writer id.
    public WalOptions withWriterId(@Nullable String id) {
        var draft = new Draft(this);
        draft.writerId = id;
        return draft.done();
    }

    /// The same with other sizes.
    public WalOptions withSizes(long segmentBytes, long totalBytes, long freeBytes) {
        var draft = new Draft(this);
        draft.segmentSize = segmentBytes;
        draft.sizeMax = totalBytes;
        draft.diskFreeMin = freeBytes;
        return draft.done();
    }

    /// The same with other borders of cuts.
    public WalOptions withCuts(long intervalMillis, long bytesMax, long pointsMax) {
        var draft = new Draft(this);
        draft.cutIntervalMillis = intervalMillis;
        draft.cutBytesMax = bytesMax;
        draft.cutPointsMax = pointsMax;
        return draft.done();
    }

    /// The same with another answer to damage.
    public WalOptions withOnCorruption(OnCorruption answer) {
        var draft = new Draft(this);
        draft.onCorruption = answer;
        return draft.done();
    }

    /// All settings but the changed ones: records have no copy with changes.
    private static final class Draft {
        private @Nullable String writerId;
        private List<String> sinks;
        private long segmentSize;
        private long segmentAgeMaxMillis;
        private long cutIntervalMillis;
        private long cutBytesMax;
        private long cutPointsMax;
        private long sizeMax;
        private long diskFreeMin;
        private int queueMax;
        private long queueWaitMillis;
        private long retryMillis;
        private int retriesMax;
        private OnCorruption onCorruption;

        Draft(WalOptions from) {
            writerId = from.writerId;
            sinks = from.sinks;
            segmentSize = from.segmentSize;
            segmentAgeMaxMillis = from.segmentAgeMaxMillis;
            cutIntervalMillis = from.cutIntervalMillis;
            cutBytesMax = from.cutBytesMax;
            cutPointsMax = from.cutPointsMax;
            sizeMax = from.sizeMax;
            diskFreeMin = from.diskFreeMin;
            queueMax = from.queueMax;
            queueWaitMillis = from.queueWaitMillis;
            retryMillis = from.retryMillis;
            retriesMax = from.retriesMax;
            onCorruption = from.onCorruption;
        }

        WalOptions done() {
            return new WalOptions(
                    writerId,
                    sinks,
                    segmentSize,
                    segmentAgeMaxMillis,
                    cutIntervalMillis,
                    cutBytesMax,
                    cutPointsMax,
                    sizeMax,
                    diskFreeMin,
                    queueMax,
                    queueWaitMillis,
                    retryMillis,
                    retriesMax,
                    onCorruption);
        }
    }
}
