package dev.firn.engine.child;

import dev.firn.engine.child.Chdb.Statistics;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One question on its way through the cache: looks for its answer, else gathers the one that is
/// being made and keeps it once it is whole.
final class CachedQuery implements AutoCloseable {
    private final ResultCache cache;
    private final CacheWish wish;
    private final ResultCache.Key key;
    private final long begun;
    private final long startedAt;
    private @Nullable ByteArrayOutputStream gathered;
    private long reserved;

    private CachedQuery(ResultCache cache, CacheWish wish, ResultCache.Key key) {
        this.cache = cache;
        this.wish = wish;
        this.key = key;
        this.begun = cache.epoch();
        this.startedAt = cache.now();
        this.gathered = wish.writes() ? new ByteArrayOutputStream(1024) : null;
    }

    /// Empty where the request wants no cache, or its answer is none to keep.
    static Optional<CachedQuery> of(
            ResultCache cache, Cacheable cacheable, Exchange exchange, Statement.Query query) {
        var wish = CacheWish.of(exchange.cacheSettings(), cache.limits().ttlSeconds());
        if (!wish.use()
                || cache.limits().bytesMax() == 0
                || !cacheable.test(
                        query.text(), exchange.database(), exchange.parameters(), wish)) {
            return Optional.empty();
        }
        return Optional.of(new CachedQuery(cache, wish, key(exchange, query, wish)));
    }

    private static ResultCache.Key key(Exchange exchange, Statement.Query query, CacheWish wish) {
        var settings = new LinkedHashMap<>(exchange.settings());
        settings.put("query_cache_tag", wish.tag());
        var parameters = new HashMap<String, String>();
        exchange.parameters()
                .forEach((name, value) ->
                        parameters.put(name, new String(value, StandardCharsets.ISO_8859_1)));
        String format = query.format() == null ? exchange.format() : query.format();
        return new ResultCache.Key(
                exchange.role().name(),
                exchange.database(),
                new String(query.head(), StandardCharsets.ISO_8859_1).strip()
                        + "\n"
                        + new String(query.tail(), StandardCharsets.ISO_8859_1).strip(),
                format,
                settings,
                parameters);
    }

    /// The kept answer, if there is one young enough.
    Optional<ResultCache.Answer> answer() {
        return wish.reads()
                ? Optional.ofNullable(cache.find(key, wish.ttlSeconds()))
                : Optional.empty();
    }

    /// A part of the answer being made.
    void gather(byte[] bytes, int length) {
        var buffer = gathered;
        if (buffer == null) {
            return;
        }
        if (!cache.reserve(reserved, length)) {
            gathered = null;
            return;
        }
        reserved += length;
        buffer.write(bytes, 0, length);
    }

    /// The answer is whole and good.
    void keep(Statistics statistics) {
        var buffer = gathered;
        long millis = (cache.now() - startedAt) / 1_000_000;
        if (buffer != null && millis >= wish.leastMillis()) {
            cache.put(key, buffer.toByteArray(), statistics, startedAt, begun);
        }
    }

    /// Gives up what was gathered.
    @Override
    public void close() {
        gathered = null;
        cache.release(reserved);
        reserved = 0;
    }
}
