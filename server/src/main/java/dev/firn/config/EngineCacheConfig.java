package dev.firn.config;

/// `engine.cache`: results that are kept for those who ask again with `use_query_cache=1`. Sizes
/// are bytes.
///
/// @param memoryMax of all results, out of the engine's memory; 0 keeps none
/// @param entriesMax results
/// @param entryMax of one result
/// @param ttlNanos how old a result may be, whole seconds
public record EngineCacheConfig(long memoryMax, int entriesMax, long entryMax, long ttlNanos) {
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final long SECOND = 1_000_000_000L;

    static EngineCacheConfig read(Section section) {
        var cache =
                new EngineCacheConfig(
                        section.bytes("memory_max", 64 * MIB, 0, 16 * GIB),
                        (int) section.integer("entries_max", 10_000, 1, 1_000_000),
                        section.bytes("entry_max", MIB, KIB, GIB),
                        section.nanos("ttl", 300 * SECOND, SECOND, 86_400 * SECOND));
        if (cache.ttlNanos % SECOND != 0) {
            section.problem("ttl", Quantity.showNanos(cache.ttlNanos) + " is no multiple of 1s");
        }
        if (cache.memoryMax > 0 && cache.entryMax > cache.memoryMax / 4) {
            section.problem(
                    "entry_max",
                    Quantity.showBytes(cache.entryMax)
                            + " is more than a quarter of memory_max "
                            + Quantity.showBytes(cache.memoryMax)
                            + "; lower it or raise memory_max");
        }
        section.close();
        return cache;
    }
}
