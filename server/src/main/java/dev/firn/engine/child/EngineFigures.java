package dev.firn.engine.child;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// What a child counts since its start, as its parent hears it.
///
/// @param queryCounts readers' statements by how long they took, in the buckets of [QueryTimes]
/// @param querySeconds of all of them together
record EngineFigures(ResultCache.Figures cache, long[] queryCounts, double querySeconds) {
    static final EngineFigures NONE =
            new EngineFigures(
                    new ResultCache.Figures(0, 0, 0, 0), new long[QueryTimes.BOUNDS.length + 1], 0);

    String toLine() {
        var fields = new LinkedHashMap<String, String>();
        fields.put("cache_hits", Long.toString(cache.hits()));
        fields.put("cache_misses", Long.toString(cache.misses()));
        fields.put("cache_entries", Long.toString(cache.entries()));
        fields.put("cache_bytes", Long.toString(cache.bytes()));
        fields.put(
                "query_counts",
                Arrays.stream(queryCounts)
                        .mapToObj(Long::toString)
                        .collect(Collectors.joining(",")));
        fields.put("query_seconds", Double.toString(querySeconds));
        return EngineConfig.line(fields);
    }

    static EngineFigures fromLine(String line) {
        Map<String, String> fields = EngineConfig.fields(line);
        return new EngineFigures(
                new ResultCache.Figures(
                        whole(fields, "cache_hits"),
                        whole(fields, "cache_misses"),
                        whole(fields, "cache_entries"),
                        whole(fields, "cache_bytes")),
                Arrays.stream(fields.getOrDefault("query_counts", "").split(","))
                        .mapToLong(Long::parseLong)
                        .toArray(),
                Double.parseDouble(fields.getOrDefault("query_seconds", "0")));
    }

    private static long whole(Map<String, String> fields, String name) {
        return Long.parseLong(fields.getOrDefault(name, "0"));
    }
}
