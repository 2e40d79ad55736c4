package dev.firn.config;

import java.util.Optional;

/// `sending_queue` of an exporter that sends on. It lies in the write-ahead log, so it needs no
/// storage extension.
///
/// @param enabled false: each request is sent at once or dropped
/// @param consumers requests that are sent at the same time
/// @param size how much waits, in `sizer`; beyond it requests are dropped and counted
/// @param batch absent: requests are sent as they came
public record SendingQueueConfig(
        boolean enabled, int consumers, long size, Sizer sizer, Optional<Batching> batch) {
    /// What `size` counts.
    public enum Sizer {
        REQUESTS,
        /// Points.
        ITEMS,
        BYTES
    }

    /// @param flushTimeoutNanos after which a batch is sent whatever its size
    /// @param minSize at which it is sent
    /// @param maxSize above which it is split; 0: never
    /// @param sizer items or bytes
    public record Batching(long flushTimeoutNanos, long minSize, long maxSize, Sizer sizer) {}

    private static final long MILLI = 1_000_000L;

    static SendingQueueConfig read(Section parent) {
        Section section = parent.section("sending_queue");
        Sizer sizer = section.choice("sizer", Sizer.REQUESTS, Sizer.class);
        var config =
                new SendingQueueConfig(
                        section.bool("enabled", true),
                        (int) section.integer("num_consumers", 10, 1, 1_000),
                        section.integer("queue_size", 1_000, 1, Long.MAX_VALUE),
                        sizer,
                        batching(section, sizer));
        section.has("storage"); // the write-ahead log is one
        for (String key : new String[] {"block_on_overflow", "wait_for_result"}) {
            if (section.bool(key, false)) {
                section.warning(
                        key,
                        "no sender waits for an exporter in Firn: what is beyond queue_size is"
                                + " dropped and counted; take this line out");
            }
        }
        section.close();
        return config;
    }

    private static Optional<Batching> batching(Section parent, Sizer queue) {
        if (!parent.has("batch")) {
            return Optional.empty();
        }
        Section section = parent.section("batch");
        boolean sized = parent.has("sizer") && queue != Sizer.REQUESTS;
        var batch =
                new Batching(
                        section.nanos("flush_timeout", 200 * MILLI, 1, 86_400_000 * MILLI),
                        section.integer("min_size", 8_192, 0, Long.MAX_VALUE),
                        section.integer("max_size", 0, 0, Long.MAX_VALUE),
                        section.choice("sizer", sized ? queue : Sizer.ITEMS, Sizer.class));
        if (batch.sizer == Sizer.REQUESTS) {
            section.problem("sizer", "a batch is measured in items or bytes; write sizer: items");
        }
        if (batch.maxSize > 0 && batch.maxSize < batch.minSize) {
            section.problem(
                    "max_size",
                    batch.maxSize
                            + " is below min_size "
                            + batch.minSize
                            + "; raise it or set 0 for no limit");
        }
        section.refuse(
                "Firn does not keep what requests carry beside their points; take this out",
                "partition");
        section.close();
        return Optional.of(batch);
    }
}
