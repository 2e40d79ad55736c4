package dev.firn.engine.child;

/// What outside queries get at most. Memory in bytes, time in seconds.
///
/// @param queriesMax outside queries at once; internal ones have as many again of their own
/// @param queriesPerUser those of them that one user may have; who has no name, an address
/// @param threadsMax threads of one query
/// @param executionSecondsMax time of one query
/// @param queryMemoryBytesMax memory of one query
/// @param connectionsMax HTTP connections at once
/// @param slowMillis a query that takes longer is logged
public record QueryLimits(
        int queriesMax,
        int queriesPerUser,
        int threadsMax,
        int executionSecondsMax,
        long queryMemoryBytesMax,
        int connectionsMax,
        long slowMillis) {
    private static final long SLOW_MILLIS = 5_000;

    public QueryLimits {
        if (queriesMax < 1
                || queriesPerUser < 1
                || threadsMax < 1
                || executionSecondsMax < 1
                || connectionsMax < 1) {
            throw new IllegalArgumentException("a limit of the engine is below 1");
        }
        if (queryMemoryBytesMax < 1 << 20) {
            throw new IllegalArgumentException("a query's memory is below 1 MiB");
        }
    }

    /// With the usual notion of slow.
    public QueryLimits(
            int queriesMax,
            int threadsMax,
            int executionSecondsMax,
            long queryMemoryBytesMax,
            int connectionsMax) {
        this(
                queriesMax,
                queriesMax,
                threadsMax,
                executionSecondsMax,
                queryMemoryBytesMax,
                connectionsMax,
                SLOW_MILLIS);
    }

    /// Limits for an engine with so much memory: half of it for one query.
    public static QueryLimits within(long engineMemoryBytes) {
        int cores = Runtime.getRuntime().availableProcessors();
        return new QueryLimits(16, Math.max(2, cores), 60, engineMemoryBytes / 2, 256);
    }
}
