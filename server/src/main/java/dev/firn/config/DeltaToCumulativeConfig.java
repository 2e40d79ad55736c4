package dev.firn.config;

/// `deltatocumulative`: deltas are added up.
///
/// @param maxStaleNanos after which an unused series' state is forgotten
/// @param maxStreams series beyond this number are dropped and counted
public record DeltaToCumulativeConfig(long maxStaleNanos, long maxStreams)
        implements ProcessorConfig {
    private static final long SECOND = 1_000_000_000L;

    static DeltaToCumulativeConfig read(Section section) {
        long maxStreams = section.integer("max_streams", Long.MAX_VALUE, 0, Long.MAX_VALUE);
        var config =
                new DeltaToCumulativeConfig(
                        section.nanos("max_stale", 300 * SECOND, 1, Long.MAX_VALUE),
                        maxStreams == 0 ? Long.MAX_VALUE : maxStreams);
        section.close();
        return config;
    }
}
