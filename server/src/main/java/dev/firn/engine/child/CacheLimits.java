package dev.firn.engine.child;

/// What the cache of results may hold: `engine.cache` in the configuration.
///
/// @param bytesMax of all answers together; 0: nothing is kept
/// @param entriesMax answers
/// @param entryBytesMax of one answer, before compression; larger ones are not kept
/// @param ttlSeconds how old an answer may be; a statement may ask for younger ones
public record CacheLimits(long bytesMax, int entriesMax, long entryBytesMax, int ttlSeconds) {
    /// What stands in no file.
    public static final CacheLimits USUAL = new CacheLimits(64L << 20, 10_000, 1L << 20, 300);

    /// For an engine whose every answer is to be fresh.
    public static final CacheLimits NONE = new CacheLimits(0, 1, 1, 1);

    public CacheLimits {
        if (bytesMax < 0 || entriesMax < 1 || entryBytesMax < 1 || ttlSeconds < 1) {
            throw new IllegalArgumentException("a limit of the engine's cache is below its least");
        }
    }

    /// Memory that the child's Java needs for it: what is kept, and answers that are being gathered
    /// ([ResultCache#reserve]), whose buffers grow by doubling.
    long heapBytes() {
        return bytesMax + bytesMax / 2;
    }
}
