package dev.firn.config;

import java.util.List;
import java.util.Locale;

/// `sending_queue:` of an exporter, with the Collector's keys. Firn's queue is a log of its own in
/// the data directory.
///
/// @param enabled false: what cannot be sent at once is dropped
/// @param consumers requests sent at the same time; 1 keeps their order
/// @param sizeMax in units of `sizer`; beyond it the newest are refused
/// @param blockOnOverflow waits a moment for room before refusing
/// @param flushNanos how long points wait for others to share a request with
/// @param pointsMin so many need not wait
/// @param pointsMax of a request
/// @param bytesMax of a request before compression
public record SendingQueueConfig(
        boolean enabled,
        int consumers,
        long sizeMax,
        Sizer sizer,
        boolean blockOnOverflow,
        long flushNanos,
        int pointsMin,
        int pointsMax,
        int bytesMax) {
    /// What `queue_size` counts.
    public enum Sizer {
        /// Batches as they come out of the pipeline.
        REQUESTS,
        /// Points.
        ITEMS,
        /// Bytes, estimated.
        BYTES;

        static Sizer of(Section section, String key, Sizer otherwise) {
            String text = section.word(key, lower(otherwise), "requests", "items", "bytes");
            return valueOf(text.toUpperCase(Locale.ROOT));
        }

        private static String lower(Sizer sizer) {
            return sizer.name().toLowerCase(Locale.ROOT);
        }
    }

    private static final long MILLI = 1_000_000L;

    /// A request of ours, which receivers take by default: gRPC's limit is 4 MiB.
    private static final int BYTES_MAX = (4 << 20) - (64 << 10);

    private static final int POINTS_MAX = 8_192;

    /// The Collector's defaults.
    public static final SendingQueueConfig DEFAULT =
            new SendingQueueConfig(
                    true,
                    10,
                    1_000,
                    Sizer.REQUESTS,
                    false,
                    100 * MILLI,
                    POINTS_MAX,
                    POINTS_MAX,
                    BYTES_MAX);

    public SendingQueueConfig {
        if (consumers < 1 || sizeMax < 1 || pointsMin < 1 || pointsMax < 1 || bytesMax < 1) {
            throw new IllegalArgumentException(
                    consumers + ", " + sizeMax + ", " + pointsMin + ", " + pointsMax);
        }
    }

    /// As a `batch` processor before the exporter has it, unless the exporter has a `batch` of its
    /// own.
    SendingQueueConfig batchedBy(BatchProcessorConfig batch) {
        boolean own =
                flushNanos != DEFAULT.flushNanos
                        || pointsMin != POINTS_MAX
                        || pointsMax != POINTS_MAX
                        || bytesMax != BYTES_MAX;
        if (own) {
            return this;
        }
        int min = Math.max(1, batch.sendBatchSize());
        int max = batch.sendBatchMaxSize();
        return new SendingQueueConfig(
                enabled,
                consumers,
                sizeMax,
                sizer,
                blockOnOverflow,
                Math.max(MILLI, batch.timeoutNanos()),
                min,
                max == 0 ? Math.max(POINTS_MAX, min) : max,
                bytesMax);
    }

    static SendingQueueConfig read(Section parent) {
        Section section = parent.section("sending_queue");
        boolean enabled = section.bool("enabled", true);
        int consumers = (int) section.integer("num_consumers", 10, 1, 1_000);
        long sizeMax = section.integer("queue_size", 1_000, 1, 1L << 50);
        Sizer sizer = Sizer.of(section, "sizer", Sizer.REQUESTS);
        boolean block = section.bool("block_on_overflow", false);
        if (block) {
            section.warning(
                    "block_on_overflow",
                    "Firn waits a second at most for room, then drops and counts; raise queue_size");
        }
        if (section.bool("wait_for_result", false)) {
            section.problem(
                    "wait_for_result",
                    "Firn answers its senders when its own log has their points; take it out");
        }
        if (section.has("storage")) {
            section.warning(
                    "storage",
                    "Firn's queue is on disk without it, in the data directory; take it out");
        }
        SendingQueueConfig read =
                batch(section, enabled, Math.max(1, consumers), sizeMax, sizer, block);
        section.close();
        return read;
    }

    private static SendingQueueConfig batch(
            Section parent,
            boolean enabled,
            int consumers,
            long sizeMax,
            Sizer sizer,
            boolean block) {
        long size = Math.max(1, sizeMax);
        if (!parent.has("batch")) {
            return new SendingQueueConfig(
                    enabled,
                    consumers,
                    size,
                    sizer,
                    block,
                    DEFAULT.flushNanos,
                    POINTS_MAX,
                    POINTS_MAX,
                    BYTES_MAX);
        }
        Section section = parent.section("batch");
        section.bool("enabled", true);
        long flush = section.nanos("flush_timeout", 200 * MILLI, MILLI, 3_600_000 * MILLI);
        long min = section.integer("min_size", 8_192, 0, 1 << 30);
        long max = section.integer("max_size", 0, 0, 1 << 30);
        Sizer by = Sizer.of(section, "sizer", sizer == Sizer.BYTES ? Sizer.BYTES : Sizer.ITEMS);
        if (by == Sizer.REQUESTS) {
            section.problem("sizer", "batches are measured in items or bytes");
        }
        if (max > 0 && max < min) {
            section.problem("max_size", max + " is below min_size " + min + "; raise it");
        }
        Section partition = section.section("partition");
        if (!partition.texts("metadata_keys").isEmpty()) {
            partition.problem("metadata_keys", "Firn keeps no metadata of requests; take it out");
        }
        partition.close();
        section.close();
        boolean bytes = by == Sizer.BYTES;
        return new SendingQueueConfig(
                enabled,
                consumers,
                size,
                sizer,
                block,
                flush,
                bytes ? POINTS_MAX : (int) Math.max(1, min),
                bytes || max == 0 ? Math.max(POINTS_MAX, bytes ? 1 : (int) min) : (int) max,
                bytes && max > 0 ? (int) Math.min(max, BYTES_MAX) : BYTES_MAX);
    }

    /// Keys of the Collector that tune its client and have nothing to tune here.
    static void ignoreTuning(Section section, List<String> keys) {
        for (String key : keys) {
            if (section.has(key)) {
                section.warning(key, "has no effect in Firn; take it out");
            }
        }
    }
}
