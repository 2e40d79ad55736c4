package dev.firn.config;

/// `batch`: how requests are put together by exporters that send on (`otlp`, `otlphttp`), which do
/// it in their queues. Others get their points at once.
///
/// @param timeoutNanos after which a batch is sent whatever its size; 0: at once
/// @param sendBatchSize points at which it is sent; 0: at once
/// @param sendBatchMaxSize points above which it is split; 0: 8,192, or `sendBatchSize` where that
///   is more
public record BatchProcessorConfig(long timeoutNanos, int sendBatchSize, int sendBatchMaxSize)
        implements ProcessorConfig {
    private static final long SECOND = 1_000_000_000L;

    static BatchProcessorConfig read(Section section) {
        var config =
                new BatchProcessorConfig(
                        section.nanos("timeout", SECOND / 5, 0, 3_600 * SECOND),
                        (int) section.integer("send_batch_size", 8_192, 0, Integer.MAX_VALUE),
                        (int) section.integer("send_batch_max_size", 0, 0, Integer.MAX_VALUE));
        if (config.sendBatchMaxSize > 0 && config.sendBatchMaxSize < config.sendBatchSize) {
            section.problem(
                    "send_batch_max_size",
                    config.sendBatchMaxSize
                            + " is below send_batch_size "
                            + config.sendBatchSize
                            + "; raise it or set 0 for no limit");
        }
        if (!section.texts("metadata_keys").isEmpty()) {
            section.problem(
                    "metadata_keys",
                    "Firn does not keep what requests carry beside their points; take this line"
                            + " out");
        }
        section.ignore(
                "means nothing without metadata_keys, which Firn does not have; take this line out",
                "metadata_cardinality_limit");
        section.close();
        return config;
    }
}
